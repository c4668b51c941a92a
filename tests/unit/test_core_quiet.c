/* Quiet (SPEC 4): who is told and how often, and that nothing new is started; a quiet that is a command; and a
 * Sidekiq before 7.0, which gets one signal at a time. */
#include <signal.h>

#include "worlds.h"

/* --- who is told, and how often ----------------------------------------- */

static void quiet_is_told_at_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = { { 10, asks(REQUEST_DRAIN), "quiet worker" } };

    (void)state;
    assert_true(supervisor_ready(&w->s));
    PLAY(w, rows);
    assert_false(supervisor_ready(&w->s));
    assert_state(w, B, STATE_QUIET);
    assert_state(w, A, STATE_READY);
}

static void quiet_is_repeated_until_it_is_seen(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, time_passes(), "quiet worker" },
        { 14, time_passes(), "quiet worker" },
    };
    const struct row seen[] = {
        { 14.25, time_passes(), "quiet_seen worker" }, /* by the next look */
        { 60, time_passes(), "" },
    };

    (void)state;
    w->deaf[B] = true;
    world_show(w, STORY_QUIET_SEEN);
    PLAY(w, rows);
    w->deaf[B] = false;
    PLAY(w, seen);
    assert_int_equal(w->story[STORY_QUIET_SEEN].story.a, 4250);
}

/* Nothing shows that it was heard: once is enough. */
static void a_quiet_whose_effect_cannot_be_seen_is_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 77, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_RESQUE);
    world_finish(w, false);
    PLAY(w, rows);
}

static void who_cannot_take_the_quiet_gets_it_as_soon_as_it_can(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 15.5, booted(A), "quiet worker" },
    };

    (void)state;
    w->boots[A] = true;
    world_add(w, "worker", PROFILE_FAKTORY);
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void nobody_is_told_again_before_the_look_is_answered(void **state)
{
    const struct facts untold = { .members = 1, .untold = 1, .busy = -1, .total = -1, .unended = -1, .major = 7 };
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, time_passes(), "" },
        { 5.1, tells(A, untold), "" },
        { 10, asks(REQUEST_DRAIN), "quiet a" },
        { 15, time_passes(), "" },
        { 15.1, tells(A, untold), "" }, /* it is looked at once more, as that was long ago */
        { 15.2, tells(A, untold), "quiet a" },
    };
    unsigned looks;

    (void)state;
    world_begin(w, "spawn a; spawn b");
    looks = w->looks[A];
    w->mute[A] = true;
    PLAY(w, rows);
    assert_true(w->looks[A] <= looks + 3);
}

/* --- nothing new is started --------------------------------------------- */

static void nothing_new_is_started(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn flappy" },
        { 5, ends(C, 1), "" },
        { 5.5, asks(REQUEST_DRAIN), "" },
        { 6, is_ready(A), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "flappy", PROFILE_GENERIC);
    world_finish(w, false);
    w->spec.service[A].restart = RESTART_NEVER;
    PLAY(w, rows);
    assert_state(w, B, STATE_DONE);
    assert_state(w, C, STATE_DONE);
}

static void who_dies_in_a_drain_and_is_not_needed_has_no_pause(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_DRAIN), "" },
        { 6, dies(A, SIGSEGV), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_BACKOFF], 0);
    assert_int_equal(w->s.service[A].state, STATE_FAILED);
}

/* --- a quiet that is a command ------------------------------------------ */

static void a_quiet_that_is_a_command_is_tried_again_if_it_fails(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "exec worker quiet" },
        { 11, did(A, EXEC_QUIET, false), "" },
        { 12, time_passes(), "exec worker quiet" },
        { 15, did(A, EXEC_QUIET, true), "quiet worker" }, /* evidence counts from here on */
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_RESQUE)->quiet = (struct quiet_spec){ .exec = some_command };
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_QUIET].exec.ms, 5 * SECOND);
    assert_state(w, A, STATE_QUIET);
}

static void a_quiet_command_that_succeeded_makes_evidence_count(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "exec a quiet" },
        { 11, did(A, EXEC_QUIET, true), "quiet a" },
    };

    (void)state;
    w->spec.service[A].quiet.exec = some_command;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_QUIET);
}

