/* What people are shown: how many are busy, of how many, and whether that is exact. */
#include "looks.h"

/* --- exact or not ------------------------------------------------------- */

/* Threads that have nothing to do need Redis' 2 s to end, and Ruby up to 3.2 shows them 3 s longer: until
 * then the title says how many are busy, and that is no news. */
static void idle_threads_have_time_to_end_before_they_are_counted(void **state)
{
    static const struct { int16_t major; int64_t settled; } versions[] = { { 6, 6000 }, { 7, 3000 }, { 8, 3000 } };
    const int64_t told = 10000;

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        begin_sidekiq(versions[k].major, told);
        processors(see(PID, 1), 1, 3);
        look(told + 250);
        assert_int_equal(facts(told + versions[k].settled - 1).busy, 0);
        assert_false(facts(told + versions[k].settled - 1).busy_exact);
        assert_int_equal(facts(told + versions[k].settled).busy, 3);
        assert_true(facts(told + versions[k].settled).busy_exact);
        assert_int_equal(facts(told + 250).unended, 3);
        see(PID, 1);
        look(told + 500);
        assert_int_equal(facts(told + 500).busy, 0);
        assert_true(facts(told + 500).busy_exact); /* none is none */
    }
}

static void a_title_is_exact_once_it_says_stopping(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    stopping(titled(see(PID, 1), 7, 2, 5));
    stopping(titled(see(PID + 1, 1), 7, 1, 5));
    look(0);
    assert_int_equal(facts(0).busy, 3);
    assert_true(facts(0).busy_exact);
    titled(see(PID, 1), 7, 2, 5);
    stopping(titled(see(PID + 1, 1), 7, 1, 5));
    look(1000);
    assert_false(facts(1000).busy_exact);
    assert_int_equal(facts(1000).unended, UNKNOWN); /* whose threads nobody trusts */
}

static void what_is_said_or_printed_is_exact(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    see(PID, 1);
    look(0);
    assert_false(facts(0).busy_exact);
    evidence_said(&e, PID, 2, UNKNOWN, 0);
    assert_true(facts(0).busy_exact);
    begin_with(INFLIGHT_EXEC, 0);
    see(PID, 1);
    look(0);
    assert_false(facts(0).busy_exact);
    evidence_exec(&e, true, 2, UNKNOWN, 0);
    assert_true(facts(0).busy_exact);
}

/* --- what is not known -------------------------------------------------- */

static void what_no_title_has_told_is_not_known(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    assert_int_equal(facts(0).busy, UNKNOWN);
    assert_int_equal(facts(0).total, UNKNOWN);
    assert_int_equal(facts(0).major, UNKNOWN);
    begin_with(INFLIGHT_NOTIFY, 0);
    see(PID, 1);
    look(0);
    evidence_said(&e, PID, 2, UNKNOWN, 0);
    assert_int_equal(facts(0).busy, 2);
    assert_int_equal(facts(0).total, UNKNOWN);
}

static void what_one_of_two_does_not_tell_is_not_known_of_both(void **state)
{
    (void)state;
    for (int32_t silent = 0; silent < 2; silent++) {
        begin(PROFILE_SIDEKIQ);
        for (int32_t k = 0; k < 2; k++) {
            struct look_proc *p = see(PID + k, 1);

            if (k != silent)
                titled(p, 7, 2, 5);
        }
        look(0);
        assert_int_equal(facts(0).busy, UNKNOWN);
        assert_int_equal(facts(0).total, UNKNOWN);
    }
}

/* --- Puma --------------------------------------------------------------- */

static void puma_s_view_is_shown_and_decides_nothing(void **state)
{
    (void)state;
    begin(PROFILE_PUMA);
    see(PID, 1);
    look(0);
    evidence_quiet_began(&e, 0);
    evidence_status(&e, 0, 5);
    assert_work(60000, "unknown");
    assert_int_equal(facts(60000).busy, 0);
    assert_int_equal(facts(60000).total, 5);
}

static void a_puma_that_has_said_nothing_tells_nothing(void **state)
{
    (void)state;
    begin(PROFILE_PUMA);
    see(PID, 1);
    look(0);
    assert_int_equal(facts(0).busy, UNKNOWN);
    assert_int_equal(facts(0).total, UNKNOWN);
    begin_with(INFLIGHT_EXEC, 0);
    evidence_exec(&e, true, 3, 5, 0);
    evidence_exec(&e, false, UNKNOWN, UNKNOWN, 1000); /* it failed: nothing is known any more */
    assert_int_equal(facts(1000).busy, UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_threads_have_time_to_end_before_they_are_counted),
        cmocka_unit_test(a_title_is_exact_once_it_says_stopping),
        cmocka_unit_test(what_is_said_or_printed_is_exact),
        cmocka_unit_test(what_no_title_has_told_is_not_known),
        cmocka_unit_test(what_one_of_two_does_not_tell_is_not_known_of_both),
        cmocka_unit_test(puma_s_view_is_shown_and_decides_nothing),
        cmocka_unit_test(a_puma_that_has_said_nothing_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
