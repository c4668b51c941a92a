/* Who starts when, what becomes of those that are after what has failed; and starts that fail: SPEC 2. */
#include <signal.h>
#include <stdio.h>

#include "worlds.h"

/* --- order -------------------------------------------------------------- */

static void before_its_first_event_nothing_is_due(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);

    (void)state;
    world_finish(w, false);
    assert_true(next_deadline(&w->s) == NEVER);
}

static void nothing_starts_before_it_is_told_to(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, time_passes(), "" },
        { 60, starts(), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void services_start_side_by_side(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn web; spawn worker" } };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, B, STATE_READY);
}

static void after_waits_until_it_is_ready(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db" },
        { 7, is_ready(A), "spawn web" },
        { 9, is_ready(B), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[B].ready.kind = READY_HTTP;
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_READY);
    assert_state(w, B, STATE_READY);
    assert_true(supervisor_ready(&w->s));
}

static void all_that_it_is_after_must_be_there(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 5, is_ready(B), "spawn c" } };

    (void)state;
    w->spec.service[B].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_add(w, "c", PROFILE_GENERIC)->after = SET_OF(A) | SET_OF(B);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It is quiet, and becomes ready all the same: what is after it may start. */
static void what_is_after_a_quiet_one_starts_when_that_is_ready(void **state)
{
    struct world *w = a_and_b(0, PROFILE_FAKTORY, PROFILE_GENERIC);
    const struct row rows[] = {
        { 1, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 5, is_ready(A), "spawn b" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a");
    PLAY(w, rows);
}

/* It was ready and ended well: what is after it had what it needs, and has it again. */
static void who_was_ready_once_was_there(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 10, asks_for(REQUEST_RESTART, B), "signal b TERM" },
        { 11, dies(B, SIGTERM), "spawn b" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void after_may_name_what_comes_later_in_the_file(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = { { 0, starts(), "spawn a; spawn db; spawn web" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(C);
    world_add(w, "a", PROFILE_GENERIC);
    world_add(w, "db", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void sidecars_start_first(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 3, is_ready(B), "spawn web" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "log", PROFILE_FLUENT_BIT)->ready = (struct ready_spec){ .kind = READY_FILE,
                                                                          .by_user = true };
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- tasks -------------------------------------------------------------- */

static void a_task_runs_to_success_first(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 600, time_passes(), "" }, /* ready_timeout is not for tasks */
        { 700, ends(A, 0), "spawn web" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
    assert_true(supervisor_ready(&w->s));
    assert_int_equal(supervisor_phase(&w->s), PHASE_RUNNING);
}

static void a_task_that_fails_is_tried_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, ends(A, 1), "" },
        { 11, time_passes(), "spawn migrate" },
        { 15, ends(A, 0), "spawn web" },
    };

    (void)state;
    world_add_task(w, "migrate")->backoff_first = 1 * SECOND;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0; /* no jitter */
    PLAY(w, rows);
}

static void a_task_that_fails_for_good_ends_the_container(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, ends(A, 3), "exit 3" },
    };

    (void)state;
    world_add_task(w, "migrate")->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.a, CAUSE_ESSENTIAL);
    assert_int_equal(w->s.service[B].generation, 0);
}

/* --- after what is not there -------------------------------------------- */

static void what_is_after_a_failed_one_fails_too(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn web" },
        { 10, ends(A, 3), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = w->spec.service[C].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_FAILED);
    assert_state(w, C, STATE_FAILED);
    assert_state(w, B, STATE_READY);
    assert_int_equal(w->story[STORY_DEPENDENCY_FAILED].story.a, A);
}

static void an_essential_one_after_a_failed_one_ends_the_container(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn web" },
        { 10, ends(A, 3), "signal web TERM" },
        { 11, dies(B, SIGTERM), "exit 3" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_GENERIC)->after = SET_OF(A);
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
}

/* It ended well, but was never ready, and is no task: what is after it has nothing to work with. */
static void a_service_that_ends_before_it_is_ready_was_never_there(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 5, ends(A, 0), "exit 1" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_sidecar_that_failed_holds_up_nobody(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn log" },
        { 1, ends(A, 3), "spawn web" },
    };

    (void)state;
    world_add(w, "log", PROFILE_FLUENT_BIT)->restart = RESTART_NEVER;
    w->spec.service[A].ready.kind = READY_FILE;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_sidecar_that_ended_well_holds_up_nobody(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 5, ends(A, 0), "spawn b" } };

    (void)state;
    w->spec.service[A].sidecar = true;
    w->spec.service[A].essential = false;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_begin(w, "spawn a");
    PLAY(w, rows);
}

