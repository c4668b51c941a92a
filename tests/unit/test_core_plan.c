/* The one clock and the plan that follows from it: too little time, what still takes time and what takes none
 * any more, and a deadline that comes nearer in the middle of a ladder. */
#include <signal.h>

#include "worlds.h"

/* --- too little time ---------------------------------------------------- */

/* 10 s, 1 s margin: Sidekiq has 9 s, from the first moment. */
static void ten_seconds_are_shared_out(void **state)
{
    struct world *w = world_new(10);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "shrunk worker; quiet worker; signal worker TERM" },
        { 19, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[A] = 2;
    world_finish(w, false);
    world_show(w, STORY_SHRUNK);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHRUNK].story.a, 30 * SECOND);
    assert_int_equal(w->story[STORY_SHRUNK].story.b, 9 * SECOND);
}

/* 25 of its 35 s are left, and 28 to the end. */
static void a_restart_that_is_under_way_needs_what_is_left_of_its_waits(void **state)
{
    struct world *w = world_new(30);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_RESTART, A), "signal web TERM" },
        { 15, gets(SIGTERM), "" },
        { 40, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_show(w, STORY_SHRUNK);
    world_begin(w, "spawn web");
    PLAY(w, rows);
}

static void a_deadline_brought_forward_shrinks_what_has_not_begun(void **state)
{
    struct world *w = web_and_worker(3 * 3600);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 60, asks_deadline(22000), "signal worker TERM" }, /* 20 s left of 30 */
        { 80, time_passes(), "signal worker KILL" },
        { 81, time_passes(), "signal worker KILL; exit 137" },
    };

    (void)state;
    PLAY(w, rows);
}

/* nginx is in its QUIT since 10 s; 18 s are left for 20 + 5. */
static void also_ladders_that_have_begun(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, asks_deadline(20000), "" },
        { 34.4, time_passes(), "signal nginx TERM" },
        { 38, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_patient_ladder_ends_sooner_too(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, gets(SIGTERM), "signal app TERM" },
        { 100, asks_deadline(90000), "" },
        { 188, time_passes(), "signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- a deadline brought forward in the middle of a ladder --------------- */

/* QUIT's 5 s began at 93 s, 4 s of them are left. What stops after it is down to 1 s; the rest of
 * 3.6 s is its own, and counts from now, not from the moment at which its patience ended. */
static void a_second_step_has_what_is_left_of_it(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn worker" },
        { 10, gets(SIGTERM), "signal worker TERM" },
        { 93, time_passes(), "signal worker QUIT" },
        { 94, asks_deadline(4 * SECOND), "" },
        { 96.6, time_passes(), "signal db TERM; signal worker KILL" },
        { 96.7, dies(B, SIGKILL), "" },
        { 97, dies(A, SIGTERM), "exit 137" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SOLID_QUEUE)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

static void steps_that_are_over_take_no_room(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 40, time_passes(), "signal nginx TERM" },
        { 41, asks_deadline(10 * SECOND), "" },
        { 45, time_passes(), "signal nginx KILL" },
        { 45.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHRUNK], 0);
}

/* The second INT ended it; it takes nothing from the ladder that began then. */
static void a_linger_that_was_cut_off_takes_no_room(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGINT), "" },
        { 12, gets(SIGINT), "signal web TERM" },
        { 13, asks_deadline(37 * SECOND), "" },
        { 47, time_passes(), "signal web KILL" },
        { 47.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 30 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHRUNK], 0);
}

/* While QUIT's 30 s are over, web goes down and the plan is made anew: the latest end of TERM
 * leaves the sidecar its 10 s as before. */
