/* Ladders, step by step: what the profile or the user wrote, what a leader left behind, who hears of a step
 * late, and what an extension is good for. */
#include <signal.h>

#include "worlds.h"

/* --- as written --------------------------------------------------------- */

static void nginx_and_puma_have_their_waits_and_no_more(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn log; spawn nginx; spawn puma" },
        { 10, gets(SIGTERM), "signal nginx QUIT; signal puma TERM" },
        { 40, time_passes(), "signal nginx TERM" },
        { 45, time_passes(), "signal nginx KILL; signal puma KILL" },
        { 45.1, dies(A, SIGKILL), "" },
        { 45.2, dies(B, SIGKILL), "signal log TERM" },
        { 55.2, time_passes(), "signal log KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_add(w, "puma", PROFILE_PUMA);
    world_add(w, "log", PROFILE_GENERIC)->sidecar = true; /* no patience with a sidecar */
    w->spec.service[C].essential = false;
    world_finish(w, false);
    w->spec.service[B].stop.step[0].wait = 35 * SECOND;
    PLAY(w, rows);
}

static void a_ladder_of_the_user_is_carried_out_as_written(void **state)
{
    struct world *w = world_new(200);
    struct ladder *stop = &world_add(w, "worker", PROFILE_CELERY)->stop;
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker INT" },
        { 17, time_passes(), "exec worker stop" },
        { 18, did(A, EXEC_STOP, true), "" },
        { 20, time_passes(), "signal worker KILL" },
    };

    (void)state;
    *stop = (struct ladder){ .count = 2, .by_user = true };
    stop->step[0] = (struct ladder_step){ .signo = SIGINT, .wait = 7 * SECOND };
    stop->step[1] = (struct ladder_step){ .exec = some_command, .wait = 3 * SECOND };
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_STOP].exec.ms, 3 * SECOND);
}

static void a_stop_command_that_runs_on_is_ended_with_its_step(void **state)
{
    struct world *w = world_new(200);
    struct ladder *stop = &world_add(w, "worker", PROFILE_GENERIC)->stop;
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "exec worker stop" },
        { 13, time_passes(), "exec_end worker stop; signal worker KILL" },
    };

    (void)state;
    *stop = (struct ladder){ .count = 1, .by_user = true };
    stop->step[0] = (struct ladder_step){ .exec = some_command, .wait = 3 * SECOND };
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- the leader is gone ------------------------------------------------- */

