/* The one clock and the plan that follows from it: what still takes time, what takes none any more,
 * and what the plan is when the deadline comes nearer in the middle of a ladder. */
#include <signal.h>

#include "scenario.h"

enum { A, B, C }; /* services as the tests add them */

/* --- a deadline brought forward in the middle of a ladder ---------------- */

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

/* --- the deadline ------------------------------------------------------- */

static void a_deadline_is_at_least_a_second_away(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, asks_deadline(999), "refused: the deadline is less than 1s away, or has passed" },
        { 11, asks_deadline(1000), "signal web TERM" },
        { 11.5, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.deadline_at, w->s.clock_at + 1 * SECOND);
}

static void one_that_is_as_near_already_is_not_moved(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, asks(REQUEST_DRAIN), "" },
        { 20, asks_deadline(90 * SECOND), "" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_DEADLINE].story.a, 90 * SECOND);
    assert_int_equal(w->story[STORY_DEADLINE].story.b, 0);
}

/* The margin of 4.9 s would be a tenth of that, and KILL at 109.41 s. */
static void a_smaller_margin_makes_no_kill_later(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 105, asks_deadline(4900), "" },
        { 108, time_passes(), "signal web KILL" },
        { 108.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
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

/* --- without a deadline -------------------------------------------------- */

/* TERM came first, though its sequence waits: whoever sent it will kill. */
static void a_signal_is_of_the_platform_from_its_first_moment(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 12, asks(REQUEST_SHUTDOWN), "signal web TERM" },
        { 100, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    w->spec.signal_step[0] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 200 * SECOND };
    w->spec.signal_step[1] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    w->spec.signal_steps = 2;
    w->spec.signal[SIGTERM] = (struct signal_sequence){ .first = 0, .count = 2 };
    world_finish(w, false);
    PLAY(w, rows);
}

/* The clock runs, and TERM's sequence waits. The worker is restarted by hand; while 11 s of its ladder
 * are left, a plan is made. Its next life has all of it before it: web, which stops before, must begin
 * at 68 s. */
static void a_restart_by_hand_comes_back_with_its_whole_ladder(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn other; spawn web" },
        { 10, gets(SIGTERM), "" },
        { 15, asks_for(REQUEST_RESTART, A), "quiet worker; signal worker TERM" },
        { 34, ends(C, 1), "" },
        { 35, ends(A, 0), "spawn worker" },
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

/* --- what has passed of a wait ---------------------------------------------- */

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

/* --- lingers ----------------------------------------------------------------- */

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
        cmocka_unit_test(a_second_step_has_what_is_left_of_it),
        cmocka_unit_test(steps_that_are_over_take_no_room),
        cmocka_unit_test(a_linger_that_was_cut_off_takes_no_room),
        cmocka_unit_test(a_new_plan_does_not_forget_the_steps_that_are_over),
        cmocka_unit_test(a_deadline_is_at_least_a_second_away),
        cmocka_unit_test(one_that_is_as_near_already_is_not_moved),
        cmocka_unit_test(a_smaller_margin_makes_no_kill_later),
        cmocka_unit_test(what_waits_to_be_started_again_has_its_place),
        cmocka_unit_test(when_a_drain_leaves_only_a_sidecar_it_ends_at_once),
        cmocka_unit_test(a_signal_is_of_the_platform_from_its_first_moment),
        cmocka_unit_test(a_restart_by_hand_comes_back_with_its_whole_ladder),
        cmocka_unit_test(what_has_passed_of_a_patient_wait_takes_no_room),
        cmocka_unit_test(a_step_that_is_still_to_come_shrinks_as_well),
        cmocka_unit_test(what_is_not_started_any_more_takes_no_room),
        cmocka_unit_test(a_new_plan_begins_no_linger_anew),
        cmocka_unit_test(a_linger_under_way_is_cut_to_a_third_of_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
