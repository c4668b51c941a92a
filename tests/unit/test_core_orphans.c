/* Orphans, which belong to no service: TERM when all services are down, then 5 s, then KILL. */
#include <signal.h>

#include "worlds.h"

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

static void whoever_asks_for_kill_gives_orphans_no_term(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct row rows[] = {
        { 5, orphans(2), "" },
        { 10, gets(SIGINT), "signal a TERM; signal b TERM" },
        { 11, gets(SIGINT), "" },
        { 12, gets(SIGINT), "signal a KILL; signal b KILL" },
        { 12.1, dies(A, SIGKILL), "" },
        { 12.2, dies(B, SIGKILL), "orphans KILL" },
        { 12.3, orphans(0), "exit 137" },
    };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, rows);
}

static unsigned counted_orphans(const struct world *w)
{
    unsigned n = 0;

    for (uint32_t k = 0; k < w->out.count; k++)
        n += w->out.list[k].type == ACT_ORPHANS;
    return n;
}

/* A count may take its time, as /proc may be long. */
static void orphans_are_not_counted_again_before_the_answer(void **state)
{
    struct world *w = a_and_b_once(100, PROFILE_GENERIC, PROFILE_GENERIC);
    const struct facts none = { .members = 0, .busy = -1, .total = -1, .unended = -1, .major = -1 };
    const struct row ends_all[] = {
        { 10, gets(SIGTERM), "signal a TERM; signal b TERM" },
        { 11, dies(A, SIGTERM), "" },
        { 11.5, dies(B, SIGTERM), "" },
        { 11.6, tells(B, none), "" },
    };
    const struct row once_more[] = { { 12, gets(SIGTERM), "" } };
    struct event answer = { .type = EVENT_ORPHANS, .service = NO_SERVICE };
    const struct row answered[] = { { 13, comes(answer), "exit 0" } };

    (void)state;
    world_begin(w, "spawn a; spawn b");
    PLAY(w, ((const struct row[]){ ends_all[0], ends_all[1] }));
    w->recorded = true; /* from here on nothing answers by itself */
    PLAY(w, ((const struct row[]){ ends_all[2], ends_all[3] }));
    assert_int_equal(counted_orphans(w), 1);
    PLAY(w, once_more);
    assert_int_equal(counted_orphans(w), 0);
    PLAY(w, answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orphans_get_term_and_five_seconds),
        cmocka_unit_test(orphans_that_end_are_not_waited_for),
        cmocka_unit_test(orphans_that_even_kill_does_not_end_hold_up_nobody),
        cmocka_unit_test(whoever_asks_for_kill_gives_orphans_no_term),
        cmocka_unit_test(orphans_are_not_counted_again_before_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