/* One whose jobs nobody can see; its quiet is a command. */
static struct world *with_a_quiet_command(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);
    const struct row rows[] = { { 0, starts(), "spawn app" } };

    world_add(w, "app", PROFILE_GENERIC)->quiet = (struct quiet_spec){ .exec = some_command };
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static void a_quiet_that_is_a_command_ends_before_the_stop(void **state)
{
    struct world *w;
    const struct row fails[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, false), "signal app TERM" },
    };
    const struct row succeeds[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, true), "quiet app; signal app TERM" },
    };

    (void)state;
    for (int64_t deadline = 0; deadline <= 100; deadline += 100) {
        w = with_a_quiet_command(deadline);
        PLAY(w, fails);
        w = with_a_quiet_command(deadline);
        PLAY(w, succeeds);
    }
}

/* It might fail for ever. */
static void a_quiet_command_that_is_tried_again_holds_up_no_stop(void **state)
{
    struct world *w = with_a_quiet_command(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_PRESTOP), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, false), "exec app quiet" },
        { 14, gets(SIGTERM), "signal app TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Its disk is gone. */
static void a_quiet_command_that_even_kill_does_not_end_holds_up_no_stop(void **state)
{
    struct world *w = with_a_quiet_command(0);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 15, time_passes(), "" },
        { 16, time_passes(), "signal app TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

static void a_quiet_that_is_a_command_holds_up_no_hurry(void **state)
{
    struct world *w;
    const struct row no_more_waiting[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 11, asks(REQUEST_SHUTDOWN_NOW), "signal app TERM" },
    };
    const struct row latest[] = { /* 10 s of ladder, 1.2 s of margin */
        { 10, gets(SIGTERM), "exec app quiet" },
        { 10.8, time_passes(), "signal app TERM" },
    };

    (void)state;
    w = with_a_quiet_command(100);
    PLAY(w, no_more_waiting);
    w = with_a_quiet_command(12);
    PLAY(w, latest);
}

/* --- Sidekiq before 7.0: one signal at a time --------------------------- */

static void an_old_sidekiq_is_told_to_be_quiet_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 60, time_passes(), "" },
    };

    (void)state;
    w->major[B] = 6;
    w->deaf[B] = true;
    PLAY(w, rows);
}

/* It may not have read the quiet when TERM is asked for: 5 s lie between them. */
static void its_term_does_not_follow_too_soon(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, asks(REQUEST_SHUTDOWN_NOW), "signal web TERM" },
        { 15, time_passes(), "signal worker TERM" },
    };

    (void)state;
    w->major[B] = 6;
    w->deaf[B] = true;
    PLAY(w, rows);
}

static void once_the_quiet_is_seen_its_term_may_come(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, asks(REQUEST_SHUTDOWN_NOW), "signal web TERM; signal worker TERM" },
    };

    (void)state;
    w->major[B] = 6;
    PLAY(w, rows);
}

/* The quiet of a Sidekiq 6 at 10 s was not seen, and its time to hand back begins at 12 s: TERM is held
 * back as long as -t and 3 s remain. */
static void a_term_is_held_back_as_long_as_there_is_time(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 9, jobs(A, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 11, asks_deadline(33 * SECOND), "" },
        { 14, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->sidekiq_timeout = 25 * SECOND;
    w->major[A] = 6;
    w->deaf[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_is_told_at_once),
        cmocka_unit_test(quiet_is_repeated_until_it_is_seen),
        cmocka_unit_test(a_quiet_whose_effect_cannot_be_seen_is_told_once),
        cmocka_unit_test(who_cannot_take_the_quiet_gets_it_as_soon_as_it_can),
        cmocka_unit_test(nobody_is_told_again_before_the_look_is_answered),
        cmocka_unit_test(nothing_new_is_started),
        cmocka_unit_test(who_dies_in_a_drain_and_is_not_needed_has_no_pause),
        cmocka_unit_test(a_quiet_that_is_a_command_is_tried_again_if_it_fails),
        cmocka_unit_test(a_quiet_command_that_succeeded_makes_evidence_count),
        cmocka_unit_test(a_quiet_that_is_a_command_ends_before_the_stop),
        cmocka_unit_test(a_quiet_command_that_is_tried_again_holds_up_no_stop),
        cmocka_unit_test(a_quiet_command_that_even_kill_does_not_end_holds_up_no_stop),
        cmocka_unit_test(a_quiet_that_is_a_command_holds_up_no_hurry),
        cmocka_unit_test(an_old_sidekiq_is_told_to_be_quiet_once),
        cmocka_unit_test(its_term_does_not_follow_too_soon),
        cmocka_unit_test(once_the_quiet_is_seen_its_term_may_come),
        cmocka_unit_test(a_term_is_held_back_as_long_as_there_is_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
