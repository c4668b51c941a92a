/* What is told: the lines of the log with their numbers, once each; and what actions carry beside their names. */
#include <signal.h>

#include "worlds.h"

static void assert_story(const struct world *w, enum story id, int64_t a, int64_t b, int64_t c)
{
    assert_true(w->stories[id] > 0);
    assert_true(w->story[id].story.a == a);
    assert_true(w->story[id].story.b == b);
    assert_true(w->story[id].story.c == c);
}

/* --- quiet, busy and idle ----------------------------------------------- */

static void a_quiet_is_told_once_however_often_it_is_repeated(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet a" },
        { 12, time_passes(), "quiet a" },
        { 14, time_passes(), "quiet a" },
    };

    (void)state;
    w->deaf[A] = true;
    w->jobs[A] = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_QUIET], 1);
    assert_int_equal(w->story[STORY_QUIET].story.a, SIGTSTP);
    assert_int_equal(w->stories[STORY_QUIET_SEEN], 0);
}

/* b, which a is needed by, keeps it from being stopped while it boots. */
static void a_quiet_that_nobody_can_take_is_not_told_yet(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row drain[] = { { 10, asks(REQUEST_DRAIN), "quiet a" }, { 12, time_passes(), "" } };
    const struct row boots[] = { { 13, booted(A), "quiet a" } };

    (void)state;
    w->boots[A] = true;
    w->jobs[A] = 1;
    w->spec.service[A].ready.kind = READY_STARTED;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, drain);
    assert_int_equal(w->stories[STORY_QUIET], 0);
    PLAY(w, boots);
    assert_int_equal(w->stories[STORY_QUIET], 1);
    assert_story(w, STORY_QUIET_SEEN, 3000, 0, 0); /* since 10 s */
}

/* As an application with short jobs says it; the last is told. */
static void busy_counts_are_told_once_a_second(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker; busy worker" },
        { 10.2, jobs(B, 2), "" },
        { 10.4, jobs(B, 4), "" },
        { 11, time_passes(), "busy worker" },
        { 30, jobs(B, 3), "busy worker" },
        { 30.3, jobs(B, 0), "busy worker" }, /* and idle */
    };

    (void)state;
    world_show(w, STORY_BUSY);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BUSY].story.a, 0);
}

static void the_log_tells_what_is_waited_for_every_thirty_seconds(void **state)
{
    struct world *w = web_and_worker(200);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 40, time_passes(), "waiting worker: jobs" },
        { 70, time_passes(), "waiting worker: jobs" },
    };

    (void)state;
    world_show(w, STORY_WAITING);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_WAITING].story.b, 60 * SECOND);
}

static void idle_is_told_once_and_after_how_long(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet a" },
        { 12, time_passes(), "" },
        { 25, jobs(A, 0), "idle a" },
        { 30, time_passes(), "" },
    };

    (void)state;
    w->jobs[A] = 2;
    world_show(w, STORY_IDLE);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_story(w, STORY_IDLE, 15 * SECOND, 0, 0);
}

static void a_title_from_before_the_quiet_is_not_told(void **state)
{
    const struct facts stale = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .work = WORK_BUSY,
                                 .busy = 4, .total = 5, .unended = 5 };
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet a" },
        { 11.1, tells(A, stale), "" },
    };

    (void)state;
    world_show(w, STORY_BUSY);
    w->mute[A] = true;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_BUSY], 0);
}

static void drained_is_told_where_the_stop_does_not_follow(void **state)
{
    (void)state;
    for (int stop = 0; stop < 2; stop++) {
        struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
        const struct row drain[] = { { 10, asks(REQUEST_DRAIN), "drained all" } };
        const struct row term[] = { { 10, gets(SIGTERM), "signal a TERM; signal b TERM" } };

        world_show(w, STORY_DRAINED);
        world_begin(w, "spawn a; spawn b");
        if (stop)
            PLAY(w, term);
        else
            PLAY(w, drain);
    }
}

/* --- ends --------------------------------------------------------------- */

static void a_stop_tells_how_long_it_took(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 13, ends(A, 3), "stopped a" },
        { 14, dies(B, SIGTERM), "stopped b; exit 3" },
    };

    (void)state;
    world_show(w, STORY_STOPPED);
    world_show(w, STORY_EXITED);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_story(w, STORY_STOPPED, 4 * SECOND, 0, SIGTERM);
}

