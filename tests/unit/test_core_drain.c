/* Who asks how busy services are, and when a drain is over: what status, metrics and prestop need. */
#include <signal.h>

#include "worlds.h"

enum { WEB, WORKER };

/* A service without jobs, and a Sidekiq whose jobs are seen. */
static struct world *two(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);

    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    return w;
}

/* The same, with two jobs in flight at 5 s. */
static struct world *at_work(void)
{
    struct world *w = two(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, jobs(WORKER, 2), "" },
    };

    PLAY(w, rows);
    return w;
}

static enum drain_outcome outcome(const struct world *w)
{
    return supervisor_drain_outcome(&w->s);
}

/* --- who asks how busy services are ------------------------------------- */

static unsigned looks_after_observe(struct world *w, int64_t ms)
{
    static struct actions out;
    unsigned looks = 0;
    bool wanted = supervisor_wants_observe(&w->s, w->s.now + ms);

    step(&w->s, &(struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE, .now = w->s.now + ms }, &out);
    for (uint32_t k = 0; k < out.count; k++)
        looks += out.list[k].type == ACT_LOOK;
    assert_int_equal(wanted, looks > 0);
    return looks;
}

static void looked(struct world *w)
{
    static struct actions out;

    step(&w->s, &(struct event){ .type = EVENT_LOOKED, .service = WORKER, .generation = 1, .now = w->s.now,
                                 .facts = w->facts[WORKER] }, &out);
}

static void nobody_looks_while_nobody_asks(void **state)
{
    struct world *w = two(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 105.5, time_passes(), "" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(looks_after_observe(w, 1000), 1); /* of the worker alone */
    assert_int_equal(looks_after_observe(w, 0), 0); /* it is not answered yet */
    looked(w);
    assert_int_equal(looks_after_observe(w, 999), 0);
    assert_int_equal(looks_after_observe(w, 1), 1);
}

static void an_inflight_command_is_run_for_who_asks(void **state)
{
    static const char *const words[] = { "count", NULL };
    static struct actions out;
    struct world *w = world_new(60);
    struct service_spec *s = world_add(w, "worker", PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 20, time_passes(), "" },
    };
    unsigned runs = 0;

    (void)state;
    s->inflight = (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = { "count", words } };
    world_finish(w, false);
    PLAY(w, rows);
    for (int second = 0; second < 25; second++) {
        bool wanted = supervisor_wants_observe(&w->s, w->s.now + 1000);

        step(&w->s, &(struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE, .now = w->s.now + 1000 }, &out);
        assert_int_equal(wanted, out.count > 0);
        for (uint32_t k = 0; k < out.count; k++)
            if (out.list[k].type == ACT_EXEC && out.list[k].exec.purpose == EXEC_INFLIGHT) {
                runs++;
                w->s.service[0].life.exec_running = 0; /* it is over at once */
            }
    }
    assert_int_equal(runs, 3); /* every 10 s */
    w->s.service[0].life.inflight_c = w->s.counted;
    w->s.service[0].life.looked_c = w->s.counted + 10 * SECOND; /* not to be looked at anew */
    assert_false(supervisor_wants_observe(&w->s, w->s.now + 9999));
    assert_true(supervisor_wants_observe(&w->s, w->s.now + 10000));
}

static void what_runs_its_pre_start_is_not_looked_at(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "exec worker pre_start" },
        { 1, comes((struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE }), "" },
        { 2, asks_for(REQUEST_QUIET, 0), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->pre_start = some_command;
    w->spec.service[0].inflight = (struct inflight_spec){ .kind = INFLIGHT_EXEC, .exec = some_command };
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->looks[0], 0);
    assert_false(supervisor_wants_observe(&w->s, w->s.now + 60 * SECOND));
}

/* Ready by its datagram, without its title: each second for two minutes, then every ten seconds. */
static void who_boots_for_long_is_looked_at_seldom(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 0, notifies(0), "" },
        { 119.5, time_passes(), "" },
    };
    const struct row later[] = { { 128.5, time_passes(), "" } };
    const struct row last[] = { { 129.5, time_passes(), "" } };
    unsigned looks;

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->boots[0] = true;
    world_finish(w, false);
    PLAY(w, rows);
    looks = w->looks[0];
    assert_in_range(looks, 119, 122);
    PLAY(w, later);
    assert_int_equal(w->looks[0], looks);
    PLAY(w, last);
    assert_int_equal(w->looks[0], looks + 1);
}

static unsigned looks_until(struct world *w, double second)
{
    const struct row rows[] = { { second, time_passes(), "" } };
    unsigned looks = w->looks[0];

    PLAY(w, rows);
    return w->looks[0] - looks;
}