/* `sh -c "sidekiq; true"`: the shell is gone, Sidekiq works on, and is waited for. */
static void what_the_leader_left_is_still_the_service(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 20, leaves(B, 0, 1), "" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 55, remains(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
}

static void what_the_leader_left_under_its_ladder_has_the_present_step(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 11, leaves(A, 0, 3), "" },
        { 45, time_passes(), "signal web KILL" },
        { 46, remains(A, 0), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- who hears late ----------------------------------------------------- */

/* It has its whole wait from then on, but those who come after it do not. */
static void who_hears_of_a_stop_late_has_its_wait_anew(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 40, unheard(A), "signal web TERM" },
        { 74, unheard(A), "signal web TERM" },
        { 79, time_passes(), "" },
        { 80, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* The 5 s of TERM were extended to 9 s. At its eighth somebody hears of it: 5 s from then on, however
 * long ago somebody heard late of QUIT. */
static void who_hears_late_of_a_step_is_the_first_of_that_step(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 15, unheard(A), "signal nginx QUIT" },
        { 45, time_passes(), "signal nginx TERM" },
        { 45.5, extends(A, 8500), "" },
        { 53, unheard(A), "signal nginx TERM" },
        { 58, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- extensions --------------------------------------------------------- */

static void an_extension_prolongs_the_present_wait(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, extends(A, 60000), "" }, /* it has no ladder to extend */
        { 10, gets(SIGTERM), "signal web TERM" },
        { 40, extends(A, 1000), "" }, /* never a shorter one */
        { 44, extends(A, 60000), "" },
        { 50, extends(A, 1000), "" },
        { 104, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_before_the_ladder_is_none(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, extends(A, 100 * SECOND), "" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 45, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_that_is_no_time_is_none(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 12, extends(A, -1 * SECOND), "" },
        { 13, extends(A, INT64_MIN), "" },
        { 45, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* However often it asks: 5 s for the next step and the margin stay. */
static void an_extension_ends_at_the_latest_moment(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 1000000), "" },
        { 30, extends(A, NEVER), "" },
        { 90, extends(A, 1000000), "" },
        { 103, time_passes(), "signal nginx TERM" },
        { 104, extends(A, 1000000), "" },
        { 108, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_gives_way_to_a_nearer_deadline(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 500000), "" },
        { 100, asks_deadline(32000), "" },
        { 125, time_passes(), "signal nginx TERM" },
        { 130, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Patience lasts until the end already. */
static void an_extension_of_patience_changes_nothing(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker TERM" },
        { 20, extends(A, 1000000), "" },
        { 103, time_passes(), "signal worker QUIT" },
        { 108, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_CELERY);
    world_finish(w, false);
    PLAY(w, rows);
}

/* QUIT ended at its latest moment. The sidecar fails, which gives TERM more room: it asked for none. */
static void an_extension_ends_with_its_step(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 1000 * SECOND), "" },
        { 53, time_passes(), "signal nginx TERM" },
        { 54, ends(B, 1), "" },
        { 58, time_passes(), "signal nginx KILL" },
        { 58.1, dies(A, SIGKILL), "exit 137" },
    };
    struct service_spec *proxy;

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    proxy = world_add(w, "proxy", PROFILE_GENERIC);
    proxy->sidecar = true;
    proxy->essential = false;
    proxy->restart = RESTART_NEVER;
    proxy->restart_limit = 0;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Nothing but the waits of its ladder ends a shutdown that has a cause within and no deadline: who hears late of a
 * step has its wait anew all the same. With a deadline an extension lasts until the latest moment. */
static void an_extension_without_an_end_is_none(void **state)
{
    for (int deadline = 0; deadline <= 100; deadline += 100) {
        struct world *w = a_and_b_once(deadline, PROFILE_NGINX, PROFILE_GENERIC);
        const struct row rows[] = {
            { 10, ends(B, 1), "signal a QUIT" },
            { 11, extends(A, NEVER), "" },
        };
        const struct row without[] = {
            { 20, unheard(A), "signal a QUIT" },
            { 50, time_passes(), "signal a TERM" },
            { 55, time_passes(), "signal a KILL" },
        };
        const struct row with[] = {
            { 103, time_passes(), "signal a TERM" },
        };

        world_begin(w, "spawn a; spawn b");
        PLAY(w, rows);
        if (deadline == 0)
            PLAY(w, without);
        else
            PLAY(w, with);
    }
    (void)state;
}

/* Nor does it count for remains that make room, or a start that has failed: nobody asked, and it would hang for ever. */
static void an_extension_of_remains_is_none(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, leaves(A, 1, 1), "signal a TERM" },
        { 15, extends(A, 30000), "" },
        { 20, time_passes(), "signal a KILL" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void an_extension_of_a_failed_start_is_none(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, time_passes(), "signal a TERM" },
        { 15, extends(A, 30000), "" },
        { 20, time_passes(), "signal a KILL" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->spec.service[A].ready_timeout = 10 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void an_extension_without_a_deadline_counts_while_the_platform_kills(void **state)
{
    for (int by_platform = 0; by_platform < 2; by_platform++) {
        struct world *w = world_new(0);
        const struct row begins[] = {
            { 0, starts(), "spawn nginx" },
            { 10, by_platform ? gets(SIGTERM) : asks(REQUEST_SHUTDOWN), "signal nginx QUIT" },
            { 15, extends(A, 60000), "" },
            { by_platform ? 75 : 40, time_passes(), "signal nginx TERM" },
        };

        (void)state;
        world_add(w, "nginx", PROFILE_NGINX);
        world_finish(w, false);
        PLAY(w, begins);
    }
}

/* Its latest moment is `deadline` from the verb; then it has the wait of the step once more. */
static void an_extension_of_a_verbs_ladder_ends_after_its_latest_moment(void **state)
{
    struct world *w = a_and_b(100, PROFILE_NGINX, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, A), "signal a QUIT" },
        { 20, extends(A, NEVER), "" },
        { 140, time_passes(), "signal a TERM" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* A wait that a datagram extended is as it was in the next life. */
static void an_extension_ends_with_its_life(void **state)
{
    struct world *w = web_and_worker(0);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_RESTART, A), "signal web TERM" },
        { 20, extends(A, 60000), "" },
        { 70, dies(A, SIGTERM), "spawn web" },
        { 80, asks_for(REQUEST_RESTART, A), "signal web TERM" },
        { 115, time_passes(), "signal web KILL" },
    };

    (void)state;
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nginx_and_puma_have_their_waits_and_no_more),
        cmocka_unit_test(a_ladder_of_the_user_is_carried_out_as_written),
        cmocka_unit_test(a_stop_command_that_runs_on_is_ended_with_its_step),
        cmocka_unit_test(what_the_leader_left_is_still_the_service),
        cmocka_unit_test(what_the_leader_left_under_its_ladder_has_the_present_step),
        cmocka_unit_test(who_hears_of_a_stop_late_has_its_wait_anew),
        cmocka_unit_test(who_hears_late_of_a_step_is_the_first_of_that_step),
        cmocka_unit_test(an_extension_prolongs_the_present_wait),
        cmocka_unit_test(an_extension_before_the_ladder_is_none),
        cmocka_unit_test(an_extension_that_is_no_time_is_none),
        cmocka_unit_test(an_extension_ends_at_the_latest_moment),
        cmocka_unit_test(an_extension_gives_way_to_a_nearer_deadline),
        cmocka_unit_test(an_extension_of_patience_changes_nothing),
        cmocka_unit_test(an_extension_ends_with_its_step),
        cmocka_unit_test(an_extension_without_an_end_is_none),
        cmocka_unit_test(an_extension_of_remains_is_none),
        cmocka_unit_test(an_extension_of_a_failed_start_is_none),
        cmocka_unit_test(an_extension_without_a_deadline_counts_while_the_platform_kills),
        cmocka_unit_test(an_extension_of_a_verbs_ladder_ends_after_its_latest_moment),
        cmocka_unit_test(an_extension_ends_with_its_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
