/* Who is who among the processes of a service, whom a signal is for and who has heard it, and what
 * people are shown; and what is known at the edges of what can be kept. */
#include <signal.h>

#include "looks.h"

/* --- what is remembered of a process ------------------------------------ */

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

/* Each lives while the next begins: no more than two at a time are to be kept. */
static void who_is_gone_leaves_room_for_others(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int32_t k = 0; k < 3 * EVIDENCE_PROCS_MAX; k++) {
        see(PID + k, 1);
        see(PID + k + 1, 1);
        look(k);
        assert_int_equal(facts(k).members, 2);
        assert_true(e.complete);
    }
}

static void a_gap_among_as_many_as_can_be_kept_is_filled(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int32_t gone = 0; gone < 3; gone++) { /* all; all but the first; a new one in its place */
        for (int32_t k = gone > 0; k < EVIDENCE_PROCS_MAX; k++)
            see(PID + k, 1);
        if (gone == 2)
            see(PID + 1000, 1);
        look(gone);
        assert_true(e.complete);
        assert_int_equal(facts(gone).members, gone == 1 ? EVIDENCE_PROCS_MAX - 1 : EVIDENCE_PROCS_MAX);
    }
}

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

static void a_title_that_tells_less_takes_nothing_back(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 3, 5);
    look(0);
    titled(see(PID, 1), UNKNOWN, 2, UNKNOWN);
    look(1000);
    assert_int_equal(facts(1000).major, 7);
    assert_int_equal(facts(1000).total, 5);
    titled(see(PID, 1), 7, 0, 0);
    look(2000);
    assert_int_equal(facts(2000).total, 5);
}

static void a_puma_shows_its_title(void **state)
{
    static const int16_t majors[] = { 0, 5, 6 };

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        begin(PROFILE_PUMA);
        see(PID, 1);
        look(0);
        assert_false(facts(0).titled);
        see(PID, 1)->title = (struct look_title){ .read = true, .puma = true, .major = majors[k], .busy = UNKNOWN,
                                                  .total = UNKNOWN };
        look(1000);
        assert_true(facts(1000).titled);
        assert_int_equal(facts(1000).major, majors[k]);
    }
}

/* --- who is a Sidekiq --------------------------------------------------- */

static void assert_stop_goes_to(int32_t pid)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], pid);
}

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

static struct look_proc *swarm(struct look_proc *p)
{
    p->title = (struct look_title){ .read = true, .swarm = true, .major = UNKNOWN, .busy = UNKNOWN, .total = UNKNOWN };
    return p;
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

/* As many as can be kept, each time, whatever is asked of them. */
static void as_many_as_can_be_kept(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_NOTIFY, INFLIGHT_NONE };
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        begin_with(kinds[n], SIGTSTP);
        for (int round = 0; round < 3; round++) {
            for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++) {
                struct look_proc *p = see(PID + k, 1);

                if (round == 2 && k == 0)
                    swarm(p); /* mistaken for a Sidekiq until now */
            }
            look(round);
            evidence_quiet_began(&e, 0); /* nobody was told yet */
            assert_int_equal(evidence_quiet_targets(&e, pids), round == 2 ? EVIDENCE_PROCS_MAX - 1 : EVIDENCE_PROCS_MAX);
            evidence_said(&e, 1, 0, 0, 0); /* none of them */
            assert_int_equal(facts(round).members, EVIDENCE_PROCS_MAX);
            assert_int_equal(evidence_stop_targets(&e, 0, true, pids), round == 2 ? 1 : EVIDENCE_PROCS_MAX);
        }
    }
}

/* --- what confirms the quiet -------------------------------------------- */

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

static void titles_are_read_where_none_was(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    evidence_quiet_began(&e, 0);
    assert_true(evidence_wants_titles(&e, 1));
}