static void an_end_tells_whether_its_signal_was_ours(void **state)
{
    (void)state;
    for (int ours = 0; ours < 2; ours++) {
        struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
        const struct row sent[] = { { 5, asks_signal(A, SIGUSR1), "signal a USR1" } };
        const struct row rows[] = { { 6, dies(A, SIGUSR1), "exited a" } };

        w->spec.service[A].essential = false;
        world_show(w, STORY_EXITED);
        world_begin(w, "spawn a; spawn b");
        if (ours)
            PLAY(w, sent);
        PLAY(w, rows);
        assert_story(w, STORY_EXITED, 0, SIGUSR1, ours);
        assert_int_equal(w->s.service[A].state, ours ? STATE_DONE : STATE_BACKOFF); /* and then it is a success */
    }
}

static void a_start_that_failed_ends_nothing_that_ran(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 0.1, spawn_fails(A, SPAWN_EXEC, true), "spawn_failed a; exit 127" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_show(w, STORY_SPAWN_FAILED);
    world_show(w, STORY_EXITED);
    world_show(w, STORY_STOPPED);
    world_finish(w, false);
    PLAY(w, rows);
}

static void what_a_leader_left_is_told_once(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, leaves(A, 1, 3), "remains a; signal a TERM" },
        { 7, time_passes(), "" },
        { 8, remains(A, 0), "" },
    };

    (void)state;
    world_show(w, STORY_REMAINS);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_story(w, STORY_REMAINS, 3, 0, 0);
}

/* KILL takes them one by one. */
static void what_kill_has_not_ended_yet_does_not_remain(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, A), "signal a TERM" },
        { 15, time_passes(), "signal a KILL" },
        { 15.1, leaves(A, 0, 2), "" },
        { 15.2, remains(A, 0), "" },
    };

    (void)state;
    world_show(w, STORY_REMAINS);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void nothing_remains_of_what_has_ended(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = { { 5, ends(A, 1), "" } };

    (void)state;
    world_show(w, STORY_REMAINS);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- ladders ------------------------------------------------------------ */

static void a_step_tells_how_long_it_waits(void **state)
{
    struct world *w = a_and_b(100, PROFILE_NGINX, PROFILE_GENERIC);
    const struct row stop[] = { { 10, gets(SIGTERM), "signal a QUIT; signal b TERM" } };
    const struct row step[] = { { 11, dies(B, SIGTERM), "" }, { 40, time_passes(), "signal a TERM" } };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, stop);
    assert_story(w, STORY_STOP, STOP_NOTHING_TO_WAIT_FOR, SIGTERM, 98 * SECOND); /* b has patience until the end */
    PLAY(w, step);
    assert_story(w, STORY_STOP_STEP, SIGTERM, 30 * SECOND, 5 * SECOND);
}

static void patience_without_a_deadline_has_no_end(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn a" }, { 10, gets(SIGTERM), "signal a TERM" } };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
    assert_story(w, STORY_STOP, STOP_NOTHING_TO_WAIT_FOR, SIGTERM, NEVER);
}

static void only_what_has_lingered_stops_because_of_that(void **state)
{
    struct world *w = a_and_b(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "stop a: nothing to wait for; signal a TERM" },
        { 15, time_passes(), "stop b: lingered long enough; signal b TERM" },
    };

    (void)state;
    w->spec.service[B].linger = 5 * SECOND;
    world_show(w, STORY_STOP);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_task_without_a_deadline_is_stopped_as_there_is_none(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, gets(SIGTERM), "stop migrate: no deadline is set; signal migrate TERM" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_show(w, STORY_STOP);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- starts ------------------------------------------------------------- */

static void every_change_of_state_is_told(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "state web; spawn web; state web" }, /* starting; ready at once */
        { 5, gets(SIGTERM), "state web; signal web TERM" },
        { 6, dies(A, SIGTERM), "state web; exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    world_show(w, STORY_STATE);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STATE].story.a, STATE_STOPPING);
    assert_int_equal(w->story[STORY_STATE].story.b, STATE_DONE);
}

static void a_start_is_told_once(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 1, spawned(A), "started a" },
        { 2, spawned(A), "" },
    };

    (void)state;
    w->slow_spawn[A] = true;
    world_show(w, STORY_STARTED);
    world_begin(w, "spawn a; spawn b; started b");
    PLAY(w, rows);
}

