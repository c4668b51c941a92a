/* SPEC 4, sentence by sentence: quiet, wait, stop, hand back, deadline, and what
 * else a shutdown meets. */
#include <signal.h>

#include "core/budget.h"
#include "scenario.h"

enum { A, B, C, D }; /* services as the tests add them */

#define RTMIN_AND_3 37

static const char *const some_argv[] = { "true", NULL };
static const struct command some_command = { "true", some_argv };

static void assert_state(const struct world *w, size_t i, enum service_state state)
{
    assert_string_equal(state_name(w->s.service[i].state), state_name(state));
}

static int64_t latest_of(const struct world *w, size_t i)
{
    return w->s.service[i].latest - w->s.clock_at;
}

/* A Sidekiq with two jobs, beside a Puma; deadline 100 s, margin 2 s. */
static struct world *web_and_worker(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);
    const struct row rows[] = { { 0, starts(), "spawn web; spawn worker" } };

    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

/* --- quiet -------------------------------------------------------------- */

static void quiet_is_told_at_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = { { 10, asks(REQUEST_DRAIN), "quiet worker" } };

    (void)state;
    assert_true(supervisor_ready(&w->s));
    PLAY(w, rows);
    assert_false(supervisor_ready(&w->s));
    assert_state(w, B, STATE_QUIET);
    assert_state(w, A, STATE_READY);
}

static void quiet_is_repeated_until_it_is_seen(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, time_passes(), "quiet worker" },
        { 14, time_passes(), "quiet worker" },
    };
    const struct row seen[] = {
        { 14.25, time_passes(), "quiet_seen worker" }, /* by the next look */
        { 60, time_passes(), "" },
    };

    (void)state;
    w->deaf[B] = true;
    world_show(w, STORY_QUIET_SEEN);
    PLAY(w, rows);
    w->deaf[B] = false;
    PLAY(w, seen);
    assert_int_equal(w->story[STORY_QUIET_SEEN].story.a, 4250);
}

/* Nothing shows that it was heard: once is enough. */
static void a_quiet_whose_effect_cannot_be_seen_is_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 77, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_RESQUE);
    world_finish(w, false);
    PLAY(w, rows);
}

static void who_cannot_take_the_quiet_gets_it_as_soon_as_it_can(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 15.5, booted(A), "quiet worker" },
    };

    (void)state;
    w->boots[A] = true;
    world_add(w, "worker", PROFILE_FAKTORY);
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_quiet_that_is_a_command_is_tried_again_if_it_fails(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "exec worker quiet" },
        { 11, did(A, EXEC_QUIET, false), "" },
        { 12, time_passes(), "exec worker quiet" },
        { 15, did(A, EXEC_QUIET, true), "quiet worker" }, /* evidence counts from here on */
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_RESQUE)->quiet = (struct quiet_spec){ .exec = some_command };
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_QUIET].exec.ms, 5 * SECOND);
    assert_state(w, A, STATE_QUIET);
}

/* One whose jobs nobody can see; its quiet is a command. */
static struct world *with_a_quiet_command(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);
    const struct row rows[] = { { 0, starts(), "spawn app" } };

    world_add(w, "app", PROFILE_GENERIC)->quiet = (struct quiet_spec){ .exec = some_command };
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static void a_quiet_that_is_a_command_ends_before_the_stop(void **state)
{
    struct world *w;
    const struct row fails[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, false), "signal app TERM" },
    };
    const struct row succeeds[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, true), "quiet app; signal app TERM" },
    };

    (void)state;
    for (int64_t deadline = 0; deadline <= 100; deadline += 100) {
        w = with_a_quiet_command(deadline);
        PLAY(w, fails);
        w = with_a_quiet_command(deadline);
        PLAY(w, succeeds);
    }
}

/* It might fail for ever. */
static void a_quiet_command_that_is_tried_again_holds_up_no_stop(void **state)
{
    struct world *w = with_a_quiet_command(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_PRESTOP), "exec app quiet" },
        { 13, did(A, EXEC_QUIET, false), "exec app quiet" },
        { 14, gets(SIGTERM), "signal app TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Its disk is gone. */
static void a_quiet_command_that_even_kill_does_not_end_holds_up_no_stop(void **state)
{
    struct world *w = with_a_quiet_command(0);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 15, time_passes(), "" },
        { 16, time_passes(), "signal app TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

static void a_quiet_that_is_a_command_holds_up_no_hurry(void **state)
{
    struct world *w;
    const struct row no_more_waiting[] = {
        { 10, gets(SIGTERM), "exec app quiet" },
        { 11, asks(REQUEST_SHUTDOWN_NOW), "signal app TERM" },
    };
    const struct row latest[] = { /* 10 s of ladder, 1.2 s of margin */
        { 10, gets(SIGTERM), "exec app quiet" },
        { 10.8, time_passes(), "signal app TERM" },
    };

    (void)state;
    w = with_a_quiet_command(100);
    PLAY(w, no_more_waiting);
    w = with_a_quiet_command(12);
    PLAY(w, latest);
}

static void nothing_new_is_started(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn flappy" },
        { 5, ends(C, 1), "" },
        { 5.5, asks(REQUEST_DRAIN), "" },
        { 6, is_ready(A), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_add(w, "flappy", PROFILE_GENERIC);
    world_finish(w, false);
    w->spec.service[A].restart = RESTART_NEVER;
    PLAY(w, rows);
    assert_state(w, B, STATE_DONE);
    assert_state(w, C, STATE_DONE);
}

/* --- wait --------------------------------------------------------------- */

static void a_worker_is_waited_for_until_it_is_known_to_be_idle(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 40, jobs(B, 1), "" },
        { 50, jobs(B, -1), "" },
        { 60, jobs(B, 0), "signal worker TERM" },
        { 61, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_IDLE);
}

/* The linger is over at 20 s; the worker waits on its own. */
static void a_web_service_lingers(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 20, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LINGER_OVER);
}

static void linger_is_at_most_a_third(void **state)
{
    struct world *w = world_new(90);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "linger_shrunk web" },
        { 40, time_passes(), "signal web TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 80 * SECOND;
    world_finish(w, false);
    world_show(w, STORY_LINGER_SHRUNK);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_LINGER_SHRUNK].story.a, 80 * SECOND);
    assert_int_equal(w->story[STORY_LINGER_SHRUNK].story.b, 30 * SECOND);
}

