/* The verbs for one service: stop, restart and quiet; a shutdown that takes over; and what is refused. */
#include <signal.h>

#include "worlds.h"

/* --- stop and restart --------------------------------------------------- */

static void stop_drains_one_service_alone(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, B), "quiet worker" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 51, ends(B, 0), "" },
        { 500, time_passes(), "" },
        { 501, asks_for(REQUEST_STOP, B), "refused: it is not running" },
        { 502, asks_for(REQUEST_START, B), "spawn worker" },
    };

    (void)state;
    PLAY(w, rows);
    assert_true(supervisor_ready(&w->s));
}

static void it_waits_at_most_the_deadline_from_the_verb(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, B), "quiet worker" },
        { 110, time_passes(), "signal worker TERM" },
        { 140, time_passes(), "signal worker KILL" },
        { 140.1, dies(B, SIGKILL), "" },
    };

    (void)state;
    PLAY(w, rows);
    assert_state(w, B, STATE_DONE);
}

static void a_verb_that_is_repeated_gives_no_more_time(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, asks_for(REQUEST_STOP, A), "quiet worker" },
        { 60, asks_for(REQUEST_STOP, A), "" },
        { 110, time_passes(), "signal worker TERM" },
        { 111, ends(A, 0), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "web", PROFILE_PUMA);
    w->jobs[A] = 1;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_linger_counts_from_the_quiet_that_a_verb_asked_for(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 5, asks_for(REQUEST_QUIET, A), "quiet worker" },
        { 10, asks_for(REQUEST_STOP, A), "" },
        { 15, time_passes(), "signal worker TERM" },
        { 16, ends(A, 0), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->linger = 10 * SECOND;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void restart_starts_it_again(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_RESTART, B), "quiet worker" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 51, ends(B, 0), "spawn worker" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.service[B].restarts_total, 1);
}

static void restart_starts_what_is_down_or_in_its_pause(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, dies(B, SIGSEGV), "" },
        { 10.1, asks_for(REQUEST_RESTART, B), "spawn worker" },
        { 20, asks_for(REQUEST_STOP, B), "quiet worker" },
        { 21, ends(B, 0), "" },
        { 22, asks_for(REQUEST_RESTART, B), "spawn worker" },
    };

    (void)state;
    PLAY(w, rows);
}

/* --- a shutdown takes over ---------------------------------------------- */

/* It waits as the shutdown says from then on, not only until 10 + 100 s. */
static void a_shutdown_takes_over_a_stop_under_way(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, B), "quiet worker" },
        { 50, gets(SIGTERM), "signal web TERM" },
        { 51, dies(A, SIGTERM), "" },
        { 118, time_passes(), "signal worker TERM" },
        { 119, ends(B, 0), "exit 75" },
    };

    (void)state;
    PLAY(w, rows);
}

/* A linger that a verb began is not begun again by the shutdown. */
static void a_shutdown_takes_over_a_linger_under_way(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, asks_for(REQUEST_STOP, A), "" },
        { 15, gets(SIGTERM), "" },
        { 20, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- quiet -------------------------------------------------------------- */

static void quiet_tells_one_service_and_no_more(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_QUIET, B), "quiet worker" },
        { 11, asks_for(REQUEST_QUIET, A), "refused: it has no quiet" },
        { 12, jobs(B, 0), "" },
        { 500, time_passes(), "" },
        { 501, ends(B, 0), "signal web TERM" }, /* told to take no more: it does not come back */
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.cause, CAUSE_ESSENTIAL);
}

static void a_worker_that_was_told_to_be_quiet_does_not_come_back(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 10, ends(A, 1), "signal b TERM" },
        { 11, dies(B, SIGTERM), "exit 1" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_quiet_that_is_repeated_begins_nothing_anew(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 8, asks_for(REQUEST_QUIET, A), "" },
        { 10, asks_for(REQUEST_STOP, A), "" },
        { 15, time_passes(), "signal a TERM" },
    };

    (void)state;
    w->spec.service[A].linger = 10 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void what_waited_longest_counts_whoever_asked(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 10, asks(REQUEST_DRAIN), "quiet b" },
        { 15, asks_for(REQUEST_QUIET, B), "" },
        { 20, jobs(A, 0), "" },
    };
    const struct row last[] = { { 30, jobs(B, 0), "" } };

    (void)state;
    w->jobs[A] = w->jobs[B] = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_IDLE].story.a, 15 * SECOND);
    PLAY(w, last);
    assert_int_equal(w->story[STORY_IDLE].story.a, 20 * SECOND);
}

/* --- what is refused ---------------------------------------------------- */

static void stop_of_what_a_living_service_needs_is_refused(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn log; spawn db; spawn web" },
        { 10, asks_for(REQUEST_STOP, A), "refused: a living service needs it" },
        { 11, asks_for(REQUEST_STOP, C), "refused: a living service needs it" },
        { 12, asks_for(REQUEST_STOP, B), "signal web TERM" },
        { 13, asks_for(REQUEST_STOP, A), "refused: a living service needs it" },
        { 14, dies(B, SIGTERM), "" },
        { 15, asks_for(REQUEST_STOP, A), "signal db TERM" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "log", PROFILE_FLUENT_BIT);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_verb_for_what_is_not_there_is_refused(void **state)
{
    struct world *w = a_and_b(0, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 6, asks_for(REQUEST_QUIET, A), "refused: it is not running" },
        { 7, asks_for(REQUEST_STOP, C), "refused: there is no such service" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_REFUSED].service, NO_SERVICE);
}

static void in_a_shutdown_starts_and_reloads_are_refused(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 5, asks(REQUEST_RELOAD), "reload" },
        { 6, gets(SIGHUP), "reload" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 11, asks_for(REQUEST_START, A), "refused: a shutdown is under way" },
        { 12, asks_for(REQUEST_RESTART, A), "refused: a shutdown is under way" },
        { 13, asks(REQUEST_RELOAD), "refused: a shutdown is under way" },
        { 14, gets(SIGHUP), "" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_REFUSED], 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop_drains_one_service_alone),
        cmocka_unit_test(it_waits_at_most_the_deadline_from_the_verb),
        cmocka_unit_test(a_verb_that_is_repeated_gives_no_more_time),
        cmocka_unit_test(a_linger_counts_from_the_quiet_that_a_verb_asked_for),
        cmocka_unit_test(restart_starts_it_again),
        cmocka_unit_test(restart_starts_what_is_down_or_in_its_pause),
        cmocka_unit_test(a_shutdown_takes_over_a_stop_under_way),
        cmocka_unit_test(a_shutdown_takes_over_a_linger_under_way),
        cmocka_unit_test(quiet_tells_one_service_and_no_more),
        cmocka_unit_test(a_worker_that_was_told_to_be_quiet_does_not_come_back),
        cmocka_unit_test(a_quiet_that_is_repeated_begins_nothing_anew),
        cmocka_unit_test(what_waited_longest_counts_whoever_asked),
        cmocka_unit_test(stop_of_what_a_living_service_needs_is_refused),
        cmocka_unit_test(a_verb_for_what_is_not_there_is_refused),
        cmocka_unit_test(in_a_shutdown_starts_and_reloads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