static void ready_tells_since_when_it_started(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 5, starts(), "exec a pre_start" },
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
        { 10, notifies(A), "" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->spec.service[A].pre_start = some_command;
    world_finish(w, false);
    PLAY(w, rows);
    assert_story(w, STORY_READY, 3 * SECOND, 0, 0);
}

static void a_probe_ends_when_it_has_told_what_it_can(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
        const struct row rows[] = {
            { 1, how == 0 ? is_ready(A) : how == 1 ? asks_for(REQUEST_STOP, A) : dies(A, SIGSEGV),
              how == 1 ? "signal a TERM" : "" },
        };

        w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
        world_begin(w, "spawn a; spawn b");
        assert_true(w->probed[A]);
        PLAY(w, rows);
        assert_false(w->probed[A]);
    }
}

static void a_probe_that_is_a_command_ends_as_well(void **state)
{
    (void)state;
    for (int how = 0; how < 2; how++) {
        struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
        const struct row rows[] = {
            { 1, how == 0 ? asks_for(REQUEST_STOP, A) : dies(A, SIGSEGV),
              how == 0 ? "exec_end a ready; signal a TERM" : "exec_end a ready" },
        };

        w->spec.service[A].ready = (struct ready_spec){ .kind = READY_EXEC, .exec = some_command, .by_user = true };
        world_begin(w, "spawn a; spawn b; exec a ready");
        PLAY(w, rows);
    }
}

static void a_probe_that_says_no_has_not_failed(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = { { 0.5, did(A, EXEC_READY, false), "" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_EXEC, .exec = some_command, .by_user = true };
    world_begin(w, "spawn a; spawn b; exec a ready");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_EXEC_FAILED], 0);
}

/* --- hooks, and the shutdown -------------------------------------------- */

static void a_hook_is_told_of_if_it_fails(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row well[] = { { 1, hook_did(HOOK_READY, true), "" } };
    const struct row badly[] = { { 2, asks(REQUEST_DRAIN), "hook on_drain" }, { 3, hook_did(HOOK_DRAIN, false), "" } };

    (void)state;
    w->spec.hooks.on_ready = w->spec.hooks.on_drain = some_command;
    world_begin(w, "spawn a; spawn b; hook on_ready");
    PLAY(w, well);
    assert_int_equal(w->stories[STORY_HOOK_FAILED], 0);
    PLAY(w, badly);
    assert_story(w, STORY_HOOK_FAILED, HOOK_DRAIN, 0, 0);
}

static void the_log_begins_with_the_cause_and_ends_with_the_time(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 60, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHUTDOWN], 1);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.a, CAUSE_SIGNAL);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.c, 100 * SECOND);
    assert_int_equal(w->story[STORY_DONE].story.a, 50 * SECOND);
    assert_int_equal(w->story[STORY_DONE].story.b, 100 * SECOND);
    assert_int_equal(w->story[STORY_DONE].story.c, 0);
}

static void a_shutdown_is_told_when_it_begins_and_then_what_more_is_asked(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "shutdown all" },
        { 20, gets(SIGTERM), "ask all; signal a TERM; signal b TERM" },
    };

    (void)state;
    world_show(w, STORY_SHUTDOWN);
    world_show(w, STORY_ASK);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_story(w, STORY_SHUTDOWN, CAUSE_COMMAND, ASK_DRAIN, 100 * SECOND);
    assert_story(w, STORY_ASK, CAUSE_SIGNAL, ASK_STOP, SIGTERM);
}

