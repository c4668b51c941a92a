/* What clients and signals ask for, in the order in which such things meet: verbs and the shutdown that
 * takes over, sequences, starts that race with what they start. */
#include <signal.h>

#include "scenario.h"

enum { A, B, C }; /* services as the tests add them */

static const char *const some_argv[] = { "true", NULL };
static const struct command some_command = { "true", some_argv };

static struct world *with(int64_t deadline_s, enum profile a, enum profile b)
{
    struct world *w = world_new(deadline_s);

    world_add(w, "a", a);
    world_add(w, "b", b);
    return w;
}

static void begin(struct world *w, const char *expected)
{
    const struct row rows[] = { { 0, starts(), expected } };

    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
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

/* --- sequences ------------------------------------------------------------- */

static void a_sequence_that_is_over_may_begin_again(void **state)
{
    struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGUSR1), "signal a USR2" },
        { 15, time_passes(), "signal b HUP" },
        { 20, gets(SIGUSR1), "signal a USR2" },
    };

    (void)state;
    sequence(w, SIGUSR1, sends(A, SIGUSR2), sends(B, SIGHUP));
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_false(supervisor_shutting_down(&w->s)); /* it says nothing of an end */
}

static void the_clock_of_a_drain_starts_with_its_signal_too(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 10, gets(SIGUSR1), "signal a USR2" } };

    (void)state;
    sequence(w, SIGUSR1, sends(A, SIGUSR2), (struct signal_step){ .kind = SIGNAL_STEP_DRAIN });
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_true(supervisor_shutting_down(&w->s));
    assert_int_equal(w->s.ask, ASK_RUN);
}

/* --- verbs ----------------------------------------------------------------- */

static void a_quiet_that_is_repeated_begins_nothing_anew(void **state)
{
    struct world *w = with(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 8, asks_for(REQUEST_QUIET, A), "" },
        { 10, asks_for(REQUEST_STOP, A), "" },
        { 15, time_passes(), "signal a TERM" },
    };

    (void)state;
    w->spec.service[A].linger = 10 * SECOND;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void what_waited_longest_counts_whoever_asked(void **state)
{
    struct world *w = with(100, PROFILE_SIDEKIQ, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 10, asks(REQUEST_DRAIN), "quiet b" },
        { 15, asks_for(REQUEST_QUIET, B), "" },
        { 20, jobs(A, 0), "" },
    };
    const struct row last[] = { { 30, jobs(B, 0), "" } };

    (void)state;
    w->jobs[A] = w->jobs[B] = 1;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_IDLE].story.a, 15 * SECOND);
    PLAY(w, last);
    assert_int_equal(w->story[STORY_IDLE].story.a, 20 * SECOND);
}

static void a_verb_for_what_is_not_there_is_refused(void **state)
{
    struct world *w = with(0, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 6, asks_for(REQUEST_QUIET, A), "refused: it is not running" },
        { 7, asks_for(REQUEST_STOP, C), "refused: there is no such service" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_REFUSED].service, NO_SERVICE);
}

/* Its ladder was begun by the verb, whose user knows what it does: the shutdown adds no patience. */
static void a_ladder_that_a_verb_began_stays_as_written(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, A), "signal a TERM" },
        { 8, gets(SIGTERM), "signal b TERM" },
        { 15, time_passes(), "signal a KILL" },
    };

    (void)state;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It still lingered when the shutdown took over: the rules of the shutdown are for its ladder. */
