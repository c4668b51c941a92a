/* The worlds: small, and each about something of its own. */
#include <signal.h>
#include <string.h>

#include "explore/explore.h"

static const char *const argv[] = { "true", NULL };
static const struct command command = { "true", argv };

/* A service with a ladder of `TERM 2s, KILL`, so that little time is much. */
static struct service_spec *add(struct world *w, const char *name, enum service_kind kind,
                                enum profile profile, service_set after)
{
    struct service_spec *s = &w->spec.service[w->spec.count++];

    service_spec_init(s, name, kind);
    profile_apply(s, profile, 0);
    s->command = command;
    s->after = after;
    s->backoff_first = s->backoff_max = 1 * SECOND;
    s->restart_limit = 2;
    s->ready_timeout = 4 * SECOND;
    s->stop = (struct ladder){ .count = 1 };
    s->stop.step[0] = (struct ladder_step){ .signo = SIGTERM, .wait = 2 * SECOND };
    ladder_finish(&s->stop);
    return s;
}

/* A worker of any kind: told to be quiet by USR2, says by datagrams how busy it is. */
static struct service_spec *add_worker(struct world *w, service_set after)
{
    struct service_spec *s = add(w, "worker", KIND_SERVICE, PROFILE_GENERIC, after);

    s->quiet = (struct quiet_spec){ .signo = SIGUSR2 };
    s->inflight = (struct inflight_spec){ .kind = INFLIGHT_NOTIFY };
    return s;
}

static void add_signal(struct world *w, int signo, uint8_t times)
{
    struct stimulus *s = &w->stimulus[w->stimuli++];

    s->event = (struct event){ .type = EVENT_SIGNAL, .service = NO_SERVICE };
    s->event.signal.signo = (uint8_t)signo;
    s->times = times;
}

static void add_request(struct world *w, enum request_verb verb, uint8_t service, int64_t ms)
{
    struct stimulus *s = &w->stimulus[w->stimuli++];

    s->event = (struct event){ .type = EVENT_REQUEST, .service = service };
    s->event.request.verb = verb;
    s->event.request.ms = ms;
    s->times = 1;
}

/* Each fills in services, manners and stimuli, and may change what world_make() set. */

static void one_sidekiq(struct world *w)
{
    w->name = "a Sidekiq that boots, works, crashes, misses its stop";
    add(w, "sidekiq", KIND_SERVICE, PROFILE_SIDEKIQ, 0);
    w->manner[0] = (struct manner){ .jobs = 1, .ends = 1, .leaves = 1, .swallows = 1, .late = 1, .boots = true };
    w->spec.single = true;
    w->spec.deadline = 15 * SECOND;
    w->horizon = 20;
    add_signal(w, SIGTERM, 1);
}

static void sidekiq_again_and_again(struct world *w)
{
    w->name = "a Sidekiq, three signals, no deadline";
    add(w, "sidekiq", KIND_SERVICE, PROFILE_SIDEKIQ, 0);
    w->manner[0] = (struct manner){ .jobs = 1, .late = 1, .boots = true };
    w->spec.deadline = NEVER;
    w->run = 2;
    w->horizon = 10;
    add_signal(w, SIGINT, 3);
    add_signal(w, SIGTERM, 1);
}

static void a_command(struct world *w)
{
    w->name = "a command in the -- form, hasty users";
    add(w, "main", KIND_SERVICE, PROFILE_GENERIC, 0);
    w->manner[0] = (struct manner){ .ends = 1, .leaves = 1, .stays = true, .spawn_fails = 1 };
    w->spec.single = true;
    w->orphans = 1;
    add_signal(w, SIGTERM, 2);
    add_signal(w, SIGINT, 2);
}

static void worker_and_redis(struct world *w)
{
    w->name = "a worker, and the Redis that it needs, which dies";
    add(w, "redis", KIND_SERVICE, PROFILE_GENERIC, 0)->restart = RESTART_ALWAYS;
    add_worker(w, SET_OF(0))->restart = RESTART_ON_FAILURE;
    w->manner[0] = (struct manner){ .ends = 1 };
    w->manner[1] = (struct manner){ .jobs = 1, .ends = 1 };
    add_signal(w, SIGTERM, 1);
}

static void web_lingers(struct world *w)
{
    w->name = "a web server that lingers and a worker, prestop before TERM";
    add(w, "web", KIND_SERVICE, PROFILE_GENERIC, 0)->linger = 2 * SECOND;
    add_worker(w, 0);
    w->manner[1] = (struct manner){ .jobs = 1, .late = 1 };
    add_signal(w, SIGTERM, 1);
    add_request(w, REQUEST_PRESTOP, NO_SERVICE, 0);
}

static void migration_first(struct world *w)
{
    struct service_spec *task = add(w, "migrate", KIND_TASK, PROFILE_GENERIC, 0);
    struct service_spec *app = add(w, "app", KIND_SERVICE, PROFILE_GENERIC, SET_OF(0));
    struct service_spec *logs = add(w, "logs", KIND_SERVICE, PROFILE_FLUENT_BIT, 0);

    w->name = "a task, then the application, and a sidecar";
    task->restart = RESTART_NEVER;
    app->pre_start = command;
    app->restart = RESTART_NEVER;
    logs->restart = RESTART_NEVER;
    w->manner[0] = (struct manner){ .ends = 1 };
    w->manner[1] = (struct manner){ .exec_fails = 1 };
    w->run = 2;
    add_signal(w, SIGTERM, 1);
}

