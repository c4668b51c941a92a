/* Idle by what an application says of itself: datagrams, or its inflight command. */
#include <signal.h>

#include "looks.h"

/* --- notify ------------------------------------------------------------- */

static void begin_notify(void)
{
    begin_with(INFLIGHT_NOTIFY, SIGTSTP);
    see(PID, 1);
    see(101, PID);
    look(0);
}

static void zero_for_three_seconds_is_idle(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    assert_work(0, "unknown");
    evidence_said(&e, PID, 2, 5, 1000);
    assert_work(1000, "busy");
    assert_int_equal(facts(1000).busy, 2);
    assert_int_equal(facts(1000).total, 5);
    evidence_said(&e, PID, 0, -1, 2000);
    assert_work(2000, "busy");
    assert_work(4999, "busy");
    assert_work(5000, "idle");
    assert_int_equal(facts(5000).total, 5);
    evidence_said(&e, PID, 1, -1, 6000);
    assert_work(6000, "busy");
    evidence_said(&e, PID, 0, -1, 7000);
    assert_work(9000, "busy");
}

static void zero_counts_from_the_moment_of_the_quiet(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    see(PID, 1);
    look(0);
    evidence_said(&e, PID, 0, 5, 1000);
    evidence_quiet_began(&e, 1000);
    assert_work(1500, "busy");
    evidence_said(&e, PID, 0, 0, 2000);
    assert_work(3999, "busy");
    assert_work(4000, "idle");
    assert_int_equal(facts(4000).total, 0); /* a total of 0 is one, too */
}

static void what_was_said_before_the_quiet_does_not_count(void **state)
{
    (void)state;
    begin_notify();
    evidence_said(&e, PID, 0, 5, 100);
    assert_work(60000, "unknown");
    evidence_said(&e, PID, 0, 5, 9000);
    quiet_at(10000);
    assert_work(14000, "unknown");
    evidence_said(&e, PID, 0, 5, 15000);
    assert_work(17999, "busy"); /* 3 s since the quiet, not since 100 ms */
    assert_work(18000, "idle");
}

static void what_was_said_long_ago_is_stale(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    evidence_said(&e, PID, 0, 5, 1000);
    assert_work(16000, "idle");
    assert_work(16001, "unknown");
    evidence_said(&e, PID, 0, 5, 17000);
    assert_work(19999, "busy"); /* the silence proves nothing: 3 s anew */
    assert_work(20000, "idle");
}

static void a_sender_that_repeats_just_in_time_goes_on(void **state)
{
    const int64_t began = 20000, next = began + EVIDENCE_SAID_STALE;

    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    see(PID, 1);
    look(0);
    evidence_quiet_began(&e, 0);
    evidence_said(&e, PID, 0, UNKNOWN, began);
    assert_work(next, "idle");
    assert_work(next + 1, "unknown");
    evidence_said(&e, PID, 0, UNKNOWN, next);
    assert_work(next, "idle");
    evidence_said(&e, PID, 0, UNKNOWN, next + EVIDENCE_SAID_STALE + 1);
    assert_work(next + EVIDENCE_SAID_STALE + 1, "busy"); /* what it did meanwhile is not known */
}

static void processes_are_summed(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    evidence_said(&e, PID, 2, 5, 1000);
    evidence_said(&e, 101, 3, 5, 1000);
    assert_int_equal(facts(1000).busy, 5);
    assert_int_equal(facts(1000).total, 10);
    evidence_said(&e, PID, 0, 5, 2000);
    assert_work(6000, "busy");
    evidence_said(&e, 101, 0, 5, 6000);
    assert_work(9000, "idle");
    see(PID, 1);
    look(9100); /* the other is gone */
    assert_int_equal(facts(9100).total, 5);
    assert_work(9100, "idle");
}

static void who_said_nothing_is_not_counted_unless_nobody_did(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    assert_work(10000, "unknown");
    evidence_said(&e, 101, 0, -1, 10000);
    assert_work(13000, "idle");
    evidence_said(&e, 4711, 5, 5, 13000); /* a stranger */
    assert_work(13000, "idle");
}

static void a_stopped_sender_is_unknown(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    evidence_said(&e, PID, 0, 5, 1000);
    see(PID, 1)->stopped = true;
    look(5000);
    assert_work(5000, "unknown");
}

static void counts_do_not_overflow(void **state)
{
    (void)state;
    begin_notify();
    quiet_at(0);
    evidence_said(&e, PID, INT32_MAX, INT32_MAX, 1000);
    evidence_said(&e, 101, INT32_MAX, INT32_MAX, 1000);
    assert_int_equal(facts(1000).busy, INT32_MAX);
    assert_int_equal(facts(1000).total, INT32_MAX);
    assert_work(1000, "busy");
}

/* --- exec --------------------------------------------------------------- */

static void a_reading_counts_if_it_began_three_seconds_after_the_quiet(void **state)
{
    (void)state;
    begin_with(INFLIGHT_EXEC, 0);
    see(PID, 1);
    look(0);
    evidence_exec(&e, true, 0, 5, 0);
    assert_work(100, "unknown");
    assert_int_equal(facts(100).busy, 0);
    assert_int_equal(facts(100).total, 5);
    evidence_quiet_began(&e, 1000);
    evidence_exec(&e, true, 0, 5, 3999);
    assert_work(5000, "unknown");
    evidence_exec(&e, true, 2, 5, 4000);
    assert_work(5000, "busy");
    evidence_exec(&e, true, 0, -1, 6000);
    assert_work(6500, "idle");
    evidence_exec(&e, false, 0, 0, 8000);
    assert_work(8500, "unknown");
    assert_int_equal(facts(8500).busy, UNKNOWN);
}

static void only_the_first_quiet_counts(void **state)
{
    (void)state;
    begin_with(INFLIGHT_EXEC, 0);
    evidence_quiet_began(&e, 1000);
    evidence_quiet_began(&e, 9000);
    evidence_exec(&e, true, 0, 5, 4000);
    assert_work(4000, "idle");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_for_three_seconds_is_idle),
        cmocka_unit_test(zero_counts_from_the_moment_of_the_quiet),
        cmocka_unit_test(what_was_said_before_the_quiet_does_not_count),
        cmocka_unit_test(what_was_said_long_ago_is_stale),
        cmocka_unit_test(a_sender_that_repeats_just_in_time_goes_on),
        cmocka_unit_test(processes_are_summed),
        cmocka_unit_test(who_said_nothing_is_not_counted_unless_nobody_did),
        cmocka_unit_test(a_stopped_sender_is_unknown),
        cmocka_unit_test(counts_do_not_overflow),
        cmocka_unit_test(a_reading_counts_if_it_began_three_seconds_after_the_quiet),
        cmocka_unit_test(only_the_first_quiet_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
