/* When a service is ready, for each kind of `ready`; and when it is too late: SPEC 2. */
#include <signal.h>

#include "worlds.h"

/* --- by what ------------------------------------------------------------ */

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

static void a_probe_watches_for_what_only_a_probe_can_see(void **state)
{
    static const struct { enum ready_kind kind; bool probed; } kinds[] = {
        { READY_STARTED, false }, { READY_NOTIFY, false }, { READY_TITLE, false }, { READY_NOTIFY_OR_TITLE, false },
        { READY_PUMA, false }, { READY_TCP, true }, { READY_UNIX, true }, { READY_HTTP, true }, { READY_FILE, true },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);

        w->boots[A] = true;
        w->spec.service[A].ready = (struct ready_spec){ .kind = kinds[k].kind, .by_user = true };
        world_begin(w, "spawn a; spawn b");
        assert_int_equal(w->probed[A], kinds[k].probed);
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

static void a_command_that_does_not_run_has_no_end(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a; exec a ready" },
        { 0.1, did(A, EXEC_READY, false), "" },
        { 0.2, did(A, EXEC_READY, true), "" },
        { 1, time_passes(), "exec a ready" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->ready =
        (struct ready_spec){ .kind = READY_EXEC, .exec = some_command, .by_user = true };
    world_finish(w, false);
    PLAY(w, rows);
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

static void every_puma_below_six_is_ready_when_it_has_started(void **state)
{
    (void)state;
    for (int16_t major = -1; major < 8; major++) {
        struct world *w = a_and_b(0, PROFILE_PUMA, PROFILE_GENERIC);

        w->major[A] = major;
        world_begin(w, "spawn a; spawn b");
        assert_int_equal(supervisor_service_ready(&w->s, A), major >= 0 && major < 6);
    }
}

/* --- once a life -------------------------------------------------------- */

static void ready_is_told_once_a_life(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 1, notifies(A), "ready a" },
        { 2, notifies(A), "" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    world_show(w, STORY_READY);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void ready_may_come_before_the_word_that_it_runs(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 1, notifies(A), "" }, { 2, spawned(A), "" }, { 3, time_passes(), "" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->slow_spawn[A] = true;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_true(supervisor_service_ready(&w->s, A));
}

/* READY=1 of its pre_start, which has the same socket, is not its own. */
static void a_pre_start_makes_nothing_ready(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec a pre_start" },
        { 1, notifies(A), "" },
        { 2, did(A, EXEC_PRE_START, true), "spawn a" },
        { 3, time_passes(), "" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->pre_start = some_command;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    world_finish(w, false);
    PLAY(w, rows);
    assert_false(supervisor_service_ready(&w->s, A));
}

static void who_is_quiet_already_does_not_become_ready(void **state)
{
    struct world *w = a_and_b(0, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 1, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 2, is_ready(A), "" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_QUIET);
    assert_int_not_equal(w->story[STORY_READY].service, A);
}

static void a_task_has_nothing_to_be_ready_for(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 60, ends(A, 0), "exit 0" },
    };
    struct service_spec *task;

    (void)state;
    task = world_add_task(w, "migrate");
    task->ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    task->ready_timeout = 10 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_task_that_failed_is_not_ready(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate; spawn web" },
        { 5, ends(A, 1), "" },
    };
    struct service_spec *task;

    (void)state;
    task = world_add_task(w, "migrate");
    task->restart = RESTART_NEVER;
    task->essential = false;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
    assert_false(supervisor_service_ready(&w->s, A));
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

/* Its post_exit runs, or what it left behind is cleared: it is not there. */
static void who_has_ended_is_not_ready(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn next" },
        { 10, dies(A, SIGSEGV), "exec web post_exit" },
        { 11, ends(B, 1), "" },
        { 12, time_passes(), "" }, /* next: its pause is over */
    };
    const struct row more[] = {
        { 13, did(A, EXEC_POST_EXIT, true), "" },
        { 14, time_passes(), "spawn web; spawn next" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->post_exit = some_command;
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_false(supervisor_ready(&w->s));
    assert_false(supervisor_service_ready(&w->s, A));
    assert_state(w, A, STATE_STOPPING);
    PLAY(w, more);
    assert_true(supervisor_ready(&w->s));
}

/* What is left of it is not known yet. */
static void nor_before_the_look_that_tells_what_is_left(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn next" },
        { 10, ends(B, 1), "" },
        { 10.9, dies(A, SIGSEGV), "" },
        { 12, time_passes(), "" }, /* next: its pause is over */
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0;
    world_play(w, rows, 2);
    w->mute[A] = true;
    world_play(w, rows + 2, 2);
    assert_false(supervisor_service_ready(&w->s, A));
    assert_state(w, B, STATE_BACKOFF);
}

/* --- too late ----------------------------------------------------------- */

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

static void the_time_to_be_ready_counts_from_the_spawn(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
        { 17, time_passes(), "signal a TERM" },
    };

    (void)state;
    w->spec.service[A].pre_start = some_command;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 10 * SECOND;
    world_begin(w, "exec a pre_start; spawn b");
    PLAY(w, rows);
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

/* That start has failed: nothing is started after it any more, nor does its count begin anew. */
static void what_becomes_ready_too_late_is_not(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 20, time_passes(), "quiet web" },
        { 30, is_ready(A), "" },
        { 100, notifies(A), "" },
        { 200, jobs(A, 0), "signal web TERM" },
        { 201, ends(A, 0), "" },
    };

    (void)state;
    w->jobs[A] = 1;
    ready_by(w, READY_TCP, PROFILE_SIDEKIQ);
    w->spec.service[A].restart = RESTART_ON_FAILURE;
    w->spec.service[A].restart_limit = 1;
    w->spec.service[A].backoff_first = w->spec.service[A].backoff_max = 1000 * SECOND;
    w->s.random = 0;
    PLAY(w, rows);
    assert_false(supervisor_service_ready(&w->s, A));
    assert_int_equal(w->stories[STORY_STOPPED], 1); /* not: by itself */
    assert_int_equal(w->stories[STORY_EXITED], 0);
}

/* Its exec hangs, in a directory on a file server that is gone. */
static void what_does_not_come_to_run_is_too_late_as_well(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 300, time_passes(), "signal web TERM" },
        { 310, time_passes(), "signal web KILL" },
        { 310.5, dies(A, SIGKILL), "exit 1" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_READY_TIMEOUT].story.b, 0);
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

static void a_linger_counts_from_when_it_was_late(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 10, time_passes(), "" }, { 15, time_passes(), "signal a TERM" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 10 * SECOND;
    w->spec.service[A].linger = 5 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(started_is_ready_at_once),
        cmocka_unit_test(started_means_that_the_exec_succeeded),
        cmocka_unit_test(notify_is_ready_by_datagram_alone),
        cmocka_unit_test(probes_are_ready_by_their_probe_alone),
        cmocka_unit_test(a_probe_watches_for_what_only_a_probe_can_see),
        cmocka_unit_test(an_exec_is_asked_until_it_succeeds),
        cmocka_unit_test(a_command_that_does_not_run_has_no_end),
        cmocka_unit_test(sidekiq_is_ready_by_its_title),
        cmocka_unit_test(sidekiq_is_ready_by_notify_as_well),
        cmocka_unit_test(puma_is_ready_as_its_version_says),
        cmocka_unit_test(every_puma_below_six_is_ready_when_it_has_started),
        cmocka_unit_test(ready_is_told_once_a_life),
        cmocka_unit_test(ready_may_come_before_the_word_that_it_runs),
        cmocka_unit_test(a_pre_start_makes_nothing_ready),
        cmocka_unit_test(who_is_quiet_already_does_not_become_ready),
        cmocka_unit_test(a_task_has_nothing_to_be_ready_for),
        cmocka_unit_test(a_task_that_failed_is_not_ready),
        cmocka_unit_test(readyz_wants_every_essential_service),
        cmocka_unit_test(who_has_ended_is_not_ready),
        cmocka_unit_test(nor_before_the_look_that_tells_what_is_left),
        cmocka_unit_test(not_ready_in_time_is_a_failed_start),
        cmocka_unit_test(not_ready_in_time_is_tried_again),
        cmocka_unit_test(ready_before_the_timeout_is_in_time),
        cmocka_unit_test(the_time_to_be_ready_counts_from_the_spawn),
        cmocka_unit_test(what_only_the_profile_asked_for_counts_as_ready),
        cmocka_unit_test(a_worker_that_is_late_is_drained),
        cmocka_unit_test(what_becomes_ready_too_late_is_not),
        cmocka_unit_test(what_does_not_come_to_run_is_too_late_as_well),
        cmocka_unit_test(a_worker_that_is_late_waits_no_longer_than_the_deadline),
        cmocka_unit_test(a_linger_counts_from_when_it_was_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
