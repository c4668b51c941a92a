/* The main process of a service: its environment, its start, its end. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/kill.h"
#include "sys/reap.h"
#include "sys/spawn.h"
#include "sys/subreaper.h"
#include "sys/terminal.h"

#define NOTIFY_VARIABLE "NOTIFY_SOCKET="

/* What a manager above told lastcall is not for its children. */
static bool is_for_us_alone(const char *variable)
{
    static const char *const ours[] = { NOTIFY_VARIABLE,  "WATCHDOG_PID=", "WATCHDOG_USEC=",
                                        "LISTEN_PID=",    "LISTEN_FDS=",   "LISTEN_FDNAMES=" };

    for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++)
        if (strncmp(variable, ours[k], strlen(ours[k])) == 0)
            return true;
    return false;
}

static size_t count_of(const char *const *words)
{
    size_t n = 0;

    while (words[n] != NULL)
        n++;
    return n;
}

int service_memory(struct edge *edge)
{
    const char *const *from = edge->options->environment;
    size_t k = 0;

    for (size_t i = 0; i < edge->spec->count; i++) {
        edge->child[i].evidence = calloc(1, sizeof(*edge->child[i].evidence));
        if (edge->child[i].evidence == NULL)
            return -1;
    }

    edge->environment = calloc(count_of(from) + 1, sizeof(*edge->environment));
    if (edge->environment == NULL)
        return -1;
    for (; *from != NULL; from++)
        if (!is_for_us_alone(*from))
            edge->environment[k++] = *from;
    return 0;
}

/* Does one of the words set what this variable sets? */
static bool is_set_by(const char *const *words, const char *variable)
{
    size_t name = strcspn(variable, "=") + 1;

    for (; *words != NULL; words++)
        if (strncmp(*words, variable, name) == 0)
            return true;
    return false;
}

/* lastcall's, over it the service's, and a notify socket of its own. Of two words of the
 * service that set the same, the later counts. */
static void make_environment(struct child *c)
{
    static const char *const none[] = { NULL };
    const char *const *ours = c->edge->environment;
    const char *const *own = c->edge->spec->service[c->service].process.environment;
    size_t n = 0;

    own = own == NULL ? none : own;
    c->environment = calloc(count_of(ours) + count_of(own) + 2, sizeof(*c->environment));
    if (c->environment == NULL)
        return;
    for (; *ours != NULL; ours++)
        if (!is_set_by(own, *ours))
            c->environment[n++] = *ours;
    for (; *own != NULL; own++)
        if (!is_set_by(own + 1, *own))
            c->environment[n++] = *own;
    if (c->notify >= 0)
        c->environment[n] = c->notify_path; /* "NOTIFY_SOCKET=..." */
}

const char *const *service_environment(struct child *c)
{
    if (c->environment == NULL)
        make_environment(c);
    return c->environment;
}

static void feed_spawn_failed(struct child *c, enum spawn_stage stage, int error)
{
    struct event e = edge_event(c, EVENT_SPAWN_FAILED);

    e.spawn.stage = stage;
    e.spawn.error = error;
    e.spawn.missing = stage == SPAWN_EXEC && (error == ENOENT || error == ENOTDIR);
    e.spawn.transient = stage == SPAWN_FORK && error != EMFILE; /* that stays so */
    edge_feed(c->edge, e);
}

/* What became of the exec, if it is known by now. */
static void take_result(struct child *c)
{
    struct spawn_error error;
    int r;

    if (c->result < 0)
        return;
    r = spawn_result(c->result, &error);
    if (r < 0 && errno == EAGAIN)
        return;
    ev_io_stop(c->edge->loop, &c->result_watch);
    close(c->result);
    c->result = -1;
    if (r <= 0) {
        edge_feed(c->edge, edge_event(c, EVENT_SPAWNED));
        return;
    }
    c->failed = c->leader; /* it ends by itself, and is no orphan */
    c->leader = c->session = 0;
    feed_spawn_failed(c, error.at == SPAWN_AT_EXEC        ? SPAWN_EXEC
                         : error.at == SPAWN_AT_DIRECTORY ? SPAWN_DIRECTORY
                         : error.at == SPAWN_AT_LOG       ? SPAWN_LOGS
                                                          : SPAWN_SETUP, error.error);
}

static void result_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    take_result(w->data);
}

/* Where its output goes; NULL: nowhere else than lastcall's. */
static const char *log_of(const struct logs_spec *logs)
{
    if (logs->kind == LOGS_NULL)
        return "/dev/null";
    return logs->kind == LOGS_FILE ? logs->path : NULL;
}

