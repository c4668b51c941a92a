/* Lives one after the other: what a new one knows nothing of, how one ends, and what even KILL does not end. */
#include <signal.h>

#include "worlds.h"

/* --- a new life --------------------------------------------------------- */

/* Its first life gave 9 when it was restarted; the second was in its pause when it was stopped. */
static void the_code_of_an_earlier_life_is_forgotten(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_RESTART, A), "signal a TERM" },
        { 6, ends(A, 9), "spawn a" },
        { 10, dies(A, SIGSEGV), "" },
        { 10.5, asks_for(REQUEST_STOP, A), "" },
        { 20, gets(SIGTERM), "signal b TERM" },
        { 21, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void that_an_earlier_life_was_killed_is_forgotten(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_RESTART, A), "signal a TERM" },
        { 40, time_passes(), "signal a KILL" },
        { 40.1, dies(A, SIGKILL), "spawn a" },
        { 50, dies(A, SIGSEGV), "" },
        { 50.5, asks_for(REQUEST_STOP, A), "" },
        { 60, gets(SIGTERM), "signal b TERM" },
        { 61, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void an_event_of_an_earlier_life_changes_nothing(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "spawn web" },
        { 6.5, late(is_ready(A)), "" },
        { 6.6, late(ends(A, 7)), "" },
        { 6.7, is_ready(A), "spawn next" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "next", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

/* Its up time begins with its pre_start. */
static void a_life_counts_from_its_first_moment(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 5, starts(), "exec a pre_start" } };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].life.spawned_at, w->s.now);
}

/* The up time is that of the program. */
static void a_program_counts_from_its_spawn(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 5, starts(), "exec a pre_start" },
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].life.spawned_at, w->s.now);
}

/* A command that prints `0 0` tells something, too. */
static void a_first_count_of_nothing_is_told(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet a; exec a inflight" },
        { 11, tells(A, (struct facts){ .members = 1, .busy = 0, .total = 0, .busy_exact = true, .major = -1 }), "busy a" },
        { 12, tells(A, (struct facts){ .members = 1, .busy = 0, .total = 0, .busy_exact = true, .major = -1 }), "" },
        { 13, tells(A, (struct facts){ .members = 1, .busy = 0, .total = 4, .busy_exact = true, .major = -1 }), "busy a" },
    };

    (void)state;
    w->spec.service[A].inflight = (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->mute[A] = true;
    world_show(w, STORY_BUSY);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- its end ------------------------------------------------------------ */

/* Signal 64 was passed on; it ended by itself. */
static void an_end_with_a_code_is_no_signal_of_ours(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_signal(A, 64), "signal a 64" },
        { 6, ends(A, 1), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_EXITED].story.c, 0);
}

/* The kernel killed its leader for want of memory, and what that left behind ignores TERM: the KILL
 * that ends the rest was not what ended the leader. */
static void a_signal_to_what_is_left_is_not_what_ended_the_leader(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_GENERIC);
    struct happening killed = leaves(A, 0, 1);
    const struct row rows[] = {
        { 5, (killed.event.exit.signo = SIGKILL, killed), "signal a TERM" },
        { 40, time_passes(), "signal a KILL" },
        { 40.5, remains(A, 0), "" },
        { 41.5, time_passes(), "spawn a" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void nor_is_one_that_came_when_it_was_over(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, dies(A, SIGTERM), "exec a post_exit" },
        { 6, asks_signal(A, SIGTERM), "signal a TERM" },
        { 7, did(A, EXEC_POST_EXIT, true), "" },
        { 8, time_passes(), "spawn a" },
    };

    (void)state;
    w->spec.service[A].success_signals = 0;
    w->spec.service[A].post_exit = some_command;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* A restart that was asked for in its pause does not come any more. */
static void who_was_to_be_started_at_once_gives_its_last_code(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 4), "" },
        { 5.2, ends(B, 3), "" },
        { 5.5, asks_for(REQUEST_RESTART, B), "" }, /* but a is not there */
        { 5.8, gets(SIGTERM), "exit 3" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It was stopped in its pause before, which made its last end nobody's business. */
static void who_was_stopped_in_between_gives_none(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 4), "" },
        { 5.2, ends(B, 3), "" },
        { 5.4, asks_for(REQUEST_STOP, B), "" },
        { 5.5, asks_for(REQUEST_START, B), "" },
        { 5.7, gets(SIGTERM), "exit 0" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Its -t of 25 s is not used up by what runs after its end, or by its pause: no job was handed back. */
static void what_follows_its_end_is_not_of_its_timeout(void **state)
{
    struct world *w = a_and_b(60, PROFILE_SIDEKIQ, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, gets(SIGTERM), "quiet a; signal b TERM" },
        { 5.5, dies(B, SIGTERM), "" },
        { 28, time_passes(), "signal a TERM" },
        { 49, ends(A, 0), "exec a post_exit" },
        { 53, did(A, EXEC_POST_EXIT, true), "exit 0" },
    };

    (void)state;
    w->spec.service[A].sidekiq_timeout = 25 * SECOND;
    w->spec.service[A].post_exit = some_command;
    w->jobs[A] = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BOOKS].story.a, 1);
    assert_int_equal(w->story[STORY_BOOKS].story.b, 0);
}

