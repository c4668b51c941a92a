/* The loop: one timer, one signalfd, and the queue of events. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/backend.h"
#include "loop/server.h"
#include "sys/clock.h"
#include "sys/resident.h"
#include "sys/rundir.h"
#include "sys/subreaper.h"
#include "sys/terminal.h"

#define SETTLED_AFTER 1. /* s */

enum { EXIT_INTERNAL = 70, LAST_LINES_MS = 200, SIGNALS_AT_ONCE = 64 };

void edge_say(struct edge *edge, enum story_level level, const struct child *c,
              const char *format, ...)
{
    char line[512];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    journal_line(&edge->journal, level, c == NULL ? NULL : edge->spec->service[c->service].name,
                 line);
}

struct event edge_event(const struct child *c, enum event_type type)
{
    return (struct event){ .type = type, .service = c->service, .generation = c->generation };
}

static void arm_timer(struct edge *edge)
{
    int64_t at = next_deadline(&edge->supervisor);

    ev_timer_stop(edge->loop, &edge->timer);
    if (at == NEVER || edge->done)
        return;
    ev_now_update(edge->loop);
    ev_timer_set(&edge->timer, (double)time_max(at - clock_monotonic_ms(), 0) / 1000.0, 0.);
    ev_timer_start(edge->loop, &edge->timer);
}

static void signals_cb(struct ev_loop *loop, ev_io *w, int revents);

static void settled_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    /* what stands between a signal and its kill(2) */
    const void *const hot[] = { (const void *)signals_cb, (const void *)event_log_event, (const void *)kill, NULL };

    (void)loop;
    (void)w;
    (void)revents;
    resident_drop_program(hot);
}

/* All is up: from here on it mostly sleeps. Not what ends at once, which would only have to fetch
 * its pages again. */
static void settle(struct edge *edge)
{
    if (edge->settles || !edge->supervisor.was_ready)
        return;
    edge->settles = true;
    ev_timer_init(&edge->settled, settled_cb, SETTLED_AFTER, 0.);
    ev_timer_start(edge->loop, &edge->settled);
}

void edge_feed(struct edge *edge, struct event e)
{
    size_t last = (edge->queue_first + edge->queue_count) % EDGE_QUEUE;

    if (edge->done || edge->queue_count == EDGE_QUEUE)
        return;
    edge->queue[last] = e;
    edge->queue_count++;
    if (edge->stepping)
        return;
    edge->stepping = true;
    while (edge->queue_count > 0 && !edge->done) {
        struct event next = edge->queue[edge->queue_first];

        edge->queue_first = (edge->queue_first + 1) % EDGE_QUEUE;
        edge->queue_count--;
        next.now = clock_monotonic_ms();
        event_log_event(&edge->log, &next);
        step(&edge->supervisor, &next, &edge->actions);
        event_log_actions(&edge->log, &edge->actions, next.now);
        for (uint32_t k = 0; k < edge->actions.count; k++)
            carry_out(edge, &edge->actions.list[k]);
    }
    edge->stepping = false;
    arm_timer(edge);
    outwards_turn(edge);
    settle(edge);
    if (!edge->done)
        server_turn(edge->server);
}

static void timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    edge_feed(w->data, (struct event){ .type = EVENT_TIMER, .service = NO_SERVICE });
}

static void take_signals(struct edge *edge)
{
    struct signal_seen seen;
    bool reap = false;

    /* So many at once: whoever sends real-time signals without end holds up nothing. */
    for (int k = 0; k < SIGNALS_AT_ONCE && !edge->done; k++) {
        if (signals_read(edge->options->signals, &seen) != 1)
            break;
        struct event e = { .type = EVENT_SIGNAL, .service = NO_SERVICE };

        if (seen.signo == SIGCHLD)
            reap = true;
        else if (!seen.self) {
            edge->signals_got[seen.signo % SIGNALS_MAX]++;
            e.signal.signo = (uint8_t)seen.signo;
            e.signal.sender = seen.sender;
            edge_feed(edge, e);
        }
    }
    if (reap)
        service_reap(edge);
}

static void signals_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    take_signals(w->data);
}

static void far_cb(struct ev_loop *loop, ev_periodic *w, int revents)
{
    (void)loop;
    (void)w;
    (void)revents;
}

static void watch(struct edge *edge)
{
    ev_init(&edge->timer, timer_cb);
    edge->timer.data = edge;
    ev_io_init(&edge->signals, signals_cb, edge->options->signals, EV_READ);
    edge->signals.data = edge;
    ev_io_start(edge->loop, &edge->signals);
    /* With a periodic watcher libev looks for clock jumps through a timerfd; without
     * one it wakes up once a minute. */
    ev_periodic_init(&edge->far, far_cb, 0., 1e9, NULL);
    ev_periodic_start(edge->loop, &edge->far);
}