static void a_running_task_is_waited_for(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, gets(SIGTERM), "" },
        { 50, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_STARTED], 1);
}

static void what_waits_for_a_task_takes_no_time_from_it(void **state)
{
    struct world *w = world_new(20);
    const struct row rows[] = {
        { 0, starts(), "spawn task" },
        { 10, gets(SIGTERM), "" },
        { 11, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add_task(w, "task");
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->stories[STORY_SHRUNK], 0);
}

static void a_task_that_does_not_end_is_stopped_at_the_latest_moment(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn migrate" },
        { 10, gets(SIGTERM), "" },
        { 98, time_passes(), "signal migrate TERM" },
        { 99, dies(A, SIGTERM), "exit 75" },
    };

    (void)state;
    world_add_task(w, "migrate");
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- stop --------------------------------------------------------------- */

static void after_a_drain_the_processes_stay(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 20, jobs(B, 0), "drained all; hook on_drained" },
        { 21, hook_did(HOOK_DRAINED, true), "" },
        { 60, gets(SIGTERM), "signal web TERM; signal worker TERM" },
        { 61, dies(A, SIGTERM), "" },
        { 62, ends(B, 0), "exit 0" },
    };

    (void)state;
    w->spec.hooks.on_drained = some_command;
    world_show(w, STORY_DRAINED);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_DRAINED].story.a, 10 * SECOND);
}

static void drained_means_that_lingers_are_over_and_tasks_have_ended(void **state)
{
    struct world *w = world_new(100);
    const struct row begin[] = {
        { 0, starts(), "spawn web; spawn task; spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
    };
    const struct row lingered[] = { { 20, time_passes(), "" } };
    const struct row idle[] = { { 30, jobs(C, 0), "" } };
    const struct row ended[] = { { 35, ends(B, 0), "drained all" } };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add_task(w, "task");
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[C] = 1;
    world_finish(w, false);
    world_show(w, STORY_DRAINED);
    PLAY(w, begin);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINING);
    assert_int_equal(supervisor_waits_for(&w->s, A), WAIT_LINGER);
    assert_int_equal(supervisor_waits_for(&w->s, B), WAIT_TASK);
    assert_int_equal(supervisor_waits_for(&w->s, C), WAIT_JOBS);
    PLAY(w, lingered);
    PLAY(w, idle);
    PLAY(w, ended);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINED);
}

/* worker is after db: it stops first, then db, and the sidecar last. */
static void what_is_needed_stops_later(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 20, jobs(B, 0), "signal worker TERM" },
        { 21, ends(B, 0), "signal db TERM" },
        { 22, dies(A, SIGTERM), "signal proxy TERM" },
        { 23, dies(C, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    w->spec.service[C].essential = false;
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_worker_that_boots_has_no_job_and_is_stopped_at_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, dies(B, SIGSEGV), "" },
        { 11, time_passes(), "spawn worker" },
        { 12, asks(REQUEST_DRAIN), "quiet worker; signal worker TERM" },
        { 13, dies(B, SIGTERM), "" },
    };

    (void)state;
    w->s.random = 0;
    w->boots[B] = true;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_BOOTING);
    assert_int_equal(w->stories[STORY_QUIET], 0); /* nobody could take it */
}

/* --- a stop that was swallowed while it booted -------------------------- */

static struct world *worker_that_boots(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);

    w->boots[A] = true;
    w->jobs[A] = 2;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_show(w, STORY_STOP_MISSED);
    world_show(w, STORY_STOP_AGAIN);
    return w;
}

static void a_swallowed_stop_is_taken_back_and_its_jobs_are_waited_for(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 12.5, booted(A), "stop_missed worker; quiet worker" },
        { 60, jobs(A, 0), "signal worker TERM" },
        { 61, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_IDLE);
}

/* 100 s, 2 s margin, 30 s ladder: 68 s after the signal it had to begin, and is told once. */
static void a_stop_that_was_swallowed_for_too_long_is_repeated_at_once(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 80, booted(A), "stop_missed worker; quiet worker; signal worker TERM" },
        { 104, ends(A, 0), "exit 75" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LATEST);
}

static void who_waits_for_no_job_repeats_a_swallowed_stop(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGINT), "quiet worker; signal worker TERM" },
        { 11, gets(SIGINT), "" },
        { 12.5, booted(A), "stop_again worker; signal worker TERM" },
        { 14, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Nobody has a deadline: KILL would come after the 30 s of its ladder. */
static void what_boots_is_looked_at_once_more_before_a_kill(void **state)
{
    struct world *w = worker_that_boots(0);
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10.5, asks(REQUEST_SHUTDOWN), "quiet worker; signal worker TERM" },
        { 40.2, time_passes(), "" },
    };
    const struct row kills_not[] = {
        { 40.5, time_passes(), "stop_again worker; signal worker TERM" },
        { 70.5, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, boots);
    world_boots_on(w, A);
    PLAY(w, kills_not);
}

/* Patience ends with the second INT, long after the ladder's own wait: who hears of the stop only
 * then has all of it from then on. */
static void who_hears_late_of_a_stop_has_its_whole_wait(void **state)
{
    struct world *w = worker_that_boots(150);
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGINT), "quiet worker; signal worker TERM" },
        { 79.5, time_passes(), "" },
    };
    const struct row is_killed[] = {
        { 80, gets(SIGINT), "stop_again worker; signal worker TERM" },
        { 109.5, time_passes(), "" },
        { 110, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, boots);
    world_boots_on(w, A);
    PLAY(w, is_killed);
}