/* Of what is cut, and of nothing else. */
static void a_linger_that_shrinks_is_told(void **state)
{
    struct world *w = a_and_b(90, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = { { 10, asks(REQUEST_DRAIN), "linger_shrunk a" } };

    (void)state;
    w->spec.service[A].linger = 60 * SECOND;
    w->spec.service[B].linger = 30 * SECOND;
    world_show(w, STORY_LINGER_SHRUNK);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_story(w, STORY_LINGER_SHRUNK, 60 * SECOND, 30 * SECOND, 0);
}

static void but_not_of_what_is_down(void **state)
{
    struct world *w = a_and_b(90, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 10, asks(REQUEST_DRAIN), "" },
    };

    (void)state;
    w->spec.service[A].linger = 60 * SECOND;
    w->spec.service[A].essential = false;
    world_show(w, STORY_LINGER_SHRUNK);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- what actions carry ------------------------------------------------- */

static void a_kill_at_the_end_is_for_everything(void **state)
{
    (void)state;
    for (int end = 0; end < 2; end++) {
        struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_PUMA);
        const struct row alone[] = {
            { 1, asks_for(REQUEST_STOP, A), "signal a TERM" },
            { 11, time_passes(), "signal a KILL" },
        };
        const struct row all[] = {
            { 1, gets(SIGINT), "signal a TERM; signal b TERM" },
            { 2, gets(SIGINT), "" },
            { 3, gets(SIGINT), "signal a KILL; signal b KILL" },
        };

        world_begin(w, "spawn a; spawn b");
        if (end)
            PLAY(w, all);
        else
            PLAY(w, alone);
        assert_int_equal(w->signal.signal.target, end ? TARGET_EVERYTHING : TARGET_ALL);
    }
}

static void a_signal_that_is_passed_on_is_for_those_who_work(void **state)
{
    struct world *w = a_and_b(0, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = { { 5, asks_signal(A, SIGUSR1), "signal a USR1" } };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->signal.signal.target, TARGET_WORKERS);
    assert_false(w->signal.signal.stop);
}

/* Its step says which command; its time ends before the margin. */
static void a_stop_command_carries_its_step_and_its_time(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 10, gets(SIGTERM), "signal a USR1" },
        { 15, time_passes(), "exec a stop" },
    };
    struct ladder *stop = &world_add(w, "a", PROFILE_GENERIC)->stop;

    (void)state;
    stop->count = 2;
    stop->by_user = true;
    stop->step[0] = (struct ladder_step){ .signo = SIGUSR1, .wait = 5 * SECOND };
    stop->step[1] = (struct ladder_step){ .exec = some_command, .wait = 20 * SECOND };
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_STOP].exec.step, 1);
    assert_int_equal(w->exec[EXEC_STOP].exec.ms, 20 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_is_told_once_however_often_it_is_repeated),
        cmocka_unit_test(a_quiet_that_nobody_can_take_is_not_told_yet),
        cmocka_unit_test(busy_counts_are_told_once_a_second),
        cmocka_unit_test(the_log_tells_what_is_waited_for_every_thirty_seconds),
        cmocka_unit_test(idle_is_told_once_and_after_how_long),
        cmocka_unit_test(a_title_from_before_the_quiet_is_not_told),
        cmocka_unit_test(drained_is_told_where_the_stop_does_not_follow),
        cmocka_unit_test(a_stop_tells_how_long_it_took),
        cmocka_unit_test(an_end_tells_whether_its_signal_was_ours),
        cmocka_unit_test(a_start_that_failed_ends_nothing_that_ran),
        cmocka_unit_test(what_a_leader_left_is_told_once),
        cmocka_unit_test(what_kill_has_not_ended_yet_does_not_remain),
        cmocka_unit_test(nothing_remains_of_what_has_ended),
        cmocka_unit_test(a_step_tells_how_long_it_waits),
        cmocka_unit_test(patience_without_a_deadline_has_no_end),
        cmocka_unit_test(only_what_has_lingered_stops_because_of_that),
        cmocka_unit_test(a_task_without_a_deadline_is_stopped_as_there_is_none),
        cmocka_unit_test(every_change_of_state_is_told),
        cmocka_unit_test(a_start_is_told_once),
        cmocka_unit_test(ready_tells_since_when_it_started),
        cmocka_unit_test(a_probe_ends_when_it_has_told_what_it_can),
        cmocka_unit_test(a_probe_that_is_a_command_ends_as_well),
        cmocka_unit_test(a_probe_that_says_no_has_not_failed),
        cmocka_unit_test(a_hook_is_told_of_if_it_fails),
        cmocka_unit_test(the_log_begins_with_the_cause_and_ends_with_the_time),
        cmocka_unit_test(a_shutdown_is_told_when_it_begins_and_then_what_more_is_asked),
        cmocka_unit_test(a_linger_that_shrinks_is_told),
        cmocka_unit_test(but_not_of_what_is_down),
        cmocka_unit_test(a_kill_at_the_end_is_for_everything),
        cmocka_unit_test(a_signal_that_is_passed_on_is_for_those_who_work),
        cmocka_unit_test(a_stop_command_carries_its_step_and_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
