/* Signals to lastcall: the words for a shutdown, TSTP, and those that are passed on or ignored. */
#include <signal.h>

#include "worlds.h"

#define RTMIN_AND_3 37

/* --- words for a shutdown ----------------------------------------------- */

static void each_word_for_shutdown_is_one(void **state)
{
    static const uint8_t words[] = { SIGTERM, SIGQUIT, SIGPWR, RTMIN_AND_3, SIGINT };

    (void)state;
    for (size_t k = 0; k < sizeof(words); k++) {
        struct world *w = web_and_worker(100);
        const struct row rows[] = {
            { 10, gets(words[k]), "signal web TERM; quiet worker" },
        };

        PLAY(w, rows);
        assert_int_equal(w->s.cause, CAUSE_SIGNAL);
        assert_int_equal(w->s.cause_detail, words[k]);
    }
}

static void a_repeated_term_hastens_nothing(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 10.1, gets(SIGTERM), "" },
        { 30, gets(SIGTERM), "" },
        { 30.5, gets(SIGQUIT), "" },
        { 40, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal worker TERM" },
        { 79, gets(SIGTERM), "" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHUTDOWN], 1);
    assert_int_equal(w->stories[STORY_ASK], 0);
}

static void a_signal_before_the_first_spawn_is_obeyed_before_it(void **state)
{
    static const uint8_t words[] = { SIGTERM, SIGINT };

    (void)state;
    for (size_t k = 0; k < sizeof(words); k++) {
        struct world *w = world_new(100);
        const struct row rows[] = { { 0, gets(words[k]), "exit 0" } };

        world_add(w, "web", PROFILE_PUMA);
        world_finish(w, false);
        PLAY(w, rows);
    }
}

/* --- INT asks for more each time ---------------------------------------- */

static void int_asks_for_more_each_time(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 10, gets(SIGINT), "quiet worker" },
        { 10.9, gets(SIGINT), "" }, /* within 1 s: the same one */
        { 12, gets(SIGINT), "signal web TERM; signal worker TERM" },
        { 12.5, gets(SIGINT), "" },
        { 14, gets(SIGINT), "signal web KILL; signal worker KILL" },
        { 14.1, dies(A, SIGKILL), "" },
        { 14.2, dies(B, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 60 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void int_kills_without_a_deadline_too(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, gets(SIGINT), "signal app TERM" },
        { 12, gets(SIGINT), "" },
        { 14, gets(SIGINT), "signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, true);
    PLAY(w, rows);
}

static void a_fourth_int_asks_for_no_more(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 1, gets(SIGINT), "signal a TERM" },
        { 2, gets(SIGINT), "" },
        { 3, gets(SIGINT), "signal a KILL" },
        { 4, gets(SIGINT), "signal a KILL" },
        { 5, gets(SIGINT), "signal a KILL" },
        { 5.5, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* The monotonic clock counts from the boot, of a small machine that exists for this container, too. */
static void the_first_int_counts_in_the_first_second_of_the_machine(void **state)
{
    static struct actions out;
    struct world *w = world_new(0);

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_finish(w, false);
    supervisor_init(&w->s, &w->spec, 0, 1);
    step(&w->s, &(struct event){ .type = EVENT_SIGNAL, .service = NO_SERVICE, .now = 500, .signal.signo = SIGINT }, &out);
    assert_int_equal(w->s.ask, ASK_STOP);
}

/* --- TSTP --------------------------------------------------------------- */

static void tstp_drains_with_a_config_file(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = { { 10, gets(SIGTSTP), "quiet worker" } };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.ask, ASK_DRAIN);
}

static void tstp_is_forwarded_to_what_has_no_quiet(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 12, gets(SIGTSTP), "signal app TSTP" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, true);
    PLAY(w, rows);
}

/* It came before the first spawn, and is obeyed: the worker never takes a job. */
static void tstp_before_the_start_begins_it_quiet(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, gets(SIGTSTP), "" },
        { 0, starts(), "spawn worker; quiet worker" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, true);
    PLAY(w, rows);
    assert_int_equal(w->s.ask, ASK_RUN);
}

/* TSTP came before it: it counts from its own start, and its first busy count is told at once. */
static void a_life_that_begins_quiet_waits_from_its_start_on(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, gets(SIGTSTP), "" },
        { 50, starts(), "spawn app; quiet app; busy app" },
        { 60, jobs(A, 0), "busy app" },
    };

    (void)state;
    world_add(w, "app", PROFILE_SIDEKIQ);
    w->jobs[A] = 2;
    world_show(w, STORY_BUSY);
    world_finish(w, true);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_IDLE].story.a, 10 * SECOND);
}