/* The plan that was made while its ladder ran leaves it its linger. */
static void a_stop_that_was_taken_back_leaves_the_linger(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, gets(SIGTERM), "quiet worker; signal web TERM; signal worker TERM" },
        { 11, dies(B, SIGTERM), "" },
        { 12, booted(A), "stop_missed worker; quiet worker" },
        { 30, time_passes(), "signal worker TERM" },
    };

    (void)state;
    w->spec.service[A].linger = 20 * SECOND;
    w->jobs[A] = 0;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* One whose jobs come by datagram is looked at for the same reason. */
static void each_worker_may_have_swallowed_its_stop(void **state)
{
    struct world *w = world_new(100);
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 14.5, time_passes(), "" },
    };
    const struct row has_booted[] = {
        { 15, time_passes(), "stop_missed worker; quiet worker" },
        { 50, time_passes(), "" },
    };
    struct service_spec *spec = world_add(w, "worker", PROFILE_GENERIC);

    (void)state;
    spec->inflight.kind = INFLIGHT_NOTIFY;
    spec->quiet.signo = SIGUSR1;
    spec->ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->boots[A] = true;
    w->jobs[A] = 1;
    world_show(w, STORY_STOP_MISSED);
    world_finish(w, false);
    PLAY(w, boots);
    world_boots_on(w, A);
    PLAY(w, has_booted);
}

/* --- hand back ---------------------------------------------------------- */

/* 100 s, 2 s margin, 30 s ladder: at 68 s after the signal it must begin. */
static void at_the_latest_moment_jobs_are_handed_back(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 78, time_passes(), "signal worker TERM" },
        { 103, ends(B, 0), "exit 75" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LATEST);
}

static void also_after_a_drain(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 73, time_passes(), "signal web TERM" }, /* Puma takes 35 s */
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(latest_of(w, A), 63 * SECOND);
}