/* Four looks a second; after a minute two, for as long as its threads say that jobs are left. */
static void a_long_drain_is_watched_less_closely(void **state)
{
    struct world *w = world_new(3600);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 1, notifies(0), "" },
        { 6, gets(SIGTERM), "quiet worker" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    w->jobs[0] = 3;
    PLAY(w, rows);
    w->facts[0].unended = 3;
    looks_until(w, 10);
    assert_in_range(looks_until(w, 65), 219, 221);
    looks_until(w, 66.5);
    assert_in_range(looks_until(w, 116.5), 99, 101);
    w->facts[0].unended = 0; /* none is left: that must be seen twice */
    looks_until(w, 117);
    assert_in_range(looks_until(w, 127), 39, 41);
    w->facts[0].unended = -1; /* not to be trusted */
    assert_in_range(looks_until(w, 137), 39, 41);
}

/* Its title is old and says 3; its threads have all ended. */
static void threads_that_have_ended_left_no_jobs(void **state)
{
    struct facts exact = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .work = WORK_BUSY,
                           .busy = 3, .total = 5, .busy_exact = true, .unended = 3 };
    struct facts stale = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .work = WORK_BUSY,
                           .busy = 3, .total = 5, .unended = 0 };
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 1, notifies(0), "" },
        { 6, gets(SIGTERM), "quiet worker" },
        { 7, tells(0, exact), "" },
        { 34, time_passes(), "quiet worker; signal worker TERM" },
        { 50, tells(0, stale), "" },
        { 60, ends(0, 0), "" },
        { 60.1, tells(0, (struct facts){ .members = 0, .busy = -1, .total = -1, .unended = -1, .major = -1 }), "exit 75" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->sidekiq_timeout = 25 * SECOND;
    world_finish(w, false);
    w->mute[0] = true;
    PLAY(w, rows);
    assert_int_equal(w->story[STORY_BOOKS].story.a, 3);
    assert_int_equal(w->story[STORY_BOOKS].story.b, 0);
}

/* --- drained ------------------------------------------------------------ */

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

static void drained_is_drained_whatever_comes_then(void **state)
{
    struct world *w = two(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, jobs(WORKER, 2), "" },
        { 6, asks(REQUEST_PRESTOP), "quiet worker" },
    };
    const struct row idle[] = { { 9, jobs(WORKER, 0), "" }, { 10, time_passes(), "" } };

    (void)state;
    assert_int_equal(outcome(w), DRAIN_PENDING);
    PLAY(w, rows);
    assert_int_equal(outcome(w), DRAIN_PENDING);
    PLAY(w, idle);
    assert_int_equal(outcome(w), DRAIN_DONE);
    w->s.service[WORKER].life.facts.work = WORK_BUSY; /* nothing turns it back */
    assert_int_equal(outcome(w), DRAIN_DONE);
}

static void without_a_deadline_it_is_over_after_the_linger(void **state)
{
    struct world *w = world_new(0);
    const struct row before[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, jobs(WORKER, 2), "" },
        { 6, asks(REQUEST_PRESTOP), "quiet worker" },
        { 8, time_passes(), "" },
    };
    const struct row after[] = { { 9.5, time_passes(), "" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->linger = 3 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_finish(w, false);
    PLAY(w, before);
    assert_int_equal(outcome(w), DRAIN_PENDING);
    PLAY(w, after);
    assert_int_equal(outcome(w), DRAIN_DONE);
}

/* --- when a drain has failed -------------------------------------------- */

/* 60 s less margin and 30 s of its ladder: at 28 s jobs are handed back. */
static void failed_when_jobs_must_be_handed_back(void **state)
{
    struct world *w = two(60);
    const struct row before[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, jobs(WORKER, 2), "" },
        { 6, asks(REQUEST_DRAIN), "quiet worker" },
        { 33, time_passes(), "" },
    };
    const struct row latest[] = { { 34, time_passes(), "signal worker TERM" } };
    const struct row over[] = { { 35, ends(WORKER, 0), "" }, { 36, time_passes(), "" } };

    (void)state;
    PLAY(w, before);
    assert_int_equal(outcome(w), DRAIN_PENDING);
    PLAY(w, latest);
    assert_int_equal(outcome(w), DRAIN_FAILED);
    PLAY(w, over);
    assert_true(w->s.drained); /* all are down, and yet */
    assert_int_equal(outcome(w), DRAIN_FAILED);
}

static void failed_when_nobody_waits_any_more(void **state)
{
    struct world *w = two(60);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 5, jobs(WORKER, 2), "" },
        { 6, asks(REQUEST_PRESTOP), "quiet worker" },
        { 7, asks(REQUEST_SHUTDOWN_NOW), "signal web TERM; signal worker TERM" },
    };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(outcome(w), DRAIN_FAILED);
}

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

