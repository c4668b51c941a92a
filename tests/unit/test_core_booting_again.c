/* Ruby may lose a stop that comes while it boots, or keep it until it has jobs: a worker is told again until it has
 * set its traps, a Puma once it shows its title. */
#include <signal.h>

#include "worlds.h"

/* Between KILL, the first row, and the last one. */
static void assert_no_look_after_kill(struct world *w, const struct row *row, size_t rows)
{
    unsigned looks;

    world_play(w, row, 1);
    looks = w->looks[A];
    world_play(w, row + 1, rows - 1);
    assert_int_equal(w->looks[A], looks);
}

/* --- a worker ------------------------------------------------------------ */

static struct world *worker_that_boots(int64_t deadline_s, struct happening stops)
{
    struct world *w = world_new(deadline_s);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, stops, "quiet worker; signal worker TERM" },
    };

    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->boots[A] = true;
    w->jobs[A] = 1;
    world_show(w, STORY_STOP_MISSED);
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static void what_boots_is_told_again_with_each_look(void **state)
{
    struct world *w = worker_that_boots(100, gets(SIGTERM));
    const struct row rows[] = { { 11.1, time_passes(), "" } };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->repeats[A], 4);
    assert_int_equal(w->signal.signal.target, TARGET_BOOTING);
}

static void also_behind_a_shell_that_is_gone(void **state)
{
    struct world *w = worker_that_boots(100, gets(SIGTERM));
    const struct row rows[] = { { 10.1, leaves(A, 0, 1), "" }, { 11.1, time_passes(), "" } };

    (void)state;
    PLAY(w, rows);
    assert_int_equal(w->repeats[A], 5); /* once more as it went */
}

static void what_has_booted_is_not(void **state)
{
    struct world *w = worker_that_boots(100, gets(SIGTERM));
    const struct row rows[] = { { 10.25, time_passes(), "stop_missed worker; quiet worker" } };

    (void)state;
    world_boots_on(w, A);
    PLAY(w, rows);
    assert_int_equal(w->repeats[A], 0);
}

/* Looked at every second again. */
static void what_got_kill_is_not(void **state)
{
    struct world *w = worker_that_boots(0, asks(REQUEST_SHUTDOWN));
    const struct row rows[] = { { 40, time_passes(), "signal worker KILL" }, { 40.9, time_passes(), "" } };

    (void)state;
    assert_no_look_after_kill(w, rows, 2);
}

/* Without a signal for its quiet there is no trap by which one could see that it has booted. */
static void what_has_no_quiet_signal_is_told_once(void **state)
{
    struct world *w = world_new(100);
    struct service_spec *spec = world_add(w, "worker", PROFILE_GENERIC);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 10, gets(SIGTERM), "quiet worker; signal worker TERM" },
        { 15, time_passes(), "" },
    };

    (void)state;
    spec->inflight.kind = INFLIGHT_NOTIFY;
    spec->ready = (struct ready_spec){ .kind = READY_NOTIFY, .by_user = true };
    w->boots[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->repeats[A], 0);
}

/* It is at work, and `quiet` names a signal that it does not know. */
static void what_is_ready_is_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn worker" },
        { 1, notifies(A), "" },
        { 10, gets(SIGINT), "quiet worker" },
        { 11, gets(SIGINT), "signal worker TERM" },
        { 15, time_passes(), "" },
    };

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->boots[A] = true;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->repeats[A], 0);
}

/* --- a Puma -------------------------------------------------------------- */

/* A probe of its own tells when it serves, which is asked no more when its ladder has begun. */
static struct world *puma_that_boots(struct row first)
{
    struct world *w = world_new(100);
    const struct row rows[] = { { 0, starts(), "spawn web" }, first };