/* worker 30 s, then db 10 s: the worker's latest moment is 40 s before the end. */
static void the_latest_moment_leaves_time_for_what_stops_later(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" },
        { 90, ends(B, 0), "signal db TERM" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* The worker hangs: db gets its own 10 s all the same. */
static void the_latest_moment_of_what_stops_later_comes_too(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn db; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" },
        { 98, time_passes(), "signal db TERM; signal worker KILL" },
    };

    (void)state;
    world_add(w, "db", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- deadline ----------------------------------------------------------- */

static void what_lives_at_the_deadline_is_killed(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 108, time_passes(), "signal web KILL" },
        { 108.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* KILL at deadline - margin, exit half a margin later; the 5 s for survivors do not
 * come into it. */
static void half_a_margin_later_lastcall_exits(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 108, time_passes(), "deadline_kill all; signal web KILL" },
        { 109, time_passes(), "signal web KILL; survived web; exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    world_show(w, STORY_DEADLINE_KILL);
    world_show(w, STORY_SURVIVED);
    PLAY(w, rows);
}

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

/* --- needed ------------------------------------------------------------- */

static struct world *worker_after_redis(bool sidecar)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
    };

    world_add(w, "redis", PROFILE_GENERIC)->sidecar = sidecar;
    w->spec.service[A].essential = !sidecar;
    w->spec.service[A].restart = RESTART_NEVER;
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = sidecar ? 0 : SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    return w;
}

static void a_needed_service_that_dies_in_a_drain_is_restarted(void **state)
{
    (void)state;
    for (int sidecar = 0; sidecar < 2; sidecar++) {
        struct world *w = worker_after_redis(sidecar);
        const struct row rows[] = {
            { 20, ends(A, 1), "" },
            { 21, time_passes(), "spawn redis" },
            { 30, jobs(B, 0), "signal worker TERM" },
            { 31, ends(B, 0), "signal redis TERM" },
            { 32, dies(A, SIGTERM), "exit 0" },
        };
        PLAY(w, rows);
    }
}

/* The worker is after the task, and only that is after Redis. */
static void what_is_needed_through_a_task_that_has_ended_is_needed(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn migrate" },
        { 2, ends(B, 0), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 20, ends(A, 1), "" },
        { 21, time_passes(), "spawn redis" },
        { 30, jobs(C, 0), "signal worker TERM" },
        { 31, ends(C, 0), "signal redis TERM" },
        { 32, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add_task(w, "migrate")->after = SET_OF(A);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(B);
    w->jobs[C] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

static void what_it_left_behind_is_cleared_first(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, leaves(A, 1, 1), "signal redis TERM" },
        { 22, remains(A, 0), "" },
        { 23, time_passes(), "spawn redis" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Of the ladder that makes room for its next life 10 s are left, but it comes back with all of it. */
static void what_is_being_restarted_has_its_next_ladder_in_the_plan(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn worker" },
        { 10, asks_for(REQUEST_RESTART, A), "signal proxy TERM" },
        { 60, gets(SIGTERM), "quiet worker" },
        { 68, time_passes(), "signal worker TERM" }, /* 160 s less 2, 60 and 30 s */
    };

    (void)state;
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    w->spec.service[A].essential = false;
    w->spec.service[A].stop.step[0].wait = 60 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void once_it_is_not_needed_it_stays_down(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, ends(A, 1), "" },
        { 20.5, ends(B, 0), "exit 1" }, /* so that was its last end */
    };

    (void)state;
    PLAY(w, rows);
}

static void a_worker_that_dies_while_draining_is_not_restarted(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, dies(B, SIGSEGV), "signal redis TERM" },
        { 21, dies(A, SIGTERM), "exit 139" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Not even one that something is after, and that was in its pause already. */
static void a_worker_in_its_pause_does_not_come_back(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, dies(A, SIGSEGV), "" },
        { 10.5, asks(REQUEST_DRAIN), "" },
        { 60, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
    assert_state(w, A, STATE_DONE);
}

/* The plan of a needed service is whole again in its next life. */
static void a_restarted_one_has_its_ladder_in_full(void **state)
{
    struct world *w = worker_after_redis(false);
    const struct row rows[] = {
        { 20, leaves(A, 1, 1), "signal redis TERM" },
        { 30, time_passes(), "signal redis KILL" },
        { 30.5, remains(A, 0), "" },
        { 31, asks_deadline(60000), "" },
    };
    const struct row then[] = {
        { 31.5, time_passes(), "spawn redis" },
        { 40, jobs(B, 0), "signal worker TERM" },
        { 41, ends(B, 0), "signal redis TERM" },
        { 89, time_passes(), "signal redis KILL" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(latest_of(w, A), (31 - 10 + 60 - 2 - 10) * SECOND);
    assert_int_equal(latest_of(w, B), (31 - 10 + 60 - 2 - 10 - 30) * SECOND);
    PLAY(w, then);
}

/* A restart that was asked for before the shutdown comes to its end while jobs need it. */
static void a_restart_under_way_of_what_is_needed_goes_on(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 9, asks_for(REQUEST_RESTART, A), "signal redis TERM" },
        { 10, gets(SIGTERM), "quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 12, time_passes(), "spawn redis" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

/* --- patience ----------------------------------------------------------- */

/* TERM at once; KILL not after 30 s, but at the latest moment and 30 s: the end. */
static void unseen_work_has_until_the_end(void **state)
{
    static const enum profile profiles[] = {
        PROFILE_GENERIC,  PROFILE_SHORYUKEN,   PROFILE_FAKTORY, PROFILE_KARAFKA,
        PROFILE_GOOD_JOB, PROFILE_DELAYED_JOB, PROFILE_QUE,
    };

    (void)state;
    for (size_t k = 0; k < sizeof(profiles) / sizeof(profiles[0]); k++) {
        struct world *w = world_new(200);
        bool quiet = world_add(w, "worker", profiles[k])->quiet.signo > 0;
        const struct row rows[] = {
            { 0, starts(), "spawn worker" },
            { 10, gets(SIGTERM), quiet ? "quiet worker; signal worker TERM"
                                       : "signal worker TERM" },
            { 208, time_passes(), "signal worker KILL" },
        };

        world_finish(w, false);
        PLAY(w, rows);
    }
}

/* QUIT would interrupt its jobs: it comes at the end, and KILL 5 s later. */
static void a_second_step_comes_late_as_well(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker TERM" },
        { 203, time_passes(), "signal worker QUIT" },
        { 208, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_CELERY);
    world_finish(w, false);
    PLAY(w, rows);
}

static void nginx_and_puma_have_their_waits_and_no_more(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn log; spawn nginx; spawn puma" },
        { 10, gets(SIGTERM), "signal nginx QUIT; signal puma TERM" },
        { 40, time_passes(), "signal nginx TERM" },
        { 45, time_passes(), "signal nginx KILL; signal puma KILL" },
        { 45.1, dies(A, SIGKILL), "" },
        { 45.2, dies(B, SIGKILL), "signal log TERM" },
        { 55.2, time_passes(), "signal log KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_add(w, "puma", PROFILE_PUMA);
    world_add(w, "log", PROFILE_GENERIC)->sidecar = true; /* no patience with a sidecar */
    w->spec.service[C].essential = false;
    world_finish(w, false);
    w->spec.service[B].stop.step[0].wait = 35 * SECOND;
    PLAY(w, rows);
}

static void a_ladder_of_the_user_is_carried_out_as_written(void **state)
{
    struct world *w = world_new(200);
    struct ladder *stop = &world_add(w, "worker", PROFILE_CELERY)->stop;
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker INT" },
        { 17, time_passes(), "exec worker stop" },
        { 18, did(A, EXEC_STOP, true), "" },
        { 20, time_passes(), "signal worker KILL" },
    };

    (void)state;
    *stop = (struct ladder){ .count = 2, .by_user = true };
    stop->step[0] = (struct ladder_step){ .signo = SIGINT, .wait = 7 * SECOND };
    stop->step[1] = (struct ladder_step){ .exec = some_command, .wait = 3 * SECOND };
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_STOP].exec.ms, 3 * SECOND);
}

static void a_stop_command_that_runs_on_is_ended_with_its_step(void **state)
{
    struct world *w = world_new(200);
    struct ladder *stop = &world_add(w, "worker", PROFILE_GENERIC)->stop;
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "exec worker stop" },
        { 13, time_passes(), "exec_end worker stop; signal worker KILL" },
    };

    (void)state;
    *stop = (struct ladder){ .count = 1, .by_user = true };
    stop->step[0] = (struct ladder_step){ .exec = some_command, .wait = 3 * SECOND };
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Idle when its ladder began, then it hangs: 30 s and KILL. Unknown: patience. */
static void patience_with_a_sidekiq_depends_on_its_jobs(void **state)
{
    struct world *w = web_and_worker(200);
    const struct row idle[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 20, jobs(B, 0), "signal worker TERM" },
        { 50, time_passes(), "signal worker KILL" },
    };
    const struct row busy[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 178, time_passes(), "signal worker TERM" },
        { 208, time_passes(), "signal worker KILL" },
    };

    (void)state;
    PLAY(w, idle);
    w = web_and_worker(200);
    PLAY(w, busy);
}

/* --- too little time ---------------------------------------------------- */

/* 10 s, 1 s margin: Sidekiq has 9 s, from the first moment. */
static void ten_seconds_are_shared_out(void **state)
{
    struct world *w = world_new(10);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "shrunk worker; quiet worker; signal worker TERM" },
        { 19, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[A] = 2;
    world_finish(w, false);
    world_show(w, STORY_SHRUNK);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_SHRUNK].story.a, 30 * SECOND);
    assert_int_equal(w->story[STORY_SHRUNK].story.b, 9 * SECOND);
}

