/* A worker that still boots has no job, and is stopped at once (SPEC 4); and Ruby may swallow that stop while
 * it loads itself. */
#include <signal.h>

#include "worlds.h"

/* --- stopped at once ---------------------------------------------------- */

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
    assert_int_equal(w->signal.signal.target, TARGET_BOOTING); /* not to one that has booted meanwhile */
    assert_int_equal(w->stories[STORY_QUIET], 0); /* nobody could take it */
}

/* It boots once more, and web, which is after it, lives on. */
static void a_worker_that_boots_and_is_needed_is_not(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 1, notifies(A), "spawn web" },
        { 10, dies(A, SIGSEGV), "" },
        { 11, time_passes(), "spawn worker" },
        { 12, asks(REQUEST_DRAIN), "quiet worker" },
        { 20, asks(REQUEST_SHUTDOWN), "signal web TERM" },
        { 21, dies(B, SIGTERM), "signal worker TERM" },
    };

    (void)state;
    w->boots[A] = true;
    world_add(w, "worker", PROFILE_SIDEKIQ)->ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_BOOTING);
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

/* What a look told 5 s ago does not say that it boots now. */
static void only_who_is_seen_to_boot_now_is_stopped_at_once(void **state)
{
    const struct facts boots = { .members = 1, .booting = true, .busy = -1, .total = -1, .unended = -1, .major = -1 };
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
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
    world_begin(w, "spawn a; spawn b");
    w->mute[A] = true;
    PLAY(w, rows);
}

static void a_worker_that_boots_is_restarted_at_once(void **state)
{
    struct world *w = a_and_b(100, PROFILE_SIDEKIQ, PROFILE_PUMA);
    const struct row rows[] = { { 5, asks_for(REQUEST_RESTART, A), "quiet a; signal a TERM" } };

    (void)state;
    w->boots[A] = true;
    w->jobs[A] = 1;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* --- a stop that was swallowed ------------------------------------------ */

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
        { 12.5, booted(A), "" },
        { 13.25, time_passes(), "stop_missed worker; quiet worker" },
        { 60, jobs(A, 0), "signal worker TERM" },
        { 61, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_IDLE);
}

/* The TERM that it swallowed is not that from which its -t counts. */
static void a_swallowed_stop_begins_no_timeout(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 12.5, booted(A), "" },
        { 13.25, time_passes(), "stop_missed worker; quiet worker" },
        { 78, time_passes(), "signal worker TERM" },
        { 80, ends(A, 0), "exit 0" },
    };

    (void)state;
    w->spec.service[A].sidekiq_timeout = 25 * SECOND;
    world_finish(w, false);
    PLAY(w, rows);
}

/* 100 s, 2 s margin, 30 s ladder: 68 s after the signal it had to begin, and is told once. */
static void a_stop_that_was_swallowed_for_too_long_is_repeated_at_once(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 80, booted(A), "" },
        { 80.75, time_passes(), "stop_missed worker; quiet worker; signal worker TERM" },
        { 104, ends(A, 0), "exit 75" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_STOP].story.a, STOP_LATEST);
    assert_int_equal(w->signal.signal.target, TARGET_WORKERS);
}

static void who_waits_for_no_job_repeats_a_swallowed_stop(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGINT), "quiet worker; signal worker TERM" },
        { 11, gets(SIGINT), "" },
        { 12.5, booted(A), "" },
        { 13.25, time_passes(), "stop_again worker; signal worker TERM" },
        { 14, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->signal.signal.target, TARGET_WORKERS);
}

/* Patience ends with the second INT, long after the ladder's own wait: who hears of the stop only
 * then has all of it from then on; also where somebody heard late of it before. */
static void who_hears_late_of_a_stop_has_its_whole_wait(void **state)
{
    const struct facts unreached = { .members = 1, .booting = true, .stop_unheard = true, .busy = -1, .total = -1,
                                     .unended = -1, .major = -1 };
    unsigned repeats[2];

    for (int another = 0; another < 2; another++) {
        struct world *w = worker_that_boots(150);
        const struct row boots[] = {
            { 0, starts(), "spawn worker" },
            { 10, gets(SIGINT), "quiet worker; signal worker TERM" },
            { 11.3, another ? tells(A, unreached) : time_passes(), "" },
            { 79.9, time_passes(), "" },
        };
        const struct row is_killed[] = {
            { 79.95, gets(SIGINT), "" },
            { 80, time_passes(), "stop_again worker; signal worker TERM" },
            { 109.5, time_passes(), "" },
            { 110, time_passes(), "signal worker KILL" },
        };

        (void)state;
        world_finish(w, false);
        PLAY(w, boots);
        world_boots_on(w, A);
        PLAY(w, is_killed);
        repeats[another] = w->repeats[A];
    }
    assert_int_equal(repeats[1], repeats[0] + 1);
}

/* The plan that was made while its ladder ran leaves it its linger. */
static void a_stop_that_was_taken_back_leaves_the_linger(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, gets(SIGTERM), "quiet worker; signal web TERM; signal worker TERM" },
        { 11, dies(B, SIGTERM), "" },
        { 12, booted(A), "" },
        { 12.75, time_passes(), "stop_missed worker; quiet worker" },
        { 30, time_passes(), "signal worker TERM" },
    };

    (void)state;
    w->spec.service[A].linger = 20 * SECOND;
    w->jobs[A] = 0;
    world_add(w, "web", PROFILE_GENERIC);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Its jobs and its readiness come by datagram. */
static struct world *other_worker_that_boots(void)
{
    struct world *w = world_new(100);
    struct service_spec *spec = world_add(w, "worker", PROFILE_GENERIC);

