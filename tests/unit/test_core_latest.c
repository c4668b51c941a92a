/* The latest moment (SPEC 4): then jobs are handed back; until then patience with work that cannot be seen is
 * free. */
#include <signal.h>

#include "worlds.h"

/* --- hand back ---------------------------------------------------------- */

/* 100 s, 2 s margin, 30 s ladder: at 68 s after the signal it must begin. */
static void at_the_latest_moment_jobs_are_handed_back(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal worker TERM" },
        { 103, ends(B, 0), "exit 75" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LATEST);
}

/* In the instant of its KILL it had ended by itself. */
static void what_ended_before_its_kill_came_has_handed_back(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal worker TERM" },
        { 108, time_passes(), "signal worker KILL" },
        { 108.1, ends(B, 0), "exit 75" },
    };

    (void)state;
    PLAY(w, rows);
}

static void also_after_a_drain(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 73, time_passes(), "signal web TERM" }, /* Puma takes 35 s */
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(latest_of(w, A), 63 * SECOND);
}

/* worker 30 s, then db 10 s: the worker's latest moment is 40 s before the end. */
static void the_latest_moment_leaves_time_for_what_stops_later(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" },
        { 90, ends(B, 0), "signal db TERM" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* The worker hangs: db gets its own 10 s all the same. */
static void the_latest_moment_of_what_stops_later_comes_too(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" },
        { 98, time_passes(), "signal db TERM; signal worker KILL" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* `cache`, in its pause and needed by `job`, gives up its return at the moment that was web's latest, too. But an old
 * Sidekiq beside them was told up to 5 s before its own, and needs less by now: web has 2 s more. */
static void the_latest_moment_knows_who_gives_up_its_return(void **state)
{
    struct world *w = world_new(37);
    const struct row rows[] = {
        { 0, starts(), "spawn agent; spawn web; spawn cache; spawn job" },
        { 5, ends(2, 1), "" },
        { 10, asks(REQUEST_PRESTOP), "quiet agent; signal agent TERM" },
        { 11, time_passes(), "signal job TERM" },
        { 12.2, ends(3, 0), "" },
        { 14.2, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "agent", PROFILE_SIDEKIQ)->sidecar = true;
    w->spec.service[0].essential = false;
    w->spec.service[0].stop.by_user = true; /* no patience */
    w->major[0] = 6;
    world_add(w, "web", PROFILE_GENERIC)->stop.step[0].wait = 3 * SECOND;
    world_add(w, "cache", PROFILE_GENERIC)->stop.step[0].wait = 3 * SECOND;
    w->spec.service[2].backoff_first = w->spec.service[2].backoff_max = 60 * SECOND;
    world_add(w, "job", PROFILE_GENERIC)->stop.step[0].wait = 1 * SECOND;
    w->spec.service[3].after = SET_OF(2);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- patience ----------------------------------------------------------- */

/* TERM at once; KILL not after 30 s, but at the latest moment and 30 s: the end. */
static void unseen_work_has_until_the_end(void **state)
{
    static const enum profile profiles[] = {
        PROFILE_GENERIC,  PROFILE_SHORYUKEN,   PROFILE_FAKTORY, PROFILE_KARAFKA,
        PROFILE_GOOD_JOB, PROFILE_DELAYED_JOB, PROFILE_QUE,
    };

    (void)state;
    for (size_t k = 0; k < sizeof(profiles) / sizeof(profiles[0]); k++) {
        struct world *w = world_new(200);
        bool quiet = world_add(w, "worker", profiles[k])->quiet.signo > 0;
        const struct row rows[] = {
            { 0, starts(), "spawn worker" },
            { 10, gets(SIGTERM), quiet ? "quiet worker; signal worker TERM"
                                       : "signal worker TERM" },
            { 208, time_passes(), "signal worker KILL" },
        };

        world_finish(w, false);
        PLAY(w, rows);
    }
}

/* QUIT would interrupt its jobs: it comes at the end, and KILL 5 s later. */
static void a_second_step_comes_late_as_well(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker TERM" },
        { 203, time_passes(), "signal worker QUIT" },
        { 208, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_CELERY);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Idle when its ladder began, then it hangs: 30 s and KILL. Unknown: patience. */
static void patience_with_a_sidekiq_depends_on_its_jobs(void **state)
{
    struct world *w = web_and_worker(200);
    const struct row idle[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 20, jobs(B, 0), "signal worker TERM" },
        { 50, time_passes(), "signal worker KILL" },
    };
    const struct row busy[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 178, time_passes(), "signal worker TERM" },
        { 208, time_passes(), "signal worker KILL" },
    };

    (void)state;
    PLAY(w, idle);
    w = web_and_worker(200);
    PLAY(w, busy);
}

/* Its ladder was begun by the verb, whose user knows what it does: the shutdown adds no patience. */
static void a_ladder_that_a_verb_began_stays_as_written(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, A), "signal a TERM" },
        { 8, gets(SIGTERM), "signal b TERM" },
        { 15, time_passes(), "signal a KILL" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It still lingered when the shutdown took over: the rules of the shutdown are for its ladder. */
static void a_ladder_that_a_shutdown_begins_has_patience(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, A), "" },
        { 8, gets(SIGTERM), "signal b TERM" },
        { 9, dies(B, SIGTERM), "" },
        { 15, time_passes(), "signal a TERM" },
        { 105, time_passes(), "" },
        { 106, time_passes(), "signal a KILL" },
    };

    (void)state;
    w->spec.service[A].linger = 10 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_latest_moment_jobs_are_handed_back),
        cmocka_unit_test(what_ended_before_its_kill_came_has_handed_back),
        cmocka_unit_test(also_after_a_drain),
        cmocka_unit_test(the_latest_moment_leaves_time_for_what_stops_later),
        cmocka_unit_test(the_latest_moment_of_what_stops_later_comes_too),
        cmocka_unit_test(the_latest_moment_knows_who_gives_up_its_return),
        cmocka_unit_test(unseen_work_has_until_the_end),
        cmocka_unit_test(a_second_step_comes_late_as_well),
        cmocka_unit_test(patience_with_a_sidekiq_depends_on_its_jobs),
        cmocka_unit_test(a_ladder_that_a_verb_began_stays_as_written),
        cmocka_unit_test(a_ladder_that_a_shutdown_begins_has_patience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
