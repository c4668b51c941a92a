/* Commands on the side: exec: of every kind, pre_start, post_exit, hooks. Each has
 * a session of its own, and is killed with it when its time is up. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/clock.h"
#include "sys/kill.h"
#include "sys/members.h"
#include "sys/spawn.h"
#include "text/duration.h"
#include "text/reading.h"

enum {
    VARIABLES = 4,
    VARIABLE_SIZE = 96,
    KILL_ROUNDS = 4 /* what is forked between a list and its KILL is in the next */
};

/* What a command on the side is told beside the environment of its service. */
struct told {
    size_t count;
    char text[VARIABLES][VARIABLE_SIZE];
};

static void tell_variable(struct told *told, const char *name, int64_t value)
{
    snprintf(told->text[told->count++], VARIABLE_SIZE, "%s=%lld", name, (long long)value);
}

static void tell_service(struct told *told, const struct child *c, enum exec_purpose purpose)
{
    const struct life *life = &c->edge->supervisor.service[c->service].life;

    if (purpose == EXEC_POST_EXIT && life->exit_signal > 0)
        tell_variable(told, "LASTCALL_EXIT_SIGNAL", life->exit_signal);
    else if (purpose == EXEC_POST_EXIT)
        tell_variable(told, "LASTCALL_EXIT_CODE", life->exit_code);
    else if (c->leader > 0)
        tell_variable(told, "LASTCALL_PID", c->leader);
}

static void tell_hook(struct told *told, const struct edge *edge, enum hook hook)
{
    int64_t remaining = supervisor_remaining(&edge->supervisor);

    snprintf(told->text[told->count++], VARIABLE_SIZE, "LASTCALL_EVENT=%s", hook_name(hook));
    snprintf(told->text[told->count++], VARIABLE_SIZE, "LASTCALL_CAUSE=%s",
             cause_name(edge->supervisor.cause));
    if (remaining != NEVER)
        tell_variable(told, "LASTCALL_REMAINING", remaining / SECOND);
    else /* there all the same: a script with `set -u` reads it */
        snprintf(told->text[told->count++], VARIABLE_SIZE, "LASTCALL_REMAINING=");
}

static const struct command *command_of(const struct edge *edge, const struct action *a)
{
    const struct hook_spec *hooks = &edge->spec->hooks;
    const struct service_spec *spec = &edge->spec->service[a->service % SERVICES_MAX];

    if (a->type == ACT_HOOK)
        return hook_command(hooks, a->hook.hook);
    switch (a->exec.purpose) {
    case EXEC_PRE_START:
        return &spec->pre_start;
    case EXEC_POST_EXIT:
        return &spec->post_exit;
    case EXEC_READY:
        return &spec->ready.exec;
    case EXEC_QUIET:
        return &spec->quiet.exec;
    case EXEC_INFLIGHT:
        return &spec->inflight.exec;
    case EXEC_STOP:
        return &spec->stop.step[a->exec.step].exec;
    case EXEC_PURPOSES:
        break;
    }
    return NULL;
}

static bool is_told(const struct told *told, const char *variable)
{
    size_t n = strcspn(variable, "=") + 1;

    for (size_t k = 0; k < told->count; k++)
        if (strncmp(told->text[k], variable, n) == 0)
            return true;
    return false;
}

/* Of one name only one: getenv(3) takes the first, a shell the last. */
static const char **environment_with(const char *const *base, struct told *told)
{
    size_t n = 0;
    const char **all;

    while (base[n] != NULL)
        n++;
    all = calloc(n + told->count + 1, sizeof(*all));
    if (all == NULL)
        return NULL;
    n = 0;
    for (size_t k = 0; k < told->count; k++)
        all[n++] = told->text[k];
    for (size_t k = 0; base[k] != NULL; k++)
        if (!is_told(told, base[k]))
            all[n++] = base[k];
    return all;
}