static void a_new_plan_does_not_forget_the_steps_that_are_over(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn nginx; spawn web" },
        { 10, gets(SIGTERM), "signal nginx QUIT; signal web TERM" },
        { 40, time_passes(), "signal nginx TERM" },
        { 41, extends(A, 60 * SECOND), "" },
        { 42, dies(B, SIGTERM), "" },
        { 58, time_passes(), "signal proxy TERM; signal nginx KILL" },
        { 58.1, dies(A, SIGKILL), "" },
        { 59, dies(C, SIGTERM), "exit 137" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- who takes part ----------------------------------------------------- */

/* db waits for vol when TERM comes, and will be back for web's sake: 35 s + 10 s + 10 s share 38 s. */
static void what_waits_to_be_started_again_has_its_place(void **state)
{
    struct world *w = world_new(40);
    const struct row rows[] = {
        { 0, starts(), "spawn vol; spawn db; spawn web" },
        { 5, dies(A, SIGSEGV), "" },
        { 5.1, asks_for(REQUEST_RESTART, B), "signal db TERM" },
        { 5.2, dies(B, SIGTERM), "" },
        { 5.3, gets(SIGTERM), "signal web TERM" },
        { 5.4, dies(C, SIGTERM), "exit 139" },
    };

    (void)state;
    world_add(w, "vol", PROFILE_GENERIC);
    world_add(w, "db", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(B);
    world_finish(w, false);
    PLAY(w, rows);
    assert_in_range(w->s.service[C].wait[0], 24181, 24182);
}

/* The worker is restarted by hand, then the clock runs, as TERM's sequence waits; while 11 s of the
 * worker's ladder are left, a plan is made. Its next life has all of it before it: web, which stops before, must begin
 * at 68 s. */
static void a_restart_by_hand_comes_back_with_its_whole_ladder(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn other; spawn web" },
        { 9, asks_for(REQUEST_RESTART, A), "quiet worker; signal worker TERM" },
        { 10, gets(SIGTERM), "" },
        { 28, ends(C, 1), "" },
        { 29, ends(A, 0), "spawn worker" },
        { 68, time_passes(), "quiet worker; signal web TERM" },
    };
    struct service_spec *other;

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    other = world_add(w, "other", PROFILE_GENERIC);
    other->essential = false;
    other->restart = RESTART_NEVER;
    w->spec.signal_step[0] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 200 * SECOND };
    w->spec.signal_step[1] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    w->spec.signal_steps = 2;
    w->spec.signal[SIGTERM] = (struct signal_sequence){ .first = 0, .count = 2 };
    world_finish(w, false);
    PLAY(w, rows);
}

/* The only one that could still have run was stopped by hand: the sidecar serves nobody any more. */
static void when_a_drain_leaves_only_a_sidecar_it_ends_at_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx; spawn web" },
        { 5, asks_for(REQUEST_STOP, A), "signal web TERM" },
        { 6, dies(A, SIGTERM), "" },
        { 10, asks(REQUEST_PRESTOP), "signal nginx QUIT" },
        { 11, ends(B, 0), "exit 0" },
    };
    struct service_spec *nginx;

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    nginx = world_add(w, "nginx", PROFILE_NGINX);
    nginx->sidecar = true;
    nginx->linger = 10 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- what has passed of a wait ------------------------------------------ */

/* The wait behind its patience began at 88 s: at 93 s there are 5 s of it left, and 10 s of the sidecar, for
 * 7.2 s. */
static void what_has_passed_of_a_patient_wait_takes_no_room(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn app" },
        { 10, gets(SIGTERM), "signal app TERM" },
        { 93, asks_deadline(8 * SECOND), "" },
        { 95.4, time_passes(), "signal proxy TERM; signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    world_finish(w, false);
    PLAY(w, rows);
}

/* 20 of 30 s and 5 s, for 9 s. */
static void a_step_that_is_still_to_come_shrinks_as_well(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, asks_deadline(10 * SECOND), "" },
        { 27.2, time_passes(), "signal nginx TERM" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
    assert_in_range(w->s.service[A].wait[1], 1799, 1800);
}

/* b waits for a, and is not started any more: its 35 s are nobody's. */
static void what_is_not_started_any_more_takes_no_room(void **state)
{
    struct world *w = world_new(20);
    const struct row rows[] = { { 0, starts(), "spawn a" }, { 5, asks(REQUEST_DRAIN), "" } };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_add(w, "b", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHRUNK], 0);
}

