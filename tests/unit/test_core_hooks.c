/* Commands that run beside the services: pre_start and post_exit of one, and the hooks of all. */
#include <signal.h>

#include "worlds.h"

/* --- pre_start ---------------------------------------------------------- */

static void pre_start_runs_before_each_start(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, true), "spawn web" },
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "exec web pre_start" },
        { 7, did(A, EXEC_PRE_START, true), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_PRE_START].exec.ms, 5 * MINUTE); /* ready_timeout */
}

static void a_failed_pre_start_is_a_failed_start(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, false), "" },
        { 3, time_passes(), "exec web pre_start" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    w->spec.service[A].post_exit = some_command; /* nothing ran: nothing to clear up */
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_PRE_START_FAILED], 1);
}

static void a_failed_pre_start_ends_what_never_restarts(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec web pre_start" },
        { 2, did(A, EXEC_PRE_START, false), "exit 1" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    w->spec.service[A].restart = RESTART_NEVER;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_stop_during_pre_start_ends_it(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn other; exec web pre_start" },
        { 2, asks_for(REQUEST_STOP, B), "exec_end web pre_start" },
        { 60, asks_for(REQUEST_START, B), "exec web pre_start" },
        { 61, asks_for(REQUEST_RESTART, B), "exec_end web pre_start; exec web pre_start" },
        { 62, did(B, EXEC_PRE_START, true), "spawn web" },
    };

    (void)state;
    world_add(w, "other", PROFILE_GENERIC);
    world_add(w, "web", PROFILE_GENERIC)->pre_start = some_command;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- post_exit ---------------------------------------------------------- */

static void post_exit_runs_after_each_exit(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, ends(A, 1), "exec web post_exit" },
        { 7, did(A, EXEC_POST_EXIT, false), "" }, /* its own failure is logged only */
        { 8, time_passes(), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->post_exit = some_command;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_POST_EXIT].exec.ms, 5 * SECOND);
    assert_int_equal(w->stories[STORY_EXEC_FAILED], 1);
}

static void a_post_exit_that_hangs_is_no_kill(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(B, SIGTERM), "" },
        { 102.9, dies(A, SIGTERM), "exec a post_exit" },
        { 109, time_passes(), "exit 0" },
    };

    (void)state;
    w->spec.service[A].post_exit = (struct command){ "true", argv };
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SURVIVED], 0);
    assert_int_equal(w->s.service[A].state, STATE_DONE);
}

/* a outlives KILL, which is no reason to cut off what runs after the end of b. */
static void a_post_exit_is_waited_for_beside_what_outlives_kill(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = a_and_b_once(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGINT), "signal a TERM; signal b TERM" },
        { 11, gets(SIGINT), "" },
        { 12, gets(SIGINT), "signal a KILL; signal b KILL" },
        { 13, time_passes(), "signal a KILL; signal b KILL" },
        { 14, time_passes(), "signal a KILL; signal b KILL" },
        { 14.5, dies(B, SIGKILL), "exec b post_exit" },
        { 15, time_passes(), "signal a KILL" },
        { 16, time_passes(), "signal a KILL" },
        { 17, time_passes(), "signal a KILL" },
        { 18, time_passes(), "signal a KILL" },
        { 19, did(B, EXEC_POST_EXIT, true), "signal a KILL; exit 137" },
    };

    (void)state;
    w->spec.service[B].post_exit = (struct command){ "true", argv };
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- hooks -------------------------------------------------------------- */

static void a_hook_that_hangs_holds_up_no_deadline(void **state)
{
    struct world *w = world_new(20);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "hook on_drain; signal web TERM" },
        { 26, dies(A, SIGTERM), "hook on_exit" },
        { 29, time_passes(), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    w->spec.hooks.on_drain = w->spec.hooks.on_exit = some_command;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->hook[HOOK_DRAIN].hook.ms, 5 * SECOND);
    assert_int_equal(w->hook[HOOK_EXIT].hook.ms, 2 * SECOND); /* till 28 s */
}

static void a_hook_that_runs_is_waited_for(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM; hook on_drained" },
        { 11, dies(A, SIGTERM), "" },
        { 13, hook_did(HOOK_DRAINED, true), "hook on_exit" },
        { 14, hook_did(HOOK_EXIT, true), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    w->spec.hooks.on_drained = w->spec.hooks.on_exit = some_command;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Not even KILL has ended it: its disk is gone. */
static void a_hook_that_nothing_ends_is_waited_for_no_longer_than_it_may_take(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM; hook on_drained" },
        { 11, dies(A, SIGTERM), "" },
        { 13, time_passes(), "" },
        { 15, time_passes(), "" },
        { 16, time_passes(), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    w->spec.hooks.on_drained = some_command;
    world_finish(w, false);
    PLAY(w, rows);
}

static void the_last_hook_is_waited_for(void **state)
{
    struct world *w = world_new(20);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 11, dies(A, SIGTERM), "hook on_exit" },
        { 13, hook_did(HOOK_EXIT, false), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    w->spec.hooks.on_exit = some_command;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_HOOK_FAILED], 1);
}

static void a_last_hook_that_hangs_is_no_survivor(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(B, SIGTERM), "" },
        { 107.99, dies(A, SIGTERM), "hook on_exit" },
        { 109, time_passes(), "exit 0" },
    };

    (void)state;
    w->spec.hooks.on_exit = (struct command){ "true", argv };
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SURVIVED], 0);
}

static void a_last_hook_that_nothing_ends_is_not_waited_for_for_ever(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = a_and_b_once(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 12, dies(B, SIGTERM), "hook on_exit" },
        { 18, time_passes(), "exit 0" },
    };

    (void)state;
    w->spec.hooks.on_exit = (struct command){ "true", argv };
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void who_asks_for_kill_waits_for_no_hook_but_the_last(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGINT), "hook on_drain; signal web TERM" },
        { 12, gets(SIGINT), "" },
        { 14, gets(SIGINT), "signal web KILL" },
        { 15, dies(A, SIGKILL), "signal web KILL; hook on_exit" },
        { 16, hook_did(HOOK_EXIT, true), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    w->spec.hooks.on_drain = w->spec.hooks.on_exit = some_command;
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pre_start_runs_before_each_start),
        cmocka_unit_test(a_failed_pre_start_is_a_failed_start),
        cmocka_unit_test(a_failed_pre_start_ends_what_never_restarts),
        cmocka_unit_test(a_stop_during_pre_start_ends_it),
        cmocka_unit_test(post_exit_runs_after_each_exit),
        cmocka_unit_test(a_post_exit_that_hangs_is_no_kill),
        cmocka_unit_test(a_post_exit_is_waited_for_beside_what_outlives_kill),
        cmocka_unit_test(a_hook_that_hangs_holds_up_no_deadline),
        cmocka_unit_test(a_hook_that_runs_is_waited_for),
        cmocka_unit_test(a_hook_that_nothing_ends_is_waited_for_no_longer_than_it_may_take),
        cmocka_unit_test(the_last_hook_is_waited_for),
        cmocka_unit_test(a_last_hook_that_hangs_is_no_survivor),
        cmocka_unit_test(a_last_hook_that_nothing_ends_is_not_waited_for_for_ever),
        cmocka_unit_test(who_asks_for_kill_waits_for_no_hook_but_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
