/* What is started again after its end, and after which pause: SPEC 2. */
#include <signal.h>

#include "worlds.h"

/* --- pauses ------------------------------------------------------------- */

static void crash(struct world *w, double at, double back)
{
    const struct row rows[] = {
        { at, ends(A, 1), "" },
        { back, time_passes(), "spawn web" },
    };
    PLAY(w, rows);
}

static void pauses_double_up_to_the_longest(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->backoff_max = 6 * SECOND;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 10, 11);
    crash(w, 20, 22);
    crash(w, 30, 34);
    crash(w, 40, 46);
    crash(w, 50, 56);
}

static void after_five_restarts_in_a_row_it_has_failed(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };
    const struct row sixth[] = { { 40, ends(A, 9), "exit 9" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 1, 2);
    crash(w, 3, 5);
    crash(w, 6, 10);
    crash(w, 11, 19);
    crash(w, 20, 36);
    PLAY(w, sixth);
    assert_int_equal(w->story[STORY_FAILED].story.a, 5);
}

static void a_life_that_was_ready_for_long_begins_anew(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 1, 2);
    crash(w, 3, 5);
    crash(w, 64.9, 68.9); /* 59.9 s are not long enough */
    crash(w, 128.9, 129.9);
    assert_int_equal(w->s.service[A].restarts, 1);
}

/* It is ready when it has succeeded; until then it only takes long. */
static void a_task_that_takes_long_and_fails_is_no_ready_one(void **state)
{
    struct world *w = world_new(0);
    const struct row begin[] = { { 0, starts(), "spawn web" } };
    const struct row end[] = { { 360, ends(A, 1), "exit 1" } };

    (void)state;
    world_add_task(w, "web")->restart_limit = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, begin);
    crash(w, 90, 91);
    crash(w, 200, 202);
    PLAY(w, end);
}

static void jitter_takes_up_to_a_quarter(void **state)
{
    int64_t least = NEVER, most = 0;

    (void)state;
    for (uint32_t seed = 1; seed < 200; seed++) {
        struct world *w = world_new(0);
        const struct row rows[] = {
            { 0, starts(), "spawn web" },
            { 10, ends(A, 1), "" },
        };

        world_add(w, "web", PROFILE_GENERIC)->backoff_first = 8 * SECOND;
        world_finish(w, false);
        w->s.random = seed * 2654435761u;
        PLAY(w, rows);
        least = time_min(least, w->story[STORY_BACKOFF].story.a);
        most = time_max(most, w->story[STORY_BACKOFF].story.a);
    }
    assert_in_range(least, 6000, 6200);
    assert_in_range(most, 7800, 8000);
}

static void another_seed_gives_another_pause(void **state)
{
    int64_t pause[2];

    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
        const struct row rows[] = { { 0, starts(), "spawn a; spawn b" }, { 5, dies(A, SIGSEGV), "" } };

        world_finish(w, false);
        supervisor_init(&w->s, &w->spec, w->s.now, 1000 + 7777 * k);
        invariants_init(&w->watch, &w->s);
        PLAY(w, rows);
        pause[k] = w->story[STORY_BACKOFF].story.a;
    }
    assert_true(pause[0] != pause[1]);
}

/* A service in its pause when what it is after has failed for good fails too. */
static void a_pause_ends_when_what_it_is_after_has_failed(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn other; spawn web" },
        { 5, ends(B, 1), "" },
        { 5.5, ends(A, 1), "" },
        { 6, time_passes(), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "other", PROFILE_GENERIC);
    w->spec.service[A].essential = w->spec.service[B].essential = false;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_state(w, B, STATE_FAILED);
}

/* --- what `restart` says ------------------------------------------------ */

static void restarts_that_are_told(struct world *w, enum restart restart)
{
    world_add(w, "web", PROFILE_GENERIC)->restart = restart;
    world_add(w, "other", PROFILE_GENERIC);
    w->spec.service[A].essential = false;
    world_finish(w, false);
    w->s.random = 0;
}

static void never_restarts_nothing(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 1), "" },
        { 500, time_passes(), "" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_NEVER);
    PLAY(w, rows);
    assert_state(w, A, STATE_FAILED);
}

