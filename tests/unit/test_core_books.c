/* The books of the last line: how many jobs finished, were handed back, were killed. */
#include <signal.h>

#include "worlds.h"

static void assert_books(const struct world *w, int32_t finished, int32_t handed_back,
                         int32_t killed)
{
    assert_int_equal(w->story[STORY_BOOKS].story.a, finished);
    assert_int_equal(w->story[STORY_BOOKS].story.b, handed_back);
    assert_int_equal(w->story[STORY_BOOKS].story.c, killed);
}

/* --- in a shutdown ------------------------------------------------------ */

static void books_of_jobs_that_finished(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, dies(A, SIGTERM), "" },
        { 20, jobs(B, 1), "" },
        { 30, jobs(B, 0), "signal b TERM" },
        { 31, ends(B, 0), "exit 0" },
    };

    (void)state;
    w->jobs[B] = 3;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_books(w, 3, 0, 0);
}

/* In the `--` form its own end counts, and 0 cuts nothing off. */
static void books_of_jobs_that_finished_before_it_ended_by_itself(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 20, jobs(A, 1), "" },
        { 30, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[A] = 3;
    world_finish(w, true);
    PLAY(w, rows);
    assert_books(w, 3, 0, 0);
}

static void books_of_jobs_that_were_handed_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, dies(A, SIGTERM), "" },
        { 20, jobs(B, 2), "" },
        { 78, time_passes(), "signal b TERM" },
        { 103, ends(B, 0), "exit 75" },
    };

    (void)state;
    w->jobs[B] = 3;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_books(w, 1, 2, 0);
}

static void books_of_jobs_that_were_killed(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, dies(A, SIGTERM), "" },
        { 20, jobs(B, 2), "" },
        { 78, time_passes(), "signal b TERM" },
        { 108, time_passes(), "signal b KILL" },
        { 108.1, dies(B, SIGKILL), "exit 137" },
    };

    (void)state;
    w->jobs[B] = 3;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_books(w, 1, 0, 2);
}

/* It was idle when the end of a drain came: nothing was in flight, however long it took. */
static void an_idle_sidekiq_hands_nothing_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet b" },
        { 73, time_passes(), "signal a TERM" },
        { 74, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal b TERM" },
        { 103.5, ends(B, 0), "exit 0" },
    };

    (void)state;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Its jobs were seen, and done; only a Sidekiq hands back. */
static void who_has_no_timeout_has_not_used_it(void **state)
{
    const struct facts busy = { .members = 1, .work = WORK_BUSY, .busy = 2, .total = -1, .busy_exact = true, .major = -1 };
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; signal b TERM" },
        { 6, dies(B, SIGTERM), "" },
        { 7, tells(A, busy), "" },
        { 9, ends(A, 0), "exit 0" },
    };

    (void)state;
    w->spec.service[A].inflight.kind = INFLIGHT_NOTIFY;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BOOKS].story.a, 2);
    assert_int_equal(w->story[STORY_BOOKS].story.b, 0);
}

/* What Puma tells of its threads is shown, and no job. */
static void a_web_service_has_no_jobs_in_the_books(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, tells(A, (struct facts){ .members = 1, .busy = 3, .total = 5, .unended = -1, .major = 6 }), "" },
        { 12, dies(A, SIGTERM), "" },
        { 13, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_books(w, 0, 0, 0);
}

/* Only an old title ever told of them, and threads that had not ended. */
static void jobs_that_no_exact_count_told_of_are_in_the_books_too(void **state)
{
    const struct facts stale = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .work = WORK_BUSY,
                                 .busy = 3, .total = 5, .unended = 2 };
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; quiet b; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 12, tells(B, stale), "" },
        { 35, ends(B, 0), "" },
        { 35.1, tells(B, (struct facts){ .members = 0, .busy = -1, .total = -1, .unended = -1, .major = -1 }), "exit 0" },
    };

    (void)state;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    w->mute[B] = true;
    PLAY(w, rows);
    assert_books(w, 0, 2, 0);
}