    world_add(w, "web", PROFILE_PUMA);
    w->boots[A] = true;
    w->major[A] = 6;
    world_show(w, STORY_STOP_AGAIN);
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

static struct world *puma_told_too_early(void)
{
    return puma_that_boots((struct row){ 10, gets(SIGTERM), "signal web TERM" });
}

/* It has its whole wait from then on, and is not told a third time. */
static void a_stop_before_its_title_is_said_again(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row rows[] = {
        { 12.5, booted(A), "stop_again web; signal web TERM" },
        { 47.4, time_passes(), "" },
        { 47.5, time_passes(), "signal web KILL" },
    };

    (void)state;
    PLAY(w, rows);
}

/* It told that before the look at its title. */
static void nor_is_one_that_says_it_is_ready_spared(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row rows[] = {
        { 12.4, notifies(A), "" },
        { 12.5, booted(A), "stop_again web; signal web TERM" },
    };

    (void)state;
    PLAY(w, rows);
}

/* Each second, so that its traps are there by the look that finds the title, and no more when it is told. */
static void it_is_looked_at_until_it_is_told(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row boots[] = { { 12.7, time_passes(), "" } };
    const struct row told[] = { { 12.75, time_passes(), "stop_again web; signal web TERM" } };
    const struct row later[] = { { 30, time_passes(), "" } };
    unsigned looks = w->looks[A];

    (void)state;
    PLAY(w, boots);
    assert_int_equal(w->looks[A], looks + 2);
    world_boots_on(w, A);
    PLAY(w, told);
    PLAY(w, later);
    assert_int_equal(w->looks[A], looks + 3);
}

static void nor_is_it_after_its_kill(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row rows[] = {
        { 45, time_passes(), "signal web KILL" },
        { 46, time_passes(), "signal web KILL" },
        { 47, time_passes(), "signal web KILL" },
    };

    (void)state;
    assert_no_look_after_kill(w, rows, 3);
}

/* Somebody looks at its metrics while its last requests are answered. */
static void who_was_ready_has_heard(void **state)
{
    struct world *w = puma_that_boots((struct row){ 1, notifies(A), "" });
    const struct row rows[] = {
        { 10, gets(SIGTERM), "signal web TERM" },
        { 20, comes((struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE }), "" },
    };
    unsigned looks = w->looks[A];

    (void)state;
    w->boots[A] = false;
    PLAY(w, rows);
    assert_int_equal(w->looks[A], looks + 1);
}

/* In the very moment of its stop: that was on its way. */
static void who_became_ready_with_its_stop_has_heard(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row rows[] = { { 10, notifies(A), "" }, { 14, booted(A), "" }, { 16, time_passes(), "" } };

    (void)state;
    PLAY(w, rows);
}

/* The workers of a Puma that is gone have its title. */
static void its_remains_are_not_told_again(void **state)
{
    struct world *w = puma_told_too_early();
    const struct row rows[] = {
        { 10.5, leaves(A, 0, 1), "" },
        { 14, time_passes(), "" },
    };

    (void)state;
    w->boots[A] = false;
    PLAY(w, rows);
}

/* An application of another kind may take a second TERM for haste, whatever it calls itself. */
static void others_are_told_once(void **state)
{
    struct world *w = world_new(100);
    const struct row rows[] = {
        { 0, starts(), "spawn web" },
        { 10, gets(SIGTERM), "signal web TERM" },
        { 12, comes((struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE }), "" },
    };

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->inflight.kind = INFLIGHT_PUMA;
    world_finish(w, false);
    PLAY(w, rows);
    assert_int_equal(w->looks[A], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_boots_is_told_again_with_each_look),
        cmocka_unit_test(also_behind_a_shell_that_is_gone),
        cmocka_unit_test(what_has_booted_is_not),
        cmocka_unit_test(what_got_kill_is_not),
        cmocka_unit_test(what_has_no_quiet_signal_is_told_once),
        cmocka_unit_test(what_is_ready_is_told_once),
        cmocka_unit_test(a_stop_before_its_title_is_said_again),
        cmocka_unit_test(nor_is_one_that_says_it_is_ready_spared),
        cmocka_unit_test(it_is_looked_at_until_it_is_told),
        cmocka_unit_test(nor_is_it_after_its_kill),
        cmocka_unit_test(who_was_ready_has_heard),
        cmocka_unit_test(who_became_ready_with_its_stop_has_heard),
        cmocka_unit_test(its_remains_are_not_told_again),
        cmocka_unit_test(others_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
