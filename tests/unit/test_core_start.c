/* From waiting to ready, and back again after an end: SPEC 2. */
#include <signal.h>
#include <stdio.h>

#include "scenario.h"

enum { A, B, C }; /* services as the tests add them */

static const char *const some_argv[] = { "true", NULL };
static const struct command some_command = { "true", some_argv };

static void assert_state(const struct world *w, size_t i, enum service_state state)
{
    assert_string_equal(state_name(w->s.service[i].state), state_name(state));
}

/* --- order -------------------------------------------------------------- */

static void services_start_side_by_side(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn web; spawn worker" } };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, B, STATE_READY);
}

static void nothing_starts_before_it_is_told_to(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, time_passes(), "" },
        { 60, starts(), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void after_waits_until_it_is_ready(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db" },
        { 7, is_ready(A), "spawn web" },
        { 9, is_ready(B), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[B].ready.kind = READY_HTTP;
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_READY);
    assert_state(w, B, STATE_READY);
    assert_true(supervisor_ready(&w->s));
}

static void after_may_name_what_comes_later_in_the_file(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn a; spawn db; spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(C);
    world_add(w, "a", PROFILE_GENERIC);
    world_add(w, "db", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void sidecars_start_first(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 3, is_ready(B), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "log", PROFILE_FLUENT_BIT)->ready = (struct ready_spec){ .kind = READY_FILE,
                                                                          .by_user = true };
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_task_runs_to_success_first(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 600, time_passes(), "" }, /* ready_timeout is not for tasks */
        { 700, ends(A, 0), "spawn web" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
    assert_true(supervisor_ready(&w->s));
    assert_int_equal(supervisor_phase(&w->s), PHASE_RUNNING);
}

static void a_task_that_fails_is_tried_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, ends(A, 1), "" },
        { 11, time_passes(), "spawn migrate" },
        { 15, ends(A, 0), "spawn web" },
    };

    (void)state;
    world_add_task(w, "migrate")->backoff_first = 1 * SECOND;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0; /* no jitter */
    PLAY(w, rows);
}

static void a_task_that_fails_for_good_ends_the_container(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, ends(A, 3), "exit 3" },
    };

    (void)state;
    world_add_task(w, "migrate")->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.a, CAUSE_ESSENTIAL);
    assert_int_equal(w->s.service[B].generation, 0);
}

static void what_is_after_a_failed_one_fails_too(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn web" },
        { 10, ends(A, 3), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = w->spec.service[C].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_FAILED);
    assert_state(w, C, STATE_FAILED);
    assert_state(w, B, STATE_READY);
    assert_int_equal(w->story[STORY_DEPENDENCY_FAILED].story.a, A);
}

static void an_essential_one_after_a_failed_one_ends_the_container(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn web" },
        { 10, ends(A, 3), "signal web TERM" },
        { 11, dies(B, SIGTERM), "exit 3" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_sidecar_that_failed_holds_up_nobody(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 1, ends(A, 3), "spawn web" },
    };

    (void)state;
    world_add(w, "log", PROFILE_FLUENT_BIT)->restart = RESTART_NEVER;
    w->spec.service[A].ready.kind = READY_FILE;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* What an operator stopped before it was ready has not failed: who waits for it waits on. */
static void what_waits_for_a_stopped_one_waits_on(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db" },
        { 1, asks_for(REQUEST_STOP, A), "signal db TERM" },
        { 2, dies(A, SIGTERM), "" },
        { 60, asks_for(REQUEST_START, A), "spawn db" },
        { 61, is_ready(A), "spawn web" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- ready -------------------------------------------------------------- */

static void ready_by(struct world *w, enum ready_kind kind, enum profile profile)
{
    world_add(w, "web", profile)->ready = (struct ready_spec){ .kind = kind, .by_user = true };
    w->spec.service[A].ready_timeout = 20 * SECOND;
    w->spec.service[A].restart = RESTART_NEVER;
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
}

static void started_is_ready_at_once(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn web; spawn next" } };

    (void)state;
    ready_by(w, READY_STARTED, PROFILE_GENERIC);
    PLAY(w, rows);
}

static void started_means_that_the_exec_succeeded(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 1, spawned(A), "spawn next" },
    };

    (void)state;
    w->slow_spawn[A] = true;
    ready_by(w, READY_STARTED, PROFILE_GENERIC);
    PLAY(w, rows);
}

static void notify_is_ready_by_datagram_alone(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, notifies(A), "spawn next" },
        { 6, notifies(A), "" },
    };

    (void)state;
    ready_by(w, READY_NOTIFY, PROFILE_GENERIC);
    PLAY(w, rows);
}

