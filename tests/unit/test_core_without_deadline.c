/* Without a deadline (SPEC 4): work is not waited for, and a KILL that only a profile wrote is left to the
 * platform, if that asked. */
#include <signal.h>

#include "worlds.h"

/* --- nobody waits for work ---------------------------------------------- */

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

static void without_a_deadline_a_drain_is_over_with_the_linger(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web; spawn worker" },
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 20, time_passes(), "drained all" },
    };
    const struct row stops[] = { { 60, gets(SIGTERM), "signal web TERM; signal worker TERM" } };

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    world_show(w, STORY_DRAINED);
    PLAY(w, rows);
    assert_int_equal(supervisor_waits_for(&w->s, A), WAIT_STOP_ASKED);
    assert_int_equal(supervisor_waits_for(&w->s, B), WAIT_STOP_ASKED); /* and not for jobs */
    PLAY(w, stops);
}

/* --- the platform kills ------------------------------------------------- */

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

static void prestop_is_of_the_platform(void **state)
{
    struct world *w = a_and_b(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_PRESTOP), "" },
        { 6, asks(REQUEST_SHUTDOWN), "signal a TERM; signal b TERM" },
        { 100, dies(A, SIGTERM), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static void a_term_after_a_drain_is_too(void **state)
{
    struct world *w = a_and_b(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, asks(REQUEST_DRAIN), "" },
        { 6, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 100, dies(A, SIGTERM), "" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* TERM came first, though its sequence waits: whoever sent it will kill. */
static void a_signal_is_of_the_platform_from_its_first_moment(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "" },
        { 12, asks(REQUEST_SHUTDOWN), "signal web TERM" },
        { 100, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    w->spec.signal_step[0] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = 200 * SECOND };
    w->spec.signal_step[1] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    w->spec.signal_steps = 2;
    w->spec.signal[SIGTERM] = (struct signal_sequence){ .first = 0, .count = 2 };
    world_finish(w, false);
    PLAY(w, rows);
}

/* A verb began it, and would have killed; then the platform asked, who will. */
static void what_a_signal_takes_over_from_a_verb_is_left_to_the_platform(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, asks_for(REQUEST_STOP, A), "signal web TERM" },
        { 10, gets(SIGTERM), "" },
        { 100, dies(A, SIGTERM), "exit 0" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- no platform will --------------------------------------------------- */

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

/* The container ends of itself, and has to: a TERM that joins in changes nothing. */
static void an_end_from_within_is_not_the_platform_s_whoever_joins(void **state)
{
    struct world *w = a_and_b(0, PROFILE_PUMA, PROFILE_PUMA);
    const struct row rows[] = {
        { 5, ends(A, 1), "signal b TERM" },
        { 6, gets(SIGTERM), "" },
        { 40, time_passes(), "signal b KILL" },
        { 40.1, dies(B, SIGKILL), "exit 1" },
    };

    (void)state;
    w->spec.service[A].restart = RESTART_NEVER;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

/* Redis is needed, and the new one waits until the old one's children are gone: no platform ends those. */
static void what_makes_room_for_a_restart_is_killed(void **state)
{
    struct world *w = world_new(0);
    const struct row rows[] = {
        { 0, starts(), "spawn redis; spawn worker" },
        { 10, asks(REQUEST_PRESTOP), "quiet worker" },
        { 20, leaves(A, 1, 1), "signal redis TERM" },
        { 30, time_passes(), "signal redis KILL" },
        { 30.1, remains(A, 0), "" },
        { 31.1, time_passes(), "spawn redis" },
    };

    (void)state;
    world_add(w, "redis", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(A);
    w->jobs[B] = 1;
    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_deadline_work_is_not_waited_for),
        cmocka_unit_test(without_a_deadline_a_drain_is_over_with_the_linger),
        cmocka_unit_test(without_a_deadline_the_kill_is_left_to_the_platform),
        cmocka_unit_test(a_kill_that_the_user_wrote_is_not),
        cmocka_unit_test(prestop_is_of_the_platform),
        cmocka_unit_test(a_term_after_a_drain_is_too),
        cmocka_unit_test(a_signal_is_of_the_platform_from_its_first_moment),
        cmocka_unit_test(what_a_signal_takes_over_from_a_verb_is_left_to_the_platform),
        cmocka_unit_test(a_shutdown_by_command_kills_without_a_deadline_too),
        cmocka_unit_test(an_essential_end_without_a_deadline_ends_in_bounded_time),
        cmocka_unit_test(an_end_from_within_is_not_the_platform_s_whoever_joins),
        cmocka_unit_test(what_makes_room_for_a_restart_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