/* It could not be looked into, or stood still, when it was told: it may have started threads by then. */
static void who_could_not_be_seen_when_it_was_told_is_not_trusted(void **state)
{
    (void)state;
    for (int still = 0; still < 2; still++) {
        struct look_proc *p;

        begin(PROFILE_SIDEKIQ);
        see(PID, 1);
        look(0);
        p = see(PID, 1);
        p->stopped = still;
        p->readable = still;
        look(250);
        quiet_at(250);
        processors(titled(see(PID, 1), 7, 0, 5), 1, 5);
        look(500);
        for (int64_t now = 750; now <= 1250; now += 250) {
            see(PID, 1);
            look(now);
        }
        assert_work(1250, "unknown");
        assert_false(facts(1250).quiet_seen);
    }
}

/* --- whom a stop is for -------------------------------------------------- */

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

/* --- what was said, at the edges ----------------------------------------- */

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

/* --- booting, in detail --------------------------------------------------- */

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

/* --- versions, and threads beyond what can be noted ---------------------- */

static void the_version_is_that_of_a_present_title(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    titled(see(PID + 1, 1), UNKNOWN, 0, 5);
    look(0);
    assert_int_equal(facts(0).major, 7); /* the other's is not known */
    see(PID, 1)->title.read = true; /* something else by now */
    look(1000);
    assert_int_equal(facts(1000).major, UNKNOWN);
}

/* The 257th came after the quiet, and might work on unseen. */
static void a_thread_too_many_after_the_quiet_ends_the_trust(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, EVIDENCE_THREADS_MAX), 1, EVIDENCE_THREADS_MAX);
    look(0);
    quiet_at(0);
    processors(see(PID, 1), 2, EVIDENCE_THREADS_MAX - 1);
    look(250);
    assert_true(facts(250).quiet_seen);
    processors(see(PID, 1), 2, EVIDENCE_THREADS_MAX + 1);
    look(500);
    for (int64_t now = 750; now <= 1250; now += 250) {
        see(PID, 1);
        look(now);
    }
    assert_work(1250, "unknown");
}

/* --- what people are shown ----------------------------------------------- */

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

/* --- the quiet, again ----------------------------------------------------- */

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

/* `bundle exec sidekiq` is the title of one that boots; its own comes with its threads. */
static void another_title_before_does_not_age_a_fresh_one(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1)->title.read = true;
    look(0);
    quiet_at(0);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 5);
    look(1000);
    processors(see(PID, 1), 1, 2);
    look(4000);
    assert_work(4000, "busy");
}

static void titles_are_read_once_a_second_however_late_it_is(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(100000);
    quiet_at(100000);
    assert_false(evidence_wants_titles(&e, 100999));
    assert_true(evidence_wants_titles(&e, 101000));
}

/* --- who heard, again ------------------------------------------------------ */

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

/* They may begin in the same tick of the clock. */
static void threads_of_the_same_moment_are_two(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 2), 1, 2);
    threads[0].start = threads[1].start = 7;
    look(0);
    assert_true(facts(0).capacity_reached);
}

/* --- behind the table ------------------------------------------------------ */

static struct {
    struct evidence full;
    struct evidence_proc behind;
} room;

/* A table that is full, and behind it what looks like one more process, told or not. */
static void fill_the_room(enum inflight_kind kind, bool told)
{
    begin_with(kind, SIGTSTP);
    for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
        see(PID + k, 1);
    look(0);
    room.full = e;
    room.behind = e.proc[0];
    room.behind.pid = 1;
    room.behind.told = told;
    room.behind.stopping = room.behind.sidekiq = true;
    room.behind.recognised = !told;
    room.behind.said_at = room.behind.said_busy = 0;
}