static void probes_are_ready_by_their_probe_alone(void **state)
{
    static const enum ready_kind kinds[] = { READY_TCP, READY_UNIX, READY_HTTP, READY_FILE };

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        struct world *w = world_new(0);
        const struct row rows[] = {
            { 0, starts(), "spawn web" },
            { 4, notifies(A), "" },
            { 5, is_ready(A), "spawn next" },
        };

        ready_by(w, kinds[k], PROFILE_GENERIC);
        PLAY(w, rows);
    }
}

static void an_exec_is_asked_until_it_succeeds(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; exec web ready" },
        { 4, did(A, EXEC_READY, false), "exec web ready" },
        { 4.1, did(A, EXEC_READY, false), "" },
        { 5, time_passes(), "exec web ready" },
        { 5.5, is_ready(A), "spawn next" },
        { 5.6, did(A, EXEC_READY, true), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    ready_by(w, READY_EXEC, PROFILE_GENERIC);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_READY].exec.ms, 5 * SECOND);
}

static void sidekiq_is_ready_by_its_title(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, booted(A), "spawn next" },
    };

    (void)state;
    w->boots[A] = true;
    ready_by(w, READY_NOTIFY_OR_TITLE, PROFILE_SIDEKIQ);
    PLAY(w, rows);
}

static void sidekiq_is_ready_by_notify_as_well(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, notifies(A), "spawn next" },
    };

    (void)state;
    w->boots[A] = true;
    ready_by(w, READY_NOTIFY_OR_TITLE, PROFILE_SIDEKIQ);
    PLAY(w, rows);
}

static void look_tells(struct world *w, int16_t major)
{
    struct event e = { .type = EVENT_LOOKED, .service = A, .generation = 1 };

    w->mute[A] = true;
    e.facts = (struct facts){ .members = 1, .titled = true, .major = major, .busy = -1,
                              .total = -1 };
    e.now = w->s.now;
    step(&w->s, &e, &w->out);
}

static void puma_is_ready_as_its_version_says(void **state)
{
    static const struct { int16_t major; bool ready; } versions[] = {
        { 5, true }, { 6, false }, { 8, false }, { -1, false },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(versions) / sizeof(versions[0]); k++) {
        struct world *w = world_new(0);
        const struct row begin[] = { { 0, starts(), "spawn web" } };
        const struct row then[] = { { 5, notifies(A), "" } };

        world_add(w, "web", PROFILE_PUMA);
        world_finish(w, false);
        w->boots[A] = true;
        PLAY(w, begin);
        look_tells(w, versions[k].major);
        assert_int_equal(w->s.service[A].state == STATE_READY, versions[k].ready);
        PLAY(w, then);
        assert_state(w, A, STATE_READY);
    }
}

static void not_ready_in_time_is_a_failed_start(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 20, time_passes(), "signal web TERM" },
        { 21, dies(A, SIGTERM), "exit 1" }, /* a failed start is never 0 */
    };

    (void)state;
    ready_by(w, READY_TCP, PROFILE_GENERIC);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_READY_TIMEOUT].story.b, 0);
}