static void a_ladder_that_a_shutdown_begins_has_patience(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks_for(REQUEST_STOP, A), "" },
        { 8, gets(SIGTERM), "signal b TERM" },
        { 9, dies(B, SIGTERM), "" },
        { 15, time_passes(), "signal a TERM" },
        { 105, time_passes(), "" },
        { 106, time_passes(), "signal a KILL" },
    };

    (void)state;
    w->spec.service[A].linger = 10 * SECOND;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_worker_that_boots_is_restarted_at_once(void **state)
{
    struct world *w = with(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = { { 5, asks_for(REQUEST_RESTART, A), "quiet a; signal a TERM" } };

    (void)state;
    w->boots[A] = true;
    w->jobs[A] = 1;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- without a deadline ---------------------------------------------------- */

static void prestop_is_of_the_platform(void **state)
{
    struct world *w = with(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_PRESTOP), "" },
        { 6, asks(REQUEST_SHUTDOWN), "signal a TERM; signal b TERM" },
        { 100, dies(A, SIGTERM), "" },
    };

    (void)state;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_term_after_a_drain_is_too(void **state)
{
    struct world *w = with(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_DRAIN), "" },
        { 6, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 100, dies(A, SIGTERM), "" },
    };

    (void)state;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* The container ends of itself, and has to: a TERM that joins in changes nothing. */
static void an_end_from_within_is_not_the_platform_s_whoever_joins(void **state)
{
    struct world *w = with(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 1), "signal b TERM" },
        { 6, gets(SIGTERM), "" },
        { 40, time_passes(), "signal b KILL" },
        { 40.1, dies(B, SIGKILL), "exit 1" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_NEVER;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- starts ---------------------------------------------------------------- */

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

static void all_that_it_is_after_must_be_there(void **state)
{
    struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 5, is_ready(B), "spawn c" } };

    (void)state;
    w->spec.service[B].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    world_add(w, "c", PROFILE_GENERIC)->after = SET_OF(A) | SET_OF(B);
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It was ready and ended well: what is after it had what it needs, and has it again. */
static void who_was_ready_once_was_there(void **state)
{
    struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 0), "" },
        { 10, asks_for(REQUEST_RESTART, B), "signal b TERM" },
        { 11, dies(B, SIGTERM), "spawn b" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void ready_may_come_before_the_word_that_it_runs(void **state)
{
    struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 1, notifies(A), "" }, { 2, spawned(A), "" }, { 3, time_passes(), "" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->slow_spawn[A] = true;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_true(supervisor_service_ready(&w->s, A));
}

static void who_is_quiet_already_does_not_become_ready(void **state)
{
    struct world *w = with(0, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 1, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 2, is_ready(A), "" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_QUIET);
    assert_int_not_equal(w->story[STORY_READY].service, A);
}

static void the_time_to_be_ready_counts_from_the_spawn(void **state)
{
    struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
        { 17, time_passes(), "signal a TERM" },
    };

    (void)state;
    w->spec.service[A].pre_start = some_command;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 10 * SECOND;
    begin(w, "exec a pre_start; spawn b");
    PLAY(w, rows);
}

static void a_linger_counts_from_when_it_was_late(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = { { 10, time_passes(), "" }, { 15, time_passes(), "signal a TERM" } };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[A].ready_timeout = 10 * SECOND;
    w->spec.service[A].linger = 5 * SECOND;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_needed_start_goes_on_in_a_drain(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 1, did(A, EXEC_PRE_START, true), "spawn a; spawn b" },
        { 5, dies(A, SIGSEGV), "" },
        { 6, time_passes(), "exec a pre_start" },
        { 6.5, asks(REQUEST_DRAIN), "" },
        { 7, did(A, EXEC_PRE_START, true), "spawn a" },
    };

    (void)state;
    w->spec.service[A].pre_start = some_command;
    w->spec.service[B].after = SET_OF(A);
    begin(w, "exec a pre_start");
    PLAY(w, rows);
}

/* --- ends ------------------------------------------------------------------ */

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

static void a_task_that_failed_ends_those_that_run_beside_it(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate; spawn web" },
        { 5, ends(A, 2), "signal web TERM" },
        { 6, dies(B, SIGTERM), "exit 2" },
    };

    (void)state;
    world_add_task(w, "migrate")->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
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

/* Whatever its code: done, not failed. */
static void who_ended_when_told_to_is_done(void **state)
{
    struct world *w = with(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 6, ends(A, 3), "" },
    };

    (void)state;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_DONE);
}

