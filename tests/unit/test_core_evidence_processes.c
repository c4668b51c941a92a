/* Who is who among the processes of a service: Sidekiqs, forks of their jobs, swarms; and over whom idle is
 * concluded. */
#include "looks.h"

/* --- who is a Sidekiq --------------------------------------------------- */

/* Any one of its marks suffices: title, threads, traps. The shell in front has none. */
static void one_mark_makes_a_sidekiq(void **state)
{
    (void)state;
    for (int mark = 0; mark < 4; mark++) {
        struct look_proc *p;

        begin(PROFILE_SIDEKIQ);
        see(PID, 1)->catches_quiet = false;
        p = see(PID + 1, PID);
        p->catches_quiet = mark == 0;
        if (mark == 1)
            titled(p, 7, 0, 5);
        if (mark == 2)
            processors(p, 1, 5);
        look(0);
        assert_stop_goes_to(mark < 3 ? PID + 1 : PID);
    }
}

static void a_shell_in_front_is_no_sidekiq(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    processors(titled(see(101, PID), 7, 0, 2), 1, 2);
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], 101);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], 101);
    quiet_at(0);
    for (int64_t now = 250; now <= 500; now += 250) {
        see(PID, 1)->catches_quiet = false;
        see(101, PID);
        look(now);
    }
    assert_work(500, "idle");
}

/* Its title is not read in each look. */
static void once_a_sidekiq_always_a_sidekiq(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5)->catches_quiet = false;
    look(0);
    see(PID, 1)->catches_quiet = false;
    see(PID + 1, PID); /* a fork of a job, with traps */
    look(1000);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_stop_goes_to(PID);
}

/* The parent of a shell that set traps late, or a title: what it started long ago is no fork of a job. */
static void who_was_recognised_stays_so(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    titled(see(PID + 1, PID), 7, 0, 5);
    look(0);
    see(PID, 1);
    titled(see(PID + 1, PID), 7, 0, 5);
    look(1000);
    assert_int_equal(evidence_quiet_targets(&e, pids), 2);
}

static void if_none_was_ever_recognised_it_is_unknown(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->catches_quiet = false;
    see(101, PID)->catches_quiet = false;
    look(0);
    quiet_at(0);
    look_as(60000, true);
    assert_work(60000, "unknown");
    see(PID, 1)->catches_quiet = false;
    look(60250);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], PID);
}

/* --- forks of jobs are none --------------------------------------------- */

/* A job forks: the child has the title and the traps of its parent. */
static void a_fork_of_a_job_is_no_sidekiq(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin_sidekiq(7, 0);
    processors(see(PID, 1), 1, 1);
    processors(titled(see(101, PID), 7, 0, 5), 50, 1);
    look(250);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], PID);
    assert_int_equal(facts(250).members, 2);
    assert_int_equal(facts(3250).busy, 1);
    see(PID, 1);
    titled(see(101, 1), 7, 0, 5); /* it lost its parent, and is still none */
    look(500);
    see(PID, 1);
    titled(see(101, 1), 7, 0, 5);
    look(750);
    assert_int_equal(evidence_quiet_targets(&e, pids), 0);
    assert_work(750, "idle");
}

static void a_grandchild_through_a_job_is_none_either(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    see(101, PID)->catches_quiet = false; /* sh */
    see(102, 101);
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], PID);
}

/* A fork that lost its parent forks again. */
static void a_fork_of_an_orphaned_fork_is_no_sidekiq(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    see(101, PID);
    look(0);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    see(101, 1)->catches_quiet = false;
    see(102, 101);
    look(250);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], PID);
}

/* The Sidekiq is gone, a shell has its pid now, and starts another: that is no fork of a job. */
static void a_child_of_a_reused_pid_is_no_fork_of_a_job(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];
    struct look_proc *shell;

    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    shell = see(PID, 1);
    shell->start = 999;
    shell->catches_quiet = false;
    titled(see(PID + 1, PID), 7, 0, 5);
    look(1000);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], PID + 1);
}

static void who_is_its_own_parent_is_no_fork_of_a_job(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, PID), 7, 0, 5);
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
}

/* --- swarms ------------------------------------------------------------- */

static void see_swarm(void)
{
    struct look_proc *parent = see(PID, 1);

    parent->title.read = parent->title.swarm = true;
}

/* sidekiqswarm: the quiet to its children, TERM to itself alone. */
static void a_swarm_is_told_as_it_wants_to_be(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see_swarm();
    processors(titled(see(101, PID), 7, 0, 1), 1, 1);
    processors(titled(see(102, PID), 7, 0, 1), 2, 1);
    look(0);
    assert_int_equal(evidence_quiet_targets(&e, pids), 2);
    assert_int_equal(pids[0], 101);
    assert_int_equal(pids[1], 102);
    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], PID);
    quiet_at(0);
    for (int64_t now = 250; now <= 500; now += 250) {
        see_swarm();
        see(101, PID);
        processors(see(102, PID), 2, 1);
        look(now);
        assert_string_not_equal(work(now), "idle");
    }
    for (int64_t now = 750; now <= 1000; now += 250) {
        see_swarm();
        see(101, PID);
        see(102, PID);
        look(now);
    }
    assert_work(1000, "idle");
}

