/* What the user wrote for a signal in [signals]: steps in order, with waits between. */
#include <signal.h>

#include "worlds.h"

/* --- a shutdown after a wait -------------------------------------------- */

static void set_sequence(struct world *w, uint8_t signo, const struct signal_step *steps,
                         uint16_t count)
{
    w->spec.signal[signo].first = w->spec.signal_steps;
    w->spec.signal[signo].count = count;
    for (uint16_t k = 0; k < count; k++)
        w->spec.signal_step[w->spec.signal_steps++] = steps[k];
}

/* TERM = web:USR1, wait:20s, shutdown */
static struct world *with_sequence(int64_t deadline_s, int64_t wait_s)
{
    struct world *w = world_new(deadline_s);
    const struct signal_step steps[] = {
        { .kind = SIGNAL_STEP_SEND, .service = A, .signo = SIGUSR1 },
        { .kind = SIGNAL_STEP_WAIT, .ms = wait_s * SECOND },
        { .kind = SIGNAL_STEP_SHUTDOWN },
    };
    const struct row rows[] = { { 0, starts(), "spawn web; spawn worker" } };

    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    set_sequence(w, SIGTERM, steps, 3);
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static void a_sequence_is_carried_out_in_order(void **state)
{
    struct world *w = with_sequence(100, 20);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 15, gets(SIGTERM), "" }, /* one under way is not begun again */
        { 30, time_passes(), "signal web TERM; quiet worker" },
    };

    (void)state;
    PLAY(w, rows);
}

/* The clock ran since 10 s. */
static void its_clock_starts_when_the_signal_comes(void **state)
{
    struct world *w = with_sequence(100, 20);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 30, time_passes(), "signal web TERM; quiet worker" },
        { 31, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

static void nothing_is_started_by_hand_while_it_waits(void **state)
{
    const struct signal_step steps[] = { { .kind = SIGNAL_STEP_WAIT, .ms = 20 * SECOND },
                                         { .kind = SIGNAL_STEP_SHUTDOWN } };
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, B), "signal b TERM" },
        { 6, ends(B, 0), "" },
        { 10, gets(SIGTERM), "" },
        { 11, asks_for(REQUEST_START, B), "refused: a shutdown is under way" },
        { 12, asks_for(REQUEST_RESTART, A), "refused: a shutdown is under way" },
        { 13, asks(REQUEST_RELOAD), "refused: a shutdown is under way" },
        { 30, time_passes(), "signal a TERM" },
    };

    (void)state;
    set_sequence(w, SIGTERM, steps, 2);
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void its_waits_hold_up_nothing_else(void **state)
{
    struct world *w = with_sequence(100, 20);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 12, gets(SIGQUIT), "signal web TERM; quiet worker" },
    };

    (void)state;
    PLAY(w, rows);
}

/* It would wait past the latest moment: then all drain, by the same cause, and each stops at its own. */
static void nor_the_deadline(void **state)
{
    struct world *w = with_sequence(100, 500);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 73, time_passes(), "shutdown all; quiet worker; signal web TERM" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_show(w, STORY_SHUTDOWN);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.a, CAUSE_SIGNAL);
    assert_int_equal(w->story[STORY_SHUTDOWN].story.b, ASK_DRAIN);
}

static void at_a_latest_moment_only_who_must_is_stopped(void **state)
{
    struct world *w = world_new(100);
    const struct signal_step steps[] = {
        { .kind = SIGNAL_STEP_WAIT, .ms = 80 * SECOND },
        { .kind = SIGNAL_STEP_SHUTDOWN },
    };
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn other" },
        { 10, gets(SIGTERM), "" },
        { 73, time_passes(), "signal web TERM" },
        { 90, time_passes(), "signal other TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "other", PROFILE_GENERIC);
    set_sequence(w, SIGTERM, steps, 2);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Its clock runs while it waits, and so long things are started. */
static void what_may_still_be_started_has_its_place_in_the_plan(void **state)
{
    struct world *w = world_new(40);
    const struct signal_step steps[] = {
        { .kind = SIGNAL_STEP_WAIT, .ms = 35 * SECOND },
        { .kind = SIGNAL_STEP_SHUTDOWN },
    };
    const struct row rows[] = {
        { 0, starts(), "spawn task" },
        { 10, gets(SIGTERM), "" },
        { 38, time_passes(), "" }, /* 50 s less 2 s and web's 10 s: too late for a start */
        { 39, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "task")->stop.step[0].wait = 1 * SECOND;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    set_sequence(w, SIGTERM, steps, 2);
    world_finish(w, false);
    PLAY(w, rows);
}

static void while_it_waits_no_end_hastens_it(void **state)
{
    struct world *w = with_sequence(100, 20);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 15, ends(A, 0), "" },
        { 30, time_passes(), "quiet worker" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_NEVER;
    PLAY(w, rows);
}

/* TERM waits 20 s before its shutdown; the clock runs, and nothing hastens that. */
static void while_a_sequence_waits_no_failed_start_hastens_it(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "" },
        { 15, ends(A, 7), "" },
        { 30, time_passes(), "signal c TERM" },
        { 31, dies(C, SIGTERM), "exit 7" },
    };

    (void)state;
    world_add(w, "c", PROFILE_PUMA)->linger = 5 * SECOND;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].restart = RESTART_NEVER;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    w->spec.signal_step[0] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 20 * SECOND };
    w->spec.signal_step[1] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    w->spec.signal_steps = 2;
    w->spec.signal[SIGTERM] = (struct signal_sequence){ .first = 0, .count = 2 };
    world_begin(w, "spawn a; spawn c");
    PLAY(w, rows);
}