static void not_ready_in_time_is_tried_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 20, time_passes(), "signal web TERM" },
        { 30, time_passes(), "signal web KILL" },
        { 30.5, dies(A, SIGKILL), "" },
        { 31.5, time_passes(), "spawn web" },
        { 32, is_ready(A), "spawn next" },
    };

    (void)state;
    ready_by(w, READY_TCP, PROFILE_GENERIC);
    w->spec.service[A].restart = RESTART_ON_FAILURE;
    w->s.random = 0;
    PLAY(w, rows);
}

static void ready_before_the_timeout_is_in_time(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 19.9, is_ready(A), "spawn next" },
        { 100, time_passes(), "" },
    };

    (void)state;
    ready_by(w, READY_TCP, PROFILE_GENERIC);
    PLAY(w, rows);
}

static void every_change_of_state_is_told(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "state web; spawn web; state web" }, /* starting; ready at once */
        { 5, gets(SIGTERM), "state web; signal web TERM" },
        { 6, dies(A, SIGTERM), "state web; exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    world_show(w, STORY_STATE);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STATE].story.a, STATE_STOPPING);
    assert_int_equal(w->story[STORY_STATE].story.b, STATE_DONE);
}

static void what_only_the_profile_asked_for_counts_as_ready(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 300, time_passes(), "ready_timeout web; spawn next" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    world_show(w, STORY_READY_TIMEOUT);
    world_show(w, STORY_READY); /* which it is not */
    w->boots[A] = true;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_READY_TIMEOUT].story.a, 5 * MINUTE);
    assert_int_equal(w->story[STORY_READY_TIMEOUT].story.b, 1);
}

/* A worker that got ready too late may have taken work: quiet, wait, ladder. */
static void a_worker_that_is_late_is_drained(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 20, time_passes(), "quiet worker" },
        { 60, jobs(A, 0), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->ready =
        (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 20 * SECOND;
    world_finish(w, false);
    w->jobs[A] = 2;
    PLAY(w, rows);
}

static void a_worker_that_is_late_waits_no_longer_than_the_deadline(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 20, time_passes(), "quiet worker" },
        { 120, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->ready =
        (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 20 * SECOND;
    world_finish(w, false);
    w->jobs[A] = 2;
    PLAY(w, rows);
}

static void readyz_wants_every_essential_service(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web; spawn extra" } };
    const struct row then[] = { { 1, is_ready(A), "hook on_ready" } };
    const struct row death[] = { { 5, ends(A, 1), "" } };
    const struct row back[] = {
        { 6, time_passes(), "spawn web" },
        { 7, is_ready(A), "" }, /* on_ready is once */
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "extra", PROFILE_GENERIC)->ready.kind = READY_TCP;
    w->spec.service[B].essential = false;
    w->spec.hooks.on_ready = some_command;
    world_finish(w, false);
    w->s.random = 0;
    assert_false(supervisor_ready(&w->s));
    PLAY(w, begin);
    assert_false(supervisor_ready(&w->s));
    assert_int_equal(supervisor_phase(&w->s), PHASE_STARTING);
    PLAY(w, then);
    assert_true(supervisor_ready(&w->s));
    assert_int_equal(supervisor_phase(&w->s), PHASE_RUNNING);
    PLAY(w, death);
    assert_false(supervisor_ready(&w->s));
    PLAY(w, back);
    assert_true(supervisor_ready(&w->s));
}

/* --- pre_start and post_exit -------------------------------------------- */

static void pre_start_runs_before_each_start(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, true), "spawn web" },
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "exec web pre_start" },
        { 7, did(A, EXEC_PRE_START, true), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_PRE_START].exec.ms, 5 * MINUTE); /* ready_timeout */
}

static void a_failed_pre_start_is_a_failed_start(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, false), "" },
        { 3, time_passes(), "exec web pre_start" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    w->spec.service[A].post_exit = some_command; /* nothing ran: nothing to clear up */
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_PRE_START_FAILED], 1);
}