/* Before its title the parent looks like a Sidekiq, as it catches the signal too. */
static void a_swarm_that_is_recognised_late_is_a_swarm_all_the_same(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    see(101, PID);
    look(0);
    see_swarm();
    processors(titled(see(101, PID), 7, 0, 1), 1, 1);
    look(1000);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], 101);
    quiet_at(1000);
    for (int64_t now = 1250; now <= 1500; now += 250) {
        see_swarm();
        see(101, PID);
        look(now);
    }
    assert_work(1500, "idle");
}

/* It has traps before it has its title, and children after it: nobody has worked yet, nor ended. */
static void a_swarm_that_is_recognised_late_proves_nothing(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    swarm(see(PID, 1));
    look(1000);
    assert_work(1000, "unknown");
}

static void when_all_of_a_swarm_are_gone_there_is_nothing_to_wait_for(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    swarm(see(PID, 1));
    titled(see(PID + 1, PID), 7, 1, 5);
    look(0);
    for (int64_t now = 1000; now <= 2000; now += 1000) {
        swarm(see(PID, 1));
        look(now);
        assert_work(now, "idle");
    }
}

/* --- who counts --------------------------------------------------------- */

/* Idle over all of them. */
static void two_sidekiqs_are_idle_when_both_are(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    processors(titled(see(101, 1), 7, 0, 1), 2, 1);
    look(0);
    quiet_at(0);
    assert_int_equal(facts(0).total, 2);
    for (int64_t now = 250; now <= 500; now += 250) {
        see(PID, 1);
        processors(see(101, 1), 2, 1);
        look(now);
    }
    assert_string_not_equal(work(500), "idle");
    for (int64_t now = 750; now <= 1000; now += 250) {
        see(PID, 1);
        see(101, 1);
        look(now);
    }
    assert_work(1000, "idle");
}

/* One that comes late was not told: unknown. */
static void a_newcomer_has_to_be_told_first(void **state)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(250);
    see(PID, 1);
    look(500);
    assert_work(500, "idle");
    see(PID, 1);
    processors(titled(see(101, 1), 7, 0, 5), 10, 5);
    look(750);
    assert_work(750, "unknown");
    assert_int_equal(facts(750).untold, 1);
    assert_int_equal(evidence_quiet_targets(&e, pids), 1);
    assert_int_equal(pids[0], 101);
}

static void one_that_is_gone_leaves_the_set(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    processors(titled(see(101, 1), 7, 0, 1), 2, 1);
    look(0);
    quiet_at(0);
    see(PID, 1);
    look(250);
    see(PID, 1);
    look(500);
    assert_work(500, "idle");
}

/* All that were recognised are gone; a helper of theirs lives on. */
static void when_all_are_gone_there_is_nothing_to_wait_for(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(200, 1)->catches_quiet = false;
    look(250);
    assert_work(250, "idle");
    assert_int_equal(facts(250).members, 1);
    assert_int_equal(facts(250).busy, UNKNOWN);
}

static void a_zombie_is_not_counted(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1)->zombie = true;
    look(250);
    assert_int_equal(facts(250).members, 0);
    assert_work(250, "idle");
}

/* The pid was given to another process: what was noted of the first is gone. */
static void a_reused_pid_is_another_process(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 5)->start = 999;
    look(250);
    assert_work(250, "unknown");
    assert_int_equal(facts(250).untold, 1);
    assert_false(facts(250).quiet_told);
}

/* Of a life before nothing is left. */
static void a_new_life_begins_with_no_processes(void **state)
{
    struct service_spec s;

    (void)state;
    begin_sidekiq(7, 0);
    service_spec_init(&s, "worker", KIND_SERVICE);
    profile_apply(&s, PROFILE_SIDEKIQ, 0);
    evidence_init(&e, &s);
    assert_int_equal(facts(1000).members, 1); /* what was not looked at yet may live */
    assert_false(facts(1000).quiet_told);
    look(1000);
    assert_int_equal(facts(1000).members, 0);
    assert_work(1000, "unknown"); /* nobody was ever recognised */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_mark_makes_a_sidekiq),
        cmocka_unit_test(a_shell_in_front_is_no_sidekiq),
        cmocka_unit_test(once_a_sidekiq_always_a_sidekiq),
        cmocka_unit_test(who_was_recognised_stays_so),
        cmocka_unit_test(if_none_was_ever_recognised_it_is_unknown),
        cmocka_unit_test(a_fork_of_a_job_is_no_sidekiq),
        cmocka_unit_test(a_grandchild_through_a_job_is_none_either),
        cmocka_unit_test(a_fork_of_an_orphaned_fork_is_no_sidekiq),
        cmocka_unit_test(a_child_of_a_reused_pid_is_no_fork_of_a_job),
        cmocka_unit_test(who_is_its_own_parent_is_no_fork_of_a_job),
        cmocka_unit_test(a_swarm_is_told_as_it_wants_to_be),
        cmocka_unit_test(a_swarm_that_is_recognised_late_is_a_swarm_all_the_same),
        cmocka_unit_test(a_swarm_that_is_recognised_late_proves_nothing),
        cmocka_unit_test(when_all_of_a_swarm_are_gone_there_is_nothing_to_wait_for),
        cmocka_unit_test(two_sidekiqs_are_idle_when_both_are),
        cmocka_unit_test(a_newcomer_has_to_be_told_first),
        cmocka_unit_test(one_that_is_gone_leaves_the_set),
        cmocka_unit_test(when_all_are_gone_there_is_nothing_to_wait_for),
        cmocka_unit_test(a_zombie_is_not_counted),
        cmocka_unit_test(a_reused_pid_is_another_process),
        cmocka_unit_test(a_new_life_begins_with_no_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