/* --- other steps -------------------------------------------------------- */

static void a_step_may_set_the_deadline(void **state)
{
    struct world *w = world_new(0);
    const struct signal_step steps[] = {
        { .kind = SIGNAL_STEP_DEADLINE, .ms = 60 * SECOND },
        { .kind = SIGNAL_STEP_SHUTDOWN },
    };
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGPWR), "quiet worker" },
        { 38, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[A] = 2;
    set_sequence(w, SIGPWR, steps, 2);
    world_finish(w, false);
    PLAY(w, rows);
}

static void ignore_ignores(void **state)
{
    struct world *w = world_new(0);
    const struct signal_step steps[] = { { .kind = SIGNAL_STEP_IGNORE } };
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGQUIT), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    set_sequence(w, SIGQUIT, steps, 1);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.ask, ASK_RUN);
}

/* signo = step, wait 5 s, step */
static void sequence(struct world *w, int signo, struct signal_step first, struct signal_step last)
{
    struct spec *spec = &w->spec;

    spec->signal[signo] = (struct signal_sequence){ .first = spec->signal_steps, .count = 3 };
    spec->signal_step[spec->signal_steps++] = first;
    spec->signal_step[spec->signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 5 * SECOND };
    spec->signal_step[spec->signal_steps++] = last;
}

static struct signal_step sends(uint8_t service, uint8_t signo)
{
    return (struct signal_step){ .kind = SIGNAL_STEP_SEND, .service = service, .signo = signo };
}

static void a_sequence_that_is_over_may_begin_again(void **state)
{
    struct world *w = a_and_b(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGUSR1), "signal a USR2" },
        { 15, time_passes(), "signal b HUP" },
        { 20, gets(SIGUSR1), "signal a USR2" },
    };

    (void)state;
    sequence(w, SIGUSR1, sends(A, SIGUSR2), sends(B, SIGHUP));
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_false(supervisor_shutting_down(&w->s)); /* it says nothing of an end */
}

static void the_clock_of_a_drain_starts_with_its_signal_too(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 10, gets(SIGUSR1), "signal a USR2" } };

    (void)state;
    sequence(w, SIGUSR1, sends(A, SIGUSR2), (struct signal_step){ .kind = SIGNAL_STEP_DRAIN });
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_true(supervisor_shutting_down(&w->s));
    assert_int_equal(w->s.ask, ASK_RUN);
}

static void a_quiet_that_a_sequence_waited_for_is_told_at_once(void **state)
{
    struct world *w = a_and_b(0, PROFILE_FAKTORY, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGUSR1), "signal b USR2" },
        { 15, time_passes(), "quiet a" },
    };

    (void)state;
    sequence(w, SIGUSR1, sends(B, SIGUSR2), (struct signal_step){ .kind = SIGNAL_STEP_QUIET, .service = A });
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_is_carried_out_in_order),
        cmocka_unit_test(its_clock_starts_when_the_signal_comes),
        cmocka_unit_test(nothing_is_started_by_hand_while_it_waits),
        cmocka_unit_test(its_waits_hold_up_nothing_else),
        cmocka_unit_test(nor_the_deadline),
        cmocka_unit_test(at_a_latest_moment_only_who_must_is_stopped),
        cmocka_unit_test(what_may_still_be_started_has_its_place_in_the_plan),
        cmocka_unit_test(while_it_waits_no_end_hastens_it),
        cmocka_unit_test(while_a_sequence_waits_no_failed_start_hastens_it),
        cmocka_unit_test(a_step_may_set_the_deadline),
        cmocka_unit_test(ignore_ignores),
        cmocka_unit_test(a_sequence_that_is_over_may_begin_again),
        cmocka_unit_test(the_clock_of_a_drain_starts_with_its_signal_too),
        cmocka_unit_test(a_quiet_that_a_sequence_waited_for_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