static void a_failed_pre_start_ends_what_never_restarts(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, false), "exit 1" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    w->spec.service[A].restart = RESTART_NEVER;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_stop_during_pre_start_ends_it(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn other; exec web pre_start" },
        { 2, asks_for(REQUEST_STOP, B), "exec_end web pre_start" },
        { 60, asks_for(REQUEST_START, B), "exec web pre_start" },
        { 61, asks_for(REQUEST_RESTART, B), "exec_end web pre_start; exec web pre_start" },
        { 62, did(B, EXEC_PRE_START, true), "spawn web" },
    };

    (void)state;
    world_add(w, "other", PROFILE_GENERIC);
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    PLAY(w, rows);
}

static void post_exit_runs_after_each_exit(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, ends(A, 1), "exec web post_exit" },
        { 7, did(A, EXEC_POST_EXIT, false), "" }, /* its own failure is logged only */
        { 8, time_passes(), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->post_exit = some_command;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_POST_EXIT].exec.ms, 5 * SECOND);
    assert_int_equal(w->stories[STORY_EXEC_FAILED], 1);
}

/* --- spawns that fail --------------------------------------------------- */

static void exec_that_fails(uint8_t code, bool missing)
{
    struct world *w = world_new(0);
    char end[16];
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 0.1, spawn_fails(A, SPAWN_EXEC, missing), end },
    };

    snprintf(end, sizeof(end), "exit %d", code);
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_finish(w, true);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SPAWN_FAILED], 1);
}

static void not_found_is_127(void **state)
{
    (void)state;
    exec_that_fails(127, true);
}

static void not_executable_is_126(void **state)
{
    (void)state;
    exec_that_fails(126, false);
}

/* EAGAIN is not the command's fault, and tried again even where `restart` says never. */
static void a_fork_that_fails_for_now_is_tried_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 0.1, fork_fails(A), "" },
        { 1.1, time_passes(), "spawn web" },
        { 1.2, spawned(A), "" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_finish(w, true);
    w->s.random = 0;
    PLAY(w, rows);
    assert_state(w, A, STATE_READY);
}

/* --- restarts ----------------------------------------------------------- */

static void crash(struct world *w, double at, double back)
{
    const struct row rows[] = {
        { at, ends(A, 1), "" },
        { back, time_passes(), "spawn web" },
    };
    PLAY(w, rows);
}

static void pauses_double_up_to_the_longest(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->backoff_max = 6 * SECOND;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 10, 11);
    crash(w, 20, 22);
    crash(w, 30, 34);
    crash(w, 40, 46);
    crash(w, 50, 56);
}

static void after_five_restarts_in_a_row_it_has_failed(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };
    const struct row sixth[] = { { 40, ends(A, 9), "exit 9" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 1, 2);
    crash(w, 3, 5);
    crash(w, 6, 10);
    crash(w, 11, 19);
    crash(w, 20, 36);
    PLAY(w, sixth);
    assert_int_equal(w->story[STORY_FAILED].story.a, 5);
}

static void a_life_that_was_ready_for_long_begins_anew(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 1, 2);
    crash(w, 3, 5);
    crash(w, 64.9, 68.9); /* 59.9 s are not long enough */
    crash(w, 128.9, 129.9);
    assert_int_equal(w->s.service[A].restarts, 1);
}

static void jitter_takes_up_to_a_quarter(void **state)
{
    int64_t least = NEVER, most = 0;

    (void)state;
    for (uint32_t seed = 1; seed < 200; seed++) {
        struct world *w = world_new(0);
        const struct row rows[] = {
            { 0, starts(), "spawn web" },
            { 10, ends(A, 1), "" },
        };

        world_add(w, "web", PROFILE_GENERIC)->backoff_first = 8 * SECOND;
        world_finish(w, false);
        w->s.random = seed * 2654435761u;
        PLAY(w, rows);
        least = time_min(least, w->story[STORY_BACKOFF].story.a);
        most = time_max(most, w->story[STORY_BACKOFF].story.a);
    }
    assert_in_range(least, 6000, 6200);
    assert_in_range(most, 7800, 8000);
}

