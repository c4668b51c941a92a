/* The final end of an essential service, and of all that could run: a shutdown from within, which neither
 * lingers nor waits (SPEC 4). */
#include <signal.h>

#include "worlds.h"

/* --- whose end ends all ------------------------------------------------- */

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

static void a_task_that_failed_ends_those_that_run_beside_it(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate; spawn web" },
        { 5, ends(A, 2), "signal web TERM" },
        { 6, dies(B, SIGTERM), "exit 2" },
    };

    (void)state;
    world_add_task(w, "migrate")->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- how it ends -------------------------------------------------------- */

static void an_essential_end_neither_lingers_nor_waits(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn app; spawn web; spawn worker" },
        { 10, ends(A, 4), "signal web TERM; quiet worker; signal worker TERM" },
        { 40, time_passes(), "signal worker KILL" },
        { 40.1, dies(C, SIGKILL), "" },
        { 45, time_passes(), "signal web KILL" },
        { 45.1, dies(B, SIGKILL), "exit 4" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_PUMA)->linger = 60 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[C] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void then_generic_gets_its_ladder_as_written(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn app; spawn other" },
        { 10, ends(A, 4), "signal other TERM" },
        { 20, time_passes(), "signal other KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "other", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void under_a_shutdown_no_end_hastens_it(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 20, ends(A, 4), "" },
        { 40, gets(SIGTERM), "" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 51, ends(B, 0), "exit 4" },
    };

    (void)state;
    PLAY(w, rows);
}

/* --- nothing is left to run --------------------------------------------- */

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

static void of_sidecars_alone_the_last_is_the_end(void **state)
{
    struct world *w = a_and_b(0, PROFILE_FLUENT_BIT, PROFILE_FLUENT_BIT);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 6, ends(B, 1), "" },
        { 7, time_passes(), "spawn b" },
        { 8, ends(B, 0), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- what an operator stopped ------------------------------------------- */

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

static void stop_in_its_pause_is_no_end_of_everything(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, ends(A, 1), "" },
        { 10.5, asks_for(REQUEST_STOP, A), "" },
        { 60, time_passes(), "" },
        { 61, asks_for(REQUEST_START, A), "spawn app" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_final_end_of_an_essential_service_ends_all),
        cmocka_unit_test(so_does_its_success),
        cmocka_unit_test(the_end_of_another_ends_nothing_else),
        cmocka_unit_test(a_task_that_failed_ends_those_that_run_beside_it),
        cmocka_unit_test(an_essential_end_neither_lingers_nor_waits),
        cmocka_unit_test(then_generic_gets_its_ladder_as_written),
        cmocka_unit_test(under_a_shutdown_no_end_hastens_it),
        cmocka_unit_test(when_nothing_is_left_to_run_lastcall_ends),
        cmocka_unit_test(tasks_alone_end_with_their_success),
        cmocka_unit_test(sidecars_alone_are_restarted),
        cmocka_unit_test(of_sidecars_alone_the_last_is_the_end),
        cmocka_unit_test(what_an_operator_stopped_can_be_started_again),
        cmocka_unit_test(stop_in_its_pause_is_no_end_of_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
