/* Until when a worker boots, and what a stop before its traps has done. */
#include "looks.h"

/* --- what ends the boot ------------------------------------------------- */

static void it_boots_until_it_can_have_taken_work(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    assert_false(facts(0).booting); /* nobody has looked */
    see(PID, 1)->catches_quiet = false;
    look(0);
    assert_true(facts(0).booting);
    see(PID, 1)->readable = false;
    look(250);
    assert_false(facts(250).booting); /* who knows */
    see(PID, 1)->catches_quiet = false;
    look_as(500, false);
    assert_false(facts(500).booting);
    see(PID, 1);
    look(750);
    assert_false(facts(750).booting); /* its traps are set */
    see(PID, 1)->catches_quiet = false;
    look(1000);
    assert_false(facts(1000).booting); /* for ever */
}

static void a_processor_thread_ends_the_boot(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(see(PID, 1), 1, 1)->catches_quiet = false;
    look(0);
    assert_false(facts(0).booting);
}

static void a_title_ends_the_boot(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5)->catches_quiet = false;
    look(0);
    assert_false(facts(0).booting);
    assert_true(facts(0).titled);
}

static void another_program_s_title_ends_the_boot_too(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    see(PID, 1);
    look(0);
    assert_true(facts(0).booting);
    see(PID, 1)->title = (struct look_title){ .read = true, .puma = true, .major = 6 };
    look(250);
    assert_false(facts(250).booting);
}

/* Its children may have been there and gone. */
static void a_swarm_with_its_traps_set_does_not_boot(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    swarm(see(PID, 1));
    look(0);
    assert_false(facts(0).booting);
}

static void nobody_boots_where_nobody_is(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    look(0);
    assert_false(facts(0).booting);
}

/* One that could not be looked into is gone: of the other all is known. */
static void who_is_gone_ends_no_boot(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->readable = false;
    see(PID + 1, PID)->catches_quiet = false;
    look(0);
    assert_false(facts(0).booting);
    see(PID + 1, 1)->catches_quiet = false;
    look(250);
    assert_true(facts(250).booting);
}

/* --- a stop before the traps -------------------------------------------- */

/* It came before its traps: whoever set them since did not hear it. */
static void a_stop_before_the_traps_was_missed(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    look(0);
    evidence_stop_targets(&e, PID, true, pids);
    assert_false(facts(0).stop_missed);
    see(PID, 1)->catches_quiet = true;
    look(250);
    assert_true(facts(250).stop_missed);
    evidence_stop_targets(&e, PID, true, pids);
    assert_false(facts(250).stop_missed);
}

static void a_stop_before_the_traps_made_nobody_quiet(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    look(0);
    evidence_stop_targets(&e, PID, true, pids);
    evidence_told(&e, PID, 0);
    see(PID, 1)->catches_quiet = true;
    look(250);
    assert_int_equal(facts(250).untold, 1);
    evidence_stop_targets(&e, PID, true, pids);
    evidence_told(&e, PID, 250);
    assert_int_equal(facts(250).untold, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_boots_until_it_can_have_taken_work),
        cmocka_unit_test(a_processor_thread_ends_the_boot),
        cmocka_unit_test(a_title_ends_the_boot),
        cmocka_unit_test(another_program_s_title_ends_the_boot_too),
        cmocka_unit_test(a_swarm_with_its_traps_set_does_not_boot),
        cmocka_unit_test(nobody_boots_where_nobody_is),
        cmocka_unit_test(who_is_gone_ends_no_boot),
        cmocka_unit_test(a_stop_before_the_traps_was_missed),
        cmocka_unit_test(a_stop_before_the_traps_made_nobody_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