static void restarts_that_are_told(struct world *w, enum restart restart)
{
    world_add(w, "web", PROFILE_GENERIC)->restart = restart;
    world_add(w, "other", PROFILE_GENERIC);
    w->spec.service[A].essential = false;
    world_finish(w, false);
    w->s.random = 0;
}

static void never_restarts_nothing(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 1), "" },
        { 500, time_passes(), "" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_NEVER);
    PLAY(w, rows);
    assert_state(w, A, STATE_FAILED);
}

static void on_failure_restarts_no_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, dies(A, SIGSEGV), "" },
        { 6, time_passes(), "spawn web" },
        { 7, ends(A, 0), "" },
        { 500, time_passes(), "" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
}

static void always_restarts_a_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 0), "" },
        { 6, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ALWAYS);
    PLAY(w, rows);
}

static void success_is_what_the_user_says(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 143), "" },
        { 6, time_passes(), "" },
        { 7, asks_for(REQUEST_START, A), "spawn web" },
        { 8, dies(A, SIGHUP), "" },
        { 9, time_passes(), "" },
        { 10, asks_for(REQUEST_START, A), "spawn web" },
        { 11, dies(A, SIGTERM), "" }, /* nobody of us sent it */
        { 12, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    w->spec.service[A].success_codes[143 / 64] |= (uint64_t)1 << (143 % 64);
    w->spec.service[A].success_signals = (uint64_t)1 << (SIGHUP - 1);
    PLAY(w, rows);
}

/* What the leader left behind is stopped before the next life begins. */
static void remains_are_cleared_before_a_restart(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, leaves(A, 1, 2), "signal web TERM" },
        { 15, time_passes(), "signal web KILL" },
        { 15.2, remains(A, 0), "" },
        { 16.2, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    PLAY(w, rows);
}

static void an_event_of_an_earlier_life_changes_nothing(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "spawn web" },
        { 6.5, late(is_ready(A)), "" },
        { 6.6, late(ends(A, 7)), "" },
        { 6.7, is_ready(A), "spawn next" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

/* --- final ends --------------------------------------------------------- */

static void the_final_end_of_an_essential_service_ends_all(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, ends(A, 3), "quiet worker; signal worker TERM" },
        { 9, ends(B, 0), "exit 3" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    w->jobs[B] = 3;
    PLAY(w, rows);
}

static void so_does_its_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, ends(A, 0), "quiet worker; signal worker TERM" },
        { 9, ends(B, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
}

static void the_end_of_another_ends_nothing_else(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn extra" },
        { 5, ends(B, 3), "" },
        { 100, time_passes(), "" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "extra", PROFILE_GENERIC)->essential = false;
    w->spec.service[B].restart = RESTART_NEVER;
    world_finish(w, false);
    PLAY(w, rows);
}

static void when_nothing_is_left_to_run_lastcall_ends(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 0, time_passes(), "" },
        { 1, is_ready(A), "spawn job" },
        { 5, ends(B, 0), "signal log TERM" },
        { 6, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "log", PROFILE_FLUENT_BIT)->ready.kind = READY_FILE;
    world_add(w, "job", PROFILE_GENERIC)->essential = false;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.a, CAUSE_FINISHED);
}

