/* The exit code: SPEC 5, row by row, and which row comes first. */
#include <signal.h>
#include <stdio.h>

#include "worlds.h"

/* --- the service's own, by itself --------------------------------------- */

static void the_code_of_who_ended_by_itself(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 7), "signal b TERM" },
        { 6, ends(B, 9), "exit 7" }, /* told to stop: a lower row */
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void its_signal(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, dies(A, SIGSEGV), "signal b TERM" },
        { 6, dies(B, SIGTERM), "exit 139" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_term_that_is_not_ours_is_143(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, dies(A, SIGTERM), "signal b TERM" },
        { 6, dies(B, SIGTERM), "exit 143" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void success_by_itself_is_0(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 0), "signal b TERM" },
        { 6, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_code_that_the_user_calls_success_is_0(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 3), "signal b TERM" },
        { 6, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    w->spec.service[A].success_codes[0] |= 1u << 3;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void only_essential_ones_count(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, ends(A, 7), "" },
        { 10, gets(SIGTERM), "signal b TERM" },
        { 11, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Both ended by themselves: the one that began it counts. */
static void the_first_that_ended_counts(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn a; spawn b" },
        { 5, ends(B, 8), "signal a TERM" },
        { 5.5, ends(C, 9), "" },
        { 6, dies(A, SIGTERM), "exit 8" },
    };

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_add(w, "b", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "db", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->spec.service[A].after = w->spec.service[B].after = SET_OF(C);
    w->spec.service[C].restart_limit = 0;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Also before one that stands above it in the file and has failed meanwhile. */
static void the_first_that_ended_counts_wherever_it_stands(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn a; spawn b" },
        { 5, ends(B, 8), "signal b TERM" },
        { 5.5, ends(A, 9), "" },
        { 6, dies(C, SIGTERM), "exit 8" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->restart_limit = 0;
    world_add(w, "a", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "b", PROFILE_GENERIC)->restart = RESTART_NEVER;
    w->spec.service[B].after = w->spec.service[C].after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_end_during_a_drain_counts(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 5, asks(REQUEST_DRAIN), "quiet b" },
        { 6, ends(A, 7), "" },
        { 10, gets(SIGTERM), "signal b TERM" },
        { 11, ends(B, 0), "exit 7" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void it_comes_before_a_kill(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 5, ends(A, 7), "quiet b; signal b TERM" },
        { 35, time_passes(), "signal b KILL" },
        { 35.1, dies(B, SIGKILL), "exit 7" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It flapped with success until it had failed: its own code is 0, and hides nothing. */
static void a_success_too_often_hides_no_kill(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 0), "signal b TERM" },
        { 40, time_passes(), "signal b KILL" },
        { 40.1, dies(B, SIGKILL), "exit 137" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_ALWAYS;
    w->spec.service[A].restart_limit = 0;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* It would have come back; now it does not, and that end was its last. */
static void an_end_in_its_pause_was_the_final_one(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 9.5, ends(A, 7), "" },
        { 10, gets(SIGTERM), "signal b TERM" },
        { 11, dies(B, SIGTERM), "exit 7" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_ON_FAILURE;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void what_is_after_a_failed_one_ends_with_its_code(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn a" },
        { 5, ends(A, 7), "exit 7" },
    };

    (void)state;
    w->spec.service[A].ready.kind = READY_TCP;
    w->spec.service[A].essential = false;
    w->spec.service[B].after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- 137 ---------------------------------------------------------------- */

static void who_had_to_be_killed(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_GENERIC);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 12, ends(B, 5), "" },
        { 45, time_passes(), "signal a KILL" },
        { 45.1, dies(A, SIGKILL), "exit 137" }, /* before b's own code */
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void also_where_it_is_not_essential(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 12, dies(B, SIGTERM), "" },
        { 45, time_passes(), "signal a KILL" },
        { 45.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    w->spec.service[A].essential = false;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Restarted by hand, and what it is after fails before it is back. */
static void who_had_to_be_killed_and_never_came_back(void **state)
{
    struct world *w = a_and_b_once(0, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn b; spawn c; spawn a" },
        { 5, asks_for(REQUEST_RESTART, A), "signal a TERM" },
        { 10, ends(B, 1), "" },
        { 15, time_passes(), "signal a KILL" },
        { 15.1, dies(A, SIGKILL), "" },
        { 20, gets(SIGTERM), "signal c TERM" },
        { 21, dies(C, SIGTERM), "exit 137" },
    };

    (void)state;
    world_add(w, "c", PROFILE_GENERIC);
    w->spec.service[A].after = SET_OF(B);
    w->spec.service[A].essential = w->spec.service[B].essential = false;
    world_finish(w, false);
    PLAY(w, rows);
}

/* It ended by itself in the instant in which KILL came. */
static void who_ended_before_the_kill_hit_was_not_killed(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 12, dies(B, SIGTERM), "" },
        { 45, time_passes(), "signal a KILL" },
        { 45.1, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void what_its_leader_left_was_killed(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 12, dies(B, SIGTERM), "" },
        { 15, leaves(A, 0, 1), "" },
        { 45, time_passes(), "signal a KILL" },
        { 45.1, remains(A, 0), "exit 137" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void it_comes_before_what_was_handed_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 78, time_passes(), "signal b TERM" },
        { 107, ends(B, 0), "" },
        { 108, time_passes(), "signal a KILL" },
        { 108.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    w->jobs[B] = 1;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- 75 ----------------------------------------------------------------- */

/* Told at the latest moment (78 s); ends `after` seconds later. */
static int sidekiq_ends_after(double after, int32_t busy)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal b TERM" },
    };
    char end[16] = "exit 75";
    struct row last[] = { { 78 + after, ends(B, 0), end } };

    w->jobs[B] = busy;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
    if (after < 24)
        last[0].expected = "exit 0";
    PLAY(w, last);
    return w->code;
}

static void sidekiq_that_took_its_time_handed_back(void **state)
{
    (void)state;
    assert_int_equal(sidekiq_ends_after(25.5, 2), 75);
    assert_int_equal(sidekiq_ends_after(24, 2), 75);
    assert_int_equal(sidekiq_ends_after(24, -1), 75); /* unknown is work */
}

static void sidekiq_that_ended_sooner_had_finished(void **state)
{
    (void)state;
    assert_int_equal(sidekiq_ends_after(23.9, 2), 0);
    assert_int_equal(sidekiq_ends_after(1, -1), 0);
}

static void without_a_known_timeout_it_counts_as_handed_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal b TERM" },
        { 80, ends(B, 0), "exit 75" },
    };

    (void)state;
    w->jobs[B] = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* -t 25, and a ladder that begins with another step, for want of time at 48 s: what counts is how long
 * after its TERM, at 88 s, it ended. */
static struct world *term_comes_second(struct ladder_step first)
{
    struct world *w = world_new(120);
    struct service_spec *worker;
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 58, time_passes(), first.signo == SIGINT    ? "signal worker INT"
                             : first.signo == SIGUSR1 ? "signal worker USR1"
                                                      : "exec worker stop" },
    };

    worker = world_add(w, "worker", PROFILE_SIDEKIQ);
    worker->sidekiq_timeout = 25 * SECOND;
    worker->stop = (struct ladder){ .count = 3, .by_user = true };
    worker->stop.step[0] = first;
    worker->stop.step[1] = (struct ladder_step){ .signo = SIGTERM, .wait = 30 * SECOND };
    worker->stop.step[2] = (struct ladder_step){ .signo = SIGKILL };
    w->jobs[A] = 1;
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static void a_timeout_begins_with_term_not_with_the_ladder(void **state)
{
    struct world *w = term_comes_second((struct ladder_step){ .exec = some_command, .wait = 40 * SECOND });
    const struct row rows[] = {
        { 70, jobs(A, 0), "" },
        { 98, time_passes(), "exec_end worker stop; signal worker TERM" },
        { 98.6, ends(A, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BOOKS].story.b, 0);
}

static void what_took_its_time_after_a_late_term_was_handed_back(void **state)
{
    struct world *w = term_comes_second((struct ladder_step){ .exec = some_command, .wait = 40 * SECOND });
    const struct row rows[] = {
        { 98, time_passes(), "exec_end worker stop; signal worker TERM" },
        { 122, ends(A, 0), "exit 75" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Who ended before it was sent has handed nothing back. */
static void without_its_term_nothing_was_handed_back(void **state)
{
    struct world *w = term_comes_second((struct ladder_step){ .exec = some_command, .wait = 40 * SECOND });
    const struct row rows[] = { { 97, ends(A, 0), "exec_end worker stop; exit 0" } };

    (void)state;
    PLAY(w, rows);
}

/* INT is to Sidekiq what TERM is. */
static void a_timeout_may_begin_with_int(void **state)
{
    struct world *w = term_comes_second((struct ladder_step){ .signo = SIGINT, .wait = 40 * SECOND });
    const struct row rows[] = { { 82, ends(A, 0), "exit 75" } };

    (void)state;
    PLAY(w, rows);
}

/* Nor with another signal. */
static void a_timeout_does_not_begin_with_usr1(void **state)
{
    struct world *w = term_comes_second((struct ladder_step){ .signo = SIGUSR1, .wait = 40 * SECOND });
    const struct row rows[] = {
        { 98, time_passes(), "signal worker TERM" },
        { 98.6, ends(A, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
}

/* A Resque after a drain alone: its jobs cannot be seen, and time ran out. */
static void unseen_work_that_had_to_go_was_handed_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_RESQUE);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet b" },
        { 73, time_passes(), "signal a TERM" },
        { 74, dies(A, SIGTERM), "" },
        { 78, time_passes(), "quiet b; signal b QUIT" },
        { 79, ends(B, 0), "exit 75" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Puma's latest moment came too, but it has no jobs to hand back. */
static void a_web_service_hands_nothing_back(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_NGINX);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "" },
        { 73, time_passes(), "signal a TERM; signal b QUIT" },
        { 74, dies(A, SIGTERM), "" },
        { 75, ends(B, 0), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* `shutdown --now`, INT twice, and no deadline: not for lack of time. */
static void work_that_was_given_up_on_request_is_not_75(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, asks(REQUEST_SHUTDOWN_NOW), "signal a TERM; quiet b; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 35.5, ends(B, 0), "exit 0" },
    };

    (void)state;
    w->jobs[B] = 1;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void it_comes_before_a_code_after_the_stop(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b" },
        { 11, ends(A, 9), "" },
        { 78, time_passes(), "signal b TERM" },
        { 103.5, ends(B, 0), "exit 75" },
    };

    (void)state;
    w->jobs[B] = 1;
    w->spec.service[B].sidekiq_timeout = 25 * SECOND;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- the service's own, after it was told ------------------------------- */

static void a_code_after_the_stop_is_the_last_row(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, ends(A, 0), "" },
        { 12, ends(B, 9), "exit 9" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void of_one_that_is_not_essential_it_is_none(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, ends(A, 0), "" },
        { 12, ends(B, 9), "exit 0" },
    };

    (void)state;
    w->spec.service[B].essential = false;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void another_signal_than_ours_is_a_code(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 12, dies(B, SIGABRT), "exit 134" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Sidekiq was told TSTP, then TERM: death by either is ours. */
static void every_signal_that_we_sent_is_success(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_FAKTORY);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; quiet b; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 12, dies(B, SIGTSTP), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* 143 as a code is what a shell makes of our signal; but it is a code. */
static void a_code_of_143_is_no_signal(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 12, ends(B, 143), "exit 143" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void an_exit_that_a_verb_asked_for_ends_nothing(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, A), "signal a TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 20, gets(SIGTERM), "signal b TERM" },
        { 21, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* What a life before the last one did is forgotten. */
static void a_new_life_wipes_the_record(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_STOP, A), "signal a TERM" },
        { 45, time_passes(), "signal a KILL" },
        { 45.1, dies(A, SIGKILL), "" },
        { 50, asks_for(REQUEST_START, A), "spawn a" },
        { 60, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 61, dies(A, SIGTERM), "" },
        { 62, dies(B, SIGTERM), "exit 0" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- the -- form -------------------------------------------------------- */

static void alone_its_code_is_ours(void **state)
{
    static const uint8_t codes[] = { 0, 1, 42, 255 };

    (void)state;
    for (size_t k = 0; k < sizeof(codes); k++) {
        struct world *w = world_new(0);
        const struct row begins[] = { { 0, starts(), "spawn app" } };
        char end[16];
        const struct row rows[] = { { 5, ends(A, codes[k]), end } };

        snprintf(end, sizeof(end), "exit %d", codes[k]);
        world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
        world_finish(w, true);
        PLAY(w, begins);
        PLAY(w, rows);
    }
}

static void alone_its_end_by_our_signal_is_0(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 5, gets(SIGINT), "signal app TERM" },
        { 6, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, true);
    PLAY(w, rows);
}

/* Though what it left had to be killed, and though a signal that was forwarded ended it. */
static void alone_its_own_end_counts_whatever_it_is(void **state)
{
    struct world *w;
    const struct row leaves_something[] = {
        { 0, starts(), "spawn app" },
        { 5, leaves(A, 0, 1), "signal app TERM" },
        { 15, time_passes(), "signal app KILL" },
        { 15.1, remains(A, 0), "exit 0" },
    };
    const struct row forwarded[] = {
        { 0, starts(), "spawn app" },
        { 5, gets(SIGUSR1), "signal app USR1" },
        { 5.1, dies(A, SIGUSR1), "exit 138" },
    };

    (void)state;
    for (int k = 0; k < 2; k++) {
        w = world_new(0);
        world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
        world_finish(w, true);
        if (k == 0)
            PLAY(w, leaves_something);
        else
            PLAY(w, forwarded);
    }
}

/* Nothing of it ever ran: that 0 is no success of it means nothing. */
static void who_is_given_up_in_its_pre_start_has_no_code(void **state)
{
    for (int by_verb = 0; by_verb < 2; by_verb++) {
        struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_GENERIC);
        const struct row rows[] = {
            { 1, by_verb ? asks_for(REQUEST_STOP, A) : gets(SIGTERM),
              by_verb ? "exec_end a pre_start" : "exec_end a pre_start; signal b TERM" },
            { 2, gets(SIGTERM), by_verb ? "signal b TERM" : "" },
            { by_verb ? 100 : 99, time_passes(), "signal b KILL" },
            { by_verb ? 100.1 : 99.1, dies(B, SIGKILL), "exit 137" },
        };

        (void)state;
        w->spec.service[A].pre_start = some_command;
        w->spec.service[A].success_codes[0] = SET_OF(3);
        world_begin(w, "exec a pre_start; spawn b");
        PLAY(w, rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_of_who_ended_by_itself),
        cmocka_unit_test(its_signal),
        cmocka_unit_test(a_term_that_is_not_ours_is_143),
        cmocka_unit_test(success_by_itself_is_0),
        cmocka_unit_test(a_code_that_the_user_calls_success_is_0),
        cmocka_unit_test(only_essential_ones_count),
        cmocka_unit_test(the_first_that_ended_counts),
        cmocka_unit_test(the_first_that_ended_counts_wherever_it_stands),
        cmocka_unit_test(an_end_during_a_drain_counts),
        cmocka_unit_test(it_comes_before_a_kill),
        cmocka_unit_test(a_success_too_often_hides_no_kill),
        cmocka_unit_test(an_end_in_its_pause_was_the_final_one),
        cmocka_unit_test(what_is_after_a_failed_one_ends_with_its_code),
        cmocka_unit_test(who_had_to_be_killed),
        cmocka_unit_test(also_where_it_is_not_essential),
        cmocka_unit_test(who_had_to_be_killed_and_never_came_back),
        cmocka_unit_test(who_ended_before_the_kill_hit_was_not_killed),
        cmocka_unit_test(what_its_leader_left_was_killed),
        cmocka_unit_test(it_comes_before_what_was_handed_back),
        cmocka_unit_test(sidekiq_that_took_its_time_handed_back),
        cmocka_unit_test(sidekiq_that_ended_sooner_had_finished),
        cmocka_unit_test(without_a_known_timeout_it_counts_as_handed_back),
        cmocka_unit_test(a_timeout_begins_with_term_not_with_the_ladder),
        cmocka_unit_test(what_took_its_time_after_a_late_term_was_handed_back),
        cmocka_unit_test(without_its_term_nothing_was_handed_back),
        cmocka_unit_test(a_timeout_may_begin_with_int),
        cmocka_unit_test(a_timeout_does_not_begin_with_usr1),
        cmocka_unit_test(unseen_work_that_had_to_go_was_handed_back),
        cmocka_unit_test(a_web_service_hands_nothing_back),
        cmocka_unit_test(work_that_was_given_up_on_request_is_not_75),
        cmocka_unit_test(it_comes_before_a_code_after_the_stop),
        cmocka_unit_test(a_code_after_the_stop_is_the_last_row),
        cmocka_unit_test(of_one_that_is_not_essential_it_is_none),
        cmocka_unit_test(another_signal_than_ours_is_a_code),
        cmocka_unit_test(every_signal_that_we_sent_is_success),
        cmocka_unit_test(a_code_of_143_is_no_signal),
        cmocka_unit_test(an_exit_that_a_verb_asked_for_ends_nothing),
        cmocka_unit_test(a_new_life_wipes_the_record),
        cmocka_unit_test(alone_its_code_is_ours),
        cmocka_unit_test(alone_its_end_by_our_signal_is_0),
        cmocka_unit_test(alone_its_own_end_counts_whatever_it_is),
        cmocka_unit_test(who_is_given_up_in_its_pre_start_has_no_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