static void what_ends_before_the_word_that_it_runs_did_run(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 0.1, ends(A, 1), "exec a post_exit" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->post_exit = some_command;
    w->slow_spawn[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_EXITED], 1);
}

/* Whatever its code: done, not failed. */
static void who_ended_when_told_to_is_done(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 6, ends(A, 3), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_DONE);
}

/* b ended with 3 and would have come back; what it is after fails with 7. */
static void what_ended_in_its_pause_gives_its_own_code(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(B, 3), "" },
        { 5.5, ends(A, 7), "" },
        { 6, time_passes(), "exit 3" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Its first life failed for good with 3; started again it does not come that far. */
static void what_failed_before_keeps_its_own_code(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(B, 3), "" },
        { 6, ends(A, 7), "" },
        { 7, asks_for(REQUEST_START, B), "" },
        { 10, gets(SIGTERM), "signal c TERM" },
        { 11, dies(C, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "c", PROFILE_PUMA);
    w->spec.service[A].restart = w->spec.service[B].restart = RESTART_NEVER;
    w->spec.service[A].essential = w->spec.service[B].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn c; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[B].end_code, 3);
}

static void a_leader_ends_once(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 1, leaves(A, 3, 1), "signal a TERM" },
        { 2, leaves(A, 4, 1), "" },
        { 3, remains(A, 0), "exit 3" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, false);
    PLAY(w, rows);
}

/* When it was last looked at, its leader was a zombie already. What that left is not over before a look
 * that comes after its end has told so. */
static void what_a_leader_leaves_is_not_over_before_it_was_looked_at(void **state)
{
    const struct facts none = { .members = 0, .busy = -1, .total = -1, .unended = -1, .major = -1 };
    const struct facts one = { .members = 1, .busy = -1, .total = -1, .unended = -1, .major = -1 };
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 5, tells(A, none), "" },
        { 6, leaves(A, 1, 1), "" },
        { 6.5, tells(A, one), "signal a TERM" },
        { 8, tells(A, none), "exit 1" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, false);
    w->mute[A] = true;
    PLAY(w, rows);
}

static void after_the_exit_nothing_follows(void **state)
{
    static struct actions out;
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 5, gets(SIGTERM), "signal a TERM" },
        { 6, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
    assert_true(next_deadline(&w->s) == NEVER);
    step(&w->s, &(struct event){ .type = EVENT_SIGNAL, .service = NO_SERVICE, .now = w->s.now, .signal.signo = SIGINT },
         &out);
    assert_int_equal(out.count, 0);
    assert_true(next_deadline(&w->s) == NEVER);
}

/* --- what even KILL does not end ---------------------------------------- */