/* What an operator stopped before it was ready has not failed: who waits for it waits on. */
static void what_waits_for_a_stopped_one_waits_on(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn db" },
        { 1, asks_for(REQUEST_STOP, A), "signal db TERM" },
        { 2, dies(A, SIGTERM), "" },
        { 60, asks_for(REQUEST_START, A), "spawn db" },
        { 61, is_ready(A), "spawn web" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* But it succeeded, and nothing had stopped it yet. */
static void a_task_that_succeeds_before_its_stop_has_succeeded(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 5, asks_for(REQUEST_STOP, A), "" },
        { 20, ends(A, 0), "spawn web" },
        { 30, gets(SIGTERM), "signal web TERM" },
        { 31, ends(B, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* What it has left undone when it is told to stop, nobody knows. */
static void a_task_that_was_told_to_stop_has_not(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 5, asks_for(REQUEST_STOP, A), "" },
        { 105, time_passes(), "signal migrate TERM" },
        { 106, ends(A, 0), "" },
        { 200, time_passes(), "" },
        { 201, asks_for(REQUEST_START, A), "spawn migrate" },
        { 202, ends(A, 0), "spawn web" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- starts that fail --------------------------------------------------- */

static void exec_that_fails(uint8_t code, bool missing)
{
    struct world *w = world_new(0);
    char end[16];
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 0.1, spawn_fails(A, SPAWN_EXEC, missing), end },
    };

    snprintf(end, sizeof(end), "exit %d", code);
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_finish(w, true);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SPAWN_FAILED], 1);
}

static void not_found_is_127(void **state)
{
    (void)state;
    exec_that_fails(127, true);
}

static void not_executable_is_126(void **state)
{
    (void)state;
    exec_that_fails(126, false);
}

/* EAGAIN is not the command's fault, and tried again even where `restart` says never. */
static void a_fork_that_fails_for_now_is_tried_again(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 0.1, fork_fails(A), "" },
        { 1.1, time_passes(), "spawn web" },
        { 1.2, spawned(A), "" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->slow_spawn[A] = true;
    world_finish(w, true);
    w->s.random = 0;
    PLAY(w, rows);
    assert_state(w, A, STATE_READY);
}

/* Whatever code the user calls a success: the program never ran. */
static void a_start_that_failed_is_no_success(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 0.1, spawn_fails(A, SPAWN_EXEC, true), "exit 127" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->spec.service[A].success_codes[1] |= (uint64_t)1 << (127 - 64);
    w->slow_spawn[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
}

static void nor_is_a_pre_start_that_failed(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "exec a pre_start" },
        { 0.1, did(A, EXEC_PRE_START, false), "exit 1" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->spec.service[A].pre_start = some_command;
    w->spec.service[A].success_codes[0] |= 1u << 1;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Nobody answers the look that was asked for before it was known. */
static void a_start_that_failed_waits_for_no_look(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 0.5, spawn_fails(A, SPAWN_EXEC, false), "exit 126" },
    };

    (void)state;
    world_add(w, "a", PROFILE_SIDEKIQ)->restart = RESTART_NEVER;
    w->slow_spawn[A] = w->mute[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->looks[A], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_its_first_event_nothing_is_due),
        cmocka_unit_test(nothing_starts_before_it_is_told_to),
        cmocka_unit_test(services_start_side_by_side),
        cmocka_unit_test(after_waits_until_it_is_ready),
        cmocka_unit_test(all_that_it_is_after_must_be_there),
        cmocka_unit_test(what_is_after_a_quiet_one_starts_when_that_is_ready),
        cmocka_unit_test(who_was_ready_once_was_there),
        cmocka_unit_test(after_may_name_what_comes_later_in_the_file),
        cmocka_unit_test(sidecars_start_first),
        cmocka_unit_test(a_task_runs_to_success_first),
        cmocka_unit_test(a_task_that_fails_is_tried_again),
        cmocka_unit_test(a_task_that_fails_for_good_ends_the_container),
        cmocka_unit_test(what_is_after_a_failed_one_fails_too),
        cmocka_unit_test(an_essential_one_after_a_failed_one_ends_the_container),
        cmocka_unit_test(a_service_that_ends_before_it_is_ready_was_never_there),
        cmocka_unit_test(a_sidecar_that_failed_holds_up_nobody),
        cmocka_unit_test(a_sidecar_that_ended_well_holds_up_nobody),
        cmocka_unit_test(what_waits_for_a_stopped_one_waits_on),
        cmocka_unit_test(a_task_that_succeeds_before_its_stop_has_succeeded),
        cmocka_unit_test(a_task_that_was_told_to_stop_has_not),
        cmocka_unit_test(not_found_is_127),
        cmocka_unit_test(not_executable_is_126),
        cmocka_unit_test(a_fork_that_fails_for_now_is_tried_again),
        cmocka_unit_test(a_start_that_failed_is_no_success),
        cmocka_unit_test(nor_is_a_pre_start_that_failed),
        cmocka_unit_test(a_start_that_failed_waits_for_no_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