static void on_failure_restarts_no_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, dies(A, SIGSEGV), "" },
        { 6, time_passes(), "spawn web" },
        { 7, ends(A, 0), "" },
        { 500, time_passes(), "" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
}

static void always_restarts_a_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 0), "" },
        { 6, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ALWAYS);
    PLAY(w, rows);
}

static void success_is_what_the_user_says(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, ends(A, 143), "" },
        { 6, time_passes(), "" },
        { 7, asks_for(REQUEST_START, A), "spawn web" },
        { 8, dies(A, SIGHUP), "" },
        { 9, time_passes(), "" },
        { 10, asks_for(REQUEST_START, A), "spawn web" },
        { 11, dies(A, SIGTERM), "" }, /* nobody of us sent it */
        { 12, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    w->spec.service[A].success_codes[143 / 64] |= (uint64_t)1 << (143 % 64);
    w->spec.service[A].success_signals = (uint64_t)1 << (SIGHUP - 1);
    PLAY(w, rows);
}

static void a_task_that_succeeded_is_not_run_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate; spawn web" },
        { 5, ends(A, 0), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add_task(w, "migrate")->restart = RESTART_ALWAYS;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_DONE);
}

/* What the leader left behind is stopped before the next life begins. */
static void remains_are_cleared_before_a_restart(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 5, leaves(A, 1, 2), "signal web TERM" },
        { 15, time_passes(), "signal web KILL" },
        { 15.2, remains(A, 0), "" },
        { 16.2, time_passes(), "spawn web" },
    };

    (void)state;
    restarts_that_are_told(w, RESTART_ON_FAILURE);
    PLAY(w, rows);
}

/* --- by hand ------------------------------------------------------------ */

static void a_start_by_hand_begins_the_count_anew(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "spawn a" },
        { 10, ends(A, 1), "" }, /* one in a row is what it may */
        { 20, asks_for(REQUEST_START, A), "spawn a" },
        { 25, ends(A, 1), "" },
        { 26, time_passes(), "spawn a" },
    };

    (void)state;
    w->spec.service[A].restart_limit = 1;
    w->spec.service[A].essential = false;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_restart_by_hand_begins_the_count_anew(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 1), "" },
        { 6, time_passes(), "spawn a" },
        { 10, asks_for(REQUEST_RESTART, A), "signal a TERM" },
        { 11, dies(A, SIGTERM), "spawn a" },
        { 25, ends(A, 1), "" },
        { 26, time_passes(), "spawn a" },
    };

    (void)state;
    w->spec.service[A].restart_limit = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* What it is after has failed: started again it fails as well, and then nothing is left that could run. */
static void what_was_stopped_and_started_again_is_no_longer_held(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 5, asks_for(REQUEST_STOP, B), "" },
        { 10, ends(A, 7), "" },
        { 20, asks_for(REQUEST_START, B), "exit 0" },
    };

    (void)state;
    w->spec.service[B].after = SET_OF(A);
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].ready.kind = READY_TCP;
    w->spec.service[A].essential = w->spec.service[B].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_double_up_to_the_longest),
        cmocka_unit_test(after_five_restarts_in_a_row_it_has_failed),
        cmocka_unit_test(a_life_that_was_ready_for_long_begins_anew),
        cmocka_unit_test(a_task_that_takes_long_and_fails_is_no_ready_one),
        cmocka_unit_test(jitter_takes_up_to_a_quarter),
        cmocka_unit_test(another_seed_gives_another_pause),
        cmocka_unit_test(a_pause_ends_when_what_it_is_after_has_failed),
        cmocka_unit_test(never_restarts_nothing),
        cmocka_unit_test(on_failure_restarts_no_success),
        cmocka_unit_test(always_restarts_a_success),
        cmocka_unit_test(success_is_what_the_user_says),
        cmocka_unit_test(a_task_that_succeeded_is_not_run_again),
        cmocka_unit_test(remains_are_cleared_before_a_restart),
        cmocka_unit_test(a_start_by_hand_begins_the_count_anew),
        cmocka_unit_test(a_restart_by_hand_begins_the_count_anew),
        cmocka_unit_test(what_was_stopped_and_started_again_is_no_longer_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