    spec->inflight.kind = INFLIGHT_NOTIFY;
    spec->quiet.signo = SIGUSR1;
    spec->ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->boots[A] = true;
    return w;
}

/* One whose jobs come by datagram is looked at for the same reason. */
static void each_worker_may_have_swallowed_its_stop(void **state)
{
    struct world *w = other_worker_that_boots();
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 14.5, time_passes(), "" },
    };
    const struct row has_booted[] = {
        { 14.75, time_passes(), "stop_missed worker; quiet worker" },
        { 50, time_passes(), "" },
    };

    (void)state;
    w->jobs[A] = 1;
    world_show(w, STORY_STOP_MISSED);
    world_finish(w, false);
    PLAY(w, boots);
    world_boots_on(w, A);
    PLAY(w, has_booted);
}

/* As the user writes it in `stop`: a signal, or a command where signo is 0. */
static void add_step(struct ladder *l, int signo, int64_t wait)
{
    l->by_user = true;
    l->step[l->count] = (struct ladder_step){ .signo = signo, .wait = wait };
    if (signo == 0)
        l->step[l->count].exec = some_command;
    l->count++;
}

static void a_stop_command_ends_when_the_stop_is_taken_back(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 20, time_passes(), "exec worker stop" },
        { 22.5, booted(A), "exec_end worker stop; stop_missed worker; quiet worker" },
    };
    struct ladder *stop = &w->spec.service[A].stop;

    (void)state;
    stop->count = 0;
    add_step(stop, SIGTERM, 10 * SECOND);
    add_step(stop, 0, 10 * SECOND);
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, rows);
}

/* What boots is stopped by a drain already, and may ask for more time then. */
static void the_stop_of_what_boots_is_extended_under_a_drain(void **state)
{
    struct world *w = other_worker_that_boots();
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker; signal worker TERM" },
        { 15, extends(A, 60000), "" },
        { 75, time_passes(), "signal worker KILL" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- how it is found ---------------------------------------------------- */

/* Nobody has a deadline: KILL would come after the 30.6 s of its ladder, a moment after a look. */
static void what_boots_is_looked_at_once_more_before_a_kill(void **state)
{
    struct world *w = worker_that_boots(0);
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10.5, asks(REQUEST_SHUTDOWN), "quiet worker; signal worker TERM" },
        { 41.05, time_passes(), "" },
    };
    const struct row kills_not[] = {
        { 41.25, time_passes(), "stop_again worker; signal worker TERM" },
        { 71.85, time_passes(), "signal worker KILL" },
    };

    (void)state;
    w->spec.service[A].stop.step[0].wait += 600;
    world_finish(w, false);
    PLAY(w, boots);
    world_boots_on(w, A);
    PLAY(w, kills_not);
}

/* Its stop was a command, and jobs are not waited for any more: it is looked at before KILL all the same. */
static void what_missed_a_stop_is_looked_at_once_more_before_a_kill(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 9, gets(SIGINT), "quiet worker; exec worker stop" },
        { 10, gets(SIGINT), "" },
        { 15, booted(A), "" },
    };
    const struct row kills[] = {
        { 21, time_passes(), "" },
        { 22, tells(A, (struct facts){ .members = 1, .busy = -1, .total = -1, .unended = -1, .major = 7 }),
          "exec_end worker stop; signal worker KILL" },
    };
    struct ladder *stop = &w->spec.service[A].stop;

    (void)state;
    stop->count = 0;
    add_step(stop, 0, 10 * SECOND);
    ladder_finish(stop);
    world_finish(w, false);
    PLAY(w, boots);
    w->mute[A] = true;
    PLAY(w, kills);
}

/* What a look told that was asked for before the stop, or is still to come, proves nothing. */
static void only_a_look_after_the_stop_takes_it_back(void **state)
{
    struct world *w = worker_that_boots(100);
    const struct facts missed = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .busy = -1,
                                  .total = -1, .unended = -1, .stop_missed = true };
    const struct row boots[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
    };
    const struct row rows[] = {
        { 10.1, tells(A, missed), "" },
        { 11.5, time_passes(), "" }, /* looked at anew at 11 s */
        { 11.6, tells(A, missed), "stop_missed worker" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, boots);
    w->mute[A] = true;
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_boots_has_no_job_and_is_stopped_at_once),
        cmocka_unit_test(a_worker_that_boots_and_is_needed_is_not),
        cmocka_unit_test(a_worker_that_is_ready_does_not_boot),
        cmocka_unit_test(only_who_is_seen_to_boot_now_is_stopped_at_once),
        cmocka_unit_test(a_worker_that_boots_is_restarted_at_once),
        cmocka_unit_test(a_swallowed_stop_is_taken_back_and_its_jobs_are_waited_for),
        cmocka_unit_test(a_swallowed_stop_begins_no_timeout),
        cmocka_unit_test(a_stop_that_was_swallowed_for_too_long_is_repeated_at_once),
        cmocka_unit_test(who_waits_for_no_job_repeats_a_swallowed_stop),
        cmocka_unit_test(who_hears_late_of_a_stop_has_its_whole_wait),
        cmocka_unit_test(a_stop_that_was_taken_back_leaves_the_linger),
        cmocka_unit_test(each_worker_may_have_swallowed_its_stop),
        cmocka_unit_test(a_stop_command_ends_when_the_stop_is_taken_back),
        cmocka_unit_test(the_stop_of_what_boots_is_extended_under_a_drain),
        cmocka_unit_test(what_boots_is_looked_at_once_more_before_a_kill),
        cmocka_unit_test(what_missed_a_stop_is_looked_at_once_more_before_a_kill),
        cmocka_unit_test(only_a_look_after_the_stop_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
