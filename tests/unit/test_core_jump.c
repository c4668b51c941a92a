/* A clock that jumps while everything stands still: the whole gap counts for the deadline, 2 s of it for a
 * wait. */
#include <signal.h>

#include "worlds.h"

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
        { 10, gets(SIGTERM), "signal web QUIT" },
        { 12, time_passes(), "" },
        { 48, time_jumps(), "" }, /* 26 s and 5 s would be too long for the 20 s left */
        { 64.775, time_passes(), "signal web TERM" },
        { 68, time_passes(), "signal web KILL" },
    };

    (void)state;
    world_add(w, "web", PROFILE_NGINX);
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

static void a_jump_without_a_shutdown_is_nobody_s_business(void **state)
{
    struct world *w = a_and_b(100, PROFILE_GENERIC, PROFILE_PUMA);
    const struct row rows[] = { { 500, time_jumps(), "" } };

    (void)state;
    world_show(w, STORY_CLOCK_JUMP);
    w->spec.service[A].ready = (struct ready_spec){ .kind = READY_EXEC, .exec = some_command, .by_user = true };
    world_begin(w, "spawn a; spawn b; exec a ready");
    PLAY(w, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_counts_for_the_deadline),
        cmocka_unit_test(a_jump_counts_two_seconds_for_a_wait),
        cmocka_unit_test(after_a_jump_waits_shrink),
        cmocka_unit_test(a_jump_over_the_deadline_ends_at_once),
        cmocka_unit_test(a_jump_without_a_shutdown_is_nobody_s_business),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
