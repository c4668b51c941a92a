/* Whom a stop is for among the processes of a service, and whether those that are left have heard it. */
#include "looks.h"

/* --- whom it is for ----------------------------------------------------- */

/* Whose jobs cannot be seen is told as its profile's documents say: its leader, whoever has traps. */
static void a_stop_of_another_program_goes_to_its_leader(void **state)
{
    (void)state;
    begin(PROFILE_FAKTORY);
    see(PID, 1)->catches_quiet = false;
    see(PID + 1, PID);
    look(0);
    assert_stop_goes_to(PID);
}

static void who_is_gone_is_no_target(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_GENERIC);
    see(PID, 1);
    see(PID + 1, PID);
    look(0);
    see(PID + 1, 1);
    look(1000);
    assert_int_equal(evidence_stop_targets(&e, 0, true, pids), 1);
    assert_int_equal(pids[0], PID + 1);
}

static void remaining_targets_where_the_leader_is_gone(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_PUMA);
    see(101, 1)->catches_quiet = false;
    see(102, 1)->catches_quiet = false;
    look(0);
    assert_int_equal(evidence_stop_targets(&e, 0, true, pids), 2);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], PID);
}

/* --- who has heard it --------------------------------------------------- */

/* Behind a shell, to which TERM would have gone: Sidekiq has set its traps in the last moment. */
static void a_stop_that_was_withheld_was_missed(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    see(PID + 1, PID)->catches_quiet = false;
    look(0);
    assert_true(facts(0).booting);
    evidence_stop_withheld(&e);
    assert_false(facts(0).stop_missed);
    assert_false(facts(0).stop_unheard);
    see(PID, 1)->catches_quiet = false;
    processors(titled(see(PID + 1, PID), 7, 0, 5), 1, 5);
    look(1000);
    assert_true(facts(1000).stop_missed);
    quiet_at(1000);
    assert_true(facts(1000).quiet_told);
    assert_stop_goes_to(PID + 1);
    assert_false(facts(1000).stop_missed);
}

/* Who has got a stop, and another was withheld: it is for whoever catches signals then. */
static void what_an_earlier_stop_was_heard_by_has_missed_the_next(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    assert_stop_goes_to(PID);
    assert_false(facts(0).stop_missed);
    evidence_stop_withheld(&e);
    assert_true(facts(0).stop_missed);
}

/* All whom it was for are gone. */
static void a_stop_that_was_withheld_is_for_others_that_live(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
        see(PID + k, 1)->catches_quiet = false;
    look(0);
    evidence_stop_withheld(&e);
    assert_false(facts(0).stop_unheard);
    see(PID + EVIDENCE_PROCS_MAX, 1)->catches_quiet = false;
    look(1000);
    assert_true(facts(1000).stop_unheard);
}

/* TERM went to the shell, which is gone; Sidekiq never heard of it. */
static void a_stop_that_died_with_its_receiver_was_not_heard(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_GENERIC);
    see(PID, 1);
    see(101, PID);
    look(0);
    evidence_stop_targets(&e, PID, true, pids);
    assert_false(facts(0).stop_unheard);
    see(101, 1);
    look(250);
    assert_true(facts(250).stop_unheard);
    evidence_stop_targets(&e, 0, true, pids);
    assert_false(facts(250).stop_unheard);
}

static void a_signal_that_is_no_stop_is_not_remembered(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_GENERIC);
    see(PID, 1);
    see(101, PID);
    look(0);
    evidence_stop_targets(&e, PID, false, pids);
    see(101, 1);
    look(250);
    assert_false(facts(250).stop_unheard);
}

static void only_the_present_stop_has_been_heard(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    titled(see(PID + 1, PID), 7, 0, 5);
    look(0);
    assert_stop_goes_to(PID + 1);
    swarm(see(PID, 1));
    titled(see(PID + 1, PID), 7, 0, 5);
    look(1000);
    assert_stop_goes_to(PID);
    titled(see(PID + 1, 1), 7, 0, 5);
    look(2000);
    assert_true(facts(2000).stop_unheard);
}

static void only_those_at_the_list_s_beginning_were_told(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX] = { 0, PID + 1 };

    (void)state;
    begin(PROFILE_GENERIC);
    see(PID, 1);
    see(PID + 1, PID);
    look(0);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    see(PID + 1, 1);
    look(1000);
    assert_true(facts(1000).stop_unheard);
}

/* The leader was not listed when its Sidekiq was told; alone, it has heard nothing. */
static void a_leader_that_was_not_told_has_not_heard(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID + 1, PID), 7, 0, 5);
    look_as(0, false);
    assert_stop_goes_to(PID + 1);
    see(PID, 1)->catches_quiet = false;
    look(1000);
    assert_true(facts(1000).stop_unheard);
}

/* A list that was cut lacked the leader, which was told; then it is there again. */
static void a_leader_that_was_out_of_sight_has_heard(void **state)
{
    (void)state;
    begin(PROFILE_GENERIC);
    see(PID, 1);
    see(PID + 1, PID);
    look(0);
    assert_stop_goes_to(PID);
    see(PID + 1, PID);
    look_as(1000, false);
    assert_true(facts(1000).stop_unheard);
    see(PID, 1);
    see(PID + 1, PID);
    look(2000);
    assert_false(facts(2000).stop_unheard);
    see(PID + 1, 1);
    see(PID + 2, 1);
    look(3000);
    assert_true(facts(3000).stop_unheard);
}

/* TERM went to the Sidekiq, the next step to what was seen to be a swarm's parent by then. */
static void where_nobody_is_left_nobody_has_to_hear(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    assert_stop_goes_to(PID);
    look(1000);
    assert_false(facts(1000).stop_unheard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_of_another_program_goes_to_its_leader),
        cmocka_unit_test(who_is_gone_is_no_target),
        cmocka_unit_test(remaining_targets_where_the_leader_is_gone),
        cmocka_unit_test(a_stop_that_was_withheld_was_missed),
        cmocka_unit_test(a_stop_that_was_withheld_is_for_others_that_live),
        cmocka_unit_test(what_an_earlier_stop_was_heard_by_has_missed_the_next),
        cmocka_unit_test(a_stop_that_died_with_its_receiver_was_not_heard),
        cmocka_unit_test(a_signal_that_is_no_stop_is_not_remembered),
        cmocka_unit_test(only_the_present_stop_has_been_heard),
        cmocka_unit_test(only_those_at_the_list_s_beginning_were_told),
        cmocka_unit_test(a_leader_that_was_not_told_has_not_heard),
        cmocka_unit_test(a_leader_that_was_out_of_sight_has_heard),
        cmocka_unit_test(where_nobody_is_left_nobody_has_to_hear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