static void nobody_is_busy_who_was_not_looked_at(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, gets(SIGTSTP), "" }, { 1, starts(), "spawn app; quiet app" } };

    (void)state;
    world_add(w, "app", PROFILE_SIDEKIQ);
    w->mute[A] = true;
    world_show(w, STORY_BUSY);
    world_show(w, STORY_IDLE);
    world_finish(w, true);
    PLAY(w, rows);
}

static void only_the_life_that_was_to_begin_quiet_does(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, gets(SIGTSTP), "" },
        { 1, starts(), "spawn app; quiet app" },
        { 5, dies(A, SIGSEGV), "" },
        { 6, time_passes(), "spawn app" },
    };

    (void)state;
    world_add(w, "app", PROFILE_FAKTORY);
    world_finish(w, true);
    w->s.random = 0;
    PLAY(w, rows);
}

/* --- others ------------------------------------------------------------- */

static void other_signals_are_ignored_with_a_config_file(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGUSR1), "signal_ignored all" },
        { 11, gets(SIGWINCH), "signal_ignored all" },
    };

    (void)state;
    world_show(w, STORY_SIGNAL_IGNORED);
    PLAY(w, rows);
}

static void the_one_command_gets_the_other_signals(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGUSR1), "signal worker USR1" },
        { 11, gets(SIGHUP), "signal worker HUP" },
        { 12, gets(SIGTSTP), "quiet worker" },
        { 13, gets(SIGTSTP), "" },
        { 60, time_passes(), "" }, /* quiet, and no drain: it goes on */
        { 61, gets(SIGTERM), "signal worker TERM" },
        { 62, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->restart = RESTART_NEVER;
    world_finish(w, true);
    PLAY(w, rows);
}

static void signals_are_passed_on(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_signal(A, SIGUSR1), "signal web USR1" },
        { 11, asks_signal(9, SIGUSR1), "refused: there is no such service" },
        { 12, asks_for(REQUEST_STOP, A), "signal web TERM" },
        { 13, dies(A, SIGTERM), "" },
        { 14, asks_signal(A, SIGUSR1), "refused: it is not running" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->signal.signal.target, TARGET_WORKERS);
}

/* Between fork and exec it is there already, during its pre_start it is not. */
static void a_signal_is_passed_on_to_what_is_there(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec app pre_start" },
        { 1, gets(SIGUSR1), "" },
        { 2, did(A, EXEC_PRE_START, true), "spawn app" },
        { 2.1, gets(SIGUSR2), "signal app USR2" },
        { 2.2, spawned(A), "" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->pre_start = some_command;
    w->slow_spawn[A] = true;
    world_finish(w, true);
    PLAY(w, rows);
}

static void what_is_no_signal_is_not_sent(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 1, asks_signal(A, 64), "signal a 64" },
        { 2, asks_signal(A, 65), "" },
        { 3, asks_signal(A, 0), "" },
        { 4, gets(65), "" },
        { 5, gets(0), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SIGNAL] + w->stories[STORY_SIGNAL_IGNORED], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_for_shutdown_is_one),
        cmocka_unit_test(a_repeated_term_hastens_nothing),
        cmocka_unit_test(a_signal_before_the_first_spawn_is_obeyed_before_it),
        cmocka_unit_test(int_asks_for_more_each_time),
        cmocka_unit_test(int_kills_without_a_deadline_too),
        cmocka_unit_test(a_fourth_int_asks_for_no_more),
        cmocka_unit_test(the_first_int_counts_in_the_first_second_of_the_machine),
        cmocka_unit_test(tstp_drains_with_a_config_file),
        cmocka_unit_test(tstp_is_forwarded_to_what_has_no_quiet),
        cmocka_unit_test(tstp_before_the_start_begins_it_quiet),
        cmocka_unit_test(a_life_that_begins_quiet_waits_from_its_start_on),
        cmocka_unit_test(nobody_is_busy_who_was_not_looked_at),
        cmocka_unit_test(only_the_life_that_was_to_begin_quiet_does),
        cmocka_unit_test(other_signals_are_ignored_with_a_config_file),
        cmocka_unit_test(the_one_command_gets_the_other_signals),
        cmocka_unit_test(signals_are_passed_on),
        cmocka_unit_test(a_signal_is_passed_on_to_what_is_there),
        cmocka_unit_test(what_is_no_signal_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