/* --- how it ends in the middle of a drain ------------------------------- */

/* A Sidekiq that ends as it wants, in the middle of a drain: whether its jobs are finished, handed back
 * or lost depends on how. */
static struct world *with_two_jobs(void)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = { { 10, asks(REQUEST_DRAIN), "quiet b" }, { 15, time_passes(), "" } };

    w->jobs[B] = 2;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    return w;
}

static void a_crash_kills_its_jobs(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, ends(B, 1), "" },
        { 30, gets(SIGTERM), "signal a TERM" },
        { 31, dies(A, SIGTERM), "exit 1" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 0, 0, 2);
}

static void who_ends_well_by_itself_had_finished(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, ends(B, 0), "" },
        { 30, gets(SIGTERM), "signal a TERM" },
        { 31, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 2, 0, 0);
}

/* Before its -t was over: it had nothing to hand back, whatever code it gives. */
static void who_ends_with_a_code_after_the_stop_had_finished_all_the_same(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; signal b TERM" },
        { 21, dies(A, SIGTERM), "" },
        { 25, ends(B, 3), "exit 3" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 2, 0, 0);
}

/* Nobody forced it, so the code is 0; but what it did with its whole -t is in the books. */
static void who_used_its_timeout_handed_back(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; signal b TERM" },
        { 21, dies(A, SIGTERM), "" },
        { 45, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 0, 2, 0);
}

/* How long its -t is nobody knows; it had to go, and had work. */
static void who_was_forced_handed_back(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 73, time_passes(), "signal a TERM" },
        { 74, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal b TERM" },
        { 79, ends(B, 0), "exit 75" },
    };

    (void)state;
    w->spec.service[B].sidekiq_timeout = 0;
    PLAY(w, rows);
    assert_books(w, 0, 2, 0);
}

/* While KILL ends it, its threads go one by one: what was there before counts. */
static void a_kill_takes_all_that_was_there_before(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, gets(SIGINT), "signal a TERM" },
        { 21, dies(A, SIGTERM), "" },
        { 22, gets(SIGINT), "signal b TERM" },
        { 23, gets(SIGINT), "signal b KILL" },
        { 23.01, jobs(B, 1), "" },
        { 23.02, dies(B, SIGKILL), "exit 137" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 0, 0, 2);
}

/* But not where nothing cut it off: the one before had finished. */
static void who_was_not_cut_off_has_handed_back_what_was_left(void **state)
{
    struct world *w = with_two_jobs();
    const struct row rows[] = {
        { 20, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; signal b TERM" },
        { 21, dies(A, SIGTERM), "" },
        { 44.9, jobs(B, 1), "" },
        { 45, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_books(w, 1, 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_of_jobs_that_finished),
        cmocka_unit_test(books_of_jobs_that_finished_before_it_ended_by_itself),
        cmocka_unit_test(books_of_jobs_that_were_handed_back),
        cmocka_unit_test(books_of_jobs_that_were_killed),
        cmocka_unit_test(an_idle_sidekiq_hands_nothing_back),
        cmocka_unit_test(who_has_no_timeout_has_not_used_it),
        cmocka_unit_test(a_web_service_has_no_jobs_in_the_books),
        cmocka_unit_test(jobs_that_no_exact_count_told_of_are_in_the_books_too),
        cmocka_unit_test(a_crash_kills_its_jobs),
        cmocka_unit_test(who_ends_well_by_itself_had_finished),
        cmocka_unit_test(who_ends_with_a_code_after_the_stop_had_finished_all_the_same),
        cmocka_unit_test(who_used_its_timeout_handed_back),
        cmocka_unit_test(who_was_forced_handed_back),
        cmocka_unit_test(a_kill_takes_all_that_was_there_before),
        cmocka_unit_test(who_was_not_cut_off_has_handed_back_what_was_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