static void a_deadline_brought_forward_shrinks_what_has_not_begun(void **state)
{
    struct world *w = web_and_worker(3 * 3600);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 60, asks_deadline(22000), "signal worker TERM" }, /* 20 s left of 30 */
        { 80, time_passes(), "signal worker KILL" },
        { 81, time_passes(), "signal worker KILL; exit 137" },
    };

    (void)state;
    PLAY(w, rows);
}

/* nginx is in its QUIT since 10 s; 18 s are left for 20 + 5. */
static void also_ladders_that_have_begun(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, asks_deadline(20000), "" },
        { 34.4, time_passes(), "signal nginx TERM" },
        { 38, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_patient_ladder_ends_sooner_too(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, gets(SIGTERM), "signal app TERM" },
        { 100, asks_deadline(90000), "" },
        { 188, time_passes(), "signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void the_deadline_never_moves_later(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 12, asks_deadline(1000000), "" },
        { 13, asks_deadline(NEVER), "" },
        { 14, asks_deadline(999),
          "refused: the deadline is less than 1s away, or has passed" },
        { 15, asks_deadline(-5), "refused: the deadline is less than 1s away, or has passed" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

static void a_deadline_begins_a_drain(void **state)
{
    struct world *w = web_and_worker(0);
    const struct row rows[] = {
        { 10, asks_deadline(60000), "quiet worker" },
        { 33, time_passes(), "signal web TERM" }, /* 60 - 2 - 35 */
        { 38, time_passes(), "signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.cause, CAUSE_COMMAND);
    assert_int_equal(supervisor_phase(&w->s), PHASE_DRAINING);
}

/* A linger under way keeps up to a third of what is left. */
static void a_linger_shrinks_with_the_deadline(void **state)
{
    struct world *w = world_new(600);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 20, asks_deadline(30000), "" },
        { 30, time_passes(), "signal web TERM" },
        { 48, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 100 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- an essential end --------------------------------------------------- */

static void an_essential_end_neither_lingers_nor_waits(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn app; spawn web; spawn worker" },
        { 10, ends(A, 4), "signal web TERM; quiet worker; signal worker TERM" },
        { 40, time_passes(), "signal worker KILL" },
        { 40.1, dies(C, SIGKILL), "" },
        { 45, time_passes(), "signal web KILL" },
        { 45.1, dies(B, SIGKILL), "exit 4" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "web", PROFILE_PUMA)->linger = 60 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[C] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void then_generic_gets_its_ladder_as_written(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn app; spawn other" },
        { 10, ends(A, 4), "signal other TERM" },
        { 20, time_passes(), "signal other KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "other", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

static void under_a_shutdown_no_end_hastens_it(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 20, ends(A, 4), "" },
        { 40, gets(SIGTERM), "" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 51, ends(B, 0), "exit 4" },
    };

    (void)state;
    PLAY(w, rows);
}

/* --- clock jumps -------------------------------------------------------- */

/* Suspended for 60 of its 68 s: the deadline counts them, the ladder has what is left. */
static void a_jump_counts_for_the_deadline(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 71, time_jumps(), "clock_jump all" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_show(w, STORY_CLOCK_JUMP);
    PLAY(w, rows);
    assert_in_range(w->story[STORY_CLOCK_JUMP].story.a, 58000, 59000);
}

/* Puma was told 1 s before a pause of 30 s: it has had 3 s at most, not 31. */
static void a_jump_counts_two_seconds_for_a_wait(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 41, time_jumps(), "" },
        { 74, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void after_a_jump_waits_shrink(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 48, time_jumps(), "" }, /* 35 - 2 s would be too long for the 20 s left */
        { 68, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_jump_over_the_deadline_ends_at_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 200, time_jumps(), "signal web KILL; signal worker KILL; exit 137" },
    };

    (void)state;
    PLAY(w, rows);
}

/* --- without a deadline ------------------------------------------------- */

static void without_a_deadline_work_is_not_waited_for(void **state)
{
    struct world *w = web_and_worker(0);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker; signal worker TERM" },
        { 20, dies(A, SIGTERM), "" },
        { 36, ends(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_NO_DEADLINE);
}

static void without_a_deadline_the_kill_is_left_to_the_platform(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx; spawn worker; spawn app" },
        { 10, gets(SIGTERM), "signal nginx QUIT; quiet worker; signal worker TERM; "
                             "signal app TERM" },
        { 40, time_passes(), "signal nginx TERM" },
        { 45, time_passes(), "kill_left nginx" },
        { 10000, time_passes(), "" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "app", PROFILE_GENERIC);
    w->jobs[B] = 2;
    world_finish(w, false);
    world_show(w, STORY_KILL_LEFT);
    PLAY(w, rows);
}

static void a_kill_that_the_user_wrote_is_not(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, gets(SIGTERM), "signal app TERM" },
        { 20, time_passes(), "signal app KILL" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->stop.by_user = true;
    world_finish(w, false);
    PLAY(w, rows);
}

/* No platform waits behind a command: the ladders are carried out. */
static void a_shutdown_by_command_kills_without_a_deadline_too(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn app" },
        { 10, asks(REQUEST_SHUTDOWN), "quiet worker; signal worker TERM; signal app TERM" },
        { 20, time_passes(), "signal app KILL" },
        { 20.1, dies(B, SIGKILL), "" },
        { 40, time_passes(), "signal worker KILL" },
        { 40.1, dies(A, SIGKILL), "exit 137" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "app", PROFILE_GENERIC);
    w->jobs[A] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

static void without_a_deadline_a_drain_is_over_with_the_linger(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 20, time_passes(), "drained all" },
        { 60, gets(SIGTERM), "signal web TERM; signal worker TERM" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    world_show(w, STORY_DRAINED);
    PLAY(w, rows);
}

static void an_essential_end_without_a_deadline_ends_in_bounded_time(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app; spawn worker" },
        { 10, ends(A, 4), "quiet worker; signal worker TERM" },
        { 40, time_passes(), "signal worker KILL" },
        { 41, time_passes(), "signal worker KILL" },
        { 42, time_passes(), "signal worker KILL" },
        { 43, time_passes(), "signal worker KILL" },
        { 44, time_passes(), "signal worker KILL" },
        { 45, time_passes(), "signal worker KILL; exit 4" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- the verbs ---------------------------------------------------------- */

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

/* A wait that a datagram extended is as it was in the next life. */
static void an_extension_ends_with_its_life(void **state)
{
    struct world *w = web_and_worker(0);
    const struct row rows[] = {
        { 10, asks_for(REQUEST_RESTART, A), "signal web TERM" },
        { 20, extends(A, 60000), "" },
        { 70, dies(A, SIGTERM), "spawn web" },
        { 80, asks_for(REQUEST_RESTART, A), "signal web TERM" },
        { 115, time_passes(), "signal web KILL" },
    };

    (void)state;
    PLAY(w, rows);
}

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

/* --- signals ------------------------------------------------------------ */

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

static void tstp_drains_with_a_config_file(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = { { 10, gets(SIGTSTP), "quiet worker" } };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->s.ask, ASK_DRAIN);
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

/* It would wait past the latest moment: then the shutdown begins by itself. */
static void nor_the_deadline(void **state)
{
    struct world *w = with_sequence(100, 500);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web USR1" },
        { 73, time_passes(), "signal web TERM; quiet worker" },
        { 78, time_passes(), "signal worker TERM" },
    };

    (void)state;
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

/* --- leader gone, extensions, orphans ----------------------------------- */

/* `sh -c "sidekiq; true"`: the shell is gone, Sidekiq works on, and is waited for. */
static void what_the_leader_left_is_still_the_service(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 20, leaves(B, 0, 1), "" },
        { 50, jobs(B, 0), "signal worker TERM" },
        { 55, remains(B, 0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
}

static void what_the_leader_left_under_its_ladder_has_the_present_step(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 11, leaves(A, 0, 3), "" },
        { 45, time_passes(), "signal web KILL" },
        { 46, remains(A, 0), "exit 137" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* It has its whole wait from then on, but those who come after it do not. */
static void who_hears_of_a_stop_late_has_its_wait_anew(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 40, unheard(A), "signal web TERM" },
        { 74, unheard(A), "signal web TERM" },
        { 79, time_passes(), "" },
        { 80, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_prolongs_the_present_wait(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, extends(A, 60000), "" }, /* it has no ladder to extend */
        { 10, gets(SIGTERM), "signal web TERM" },
        { 40, extends(A, 1000), "" }, /* never a shorter one */
        { 44, extends(A, 60000), "" },
        { 50, extends(A, 1000), "" },
        { 104, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* However often it asks: 5 s for the next step and the margin stay. */
static void an_extension_ends_at_the_latest_moment(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 1000000), "" },
        { 30, extends(A, NEVER), "" },
        { 90, extends(A, 1000000), "" },
        { 103, time_passes(), "signal nginx TERM" },
        { 104, extends(A, 1000000), "" },
        { 108, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_gives_way_to_a_nearer_deadline(void **state)
{
    struct world *w = world_new(1000);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 500000), "" },
        { 100, asks_deadline(32000), "" },
        { 125, time_passes(), "signal nginx TERM" },
        { 130, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Patience lasts until the end already. */
static void an_extension_of_patience_changes_nothing(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "signal worker TERM" },
        { 20, extends(A, 1000000), "" },
        { 103, time_passes(), "signal worker QUIT" },
        { 108, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_CELERY);
    world_finish(w, false);
    PLAY(w, rows);
}

static void orphans_get_term_and_five_seconds(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM; quiet worker" },
        { 11, dies(A, SIGTERM), "" },
        { 12, orphans(2), "" },
        { 20, ends(B, 0), "orphans TERM" },
        { 25, time_passes(), "orphans KILL" },
        { 26, orphans(0), "exit 0" },
    };

    (void)state;
    PLAY(w, rows);
}

static void orphans_that_end_are_not_waited_for(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 1, orphans(1), "" },
        { 10, ends(A, 3), "orphans TERM" },
        { 10.04, orphans(0), "" },
        { 10.1, time_passes(), "exit 3" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, true);
    PLAY(w, rows);
}

static void orphans_that_even_kill_does_not_end_hold_up_nobody(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 1, orphans(1), "" },
        { 10, ends(A, 3), "orphans TERM" },
        { 15, time_passes(), "orphans KILL" },
        { 17, time_passes(), "survived all; exit 3" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC)->restart = RESTART_NEVER;
    world_finish(w, true);
    world_show(w, STORY_SURVIVED);
    PLAY(w, rows);
}

/* --- the story ---------------------------------------------------------- */

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

/* --- and more ----------------------------------------------------------- */

static void a_near_deadline_has_a_small_margin(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, asks_deadline(10000), "signal app TERM" }, /* 9 s for 10 */
        { 19, time_passes(), "signal app KILL" },
        { 19.5, time_passes(), "exit 137" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* It said READY=1: it may have taken work, whatever its processes look like. */
static void a_worker_that_is_ready_does_not_boot(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 1, notifies(A), "" },
        { 2, asks(REQUEST_DRAIN), "quiet worker" },
        { 60, time_passes(), "" },
    };

    (void)state;
    w->boots[A] = true;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_inflight_command_is_asked_every_two_seconds(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; exec worker inflight" },
        { 10.5, did(A, EXEC_INFLIGHT, true), "" },
        { 12, time_passes(), "exec worker inflight" },
        { 15, did(A, EXEC_INFLIGHT, true), "exec worker inflight" }, /* one at a time */
        { 15.5, jobs(A, 0), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->inflight =
        (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->jobs[A] = 1;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->exec[EXEC_INFLIGHT].exec.ms, 5 * SECOND);
}

static void an_inflight_command_that_goes_on_failing_is_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker; exec worker inflight" },
        { 12, did(A, EXEC_INFLIGHT, false), "exec_failed worker; exec worker inflight" },
        { 14, did(A, EXEC_INFLIGHT, false), "exec worker inflight" },
        { 16, did(A, EXEC_INFLIGHT, true), "exec worker inflight" },
        { 18, did(A, EXEC_INFLIGHT, false), "exec_failed worker; exec worker inflight" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_GENERIC)->inflight =
        (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    w->jobs[A] = 1;
    world_finish(w, false);
    world_show(w, STORY_EXEC_FAILED);
    PLAY(w, rows);
}

static void stop_in_its_pause_is_no_end_of_everything(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, ends(A, 1), "" },
        { 10.5, asks_for(REQUEST_STOP, A), "" },
        { 60, time_passes(), "" },
        { 61, asks_for(REQUEST_START, A), "spawn app" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- Sidekiq before 7.0: one signal at a time --------------------------- */

static void an_old_sidekiq_is_told_to_be_quiet_once(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 60, time_passes(), "" },
    };

    (void)state;
    w->major[B] = 6;
    w->deaf[B] = true;
    PLAY(w, rows);
}

/* It may not have read the quiet when TERM is asked for: 5 s lie between them. */
static void its_term_does_not_follow_too_soon(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, asks(REQUEST_SHUTDOWN_NOW), "signal web TERM" },
        { 15, time_passes(), "signal worker TERM" },
    };

    (void)state;
    w->major[B] = 6;
    w->deaf[B] = true;
    PLAY(w, rows);
}

static void once_the_quiet_is_seen_its_term_may_come(void **state)
{
    struct world *w = web_and_worker(100);
    const struct row rows[] = {
        { 9, jobs(B, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, asks(REQUEST_SHUTDOWN_NOW), "signal web TERM; signal worker TERM" },
    };

    (void)state;
    w->major[B] = 6;
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quiet_is_told_at_once),
        cmocka_unit_test(quiet_is_repeated_until_it_is_seen),
        cmocka_unit_test(a_quiet_whose_effect_cannot_be_seen_is_told_once),
        cmocka_unit_test(who_cannot_take_the_quiet_gets_it_as_soon_as_it_can),
        cmocka_unit_test(a_quiet_that_is_a_command_is_tried_again_if_it_fails),
        cmocka_unit_test(a_quiet_that_is_a_command_ends_before_the_stop),
        cmocka_unit_test(a_quiet_command_that_is_tried_again_holds_up_no_stop),
        cmocka_unit_test(a_quiet_command_that_even_kill_does_not_end_holds_up_no_stop),
        cmocka_unit_test(a_quiet_that_is_a_command_holds_up_no_hurry),
        cmocka_unit_test(nothing_new_is_started),
        cmocka_unit_test(a_worker_is_waited_for_until_it_is_known_to_be_idle),
        cmocka_unit_test(a_web_service_lingers),
        cmocka_unit_test(linger_is_at_most_a_third),
        cmocka_unit_test(a_running_task_is_waited_for),
        cmocka_unit_test(what_waits_for_a_task_takes_no_time_from_it),
        cmocka_unit_test(a_task_that_does_not_end_is_stopped_at_the_latest_moment),
        cmocka_unit_test(after_a_drain_the_processes_stay),
        cmocka_unit_test(drained_means_that_lingers_are_over_and_tasks_have_ended),
        cmocka_unit_test(what_is_needed_stops_later),
        cmocka_unit_test(a_worker_that_boots_has_no_job_and_is_stopped_at_once),
        cmocka_unit_test(a_swallowed_stop_is_taken_back_and_its_jobs_are_waited_for),
        cmocka_unit_test(a_stop_that_was_swallowed_for_too_long_is_repeated_at_once),
        cmocka_unit_test(who_waits_for_no_job_repeats_a_swallowed_stop),
        cmocka_unit_test(what_boots_is_looked_at_once_more_before_a_kill),
        cmocka_unit_test(who_hears_late_of_a_stop_has_its_whole_wait),
        cmocka_unit_test(a_stop_that_was_taken_back_leaves_the_linger),
        cmocka_unit_test(each_worker_may_have_swallowed_its_stop),
        cmocka_unit_test(at_the_latest_moment_jobs_are_handed_back),
        cmocka_unit_test(also_after_a_drain),
        cmocka_unit_test(the_latest_moment_leaves_time_for_what_stops_later),
        cmocka_unit_test(the_latest_moment_of_what_stops_later_comes_too),
        cmocka_unit_test(what_lives_at_the_deadline_is_killed),
        cmocka_unit_test(half_a_margin_later_lastcall_exits),
        cmocka_unit_test(a_hook_that_hangs_holds_up_no_deadline),
        cmocka_unit_test(the_last_hook_is_waited_for),
        cmocka_unit_test(a_hook_that_runs_is_waited_for),
        cmocka_unit_test(a_hook_that_nothing_ends_is_waited_for_no_longer_than_it_may_take),
        cmocka_unit_test(who_asks_for_kill_waits_for_no_hook_but_the_last),
        cmocka_unit_test(a_needed_service_that_dies_in_a_drain_is_restarted),
        cmocka_unit_test(what_is_needed_through_a_task_that_has_ended_is_needed),
        cmocka_unit_test(what_it_left_behind_is_cleared_first),
        cmocka_unit_test(what_is_being_restarted_has_its_next_ladder_in_the_plan),
        cmocka_unit_test(once_it_is_not_needed_it_stays_down),
        cmocka_unit_test(a_worker_that_dies_while_draining_is_not_restarted),
        cmocka_unit_test(a_worker_in_its_pause_does_not_come_back),
        cmocka_unit_test(a_restarted_one_has_its_ladder_in_full),
        cmocka_unit_test(a_restart_under_way_of_what_is_needed_goes_on),
        cmocka_unit_test(unseen_work_has_until_the_end),
        cmocka_unit_test(a_second_step_comes_late_as_well),
        cmocka_unit_test(nginx_and_puma_have_their_waits_and_no_more),
        cmocka_unit_test(a_ladder_of_the_user_is_carried_out_as_written),
        cmocka_unit_test(a_stop_command_that_runs_on_is_ended_with_its_step),
        cmocka_unit_test(patience_with_a_sidekiq_depends_on_its_jobs),
        cmocka_unit_test(ten_seconds_are_shared_out),
        cmocka_unit_test(a_deadline_brought_forward_shrinks_what_has_not_begun),
        cmocka_unit_test(also_ladders_that_have_begun),
        cmocka_unit_test(a_patient_ladder_ends_sooner_too),
        cmocka_unit_test(the_deadline_never_moves_later),
        cmocka_unit_test(a_deadline_begins_a_drain),
        cmocka_unit_test(a_linger_shrinks_with_the_deadline),
        cmocka_unit_test(an_essential_end_neither_lingers_nor_waits),
        cmocka_unit_test(then_generic_gets_its_ladder_as_written),
        cmocka_unit_test(under_a_shutdown_no_end_hastens_it),
        cmocka_unit_test(a_jump_counts_for_the_deadline),
        cmocka_unit_test(a_jump_counts_two_seconds_for_a_wait),
        cmocka_unit_test(after_a_jump_waits_shrink),
        cmocka_unit_test(a_jump_over_the_deadline_ends_at_once),
        cmocka_unit_test(without_a_deadline_work_is_not_waited_for),
        cmocka_unit_test(without_a_deadline_the_kill_is_left_to_the_platform),
        cmocka_unit_test(a_kill_that_the_user_wrote_is_not),
        cmocka_unit_test(a_shutdown_by_command_kills_without_a_deadline_too),
        cmocka_unit_test(without_a_deadline_a_drain_is_over_with_the_linger),
        cmocka_unit_test(an_essential_end_without_a_deadline_ends_in_bounded_time),
        cmocka_unit_test(stop_drains_one_service_alone),
        cmocka_unit_test(it_waits_at_most_the_deadline_from_the_verb),
        cmocka_unit_test(restart_starts_it_again),
        cmocka_unit_test(restart_starts_what_is_down_or_in_its_pause),
        cmocka_unit_test(an_extension_ends_with_its_life),
        cmocka_unit_test(a_shutdown_takes_over_a_stop_under_way),
        cmocka_unit_test(a_shutdown_takes_over_a_linger_under_way),
        cmocka_unit_test(stop_of_what_a_living_service_needs_is_refused),
        cmocka_unit_test(quiet_tells_one_service_and_no_more),
        cmocka_unit_test(signals_are_passed_on),
        cmocka_unit_test(in_a_shutdown_starts_and_reloads_are_refused),
        cmocka_unit_test(each_word_for_shutdown_is_one),
        cmocka_unit_test(a_repeated_term_hastens_nothing),
        cmocka_unit_test(int_asks_for_more_each_time),
        cmocka_unit_test(int_kills_without_a_deadline_too),
        cmocka_unit_test(tstp_drains_with_a_config_file),
        cmocka_unit_test(tstp_before_the_start_begins_it_quiet),
        cmocka_unit_test(busy_counts_are_told_once_a_second),
        cmocka_unit_test(other_signals_are_ignored_with_a_config_file),
        cmocka_unit_test(the_one_command_gets_the_other_signals),
        cmocka_unit_test(tstp_is_forwarded_to_what_has_no_quiet),
        cmocka_unit_test(a_signal_before_the_first_spawn_is_obeyed_before_it),
        cmocka_unit_test(a_sequence_is_carried_out_in_order),
        cmocka_unit_test(its_clock_starts_when_the_signal_comes),
        cmocka_unit_test(its_waits_hold_up_nothing_else),
        cmocka_unit_test(what_may_still_be_started_has_its_place_in_the_plan),
        cmocka_unit_test(nor_the_deadline),
        cmocka_unit_test(while_it_waits_no_end_hastens_it),
        cmocka_unit_test(a_step_may_set_the_deadline),
        cmocka_unit_test(ignore_ignores),
        cmocka_unit_test(what_the_leader_left_is_still_the_service),
        cmocka_unit_test(what_the_leader_left_under_its_ladder_has_the_present_step),
        cmocka_unit_test(who_hears_of_a_stop_late_has_its_wait_anew),
        cmocka_unit_test(an_extension_prolongs_the_present_wait),
        cmocka_unit_test(an_extension_ends_at_the_latest_moment),
        cmocka_unit_test(an_extension_gives_way_to_a_nearer_deadline),
        cmocka_unit_test(an_extension_of_patience_changes_nothing),
        cmocka_unit_test(orphans_get_term_and_five_seconds),
        cmocka_unit_test(orphans_that_end_are_not_waited_for),
        cmocka_unit_test(orphans_that_even_kill_does_not_end_hold_up_nobody),
        cmocka_unit_test(the_log_tells_what_is_waited_for_every_thirty_seconds),
        cmocka_unit_test(the_log_begins_with_the_cause_and_ends_with_the_time),
        cmocka_unit_test(a_near_deadline_has_a_small_margin),
        cmocka_unit_test(a_worker_that_is_ready_does_not_boot),
        cmocka_unit_test(an_inflight_command_is_asked_every_two_seconds),
        cmocka_unit_test(an_inflight_command_that_goes_on_failing_is_told_once),
        cmocka_unit_test(stop_in_its_pause_is_no_end_of_everything),
        cmocka_unit_test(an_old_sidekiq_is_told_to_be_quiet_once),
        cmocka_unit_test(its_term_does_not_follow_too_soon),
        cmocka_unit_test(once_the_quiet_is_seen_its_term_may_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
