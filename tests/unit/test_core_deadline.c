/* The deadline (SPEC 4): what lives then is killed, and half a margin later lastcall is gone; it may be set,
 * and only comes nearer. */
#include <signal.h>

#include "worlds.h"

/* --- what lives then ---------------------------------------------------- */

static void what_lives_at_the_deadline_is_killed(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 108, time_passes(), "signal web KILL" },
        { 108.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* KILL at deadline - margin, exit half a margin later; the 5 s for survivors do not
 * come into it. */
static void half_a_margin_later_lastcall_exits(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 108, time_passes(), "deadline_kill all; signal web KILL" },
        { 109, time_passes(), "signal web KILL; survived web; exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    world_show(w, STORY_DEADLINE_KILL);
    world_show(w, STORY_SURVIVED);
    PLAY(w, rows);
}

/* With a margin of 0 KILL comes with the end: whether it helped nobody knows. */
static void who_had_no_time_to_die_has_not_survived(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(B, SIGTERM), "" },
        { 110, time_passes(), "signal a KILL; exit 137" },
    };

    (void)state;
    w->spec.margin = 0;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SURVIVED], 0);
}

/* --- it only comes nearer ----------------------------------------------- */

static void a_deadline_begins_a_drain(void **state)
{
    struct world *w = web_and_worker(0);
    const struct row rows[] = {
        { 10, asks_deadline(60000), "quiet worker" },
        { 33, time_passes(), "signal web TERM" }, /* 60 - 2 - 35 */
        { 38, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.cause, CAUSE_COMMAND);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINING);
}

static void the_deadline_never_moves_later(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 12, asks_deadline(1000000), "" },
        { 13, asks_deadline(NEVER), "" },
        { 14, asks_deadline(999),
          "refused: the deadline is less than 1s away, or has passed" },
        { 15, asks_deadline(-5), "refused: the deadline is less than 1s away, or has passed" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

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

/* --- its margin --------------------------------------------------------- */

static void a_near_deadline_has_a_small_margin(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, asks_deadline(10000), "signal app TERM" }, /* 9 s for 10 */
        { 19, time_passes(), "signal app KILL" },
        { 19.5, time_passes(), "exit 137" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* A user who wants none has none: KILL at 20 s, with the end. */
static void no_margin_stays_none(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, asks_deadline(10000), "signal app TERM" },
        { 20, time_passes(), "signal app KILL; exit 137" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    w->spec.margin = 0;
    world_finish(w, false);
    PLAY(w, rows);
}

/* That the user gave, also where only a command sets the deadline. */
static void a_margin_without_a_deadline_is_kept(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, asks_deadline(100000), "" },
        { 95, time_passes(), "signal app TERM" },
        { 105, time_passes(), "signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    w->spec.margin = 5 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
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

static void no_command_runs_into_the_margin(void **state)
{
    struct world *w = a_and_b(10, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet a; exec a inflight" },
    };

    (void)state;
    w->spec.margin = 6 * SECOND;
    w->spec.service[A].inflight = (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->spec.service[A].stop.step[0].wait = w->spec.service[B].stop.step[0].wait = 500;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_INFLIGHT].exec.ms, 4 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lives_at_the_deadline_is_killed),
        cmocka_unit_test(half_a_margin_later_lastcall_exits),
        cmocka_unit_test(who_had_no_time_to_die_has_not_survived),
        cmocka_unit_test(a_deadline_begins_a_drain),
        cmocka_unit_test(the_deadline_never_moves_later),
        cmocka_unit_test(a_deadline_is_at_least_a_second_away),
        cmocka_unit_test(one_that_is_as_near_already_is_not_moved),
        cmocka_unit_test(a_near_deadline_has_a_small_margin),
        cmocka_unit_test(no_margin_stays_none),
        cmocka_unit_test(a_margin_without_a_deadline_is_kept),
        cmocka_unit_test(a_smaller_margin_makes_no_kill_later),
        cmocka_unit_test(no_command_runs_into_the_margin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