/* In the kernel's hands since 45 s. a is after nothing that lives, 5 s later. */
static void what_outlives_kill_is_waited_for_no_longer_than_five_seconds(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal b TERM" },
        { 45, time_passes(), "signal b KILL" },
        { 46, time_passes(), "signal b KILL" },
        { 47, time_passes(), "signal b KILL" },
        { 48, time_passes(), "signal b KILL" },
        { 49, time_passes(), "signal b KILL" },
        { 50, time_passes(), "signal a TERM; signal b KILL" },
        { 50.5, dies(B, SIGKILL), "" },
        { 50.6, dies(A, SIGTERM), "exit 137" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void its_post_exit_is_waited_for_all_the_same(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal b TERM" },
        { 45, time_passes(), "signal b KILL" },
        { 46, time_passes(), "signal b KILL" },
        { 46.5, dies(B, SIGKILL), "exec b post_exit" },
        { 51, did(B, EXEC_POST_EXIT, true), "signal a TERM" },
        { 52, dies(A, SIGTERM), "exit 137" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    w->spec.service[B].post_exit = some_command;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void what_outlives_kill_needs_nothing(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, B), "signal b TERM" },
        { 20, time_passes(), "signal b KILL" },
        { 20.5, asks_for(REQUEST_STOP, A), "refused: a living service needs it" },
        { 21, time_passes(), "signal b KILL" },
        { 22, time_passes(), "signal b KILL" },
        { 23, time_passes(), "signal b KILL" },
        { 24, time_passes(), "signal b KILL" },
        { 25, time_passes(), "signal b KILL" },
        { 25.5, asks_for(REQUEST_STOP, A), "signal a TERM" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Whose return is given up for it in the same moment: their last ends are their final ones. b is told
 * by c that it is not needed, and only then a by b. */
static void who_waits_for_what_outlives_kill_has_ended_for_good(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal c TERM" },
        { 45, time_passes(), "signal c KILL" },
        { 45.2, ends(A, 3), "" },
        { 45.3, ends(B, 0), "" },
        { 46, time_passes(), "signal c KILL" },
        { 47, time_passes(), "signal c KILL" },
        { 48, time_passes(), "signal c KILL" },
        { 49, time_passes(), "signal c KILL" },
        { 50, time_passes(), "signal c KILL; exit 3" },
    };

    (void)state;
    for (size_t i = A; i <= B; i++) {
        w->spec.service[i].restart = RESTART_ALWAYS;
        w->spec.service[i].backoff_first = w->spec.service[i].backoff_max = 20 * SECOND;
    }
    w->spec.service[B].after = SET_OF(A);
    world_add(w, "c", PROFILE_PUMA)->after = SET_OF(B);
    world_begin(w, "spawn a; spawn b; spawn c");
    PLAY(w, rows);
}

static void what_comes_back_after_its_pause_needs_it_too(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, dies(B, SIGSEGV), "" },
        { 10.5, asks_for(REQUEST_STOP, A), "refused: a living service needs it" },
        { 11, time_passes(), "spawn b" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Though b, which is after it, outlives KILL. */
static void nothing_comes_back_when_everything_is_killed(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGINT), "signal b TERM" },
        { 11, gets(SIGINT), "" },
        { 11.5, dies(A, SIGSEGV), "" }, /* it would be back at 12.5 s */
        { 12, gets(SIGINT), "signal b KILL" },
        { 13, time_passes(), "signal b KILL" },
        { 13.5, dies(B, SIGKILL), "exit 139" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* a's own latest moment is 98 s after the drain, less its 10 s. */
static void nor_at_its_latest_moment(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "" },
        { 63, time_passes(), "signal b TERM" },
        { 98, dies(A, SIGSEGV), "signal a TERM; signal b KILL" },
        { 98.5, dies(B, SIGKILL), "exit 139" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_BACKOFF], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_of_an_earlier_life_is_forgotten),
        cmocka_unit_test(that_an_earlier_life_was_killed_is_forgotten),
        cmocka_unit_test(an_event_of_an_earlier_life_changes_nothing),
        cmocka_unit_test(a_life_counts_from_its_first_moment),
        cmocka_unit_test(a_program_counts_from_its_spawn),
        cmocka_unit_test(a_first_count_of_nothing_is_told),
        cmocka_unit_test(an_end_with_a_code_is_no_signal_of_ours),
        cmocka_unit_test(a_signal_to_what_is_left_is_not_what_ended_the_leader),
        cmocka_unit_test(nor_is_one_that_came_when_it_was_over),
        cmocka_unit_test(who_was_to_be_started_at_once_gives_its_last_code),
        cmocka_unit_test(who_was_stopped_in_between_gives_none),
        cmocka_unit_test(what_follows_its_end_is_not_of_its_timeout),
        cmocka_unit_test(what_ends_before_the_word_that_it_runs_did_run),
        cmocka_unit_test(who_ended_when_told_to_is_done),
        cmocka_unit_test(what_ended_in_its_pause_gives_its_own_code),
        cmocka_unit_test(what_failed_before_keeps_its_own_code),
        cmocka_unit_test(a_leader_ends_once),
        cmocka_unit_test(what_a_leader_leaves_is_not_over_before_it_was_looked_at),
        cmocka_unit_test(after_the_exit_nothing_follows),
        cmocka_unit_test(what_outlives_kill_is_waited_for_no_longer_than_five_seconds),
        cmocka_unit_test(its_post_exit_is_waited_for_all_the_same),
        cmocka_unit_test(what_outlives_kill_needs_nothing),
        cmocka_unit_test(who_waits_for_what_outlives_kill_has_ended_for_good),
        cmocka_unit_test(what_comes_back_after_its_pause_needs_it_too),
        cmocka_unit_test(nothing_comes_back_when_everything_is_killed),
        cmocka_unit_test(nor_at_its_latest_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