static void nothing_behind_the_last_process_is_looked_at(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_NOTIFY };
    static struct look_proc seen[EVIDENCE_PROCS_MAX];
    static struct evidence_proc behind;
    int32_t pids[EVIDENCE_PROCS_MAX + 1];

    (void)state;
    for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
        seen[k] = (struct look_proc){ .pid = PID + k, .parent = 1, .start = (uint64_t)(PID + k), .readable = true,
                                      .catches_quiet = true };
    for (int n = 0; n < 4; n++) {
        struct look all = { .count = EVIDENCE_PROCS_MAX, .proc = seen, .complete = true };
        struct facts f;

        fill_the_room(kinds[n / 2], n % 2);
        behind = room.behind;
        evidence_look(&room.full, &all, 1000);
        assert_memory_equal(&room.behind, &behind, sizeof(behind));
        assert_int_equal(evidence_quiet_targets(&room.full, pids), EVIDENCE_PROCS_MAX);
        evidence_facts(&room.full, 1000, &f);
        assert_int_equal(f.members, EVIDENCE_PROCS_MAX);
        assert_int_equal(f.busy, UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_life_begins_with_no_processes),
        cmocka_unit_test(who_is_gone_leaves_room_for_others),
        cmocka_unit_test(a_gap_among_as_many_as_can_be_kept_is_filled),
        cmocka_unit_test(what_no_title_has_told_is_not_known),
        cmocka_unit_test(a_title_that_tells_less_takes_nothing_back),
        cmocka_unit_test(a_puma_shows_its_title),
        cmocka_unit_test(one_mark_makes_a_sidekiq),
        cmocka_unit_test(once_a_sidekiq_always_a_sidekiq),
        cmocka_unit_test(a_child_of_a_reused_pid_is_no_fork_of_a_job),
        cmocka_unit_test(who_is_its_own_parent_is_no_fork_of_a_job),
        cmocka_unit_test(who_was_recognised_stays_so),
        cmocka_unit_test(a_swarm_that_is_recognised_late_proves_nothing),
        cmocka_unit_test(when_all_of_a_swarm_are_gone_there_is_nothing_to_wait_for),
        cmocka_unit_test(as_many_as_can_be_kept),
        cmocka_unit_test(only_what_is_seen_after_the_telling_confirms_it),
        cmocka_unit_test(more_threads_than_can_be_noted_confirm_nothing),
        cmocka_unit_test(nor_does_a_title_that_counts_as_many),
        cmocka_unit_test(titles_are_read_where_none_was),
        cmocka_unit_test(who_could_not_be_seen_when_it_was_told_is_not_trusted),
        cmocka_unit_test(a_stop_of_another_program_goes_to_its_leader),
        cmocka_unit_test(who_is_gone_is_no_target),
        cmocka_unit_test(a_leader_that_was_not_told_has_not_heard),
        cmocka_unit_test(where_nobody_is_left_nobody_has_to_hear),
        cmocka_unit_test(only_the_present_stop_has_been_heard),
        cmocka_unit_test(zero_counts_from_the_moment_of_the_quiet),
        cmocka_unit_test(a_sender_that_repeats_just_in_time_goes_on),
        cmocka_unit_test(nobody_boots_where_nobody_is),
        cmocka_unit_test(who_is_gone_ends_no_boot),
        cmocka_unit_test(another_program_s_title_ends_the_boot_too),
        cmocka_unit_test(a_swarm_with_its_traps_set_does_not_boot),
        cmocka_unit_test(the_version_is_that_of_a_present_title),
        cmocka_unit_test(a_thread_too_many_after_the_quiet_ends_the_trust),
        cmocka_unit_test(idle_threads_have_time_to_end_before_they_are_counted),
        cmocka_unit_test(a_title_is_exact_once_it_says_stopping),
        cmocka_unit_test(what_one_of_two_does_not_tell_is_not_known_of_both),
        cmocka_unit_test(the_quiet_is_seen_when_all_show_it),
        cmocka_unit_test(what_is_said_or_printed_is_exact),
        cmocka_unit_test(a_puma_that_has_said_nothing_tells_nothing),
        cmocka_unit_test(a_quiet_that_nobody_got_has_not_begun),
        cmocka_unit_test(another_title_before_does_not_age_a_fresh_one),
        cmocka_unit_test(titles_are_read_once_a_second_however_late_it_is),
        cmocka_unit_test(a_leader_that_was_out_of_sight_has_heard),
        cmocka_unit_test(only_those_at_the_list_s_beginning_were_told),
        cmocka_unit_test(threads_of_the_same_moment_are_two),
        cmocka_unit_test(nothing_behind_the_last_process_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
