/* What a service is waited for before it is stopped (SPEC 4): its jobs, its linger, a task's end; and what
 * status says of it. */
#include <signal.h>

#include "worlds.h"

/* --- jobs --------------------------------------------------------------- */

static void a_worker_is_waited_for_until_it_is_known_to_be_idle(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 40, jobs(B, 1), "" },
        { 50, jobs(B, -1), "" },
        { 60, jobs(B, 0), "signal worker TERM" },
        { 61, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_IDLE);
}

static void an_inflight_command_is_asked_every_two_seconds(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; exec worker inflight" },
        { 10.5, did(A, EXEC_INFLIGHT, true), "" },
        { 12, time_passes(), "exec worker inflight" },
        { 15, did(A, EXEC_INFLIGHT, true), "exec worker inflight" }, /* one at a time */
        { 15.5, jobs(A, 0), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->inflight =
        (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->jobs[A] = 1;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_INFLIGHT].exec.ms, 5 * SECOND);
    assert_int_equal(w->s.service[A].life.reading_c, 12 * SECOND); /* that of 15 is still under way */
}

static void an_inflight_command_that_goes_on_failing_is_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker; exec worker inflight" },
        { 12, did(A, EXEC_INFLIGHT, false), "exec_failed worker; exec worker inflight" },
        { 14, did(A, EXEC_INFLIGHT, false), "exec worker inflight" },
        { 16, did(A, EXEC_INFLIGHT, true), "exec worker inflight" },
        { 18, did(A, EXEC_INFLIGHT, false), "exec_failed worker; exec worker inflight" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_GENERIC)->inflight =
        (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->jobs[A] = 1;
    world_finish(w, false);
    world_show(w, STORY_EXEC_FAILED);
    PLAY(w, rows);
}

/* --- lingers ------------------------------------------------------------ */

/* The linger is over at 20 s; the worker waits on its own. */
static void a_web_service_lingers(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 20, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LINGER_OVER);
}

static void linger_is_at_most_a_third(void **state)
{
    struct world *w = world_new(90);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "linger_shrunk web" },
        { 40, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 80 * SECOND;
    world_finish(w, false);
    world_show(w, STORY_LINGER_SHRUNK);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_LINGER_SHRUNK].story.a, 80 * SECOND);
    assert_int_equal(w->story[STORY_LINGER_SHRUNK].story.b, 30 * SECOND);
}

/* --- tasks -------------------------------------------------------------- */

static void a_running_task_is_waited_for(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, gets(SIGTERM), "" },
        { 50, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_STARTED], 1);
}

static void what_waits_for_a_task_takes_no_time_from_it(void **state)
{
    struct world *w = world_new(20);
    const struct row rows[] = {
        { 0, starts(), "spawn task" },
        { 10, gets(SIGTERM), "" },
        { 11, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "task");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHRUNK], 0);
}

static void a_task_that_does_not_end_is_stopped_at_the_latest_moment(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, gets(SIGTERM), "" },
        { 98, time_passes(), "signal migrate TERM" },
        { 99, dies(A, SIGTERM), "exit 75" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- what status says --------------------------------------------------- */

static void assert_waits(const struct world *w, size_t i, enum wait_reason reason)
{
    assert_string_equal(wait_reason_name(supervisor_waits_for(&w->s, i)), wait_reason_name(reason));
}

static void who_starts_waits_to_be_ready_until_it_is_asked_to_end(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row drain[] = { { 10, asks(REQUEST_DRAIN), "" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_begin(w, "spawn a; spawn b");
    assert_waits(w, A, WAIT_READY);
    assert_waits(w, B, WAIT_NOTHING);
    PLAY(w, drain);
    assert_waits(w, A, WAIT_STOP_ASKED);
    assert_waits(w, B, WAIT_STOP_ASKED);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINED);
}

/* a is needed by b, whose jobs are waited for; when these are done, everybody waits for the word. */
static void who_drains_waits_for_jobs_or_for_others(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_SIDEKIQ);
    const struct row drain[] = { { 10, asks(REQUEST_DRAIN), "quiet b" } };
    const struct row idle[] = { { 20, jobs(B, 0), "" } };
    const struct row stop[] = { { 30, gets(SIGTERM), "signal b TERM" } };

    (void)state;
    w->jobs[B] = 1;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, drain);
    assert_waits(w, A, WAIT_OTHERS);
    assert_waits(w, B, WAIT_JOBS);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINING);
    PLAY(w, idle);
    assert_waits(w, B, WAIT_STOP_ASKED);
    PLAY(w, stop);
    assert_waits(w, A, WAIT_OTHERS);
    assert_waits(w, B, WAIT_END);
    assert_int_equal(supervisor_phase(&w->s), PHASE_STOPPING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_is_waited_for_until_it_is_known_to_be_idle),
        cmocka_unit_test(an_inflight_command_is_asked_every_two_seconds),
        cmocka_unit_test(an_inflight_command_that_goes_on_failing_is_told_once),
        cmocka_unit_test(a_web_service_lingers),
        cmocka_unit_test(linger_is_at_most_a_third),
        cmocka_unit_test(a_running_task_is_waited_for),
        cmocka_unit_test(what_waits_for_a_task_takes_no_time_from_it),
        cmocka_unit_test(a_task_that_does_not_end_is_stopped_at_the_latest_moment),
        cmocka_unit_test(who_starts_waits_to_be_ready_until_it_is_asked_to_end),
        cmocka_unit_test(who_drains_waits_for_jobs_or_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