static bool needs_notify(const struct spec *spec)
{
    for (size_t i = 0; i < spec->count; i++)
        if (spec_needs_notify(&spec->service[i]))
            return true;
    return false;
}

/* Without a control socket there is one for the notify sockets, where they are needed. */
static void find_directory(struct edge *edge)
{
    const char *control = edge->options->control;
    bool none = strcmp(control, "none") == 0;
    char path[RUNDIR_SIZE];

    if (none && !needs_notify(edge->spec))
        return;
    if (!none && strcmp(control, "auto") != 0) {
        if (rundir_of(control, edge->directory, sizeof(edge->directory)) == 0)
            return;
        edge_say(edge, STORY_LEVEL_WARN, NULL, "control %s: %s; running without control and notify sockets",
                 control, strerror(errno));
        edge->directory[0] = '\0'; /* what was found of it is of no use */
        return;
    }
    if (rundir_auto(path) == 0)
        snprintf(edge->directory, sizeof(edge->directory), "%s", path);
    else
        edge_say(edge, STORY_LEVEL_WARN, NULL,
                 "no directory for the control and notify sockets can be made in /run, /tmp or /dev/shm (%s); no command "
                 "reaches this lastcall, and readiness is read from titles alone",
                 strerror(errno));
}

static void init_children(struct edge *edge)
{
    edge->memory_at = NEVER;
    for (uint8_t i = 0; i < edge->spec->count; i++) {
        struct child *c = &edge->child[i];

        c->edge = edge;
        c->service = i;
        c->result = c->notify = c->probe = -1;
        c->scanned = NEVER;
        notify_open(c);
    }
}

static void begin_log(struct edge *edge)
{
    edge->began = (struct events_head){
        .version = edge->options->version,
        .at = clock_monotonic_ms(),
        .since_1970 = clock_wall_ms(),
        .seed = (uint32_t)clock_monotonic_ms() ^ (uint32_t)getpid() << 16,
        .spec = edge->spec,
    };
}

static int begin(struct edge *edge)
{
    if (service_memory(edge) != 0 || look_begin(edge) != 0) {
        fprintf(stderr, "lastcall: out of memory at start\n");
        return -1;
    }
    edge->loop = backend_open();
    if (edge->loop == NULL) {
        fprintf(stderr, "lastcall: no event loop can be had: %s\n", strerror(errno));
        return -1;
    }
    edge->journal.level = edge->options->level;
    edge->journal.json = edge->options->json;
    journal_open(&edge->journal, edge->loop, edge->options->before);
    edge->proc = proc_open();
    if (edge->proc < 0)
        edge_say(edge, STORY_LEVEL_WARN, NULL,
                 "/proc cannot be read (%s): processes cannot be looked at",
                 errno == EXDEV ? "nothing is mounted there, or that of another PID namespace"
                                : strerror(errno));
    edge->adopts = is_pid1() || subreaper_become() == 0;
    if (!edge->adopts)
        edge_say(edge, STORY_LEVEL_WARN, NULL, "orphans cannot be adopted: %s", strerror(errno));
    edge->foreground = edge->options->single && terminal_is_ours(0);
    find_directory(edge);
    begin_log(edge);
    supervisor_init(&edge->supervisor, edge->spec, edge->began.at, edge->began.seed);
    init_children(edge);
    watch(edge);
    outwards_open(edge);
    edge->server = server_open(edge);
    return 0;
}

static void end(struct edge *edge)
{
    server_close(edge->server);
    outwards_close(edge);
    for (size_t i = 0; i < edge->spec->count; i++) {
        notify_close(&edge->child[i]);
        look_forget(&edge->child[i]);
        free(edge->child[i].exits);
        free(edge->child[i].evidence);
        free(edge->child[i].environment);
    }
    if (edge->foreground)
        terminal_take(0);
    journal_close(&edge->journal, LAST_LINES_MS);
    if (edge->proc >= 0)
        close(edge->proc);
    close(edge->options->signals);
    free(edge->environment);
    free(edge->table.entry);
    free(edge->found);
    ev_loop_destroy(edge->loop);
}

int run_spec(const struct run_options *options)
{
    struct edge *edge = calloc(1, sizeof(*edge));
    int code;

    if (edge == NULL) {
        fprintf(stderr, "lastcall: out of memory at start\n");
        return EXIT_INTERNAL;
    }
    edge->options = options;
    edge->spec = options->spec;
    if (begin(edge) != 0) {
        free(edge);
        return EXIT_INTERNAL;
    }
    for (const struct note *n = options->notes; n->text != NULL; n++)
        edge_say(edge, n->level, NULL, "%s", n->text);
    take_signals(edge); /* one that came before the first spawn is obeyed before it */
    edge_feed(edge, (struct event){ .type = EVENT_START, .service = NO_SERVICE });
    if (!edge->done)
        ev_run(edge->loop, 0);
    code = edge->exit_code;
    end(edge);
    free(edge);
    return code;
}