/* Nor does what is in its pause, whoever began the shutdown: 10 of 18 s are needed. */
static void what_was_to_be_started_again_takes_no_room(void **state)
{
    const struct happening asked[] = { asks(REQUEST_DRAIN), asks_deadline(20 * SECOND), gets(SIGTERM) };

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct world *w = world_new(k == 1 ? 3600 : 20);
        const struct row rows[] = {
            { 0, starts(), "spawn a; spawn b" },
            { 5, ends(B, 1), "" },
            { 5.5, asked[k], k == 2 ? "signal a TERM" : "" },
        };

        world_add(w, "a", PROFILE_GENERIC);
        world_add(w, "b", PROFILE_PUMA)->after = SET_OF(A);
        world_finish(w, false);
        PLAY(w, rows);
        assert_state(w, B, STATE_DONE);
        assert_int_equal(w->stories[STORY_SHRUNK], 0);
    }
}

/* It waits for a, or its pre_start runs: a deadline that is the first request gives it no room either. */
static void what_has_not_started_yet_takes_no_room(void **state)
{
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        struct world *w = world_new(3600);
        const struct row rows[] = {
            { 0, starts(), waits ? "spawn a" : "spawn a; exec b pre_start" },
            { 5, asks_deadline(20 * SECOND), waits ? "" : "exec_end b pre_start" },
        };
        struct service_spec *a = world_add(w, "a", PROFILE_GENERIC), *b = world_add(w, "b", PROFILE_PUMA);

        b->after = SET_OF(A);
        if (waits)
            a->ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
        else
            b->pre_start = some_command;
        world_finish(w, false);
        PLAY(w, rows);
        assert_state(w, B, STATE_DONE);
        assert_int_equal(w->stories[STORY_SHRUNK], 0);
    }
}

/* --- lingers ------------------------------------------------------------ */

/* A linger under way keeps up to a third of what is left. */
static void a_linger_shrinks_with_the_deadline(void **state)
{
    struct world *w = world_new(600);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 20, asks_deadline(30000), "" },
        { 30, time_passes(), "signal web TERM" },
        { 48, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 100 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_new_plan_begins_no_linger_anew(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 20, asks_deadline(89 * SECOND), "" },
        { 40, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 30 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_linger_under_way_is_cut_to_a_third_of_what_is_left(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 15, asks_deadline(15 * SECOND), "" },
        { 20, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 30 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_seconds_are_shared_out),
        cmocka_unit_test(a_restart_that_is_under_way_needs_what_is_left_of_its_waits),
        cmocka_unit_test(a_deadline_brought_forward_shrinks_what_has_not_begun),
        cmocka_unit_test(also_ladders_that_have_begun),
        cmocka_unit_test(a_patient_ladder_ends_sooner_too),
        cmocka_unit_test(a_second_step_has_what_is_left_of_it),
        cmocka_unit_test(steps_that_are_over_take_no_room),
        cmocka_unit_test(a_linger_that_was_cut_off_takes_no_room),
        cmocka_unit_test(a_new_plan_does_not_forget_the_steps_that_are_over),
        cmocka_unit_test(what_waits_to_be_started_again_has_its_place),
        cmocka_unit_test(a_restart_by_hand_comes_back_with_its_whole_ladder),
        cmocka_unit_test(when_a_drain_leaves_only_a_sidecar_it_ends_at_once),
        cmocka_unit_test(what_has_passed_of_a_patient_wait_takes_no_room),
        cmocka_unit_test(a_step_that_is_still_to_come_shrinks_as_well),
        cmocka_unit_test(what_is_not_started_any_more_takes_no_room),
        cmocka_unit_test(what_was_to_be_started_again_takes_no_room),
        cmocka_unit_test(what_has_not_started_yet_takes_no_room),
        cmocka_unit_test(a_linger_shrinks_with_the_deadline),
        cmocka_unit_test(a_new_plan_begins_no_linger_anew),
        cmocka_unit_test(a_linger_under_way_is_cut_to_a_third_of_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