static void feed_done(struct side *side, bool ok)
{
    struct event e = { .service = side->service, .generation = side->generation };

    if (side->is_hook) {
        e.type = EVENT_HOOK_DONE;
        e.hook.hook = side->hook;
        e.hook.ok = ok;
    } else {
        e.type = EVENT_EXEC_DONE;
        e.exec.purpose = side->purpose;
        e.exec.ok = ok;
    }
    edge_feed(side->edge, e);
}

static void close_output(struct side *side)
{
    if (side->output < 0)
        return;
    ev_io_stop(side->edge->loop, &side->output_watch);
    close(side->output);
    side->output = -1;
}

/* A command that says more than a reading can be is cut off: PID 1 reads no flood. */
static void read_output(struct side *side)
{
    while (side->output >= 0) {
        size_t room = EDGE_SIDE_OUTPUT - side->length;
        ssize_t n = room > 0 ? read(side->output, side->text + side->length, room) : 0;

        if (n > 0)
            side->length += (size_t)n;
        else if (n == 0)
            close_output(side);
        else if (errno != EINTR)
            return;
    }
}

static void output_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    read_output(w->data);
}

/* Its whole session, so that a shell's children do not outlive it. */
static void kill_side(struct side *side)
{
    struct edge *edge = side->edge;
    struct members_query query = { .leader = side->pid, .session = side->pid };
    int64_t until = look_until(edge);
    bool complete;

    for (int round = 0; round < KILL_ROUNDS && clock_monotonic_ms() < until &&
                        look_table(edge) == 0; round++) {
        size_t n = members_of(&edge->table, &query, edge->found, edge->table.size, &complete);

        if (signal_members(edge->found, n, SIGKILL) == 0)
            break;
    }
    signal_process(side->pid, SIGKILL);
}

static void timeout_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    kill_side(w->data);
}