static void an_operator(struct world *w)
{
    w->name = "an operator restarts, stops, starts, and a shutdown comes";
    add(w, "redis", KIND_SERVICE, PROFILE_GENERIC, 0)->restart = RESTART_NEVER;
    add_worker(w, SET_OF(0))->restart = RESTART_NEVER;
    w->manner[1] = (struct manner){ .jobs = 1 };
    add_signal(w, SIGTERM, 1);
    add_request(w, REQUEST_RESTART, 1, 0);
    add_request(w, REQUEST_STOP, 0, 0);
    w->spec.deadline = 8 * SECOND;
}

static void less_time(struct world *w)
{
    w->name = "a nearer deadline in the middle of a drain";
    add(w, "redis", KIND_SERVICE, PROFILE_GENERIC, 0);
    add_worker(w, SET_OF(0));
    w->manner[1] = (struct manner){ .jobs = 1, .ends = 1, .leaves = 1 };
    w->run = 2;
    add_signal(w, SIGTERM, 1);
    add_request(w, REQUEST_DEADLINE, NO_SERVICE, 4 * SECOND);
}

static void commands_beside(struct world *w)
{
    struct service_spec *s = add_worker(w, 0);

    w->name = "quiet by a command, stop by a command, hooks, orphans";
    s->quiet = (struct quiet_spec){ .exec = command };
    s->stop.step[0] = (struct ladder_step){ .exec = command, .wait = 3 * SECOND };
    s->stop.by_user = true;
    s->post_exit = command;
    w->spec.hooks = (struct hook_spec){ .on_drain = command, .on_drained = command, .on_exit = command,
                                        .timeout = 2 * SECOND };
    w->manner[0] = (struct manner){ .jobs = 1, .exec_fails = 1 };
    w->spec.deadline = 14 * SECOND;
    w->horizon = 18;
    w->orphans = 1;
    add_signal(w, SIGTERM, 1);
    add_request(w, REQUEST_SHUTDOWN_NOW, NO_SERVICE, 0);
}

static void outlives_kill(struct world *w)
{
    w->name = "one that even KILL does not end, and what stops after it";
    add(w, "redis", KIND_SERVICE, PROFILE_GENERIC, 0);
    add(w, "stuck", KIND_SERVICE, PROFILE_GENERIC, SET_OF(0));
    w->manner[1] = (struct manner){ .stays = true, .outlives = true };
    w->spec.deadline = 20 * SECOND;
    w->horizon = 24;
    add_signal(w, SIGTERM, 1);
    add_signal(w, SIGQUIT, 1);
}

static void crash_loop(struct world *w)
{
    w->name = "one that ends again and again, and one that is never ready";
    add(w, "flaps", KIND_SERVICE, PROFILE_GENERIC, 0)->restart = RESTART_ALWAYS;
    add(w, "late", KIND_SERVICE, PROFILE_GENERIC, SET_OF(0))->ready =
        (struct ready_spec){ .kind = READY_TCP, .target = "127.0.0.1:1", .by_user = true };
    w->spec.service[1].restart = RESTART_NEVER;
    w->manner[0] = (struct manner){ .ends = 3, .leaves = 1 };
    w->manner[1] = (struct manner){ .never_ready = true };
    w->run = 6;
    w->horizon = 24;
    add_signal(w, SIGTERM, 1);
}

static void stands_still(struct world *w)
{
    w->name = "the container stands still for half a minute";
    add(w, "sidekiq", KIND_SERVICE, PROFILE_SIDEKIQ, 0);
    add(w, "web", KIND_SERVICE, PROFILE_GENERIC, 0)->linger = 2 * SECOND;
    w->manner[0] = (struct manner){ .jobs = 1 };
    w->pauses = 1;
    w->spec.deadline = 40 * SECOND;
    w->spec.margin = 4 * SECOND;
    w->run = 2;
    w->horizon = 48;
    add_signal(w, SIGTERM, 1);
}

static void three_in_a_row(struct world *w)
{
    w->name = "a database, a worker after it, an exporter after the worker";
    add(w, "database", KIND_SERVICE, PROFILE_GENERIC, 0)->restart = RESTART_NEVER;
    add_worker(w, SET_OF(0))->restart = RESTART_ALWAYS;
    add(w, "exporter", KIND_SERVICE, PROFILE_GENERIC, SET_OF(1))->restart = RESTART_NEVER;
    w->manner[0] = (struct manner){ .ends = 1 };
    w->manner[1] = (struct manner){ .jobs = 1, .ends = 1 };
    w->run = 2;
    add_signal(w, SIGTERM, 1);
}

bool world_make(struct world *w, unsigned number)
{
    static void (*const worlds[])(struct world *) = {
        one_sidekiq, sidekiq_again_and_again, a_command, worker_and_redis, web_lingers, migration_first,
        an_operator, less_time, commands_beside, outlives_kill, crash_loop, stands_still, three_in_a_row,
    };
    service_set cycle;

    if (number >= sizeof(worlds) / sizeof(worlds[0]))
        return false;
    memset(w, 0, sizeof(*w));
    w->spec.deadline = 10 * SECOND;
    w->spec.margin = 1 * SECOND;
    w->run = 3;
    w->horizon = 16;
    worlds[number](w);
    signals_default(&w->spec);
    return spec_finish(&w->spec, &cycle) == 0;
}
