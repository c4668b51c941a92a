/* Who is told to be quiet, until when again, and what confirms that it was heard. */
#include <signal.h>

#include "looks.h"

/* --- who is told -------------------------------------------------------- */

static void only_who_catches_it_is_told(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5)->catches_quiet = false;
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_int_equal(facts(0).untold, 0);
    titled(see(PID, 1), 7, 0, 5);
    look(250);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(facts(250).untold, 1);
}

static void it_is_told_again_until_it_is_confirmed(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin_sidekiq(7, 0);
    processors(see(PID, 1), 1, 5);
    look(2000);
    assert_int_equal(facts(2000).unconfirmed, 1);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    stopping(processors(titled(see(PID, 1), 7, 5, 5), 1, 5));
    look(4000);
    assert_int_equal(facts(4000).unconfirmed, 0);
    assert_true(facts(4000).quiet_seen);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
}

/* Nothing tells of a Resque whether it heard: once. */
static void where_nothing_shows_it_is_told_once(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_RESQUE);
    see(PID, 1);
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    quiet_at(0);
    see(PID, 1);
    look(2000);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_true(facts(2000).quiet_told);
    assert_int_equal(facts(2000).unconfirmed, 0);
    assert_work(2000, "unknown");
}

/* Where nobody could take it, nobody has stopped taking work: no zero counts yet. */
static void a_quiet_that_nobody_got_has_not_begun(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, SIGTSTP);
    see(PID, 1)->catches_quiet = false;
    look(0);
    quiet_at(0);
    evidence_said(&e, PID, 0, UNKNOWN, 1000);
    assert_work(5000, "unknown");
}

/* --- what confirms it --------------------------------------------------- */

/* Somebody else told it before; ours is seen in a look that comes after it and could read it. */
static void only_what_is_seen_after_the_telling_confirms_it(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    stopping(titled(see(PID, 1), 7, 1, 5));
    look(0);
    assert_false(facts(0).quiet_seen);
    quiet_at(0);
    assert_false(facts(0).quiet_seen);
    see(PID, 1)->readable = false;
    look(250);
    assert_false(facts(250).quiet_seen);
    see(PID, 1);
    look(500);
    assert_true(facts(500).quiet_seen);
}

static void the_quiet_is_seen_when_all_show_it(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 2, 5);
    titled(see(PID + 1, 1), 7, 1, 5);
    look(0);
    quiet_at(0);
    stopping(titled(see(PID, 1), 7, 2, 5));
    titled(see(PID + 1, 1), 7, 1, 5);
    look(1000);
    assert_false(facts(1000).quiet_seen);
    assert_int_equal(facts(1000).unconfirmed, 1);
    stopping(titled(see(PID, 1), 7, 2, 5));
    stopping(titled(see(PID + 1, 1), 7, 1, 5));
    look(2000);
    assert_true(facts(2000).quiet_seen);
    look(3000); /* all are gone */
    assert_false(facts(3000).quiet_seen);
    assert_false(facts(3000).busy_exact);
}

static void more_threads_than_can_be_noted_confirm_nothing(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    quiet_at(0);
    processors(titled(see(PID, 1), 7, 0, EVIDENCE_THREADS_MAX), 1, EVIDENCE_THREADS_MAX + 1);
    look(250);
    see(PID, 1);
    look(500);
    assert_false(facts(500).quiet_seen);
}

/* Its title counts as many busy ones as were noted; but others could not be. */
static void nor_does_a_title_that_counts_as_many(void **state)
{
    const int32_t busy = EVIDENCE_THREADS_MAX;

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now <= 20250; now += 1000) {
        struct look_proc *p = processors(titled(see(PID, 1), 7, busy, busy + 44), 1, busy + 1);

        if (now > 5000)
            stopping(p);
        look(now);
    }
    assert_int_equal(facts(20250).busy, busy);
    assert_int_equal(facts(20250).unended, UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_catches_it_is_told),
        cmocka_unit_test(it_is_told_again_until_it_is_confirmed),
        cmocka_unit_test(where_nothing_shows_it_is_told_once),
        cmocka_unit_test(a_quiet_that_nobody_got_has_not_begun),
        cmocka_unit_test(only_what_is_seen_after_the_telling_confirms_it),
        cmocka_unit_test(the_quiet_is_seen_when_all_show_it),
        cmocka_unit_test(more_threads_than_can_be_noted_confirm_nothing),
        cmocka_unit_test(nor_does_a_title_that_counts_as_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
