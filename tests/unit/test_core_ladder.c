/* Ladders at their edges: who may begin, what an extension and a late ear are good for and until
 * when, what is left to the platform, and stops that a booting program did not hear. */
#include <signal.h>

#include "scenario.h"

enum { A, B, C }; /* services as the tests add them */

static const char *const some_argv[] = { "true", NULL };
static const struct command some_command = { "true", some_argv };

/* As the user writes it in `stop`: a signal, or a command where signo is 0. */
static void add_step(struct ladder *l, int signo, int64_t wait)
{
    l->by_user = true;
    l->step[l->count] = (struct ladder_step){ .signo = signo, .wait = wait };
    if (signo == 0)
        l->step[l->count].exec = some_command;
    l->count++;
}

/* --- when it begins ------------------------------------------------------ */

/* The quiet of a Sidekiq 6 at 10 s was not seen, and its time to hand back begins at 12 s: TERM is held
 * back as long as -t and 3 s remain. */
static void a_term_is_held_back_as_long_as_there_is_time(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 9, jobs(A, 2), "" },
        { 10, asks(REQUEST_DRAIN), "quiet worker" },
        { 11, asks_deadline(33 * SECOND), "" },
        { 14, time_passes(), "signal worker TERM" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->sidekiq_timeout = 25 * SECOND;
    w->major[A] = 6;
    w->deaf[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
}

/* Its restart waits for the end of its linger when TERM comes: from then on it is needed. */
static void a_restart_that_a_shutdown_takes_over_waits_for_who_needs_it(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx; spawn web" },
        { 5, asks_for(REQUEST_RESTART, A), "" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 30, dies(B, SIGTERM), "signal nginx QUIT" },
        { 31, ends(A, 0), "exit 0" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX)->linger = 10 * SECOND;
    world_add(w, "web", PROFILE_PUMA)->after = SET_OF(A);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_linger_counts_from_the_quiet_that_a_verb_asked_for(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 5, asks_for(REQUEST_QUIET, A), "quiet worker" },
        { 10, asks_for(REQUEST_STOP, A), "" },
        { 15, time_passes(), "signal worker TERM" },
        { 16, ends(A, 0), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->linger = 10 * SECOND;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void a_verb_that_is_repeated_gives_no_more_time(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker; spawn web" },
        { 10, asks_for(REQUEST_STOP, A), "quiet worker" },
        { 60, asks_for(REQUEST_STOP, A), "" },
        { 110, time_passes(), "signal worker TERM" },
        { 111, ends(A, 0), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "web", PROFILE_PUMA);
    w->jobs[A] = 1;
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- extensions ---------------------------------------------------------- */

static void an_extension_before_the_ladder_is_none(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 5, extends(A, 100 * SECOND), "" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 45, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

static void an_extension_that_is_no_time_is_none(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 12, extends(A, -1 * SECOND), "" },
        { 13, extends(A, INT64_MIN), "" },
        { 45, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_finish(w, false);
    PLAY(w, rows);
}

/* QUIT ended at its latest moment. The sidecar fails, which gives TERM more room: it asked for none. */
static void an_extension_ends_with_its_step(void **state)
{
    struct world *w = world_new(60);
    const struct row rows[] = {
        { 0, starts(), "spawn proxy; spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 20, extends(A, 1000 * SECOND), "" },
        { 53, time_passes(), "signal nginx TERM" },
        { 54, ends(B, 1), "" },
        { 58, time_passes(), "signal nginx KILL" },
        { 58.1, dies(A, SIGKILL), "exit 137" },
    };
    struct service_spec *proxy;

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    proxy = world_add(w, "proxy", PROFILE_GENERIC);
    proxy->sidecar = true;
    proxy->essential = false;
    proxy->restart = RESTART_NEVER;
    proxy->restart_limit = 0;
    world_finish(w, false);
    PLAY(w, rows);
}

/* The 5 s of TERM were extended to 9 s. At its eighth somebody hears of it: 5 s from then on, however
 * long ago somebody heard late of QUIT. */
static void who_hears_late_of_a_step_is_the_first_of_that_step(void **state)
{
    struct world *w = world_new(200);
    const struct row rows[] = {
        { 0, starts(), "spawn nginx" },
        { 10, gets(SIGTERM), "signal nginx QUIT" },
        { 15, unheard(A), "signal nginx QUIT" },
        { 45, time_passes(), "signal nginx TERM" },
        { 45.5, extends(A, 8500), "" },
        { 53, unheard(A), "signal nginx TERM" },
        { 58, time_passes(), "signal nginx KILL" },
    };

    (void)state;
    world_add(w, "nginx", PROFILE_NGINX);
    world_finish(w, false);
    PLAY(w, rows);
}

/* --- without a deadline -------------------------------------------------- */

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

/* --- what a booting program did not hear --------------------------------- */

static struct world *worker_that_boots(void)
{
    struct world *w = world_new(100);

    w->boots[A] = true;
    w->jobs[A] = 2;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_show(w, STORY_STOP_MISSED);
    world_show(w, STORY_STOP_AGAIN);
    return w;
}

static void a_stop_command_ends_when_the_stop_is_taken_back(void **state)
{
    struct world *w = worker_that_boots();
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

/* What a look told that was asked for before the stop, or is still to come, proves nothing. */
static void only_a_look_after_the_stop_takes_it_back(void **state)
{
    struct world *w = worker_that_boots();
    const struct facts missed = { .members = 1, .quiet_told = true, .titled = true, .major = 7, .busy = -1,
                                  .total = -1, .unended = -1, .stop_missed = true };
    const struct row boots[] = { { 0, starts(), "spawn worker" } };
    const struct row rows[] = {
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 10.5, tells(A, missed), "" },
        { 11.5, time_passes(), "" }, /* looked at anew at 11 s */
        { 11.6, tells(A, missed), "stop_missed worker" },
    };

    (void)state;
    world_finish(w, false);
    PLAY(w, boots);
    PLAY(w, rows);
}

/* Its stop was a command, and jobs are not waited for any more: it is looked at before KILL all the same. */
static void what_missed_a_stop_is_looked_at_once_more_before_a_kill(void **state)
{
    struct world *w = worker_that_boots();
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_term_is_held_back_as_long_as_there_is_time),
        cmocka_unit_test(a_restart_that_a_shutdown_takes_over_waits_for_who_needs_it),
        cmocka_unit_test(a_linger_counts_from_the_quiet_that_a_verb_asked_for),
        cmocka_unit_test(a_verb_that_is_repeated_gives_no_more_time),
        cmocka_unit_test(an_extension_before_the_ladder_is_none),
        cmocka_unit_test(an_extension_that_is_no_time_is_none),
        cmocka_unit_test(an_extension_ends_with_its_step),
        cmocka_unit_test(who_hears_late_of_a_step_is_the_first_of_that_step),
        cmocka_unit_test(what_a_signal_takes_over_from_a_verb_is_left_to_the_platform),
        cmocka_unit_test(what_makes_room_for_a_restart_is_killed),
        cmocka_unit_test(a_stop_command_ends_when_the_stop_is_taken_back),
        cmocka_unit_test(only_a_look_after_the_stop_takes_it_back),
        cmocka_unit_test(what_missed_a_stop_is_looked_at_once_more_before_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