static void who_dies_in_a_drain_and_is_not_needed_has_no_pause(void **state)
{
    struct world *w = with(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_DRAIN), "" },
        { 6, dies(A, SIGSEGV), "" },
    };

    (void)state;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_BACKOFF], 0);
    assert_int_equal(w->s.service[A].state, STATE_FAILED);
}

/* Its jobs were seen, and done; only a Sidekiq hands back. */
static void who_has_no_timeout_has_not_used_it(void **state)
{
    const struct facts busy = { .members = 1, .work = WORK_BUSY, .busy = 2, .total = -1, .busy_exact = true, .major = -1 };
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; signal b TERM" },
        { 6, dies(B, SIGTERM), "" },
        { 7, tells(A, busy), "" },
        { 9, ends(A, 0), "exit 0" },
    };

    (void)state;
    w->spec.service[A].inflight.kind = INFLIGHT_NOTIFY;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BOOKS].story.a, 2);
    assert_int_equal(w->story[STORY_BOOKS].story.b, 0);
}

/* --- looks that are not answered ------------------------------------------- */

static void nobody_is_told_again_before_the_look_is_answered(void **state)
{
    const struct facts untold = { .members = 1, .untold = 1, .busy = -1, .total = -1, .unended = -1, .major = 7 };
    struct world *w = with(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
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
    begin(w, "spawn a; spawn b");
    looks = w->looks[A];
    w->mute[A] = true;
    PLAY(w, rows);
    assert_true(w->looks[A] <= looks + 3);
}

/* What a look told 5 s ago does not say that it boots now. */
static void only_who_is_seen_to_boot_now_is_stopped_at_once(void **state)
{
    const struct facts boots = { .members = 1, .booting = true, .busy = -1, .total = -1, .unended = -1, .major = -1 };
    struct world *w = with(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, tells(A, boots), "" },
        { 10, gets(SIGTERM), "quiet a; signal b TERM" },
        { 12, time_passes(), "" },
        { 12.1, tells(A, boots), "" }, /* that was asked for 2 s ago */
        { 12.2, tells(A, boots), "signal a TERM" },
    };

    (void)state;
    w->boots[A] = true;
    w->jobs[A] = 1;
    begin(w, "spawn a; spawn b");
    w->mute[A] = true;
    PLAY(w, rows);
}

/* --- when a drain has failed ----------------------------------------------- */

static void a_task_that_had_to_stop_has_failed_the_drain(void **state)
{
    (void)state;
    for (int task = 0; task < 2; task++) {
        struct world *w = world_new(100);
        const struct row rows[] = {
            { 0, starts(), "spawn a" },
            { 10, asks(REQUEST_DRAIN), "" },
            { 98, time_passes(), "signal a TERM" },
        };

        if (task)
            world_add_task(w, "a");
        else
            world_add(w, "a", PROFILE_GENERIC);
        world_finish(w, false);
        PLAY(w, rows);
        assert_int_equal(supervisor_drain_outcome(&w->s), task ? DRAIN_FAILED : DRAIN_DONE);
    }
}

static void a_quiet_command_that_succeeded_makes_evidence_count(void **state)
{
    struct world *w = with(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "exec a quiet" },
        { 11, did(A, EXEC_QUIET, true), "quiet a" },
    };

    (void)state;
    w->spec.service[A].quiet.exec = some_command;
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_QUIET);
}

static void another_seed_gives_another_pause(void **state)
{
    int64_t pause[2];

    (void)state;
    for (uint32_t k = 0; k < 2; k++) {
        struct world *w = with(0, PROFILE_GENERIC, PROFILE_GENERIC);
        const struct row rows[] = { { 0, starts(), "spawn a; spawn b" }, { 5, dies(A, SIGSEGV), "" } };

        world_finish(w, false);
        supervisor_init(&w->s, &w->spec, w->s.now, 1000 + 7777 * k);
        invariants_init(&w->watch, &w->s);
        PLAY(w, rows);
        pause[k] = w->story[STORY_BACKOFF].story.a;
    }
    assert_true(pause[0] != pause[1]);
}