void service_spawn(struct child *c, uint32_t generation)
{
    const struct service_spec *spec = &c->edge->spec->service[c->service];
    struct spawn_options options = {
        .argv = spec->command.argv,
        .directory = spec->process.directory,
        .umask = spec->process.umask,
        .out = -1,
        .err = -1,
        .log = log_of(&spec->process.logs),
        .session = c->edge->foreground ? SPAWN_FOREGROUND_GROUP : SPAWN_SESSION,
        .before = c->edge->options->before,
    };
    struct spawned child;

    c->generation = generation;
    look_forget(c);
    evidence_init(c->evidence, spec);
    options.envp = service_environment(c);
    if (options.envp == NULL) {
        feed_spawn_failed(c, SPAWN_FORK, ENOMEM);
        return;
    }
    if (spawn_start(&options, &child) != 0) {
        feed_spawn_failed(c, SPAWN_FORK, errno);
        return;
    }
    c->leader = c->session = child.pid;
    c->result = child.result;
    ev_io_init(&c->result_watch, result_cb, c->result, EV_READ);
    c->result_watch.data = c;
    ev_io_start(c->edge->loop, &c->result_watch);
}

static struct child *child_of(struct edge *edge, int32_t pid)
{
    for (size_t i = 0; i < edge->spec->count; i++)
        if (edge->child[i].leader == pid)
            return &edge->child[i];
    return NULL;
}

/* For status and metrics: some 320 kinds of ends at most, a handful in practice. */
static void count_exit(struct child *c, uint8_t code, uint8_t signo)
{
    struct exit_count *more;
    size_t k = 0;

    c->has_exit = true;
    c->exit_code = code;
    c->exit_signal = signo;
    while (k < c->exit_kinds && (c->exits[k].code != code || c->exits[k].signal != signo))
        k++;
    if (k == c->exit_kinds) {
        more = realloc(c->exits, (k + 1) * sizeof(*more));
        if (more == NULL)
            return;
        c->exits = more;
        c->exits[c->exit_kinds++] = (struct exit_count){ .code = code, .signal = signo };
    }
    c->exits[k].count++;
}

static void leader_ended(struct child *c, const struct reaped *r)
{
    struct event e = edge_event(c, EVENT_EXITED);

    take_result(c); /* an exec that failed is told as such, not as an exit with 127 */
    if (c->failed == r->pid)
        c->failed = 0; /* an orphan may get this pid */
    if (c->leader != r->pid)
        return;
    c->leader = 0;
    if (r->signaled)
        e.exit.signo = (uint8_t)r->code_or_signal;
    else
        e.exit.code = (uint8_t)r->code_or_signal;
    count_exit(c, e.exit.code, e.exit.signo);
    edge_feed(c->edge, e);
}

/* Ctrl-Z on a child in front: whoever started lastcall gets the terminal back, until
 * it is put in front again. Nobody could do that for PID 1. */
static void suspend_with(struct child *c)
{
    if (!c->edge->foreground || is_pid1())
        return;
    terminal_take(0);
    kill(getpid(), SIGSTOP);
    terminal_give(0, c->session);
    look_signal(c, SIGCONT, TARGET_LEADER, false);
}

/* One of a service whose leader is gone may have been its last. */
static void look_at_remains(struct edge *edge)
{
    for (size_t i = 0; i < edge->spec->count; i++) {
        struct child *c = &edge->child[i];

        if (c->session > 0 && c->leader == 0 && (edge->supervisor.alive & SET_OF(i)))
            look_take(c, true);
    }
}

/* So many at once: where orphans end as fast as they are reaped, signals and the
 * deadline have their turn between. */
enum { REAPED_AT_ONCE = 64 };

static void reap_again_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    service_reap(w->data);
}

static void reap_again(struct edge *edge)
{
    ev_timer_stop(edge->loop, &edge->reap_again);
    ev_timer_init(&edge->reap_again, reap_again_cb, 0., 0.);
    edge->reap_again.data = edge;
    ev_timer_start(edge->loop, &edge->reap_again);
}

static bool failed_reaped(struct edge *edge, int32_t pid)
{
    for (size_t i = 0; i < edge->spec->count; i++)
        if (edge->child[i].failed == pid) {
            edge->child[i].failed = 0;
            return true;
        }
    return false;
}

void service_reap(struct edge *edge)
{
    struct reaped r;
    bool strangers = false;
    int left = REAPED_AT_ONCE;

    while (!edge->done && left-- > 0 && reap_next(&r, edge->foreground) == 1) {
        struct child *c = child_of(edge, r.pid);

        if (r.continued)
            continue;
        if (r.stopped) {
            if (c != NULL && r.code_or_signal != SIGSTOP)
                suspend_with(c);
            continue;
        }
        if (c != NULL)
            leader_ended(c, &r);
        else if (r.pid == edge->journal.writer)
            journal_writer_ended(&edge->journal, r.signaled && r.code_or_signal == SIGKILL);
        else if (!side_reaped(edge, r.pid, !r.signaled && r.code_or_signal == 0) && !failed_reaped(edge, r.pid)) {
            strangers = true;
            edge->orphans_reaped++;
        }
    }
    if (left < 0 && !edge->done)
        reap_again(edge);
    if (strangers && !edge->done)
        look_at_remains(edge);
}
