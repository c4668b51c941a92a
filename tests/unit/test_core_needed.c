/* Needed (SPEC 4): a sidecar, and what a living service is after, is kept alive until its own turn to stop. */
#include <signal.h>

#include "worlds.h"

/* worker is after db: it stops first, then db, and the sidecar last. */
static void what_is_needed_stops_later(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 20, jobs(B, 0), "signal worker TERM" },
        { 21, ends(B, 0), "signal db TERM" },
        { 22, dies(A, SIGTERM), "signal proxy TERM" },
        { 23, dies(C, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    w->spec.service[C].essential = false;
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- it is restarted in a drain ----------------------------------------- */

static struct world *worker_after_redis(bool sidecar)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
    };

    world_add(w, "redis", PROFILE_GENERIC)->sidecar = sidecar;
    w->spec.service[A].essential = !sidecar;
    w->spec.service[A].restart = RESTART_NEVER;
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = sidecar ? 0 : SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    return w;
}

static void a_needed_service_that_dies_in_a_drain_is_restarted(void **state)
{
    (void)state;
    for (int sidecar = 0; sidecar < 2; sidecar++) {
        struct world *w = worker_after_redis(sidecar);
        const struct row rows[] = {
            { 20, ends(A, 1), "" },
            { 21, time_passes(), "spawn redis" },
            { 30, jobs(B, 0), "signal worker TERM" },
            { 31, ends(B, 0), "signal redis TERM" },
            { 32, dies(A, SIGTERM), "exit 0" },
        };
        PLAY(w, rows);
    }
}

/* The worker is after the task, and only that is after Redis. */
static void what_is_needed_through_a_task_that_has_ended_is_needed(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn migrate" },
        { 2, ends(B, 0), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 20, ends(A, 1), "" },
        { 21, time_passes(), "spawn redis" },
        { 30, jobs(C, 0), "signal worker TERM" },
        { 31, ends(C, 0), "signal redis TERM" },
        { 32, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add_task(w, "migrate")->after = SET_OF(A);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(B);
    w->jobs[C] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

static void what_it_left_behind_is_cleared_first(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, leaves(A, 1, 1), "signal redis TERM" },
        { 22, remains(A, 0), "" },
        { 23, time_passes(), "spawn redis" },
    };

    (void)state;
    PLAY(w, rows);
}

/* The plan of a needed service is whole again in its next life. */
static void a_restarted_one_has_its_ladder_in_full(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, leaves(A, 1, 1), "signal redis TERM" },
        { 30, time_passes(), "signal redis KILL" },
        { 30.5, remains(A, 0), "" },
        { 31, asks_deadline(60000), "" },
    };
    const struct row then[] = {
        { 31.5, time_passes(), "spawn redis" },
        { 40, jobs(B, 0), "signal worker TERM" },
        { 41, ends(B, 0), "signal redis TERM" },
        { 89, time_passes(), "signal redis KILL" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(latest_of(w, A), (31 - 10 + 60 - 2 - 10) * SECOND);
    assert_int_equal(latest_of(w, B), (31 - 10 + 60 - 2 - 10 - 30) * SECOND);
    PLAY(w, then);
}

/* Of the ladder that makes room for its next life 10 s are left, but it comes back with all of it. */
static void what_is_being_restarted_has_its_next_ladder_in_the_plan(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn worker" },
        { 10, asks_for(REQUEST_RESTART, A), "signal proxy TERM" },
        { 60, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" }, /* 160 s less 2, 60 and 30 s */
    };

    (void)state;
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    w->spec.service[A].essential = false;
    w->spec.service[A].stop.step[0].wait = 60 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- a start under way goes on ------------------------------------------ */

/* A restart that was asked for before the shutdown comes to its end while jobs need it. */
static void a_restart_under_way_of_what_is_needed_goes_on(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 9, asks_for(REQUEST_RESTART, A), "signal redis TERM" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 12, time_passes(), "spawn redis" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

/* Its restart waits for the end of its linger when TERM comes: from then on it is needed. */
static void a_restart_that_a_shutdown_takes_over_waits_for_who_needs_it(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx; spawn web" },
        { 5, asks_for(REQUEST_RESTART, A), "" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 30, dies(B, SIGTERM), "signal nginx QUIT" },
        { 31, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX)->linger = 10 * SECOND;
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* a dies, b is restarted by hand and waits for it when the drain comes; c, which is after b, lives. */
static void a_start_that_is_needed_is_made_in_a_drain(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, dies(A, SIGSEGV), "" },
        { 5.1, asks_for(REQUEST_RESTART, B), "signal b TERM" },
        { 5.2, dies(B, SIGTERM), "" },
        { 5.3, asks(REQUEST_DRAIN), "" },
        { 6, time_passes(), "spawn a; spawn b" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_add(w, "c", PROFILE_PUMA)->after = SET_OF(B);
    world_begin(w, "spawn a; spawn b; spawn c");
    PLAY(w, rows);
}

static void a_needed_start_goes_on_in_a_drain(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 1, did(A, EXEC_PRE_START, true), "spawn a; spawn b" },
        { 5, dies(A, SIGSEGV), "" },
        { 6, time_passes(), "exec a pre_start" },
        { 6.5, asks(REQUEST_DRAIN), "" },
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
    };

    (void)state;
    w->spec.service[A].pre_start = some_command;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "exec a pre_start");
    PLAY(w, rows);
}

/* --- others stay down --------------------------------------------------- */

static void once_it_is_not_needed_it_stays_down(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, ends(A, 1), "" },
        { 20.5, ends(B, 0), "exit 1" }, /* so that was its last end */
    };

    (void)state;
    PLAY(w, rows);
}

static void a_worker_that_dies_while_draining_is_not_restarted(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, dies(B, SIGSEGV), "signal redis TERM" },
        { 21, dies(A, SIGTERM), "exit 139" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Not even one that something is after, and that was in its pause already. */
static void a_worker_in_its_pause_does_not_come_back(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, dies(A, SIGSEGV), "" },
        { 10.5, asks(REQUEST_DRAIN), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_needed_stops_later),
        cmocka_unit_test(a_needed_service_that_dies_in_a_drain_is_restarted),
        cmocka_unit_test(what_is_needed_through_a_task_that_has_ended_is_needed),
        cmocka_unit_test(what_it_left_behind_is_cleared_first),
        cmocka_unit_test(a_restarted_one_has_its_ladder_in_full),
        cmocka_unit_test(what_is_being_restarted_has_its_next_ladder_in_the_plan),
        cmocka_unit_test(a_restart_under_way_of_what_is_needed_goes_on),
        cmocka_unit_test(a_restart_that_a_shutdown_takes_over_waits_for_who_needs_it),
        cmocka_unit_test(a_start_that_is_needed_is_made_in_a_drain),
        cmocka_unit_test(a_needed_start_goes_on_in_a_drain),
        cmocka_unit_test(once_it_is_not_needed_it_stays_down),
        cmocka_unit_test(a_worker_that_dies_while_draining_is_not_restarted),
        cmocka_unit_test(a_worker_in_its_pause_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