static int spawn_side(struct side *side, const char *const *argv, const char **environment)
{
    int ends[2] = { -1, -1 };
    struct spawn_options options = {
        .argv = argv,
        .envp = environment,
        .umask = -1,
        .no_input = true,
        .out = -1,
        .err = -1,
        .session = SPAWN_SESSION,
        .before = side->edge->options->before,
    };
    const struct process_spec *process =
        side->is_hook ? NULL : &side->edge->spec->service[side->service].process;
    struct spawned child;
    bool reads = !side->is_hook && side->purpose == EXEC_INFLIGHT;
    int r;

    if (reads && pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    if (reads) /* only our end must not block */
        fcntl(ends[1], F_SETFL, 0);
    if (process != NULL) {
        options.directory = process->directory;
        options.umask = process->umask;
    }
    options.out = ends[1];
    r = spawn_start(&options, &child);
    if (ends[1] >= 0)
        close(ends[1]);
    if (r != 0) {
        if (ends[0] >= 0)
            close(ends[0]);
        return -1;
    }
    side->pid = child.pid;
    side->result = child.result;
    side->output = ends[0];
    return 0;
}

static void watch_side(struct side *side, int64_t ms)
{
    struct ev_loop *loop = side->edge->loop;

    ev_timer_init(&side->timeout, timeout_cb, (double)ms / 1000.0, 0.);
    side->timeout.data = side;
    ev_now_update(loop);
    ev_timer_start(loop, &side->timeout);
    if (side->output < 0)
        return;
    ev_io_init(&side->output_watch, output_cb, side->output, EV_READ);
    side->output_watch.data = side;
    ev_io_start(loop, &side->output_watch);
}

/* Why it could not be run; what is run again and again says so once. at NULL: it ran. */
static void say_whether_it_runs(struct side *side, const char *at, int error)
{
    struct child *c = side->is_hook ? NULL : &side->edge->child[side->service];
    uint8_t bit = (uint8_t)(1u << side->purpose);
    bool again = at != NULL && c != NULL && (c->unrunnable & bit);

    if (at != NULL && !again)
        edge_say(side->edge, STORY_LEVEL_WARN, c, "%s%s'%s' could not be run (%s): %s",
                 c != NULL ? side->edge->spec->service[c->service].name : "",
                 c != NULL ? ": " : "", side->shown, at, strerror(error));
    if (c != NULL)
        c->unrunnable = (uint8_t)(at != NULL ? c->unrunnable | bit : c->unrunnable & ~bit);
}

static struct side *free_side(struct edge *edge)
{
    size_t k = 0;

    while (k < edge->sides && edge->side[k].pid != 0)
        k++;
    if (k == EDGE_SIDES)
        return NULL;
    if (k == edge->sides)
        edge->sides++;
    return &edge->side[k];
}

void side_begin(struct edge *edge, const struct action *a)
{
    struct side none, *side = free_side(edge);
    struct child *c = a->type == ACT_HOOK ? NULL : &edge->child[a->service];
    const char *const *base = c == NULL ? edge->environment : service_environment(c);
    struct told told = { 0 };
    const char **environment;

    if (side == NULL)
        side = &none;
    *side = (struct side){ .edge = edge, .is_hook = c == NULL, .service = a->service,
                           .generation = a->generation, .began = edge->supervisor.counted,
                           .shown = command_of(edge, a)->text, .output = -1, .result = -1 };
    if (c == NULL) {
        side->hook = a->hook.hook;
        tell_hook(&told, edge, side->hook);
    } else {
        side->purpose = a->exec.purpose;
        tell_service(&told, c, side->purpose);
    }
    environment = base == NULL ? NULL : environment_with(base, &told);
    if (side != &none && environment != NULL &&
        spawn_side(side, command_of(edge, a)->argv, environment) == 0) {
        watch_side(side, c == NULL ? a->hook.ms : a->exec.ms);
    } else {
        say_whether_it_runs(side, spawn_at_name(SPAWN_AT_FORK),
                            environment == NULL ? ENOMEM : side == &none ? EAGAIN : errno);
        feed_done(side, false);
    }
    free(environment);
}

void side_end(struct child *c, enum exec_purpose purpose)
{
    for (size_t k = 0; k < c->edge->sides; k++) {
        struct side *side = &c->edge->side[k];

        if (side->pid > 0 && !side->is_hook && side->service == c->service &&
            side->purpose == purpose && !side->abandoned) {
            side->abandoned = true;
            kill_side(side);
        }
    }
}

static bool exec_failed(struct side *side)
{
    struct spawn_error error = { 0 };
    bool failed = spawn_result(side->result, &error) == 1;

    say_whether_it_runs(side, failed ? spawn_at_name(error.at) : NULL, error.error);
    close(side->result);
    return failed;
}

static void take_reading(struct side *side, bool ok)
{
    struct child *c = &side->edge->child[side->service];
    int32_t busy = -1, total = -1;

    if (side->generation != c->generation)
        return;
    /* where the buffer is full, what did not fit might be more digits */
    ok = ok && side->length < EDGE_SIDE_OUTPUT &&
         reading_parse(side->text, side->length, &busy, &total) == 0;
    evidence_exec(c->evidence, ok, busy, total, side->began);
}

bool side_reaped(struct edge *edge, int32_t pid, bool ok)
{
    for (size_t k = 0; k < edge->sides; k++) {
        struct side *side = &edge->side[k];
        struct side ended;

        if (side->pid != pid)
            continue;
        read_output(side);
        ev_timer_stop(edge->loop, &side->timeout);
        close_output(side);
        ok = !exec_failed(side) && ok;
        ended = *side;
        side->pid = 0;
        while (edge->sides > 0 && edge->side[edge->sides - 1].pid == 0)
            edge->sides--;
        if (ended.abandoned)
            return true;
        if (!ended.is_hook && ended.purpose == EXEC_INFLIGHT)
            take_reading(&ended, ok);
        feed_done(&ended, ok);
        return true;
    }
    return false;
}