/* --- what clients are told ---------------------------------------------- */

static void ready_is_what_is_essential_and_not_asked_to_end(void **state)
{
    struct world *w = world_new(60);
    const struct row boot[] = { { 0, starts(), "spawn web; spawn other" } };
    const struct row up[] = { { 1, is_ready(WEB), "" } };
    const struct row stop[] = { { 2, asks_for(REQUEST_STOP, WEB), "signal web TERM" } };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->ready.kind = READY_TCP;
    world_add(w, "other", PROFILE_GENERIC)->essential = false;
    w->spec.service[1].ready.kind = READY_TCP;
    world_finish(w, false);
    PLAY(w, boot);
    assert_int_equal(supervisor_unready(&w->s), WEB);
    assert_false(supervisor_ready(&w->s));
    PLAY(w, up);
    assert_int_equal(supervisor_unready(&w->s), 2);
    assert_true(supervisor_ready(&w->s) && !supervisor_service_ready(&w->s, 1));
    PLAY(w, stop);
    assert_false(supervisor_service_ready(&w->s, WEB));
}

/* A sequence of signals may wait before its shutdown: the clock runs, and nobody is to come any more. */
static void not_ready_once_the_clock_runs(void **state)
{
    struct world *w = at_work();
    const struct row usr1[] = { { 6, gets(SIGUSR1), "" } };

    (void)state;
    w->spec.signal[SIGUSR1] = (struct signal_sequence){ .first = w->spec.signal_steps, .count = 2 };
    w->spec.signal_step[w->spec.signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 5 * SECOND };
    w->spec.signal_step[w->spec.signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    assert_true(supervisor_ready(&w->s));
    PLAY(w, usr1);
    assert_int_equal(w->s.ask, ASK_RUN);
    assert_true(supervisor_shutting_down(&w->s));
    assert_false(supervisor_ready(&w->s));
}

static void the_deadline_is_as_long_as_it_has_become(void **state)
{
    struct world *w = at_work();
    const struct row asked[] = { { 6, asks(REQUEST_DRAIN), "quiet worker" }, { 10, asks_deadline(45 * SECOND), "" } };

    (void)state;
    assert_int_equal(supervisor_deadline(&w->s), 60 * SECOND);
    assert_false(supervisor_shutting_down(&w->s));
    PLAY(w, asked);
    assert_int_equal(supervisor_deadline(&w->s), 49 * SECOND);
    assert_true(supervisor_shutting_down(&w->s));
}

static void a_manager_is_told_again_and_again(void **state)
{
    struct world *w = at_work();
    const struct row asked[] = { { 6, asks(REQUEST_DRAIN), "quiet worker" } };

    (void)state;
    assert_int_equal(supervisor_extension(&w->s, NEVER), 0); /* nothing has begun */
    PLAY(w, asked);
    assert_int_equal(supervisor_extension(&w->s, NEVER), 30 * SECOND);
    assert_int_equal(supervisor_extension(&w->s, w->s.now - 9999), 0);
    assert_int_equal(supervisor_extension(&w->s, w->s.now - 10000), 30 * SECOND);
    w->s.deadline_at = w->s.now + 7 * SECOND; /* never beyond the deadline */
    assert_int_equal(supervisor_extension(&w->s, NEVER), 7 * SECOND);
    w->s.deadline_at = NEVER;
    assert_int_equal(supervisor_extension(&w->s, NEVER), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_looks_while_nobody_asks),
        cmocka_unit_test(an_inflight_command_is_run_for_who_asks),
        cmocka_unit_test(what_runs_its_pre_start_is_not_looked_at),
        cmocka_unit_test(who_boots_for_long_is_looked_at_seldom),
        cmocka_unit_test(a_long_drain_is_watched_less_closely),
        cmocka_unit_test(threads_that_have_ended_left_no_jobs),
        cmocka_unit_test(after_a_drain_the_processes_stay),
        cmocka_unit_test(drained_means_that_lingers_are_over_and_tasks_have_ended),
        cmocka_unit_test(drained_is_drained_whatever_comes_then),
        cmocka_unit_test(without_a_deadline_it_is_over_after_the_linger),
        cmocka_unit_test(failed_when_jobs_must_be_handed_back),
        cmocka_unit_test(failed_when_nobody_waits_any_more),
        cmocka_unit_test(a_task_that_had_to_stop_has_failed_the_drain),
        cmocka_unit_test(ready_is_what_is_essential_and_not_asked_to_end),
        cmocka_unit_test(not_ready_once_the_clock_runs),
        cmocka_unit_test(the_deadline_is_as_long_as_it_has_become),
        cmocka_unit_test(a_manager_is_told_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
