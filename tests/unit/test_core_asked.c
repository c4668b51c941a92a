/* Whom a step asks: what turns although nothing of the service has changed and nobody is woken up
 * for it. A twin that asks all services at every step (twin.h) must see no difference. */
#include <signal.h>
#include <string.h>

#include "scenario.h"

enum { A, B };

/* A sequence that waited and asks for no more than was asked for: now the platform will kill. */
static void who_will_kill(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn app" },
        { 10, asks(REQUEST_SHUTDOWN), "signal app TERM" },
        { 11, gets(SIGUSR1), "" },
        { 1000, time_passes(), "" },
    };

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    world_finish(w, false);
    w->spec.signal[SIGUSR1] = (struct signal_sequence){ .first = w->spec.signal_steps, .count = 2 };
    w->spec.signal_step[w->spec.signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 2 * SECOND };
    w->spec.signal_step[w->spec.signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_DRAIN };
    PLAY(w, rows);
}

/* The quiet of an old Sidekiq that has none, and whose jobs are not looked at, leaves no action. */
static void a_quiet_without_an_action(void **state)
{
    struct world *w = world_new(100);
    struct service_spec *old = world_add(w, "old", PROFILE_SIDEKIQ);
    const struct row rows[] = {
        { 0, starts(), "spawn old; spawn worker" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 12, jobs(B, 1), "" },
    };

    (void)state;
    memset(&old->quiet, 0, sizeof(old->quiet));
    old->inflight.kind = INFLIGHT_NONE;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->major[A] = 6;
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
}

/* It is needed, and would come back, but its latest moment passes in its pause: after 58 s. */
static void a_latest_moment_in_a_pause(void **state)
{
    struct world *w = world_new(60);
    struct service_spec *redis = world_add(w, "redis", PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 12, dies(A, SIGKILL), "" },
        { 25, asks(REQUEST_SHUTDOWN_NOW), "signal worker TERM" },
        { 55, time_passes(), "signal worker KILL" },
        { 56, time_passes(), "signal worker KILL" },
        { 57, time_passes(), "signal worker KILL" },
        { 58, time_passes(), "signal worker KILL" },
        { 59, time_passes(), "signal worker KILL" },
    };

    (void)state;
    redis->backoff_first = redis->backoff_max = 10 * MINUTE;
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->s.service[A].state, STATE_DONE);
}

/* What is stopped after it has waited long enough, although nobody else has changed. */
static void a_kill_that_is_outlived(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn app" },
        { 10, asks(REQUEST_SHUTDOWN_NOW), "signal app TERM" },
        { 20, time_passes(), "signal app KILL" },
        { 21, time_passes(), "signal app KILL" },
        { 22, time_passes(), "signal app KILL" },
        { 23, time_passes(), "signal app KILL" },
        { 24, time_passes(), "signal app KILL" },
        { 25, time_passes(), "signal redis TERM; signal app KILL" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC);
    world_add(w, "app", PROFILE_GENERIC)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

/* Who had outlived its KILL held up nobody; while its post_exit runs it does again, and that is told. */
static void a_post_exit_that_is_waited_for(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn app" },
        { 10, asks(REQUEST_DRAIN), "" },
        { 25, asks_for(REQUEST_STOP, B), "signal app TERM" },
        { 35, time_passes(), "signal app KILL" },
        { 36, time_passes(), "signal app KILL" },
        { 37, time_passes(), "signal app KILL" },
        { 38, time_passes(), "signal app KILL" },
        { 39, time_passes(), "signal app KILL" },
        { 40, time_passes(), "signal app KILL" },
        { 40.5, dies(B, SIGKILL), "exec app post_exit; waiting proxy: what must stop before it" },
        { 41, did(B, EXEC_POST_EXIT, true), "signal proxy TERM" }, /* nothing else is left */
    };

    (void)state;
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    world_add(w, "app", PROFILE_GENERIC)->post_exit = (struct command){ "true", argv };
    world_show(w, STORY_WAITING);
    world_finish(w, false);
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_will_kill),
        cmocka_unit_test(a_quiet_without_an_action),
        cmocka_unit_test(a_latest_moment_in_a_pause),
        cmocka_unit_test(a_kill_that_is_outlived),
        cmocka_unit_test(a_post_exit_that_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