static void tasks_alone_end_with_their_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn one" },
        { 3, ends(A, 0), "spawn two" },
        { 5, ends(B, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "one");
    world_add_task(w, "two")->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* A lonely sidecar in its pause comes back: it is not the end of everything. */
static void sidecars_alone_are_restarted(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "spawn log" },
        { 7, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "log", PROFILE_FLUENT_BIT);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

static void what_an_operator_stopped_can_be_started_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, asks_for(REQUEST_STOP, A), "signal web TERM" },
        { 6, dies(A, SIGTERM), "" },
        { 600, time_passes(), "" },
        { 601, asks_for(REQUEST_START, A), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* A service in its pause when what it is after has failed for good fails too. */
static void a_pause_ends_when_what_it_is_after_has_failed(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn other; spawn web" },
        { 5, ends(B, 1), "" },
        { 5.5, ends(A, 1), "" },
        { 6, time_passes(), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "other", PROFILE_GENERIC);
    w->spec.service[A].essential = w->spec.service[B].essential = false;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_state(w, B, STATE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(services_start_side_by_side),
        cmocka_unit_test(nothing_starts_before_it_is_told_to),
        cmocka_unit_test(after_waits_until_it_is_ready),
        cmocka_unit_test(after_may_name_what_comes_later_in_the_file),
        cmocka_unit_test(sidecars_start_first),
        cmocka_unit_test(a_task_runs_to_success_first),
        cmocka_unit_test(a_task_that_fails_is_tried_again),
        cmocka_unit_test(a_task_that_fails_for_good_ends_the_container),
        cmocka_unit_test(what_is_after_a_failed_one_fails_too),
        cmocka_unit_test(an_essential_one_after_a_failed_one_ends_the_container),
        cmocka_unit_test(a_sidecar_that_failed_holds_up_nobody),
        cmocka_unit_test(what_waits_for_a_stopped_one_waits_on),
        cmocka_unit_test(started_is_ready_at_once),
        cmocka_unit_test(started_means_that_the_exec_succeeded),
        cmocka_unit_test(notify_is_ready_by_datagram_alone),
        cmocka_unit_test(probes_are_ready_by_their_probe_alone),
        cmocka_unit_test(an_exec_is_asked_until_it_succeeds),
        cmocka_unit_test(sidekiq_is_ready_by_its_title),
        cmocka_unit_test(sidekiq_is_ready_by_notify_as_well),
        cmocka_unit_test(puma_is_ready_as_its_version_says),
        cmocka_unit_test(not_ready_in_time_is_a_failed_start),
        cmocka_unit_test(not_ready_in_time_is_tried_again),
        cmocka_unit_test(ready_before_the_timeout_is_in_time),
        cmocka_unit_test(every_change_of_state_is_told),
        cmocka_unit_test(what_only_the_profile_asked_for_counts_as_ready),
        cmocka_unit_test(a_worker_that_is_late_is_drained),
        cmocka_unit_test(a_worker_that_is_late_waits_no_longer_than_the_deadline),
        cmocka_unit_test(readyz_wants_every_essential_service),
        cmocka_unit_test(pre_start_runs_before_each_start),
        cmocka_unit_test(a_failed_pre_start_is_a_failed_start),
        cmocka_unit_test(a_failed_pre_start_ends_what_never_restarts),
        cmocka_unit_test(a_stop_during_pre_start_ends_it),
        cmocka_unit_test(post_exit_runs_after_each_exit),
        cmocka_unit_test(not_found_is_127),
        cmocka_unit_test(not_executable_is_126),
        cmocka_unit_test(a_fork_that_fails_for_now_is_tried_again),
        cmocka_unit_test(pauses_double_up_to_the_longest),
        cmocka_unit_test(after_five_restarts_in_a_row_it_has_failed),
        cmocka_unit_test(a_life_that_was_ready_for_long_begins_anew),
        cmocka_unit_test(jitter_takes_up_to_a_quarter),
        cmocka_unit_test(never_restarts_nothing),
        cmocka_unit_test(on_failure_restarts_no_success),
        cmocka_unit_test(always_restarts_a_success),
        cmocka_unit_test(success_is_what_the_user_says),
        cmocka_unit_test(remains_are_cleared_before_a_restart),
        cmocka_unit_test(an_event_of_an_earlier_life_changes_nothing),
        cmocka_unit_test(the_final_end_of_an_essential_service_ends_all),
        cmocka_unit_test(so_does_its_success),
        cmocka_unit_test(the_end_of_another_ends_nothing_else),
        cmocka_unit_test(when_nothing_is_left_to_run_lastcall_ends),
        cmocka_unit_test(tasks_alone_end_with_their_success),
        cmocka_unit_test(sidecars_alone_are_restarted),
        cmocka_unit_test(what_an_operator_stopped_can_be_started_again),
        cmocka_unit_test(a_pause_ends_when_what_it_is_after_has_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