/* --- what concerns others ----------------------------------------------------- */

static void a_quiet_that_a_sequence_waited_for_is_told_at_once(void **state)
{
    struct world *w = with(0, PROFILE_FAKTORY, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGUSR1), "signal b USR2" },
        { 15, time_passes(), "quiet a" },
    };

    (void)state;
    sequence(w, SIGUSR1, sends(B, SIGUSR2), (struct signal_step){ .kind = SIGNAL_STEP_QUIET, .service = A });
    begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It is quiet, and becomes ready all the same: what is after it may start. */
static void what_is_after_a_quiet_one_starts_when_that_is_ready(void **state)
{
    struct world *w = with(0, PROFILE_FAKTORY, PROFILE_GENERIC);
    const struct row rows[] = {
        { 1, asks_for(REQUEST_QUIET, A), "quiet a" },
        { 5, is_ready(A), "spawn b" },
    };

    (void)state;
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_TCP, .by_user = true };
    w->spec.service[B].after = SET_OF(A);
    begin(w, "spawn a");
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sequence_that_is_over_may_begin_again),
        cmocka_unit_test(the_clock_of_a_drain_starts_with_its_signal_too),
        cmocka_unit_test(a_quiet_that_is_repeated_begins_nothing_anew),
        cmocka_unit_test(what_waited_longest_counts_whoever_asked),
        cmocka_unit_test(a_verb_for_what_is_not_there_is_refused),
        cmocka_unit_test(a_ladder_that_a_verb_began_stays_as_written),
        cmocka_unit_test(a_ladder_that_a_shutdown_begins_has_patience),
        cmocka_unit_test(a_worker_that_boots_is_restarted_at_once),
        cmocka_unit_test(prestop_is_of_the_platform),
        cmocka_unit_test(a_term_after_a_drain_is_too),
        cmocka_unit_test(an_end_from_within_is_not_the_platform_s_whoever_joins),
        cmocka_unit_test(a_life_that_begins_quiet_waits_from_its_start_on),
        cmocka_unit_test(nobody_is_busy_who_was_not_looked_at),
        cmocka_unit_test(all_that_it_is_after_must_be_there),
        cmocka_unit_test(who_was_ready_once_was_there),
        cmocka_unit_test(ready_may_come_before_the_word_that_it_runs),
        cmocka_unit_test(who_is_quiet_already_does_not_become_ready),
        cmocka_unit_test(the_time_to_be_ready_counts_from_the_spawn),
        cmocka_unit_test(a_linger_counts_from_when_it_was_late),
        cmocka_unit_test(a_needed_start_goes_on_in_a_drain),
        cmocka_unit_test(what_ends_before_the_word_that_it_runs_did_run),
        cmocka_unit_test(a_task_that_failed_ends_those_that_run_beside_it),
        cmocka_unit_test(a_task_that_succeeded_is_not_run_again),
        cmocka_unit_test(who_ended_when_told_to_is_done),
        cmocka_unit_test(who_dies_in_a_drain_and_is_not_needed_has_no_pause),
        cmocka_unit_test(who_has_no_timeout_has_not_used_it),
        cmocka_unit_test(nobody_is_told_again_before_the_look_is_answered),
        cmocka_unit_test(only_who_is_seen_to_boot_now_is_stopped_at_once),
        cmocka_unit_test(a_task_that_had_to_stop_has_failed_the_drain),
        cmocka_unit_test(a_quiet_command_that_succeeded_makes_evidence_count),
        cmocka_unit_test(another_seed_gives_another_pause),
        cmocka_unit_test(a_quiet_that_a_sequence_waited_for_is_told_at_once),
        cmocka_unit_test(what_is_after_a_quiet_one_starts_when_that_is_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
