/* When is a worker idle? Sequences of looks as FACTS.md saw them on real releases,
 * and those that a hostile or unlucky world could show. A false "idle" loses jobs:
 * every test says at which moment idle may be concluded, and that it is not before. */
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "looks.h"

/* --- threads ------------------------------------------------------------ */

/* 7.3.2 and 8.1.7: three jobs on five threads; 2 s later only the busy ones are
 * left, the title still says `[0 of 5 busy]`, and each is gone with its job. */
static void threads_tell_the_truth(void **state)
{
    static const int16_t majors[] = { 7, 8 };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        begin_sidekiq(majors[k], 0);
        assert_work(0, "unknown");
        processors(see(PID, 1), 1, 5);
        look(250);
        assert_work(250, "unknown"); /* nothing shows that it was heard */
        processors(titled(see(PID, 1), majors[k], 0, 5), 1, 3);
        look(2000);
        assert_true(facts(2000).quiet_seen);
        assert_work(2000, "busy");
        assert_int_equal(facts(3000).busy, 3);
        processors(stopping(titled(see(PID, 1), majors[k], 3, 5)), 1, 1);
        look(6000);
        assert_int_equal(facts(6000).busy, 1);
        see(PID, 1);
        look(10000);
        assert_work(10000, "busy"); /* one look is not enough: a job may have raised */
        see(PID, 1);
        look(10250);
        assert_work(10250, "idle");
        assert_int_equal(facts(10250).busy, 0);
    }
}

/* With no job at all every thread ends within Redis' 2 s. */
static void an_idle_sidekiq_is_idle_within_seconds(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(1900);
    see(PID, 1);
    look(2150);
    assert_work(2150, "idle");
}

/* 6.4.1 on Ruby 3.1 keeps an ended thread for 3 s and gives its id to another. */
static void a_kept_thread_is_late_not_early(void **state)
{
    (void)state;
    begin_sidekiq(6, 0);
    for (int64_t now = 250; now <= 5000; now += 250) {
        processors(see(PID, 1), 1, 5);
        look(now);
        assert_work(now, "unknown");
    }
    thread(thread(see(PID, 1), 1, false), 2, false); /* reused, under other names */
    look(5250);
    assert_work(5250, "busy");
    see(PID, 1);
    look(8000);
    see(PID, 1);
    look(8250);
    assert_work(8250, "idle");
}

static void a_job_that_renames_its_thread_is_still_a_job(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now <= 60000; now += 250) {
        thread(see(PID, 1), 3, false);
        look(now);
        assert_work(now, "busy");
    }
    see(PID, 1);
    look(60250);
    see(PID, 1);
    look(60500);
    assert_work(60500, "idle");
}

/* A job that raises ends its thread, and another takes its place: after the quiet too. */
static void a_job_that_raises_is_no_end(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1); /* all five raised, none is back yet */
    look(250);
    assert_work(250, "busy");
    processors(see(PID, 1), 6, 5);
    look(500);
    assert_work(500, "busy");
    see(PID, 1);
    look(750);
    assert_work(750, "busy");
    assert_work(949, "busy");
    assert_work(950, "idle");
    see(PID, 1);
    look(1000);
    assert_work(1000, "idle");
}

/* 6.4.1 on Ruby 3.1, all of whose jobs rename their threads. One has raised, and is shown for 3 s
 * more; the one in its place was renamed before a look could note it, and works for long. */
static void renamed_threads_are_not_counted_for_one_another(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 6, 0, 5), 1, 5);
    look(0);
    for (int32_t tid = 1, k = 0; k < 2; tid = 2, k++) { /* the last look before the quiet, and after it */
        struct look_proc *p = titled(see(PID, 1), 6, 0, 5);

        for (; tid <= 6; tid++)
            thread(p, tid, false);
        look(10000 + k * 2500);
        if (k == 0)
            quiet_at(10000);
    }
    for (int64_t now = 13000; now <= 60000; now += 250) {
        thread(stopping(titled(see(PID, 1), 6, 1, 5)), 6, false);
        look(now);
        assert_work(now, "busy");
    }
}

static void a_reused_thread_id_is_another_thread(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    thread(see(PID, 1), 1, false);
    threads[0].start = 999; /* the same id, begun later, no processor */
    look(250);
    thread(see(PID, 1), 1, false);
    threads[0].start = 999;
    look(500);
    assert_work(500, "idle");
}

/* 15 failing jobs on 5 threads showed 7 processors for a moment: not to be trusted. */
static void more_threads_than_capacity_are_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 7);
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now <= 20000; now += 250) {
        titled(see(PID, 1), 7, 0, 5); /* no thread, and a title that never says `stopping` */
        look(now);
        assert_work(now, "unknown");
    }
}

static void fewer_threads_than_capacity_are_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 4);
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now <= 20000; now += 250) {
        titled(see(PID, 1), 7, 0, 5);
        look(now);
        assert_work(now, "unknown");
    }
}

static void threads_without_a_title_are_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(see(PID, 1), 1, 5);
    look(0);
    quiet_at(0);
    see(PID, 1);
    look(1000);
    see(PID, 1);
    look(2000);
    assert_work(2000, "unknown");
}

/* The look before the quiet could not read it: what was noted before is old. */
static void threads_that_could_not_be_read_before_the_quiet_are_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 5);
    look(0);
    see(PID, 1)->readable = false;
    look(250);
    quiet_at(250);
    see(PID, 1);
    look(1000);
    see(PID, 1);
    look(2000);
    assert_work(2000, "unknown");
}

static void more_threads_than_can_be_noted_are_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, EVIDENCE_THREADS_MAX), 1, EVIDENCE_THREADS_MAX + 1);
    look(0);
    quiet_at(0);
    see(PID, 1);
    look(1000);
    see(PID, 1);
    look(2000);
    assert_work(2000, "unknown");
    assert_false(facts(2000).quiet_seen);
}

/* Told between its traps and its threads: it starts them all before it reads that, and
 * its first title, which tells how many, may be seen after them. */
static void a_quiet_before_the_first_thread_trusts_them_when_all_are_there(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    quiet_at(0);
    processors(see(PID, 1), 1, 5);
    look(1000);
    assert_work(1000, "unknown");
    processors(titled(see(PID, 1), 7, 0, 5), 1, 2);
    look(2000);
    assert_work(2000, "busy");
    see(PID, 1);
    look(8000);
    assert_work(8000, "busy");
    see(PID, 1);
    look(8250);
    assert_work(8250, "idle");
}

/* Of five, one was renamed by its job before it was seen; or of six, one is none. */
static void a_quiet_before_the_first_thread_trusts_no_other_number(void **state)
{
    (void)state;
    for (int32_t count = 4; count <= 6; count += 2) {
        begin(PROFILE_SIDEKIQ);
        see(PID, 1);
        look(0);
        quiet_at(0);
        processors(titled(see(PID, 1), 7, 0, 5), 1, count);
        look(1000);
        processors(see(PID, 1), 1, 5 - (count == 4));
        look(1250);
        for (int64_t now = 2000; now <= 20000; now += 250) {
            titled(see(PID, 1), 7, 0, 5);
            look(now);
            assert_work(now, "unknown");
        }
    }
}

/* The second title comes 10 s after the launch and counts `busy`; until then a look every
 * 250 ms shows `noted` of five threads, then `later`. */
static void see_a_fresh_one_until(int64_t until, int32_t busy, int32_t noted, int32_t later)
{
    for (int64_t now = 1000; now <= until; now += 250) {
        struct look_proc *p = see(PID, 1);

        if (now >= 10000)
            stopping(titled(p, 8, busy, 5));
        else
            titled(p, 8, 0, 5);
        processors(p, 1, now < 10000 ? noted : later);
        look(now);
        if (now < 14000)
            assert_work(now, now >= 10000 && busy > 0 ? "busy" : "unknown");
    }
}

static void begin_fresh(void)
{
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    quiet_at(0);
}

/* One had handed its job back and was gone before the first look found it. */
static void a_title_that_counts_as_many_as_are_noted_trusts_them(void **state)
{
    (void)state;
    begin_fresh();
    see_a_fresh_one_until(14000, 0, 4, 0);
    assert_work(14000, "idle");

    begin_fresh();
    see_a_fresh_one_until(14000, 2, 4, 2);
    assert_work(14000, "busy");
    see(PID, 1);
    look(14250);
    assert_work(14250, "busy");
    see(PID, 1);
    look(14500);
    assert_work(14500, "idle"); /* the title still says 2, for up to 10 s */
}

/* The fifth was renamed by its job before a look found it. */
static void a_title_that_counts_more_than_are_noted_does_not(void **state)
{
    (void)state;
    begin_fresh();
    see_a_fresh_one_until(14000, 3, 4, 2);
    for (int64_t now = 14250; now < 20000; now += 250) {
        see(PID, 1);
        look(now);
        assert_work(now, "busy");
    }
}

/* Ruby up to 3.2 shows an ended thread for 3.3 s: it stood in for the renamed one. */
static void an_ended_thread_does_not_stand_in_for_one_that_works(void **state)
{
    (void)state;
    begin_fresh();
    see_a_fresh_one_until(13250, 2, 4, 2);
    for (int64_t now = 13500; now < 20000; now += 250) {
        see(PID, 1);
        look(now);
        assert_work(now, "busy");
    }
}

/* 2 were busy, then 1 is, and for it stands an ended one. */
static void a_new_count_of_the_title_begins_the_time_anew(void **state)
{
    (void)state;
    begin_fresh();
    see_a_fresh_one_until(13250, 3, 4, 2);
    for (int64_t now = 13500; now < 17500; now += 250) {
        processors(stopping(titled(see(PID, 1), 8, 1, 5)), 1, 1);
        look(now);
    }
    for (int64_t now = 17500; now < 20000; now += 250) {
        see(PID, 1);
        look(now);
        assert_work(now, "busy");
    }
}

/* Counted before it read the quiet, it knows nothing of a job that was fetched in between. */
static void a_title_that_is_stopping_from_the_first_does_not(void **state)
{
    (void)state;
    for (int64_t first = 7000; first <= 7250; first += 250) {
        begin_fresh();
        for (int64_t now = first; now < 20000; now += 250) {
            struct look_proc *p = titled(see(PID, 1), 8, 2, 5);

            if (now >= 11000)
                stopping(p);
            processors(p, 1, now < 16000 ? 2 : 0);
            look(now);
        }
        assert_work(20000, first == 7000 ? "idle" : "busy");
    }
}

/* While it stands still its threads are those of an earlier look. */
static void a_title_of_a_stopped_one_does_not(void **state)
{
    (void)state;
    begin_fresh();
    see_a_fresh_one_until(13750, 2, 4, 2);
    see(PID, 1)->stopped = true;
    look(14000);
    see(PID, 1);
    look(14250);
    see(PID, 1);
    look(14500);
    assert_work(14500, "busy");
}

/* Told in the moment of its launch: two of its five threads run, its title may be there already. */
static void a_title_that_counts_as_many_trusts_one_that_launches(void **state)
{
    static const struct {
        int64_t told; /* after a look that found no title of a Sidekiq */
        bool titled, trusted;
    } launches[] = { { 250, false, true }, { 1000, true, true }, { 1001, true, false } };

    (void)state;
    for (size_t k = 0; k < sizeof(launches) / sizeof(launches[0]); k++) {
        int64_t now = launches[k].told;

        begin(PROFILE_SIDEKIQ);
        see(PID, 1)->title.read = true;
        look(0);
        processors(launches[k].titled ? titled(see(PID, 1), 8, 0, 5) : see(PID, 1), 1, 2);
        look(now);
        quiet_at(now);
        for (now += 250; now < 14000; now += 250) {
            struct look_proc *p = processors(titled(see(PID, 1), 8, 0, 5), 1, now < 3000 ? 4 : 0);

            if (now >= 10000)
                stopping(p);
            look(now);
            assert_work(now, "unknown");
        }
        stopping(titled(see(PID, 1), 8, 0, 5));
        look(now + 250);
        assert_work(now + 250, launches[k].trusted ? "idle" : "unknown");
    }
}

/* Told long after its launch, with a title that the application kept overwriting until then. Of its
 * five threads, which were all noted once, one has raised; a job renamed the one in its place before
 * a look found it, and is still at work. */
static void who_is_told_long_after_its_launch_is_not_fresh(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int64_t now = 0; now <= 3600000; now += 10000) {
        struct look_proc *p = see(PID, 1);

        p->title.read = true; /* and is no Sidekiq's */
        if (now > 0)
            processors(p, 1, now < 1800000 ? 5 : 4);
        look(now);
    }
    quiet_at(3600000);
    processors(see(PID, 1), 1, 4);
    look(3600250);
    for (int64_t now = 3601000; now <= 3660000; now += 1000) {
        stopping(titled(see(PID, 1), 7, 1, 5));
        look(now);
        assert_work(now, "busy");
    }
}

/* Told when its threads were there but one, which a job had renamed. */
static void a_title_that_counts_as_many_trusts_only_a_fresh_one(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 8, 0, 5), 1, 4);
    look(0);
    quiet_at(0);
    for (int64_t now = 1000; now <= 20000; now += 250) {
        struct look_proc *p = titled(see(PID, 1), 8, 0, 5);

        if (now >= 10000)
            stopping(p);
        look(now);
        assert_work(now, "unknown");
    }
}

static void the_capacity_is_reached_with_its_last_thread(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    assert_false(facts(0).capacity_reached);
    processors(see(PID, 1), 1, 4);
    look(1000);
    assert_false(facts(1000).capacity_reached);
    processors(see(PID, 1), 1, 5);
    look(2000);
    assert_true(facts(2000).capacity_reached);
}

/* --- title -------------------------------------------------------------- */

/* 7.3.2: two jobs from the start; 4 s after TSTP it says `[0 of 3 busy]` without
 * `stopping`, at 6 s `[2 of 3 busy] stopping`. tini's script was fooled by it. */
static void a_stale_title_is_never_idle(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 3); /* its threads were never seen complete */
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now < 6000; now += 250) {
        titled(see(PID, 1), 7, 0, 3);
        look(now);
        assert_work(now, "unknown");
    }
    stopping(titled(see(PID, 1), 7, 2, 3));
    look(6000);
    assert_work(6000, "busy");
    assert_int_equal(facts(6000).busy, 2);
}

/* `stopping` and 0 busy without a break, one beat and 5 s. */
static void idle_by_title_takes_a_beat_and_five_seconds(void **state)
{
    static const struct { int16_t major; int64_t after; } versions[] = {
        { 0, 10000 }, { 5, 10000 }, { 6, 10000 }, { 7, 15000 }, { 8, 15000 }, { -1, 15000 },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(versions) / sizeof(versions[0]); k++) {
        begin(PROFILE_SIDEKIQ);
        titled(see(PID, 1), versions[k].major, 0, 5);
        look(0);
        quiet_at(0);
        for (int64_t now = 3000; now < 3000 + versions[k].after; now += 500) {
            stopping(titled(see(PID, 1), versions[k].major, 0, 5));
            look(now);
            assert_string_not_equal(work(now), "idle");
        }
        stopping(titled(see(PID, 1), versions[k].major, 0, 5));
        look(3000 + versions[k].after);
        assert_work(3000 + versions[k].after, "idle");
    }
}

static void a_break_begins_it_anew(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    quiet_at(0);
    for (int64_t now = 1000; now <= 30000; now += 1000) {
        struct look_proc *p = stopping(titled(see(PID, 1), 7, 0, 5));

        if (now == 14000)
            p->title.busy = 1; /* popped an instant before */
        if (now == 20000)
            p->title = (struct look_title){ .read = true, .major = -1, .busy = UNKNOWN,
                                            .total = UNKNOWN };
        look(now);
        assert_string_not_equal(work(now), "idle");
    }
}

/* Nobody has read it for long: what it said then is not what it says now. */
static void a_title_that_is_not_read_any_more_proves_nothing(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    quiet_at(0);
    stopping(titled(see(PID, 1), 7, 0, 5));
    look(1000);
    for (int64_t now = 2000; now <= 60000; now += 1000) {
        see(PID, 1); /* its title could not be read */
        look(now);
        assert_string_not_equal(work(now), "idle");
    }
}

/* Threads are kept for ever by what a job started: then the title decides. */
static void the_title_suffices_where_threads_remain(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 1000; now <= 16000; now += 1000) {
        thread(stopping(titled(see(PID, 1), 7, 0, 5)), 3, false);
        look(now);
        assert_work(now, now < 16000 ? "busy" : "idle");
    }
}

/* Before the quiet a title of 0 busy is no evidence at all. */
static void before_the_quiet_nothing_is_idle(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int64_t now = 0; now <= 60000; now += 1000) {
        stopping(titled(see(PID, 1), 7, 0, 5));
        look(now);
        assert_work(now, "unknown");
    }
    assert_int_equal(facts(60000).busy, 0);
    assert_int_equal(facts(60000).total, 5);
    assert_int_equal(facts(60000).major, 7);
}

/* --- which processes ---------------------------------------------------- */

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

/* --- what cannot be read ------------------------------------------------ */

static void what_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now <= 30000; now += 250) {
        see(PID, 1)->readable = false;
        look(now);
        assert_work(now, "unknown");
    }
}

static void it_is_known_again_when_it_can_be_read(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(250);
    see(PID, 1)->readable = false;
    look(500);
    see(PID, 1);
    look(750);
    assert_work(750, "busy"); /* counted anew */
    see(PID, 1);
    look(1000);
    assert_work(1000, "idle");
}

/* State T: it cannot end its threads, nor write its title, nor answer. */
static void a_stopped_process_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now <= 30000; now += 250) {
        stopping(titled(see(PID, 1), 7, 0, 5))->stopped = true;
        look(now);
        assert_work(now, "unknown");
    }
    stopping(titled(see(PID, 1), 7, 0, 5));
    look(30250);
    assert_string_not_equal(work(30250), "idle");
    stopping(titled(see(PID, 1), 7, 0, 5));
    look(30500);
    assert_work(30500, "idle"); /* its threads are gone, it runs */
}

static void a_process_that_was_stopped_at_the_quiet_is_not_trusted(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 5);
    look(0);
    processors(see(PID, 1), 1, 5)->stopped = true;
    look(250);
    quiet_at(250);
    see(PID, 1);
    look(500);
    see(PID, 1);
    look(1000);
    assert_work(1000, "unknown");
}

static void an_incomplete_look_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(250);
    see(PID, 1);
    look_as(500, false);
    assert_work(500, "unknown");
    look_as(750, false);
    assert_work(750, "unknown");
    assert_int_equal(facts(750).members, 1); /* what could not be listed may live */
    see(PID, 1);
    look(1000);
    see(PID, 1);
    look(1250);
    assert_string_not_equal(work(1250), "idle"); /* it had vanished: it has to be told again */
}

static void more_processes_than_can_be_kept_are_unknown(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now <= 500; now += 250) {
        see(PID, 1);
        for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
            see(1000 + k, PID);
        look(now);
        assert_work(now, "unknown");
        assert_int_equal(facts(now).members, EVIDENCE_PROCS_MAX);
    }
    for (int64_t now = 750; now <= 1000; now += 250) {
        see(PID, 1);
        look(now);
    }
    assert_work(1000, "idle");
}

/* --- booting ------------------------------------------------------------ */

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

/* --- the quiet ---------------------------------------------------------- */

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

static void titles_are_read_seldom_after_the_quiet(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    assert_true(evidence_wants_titles(&e, 0));
    titled(see(PID, 1), 7, 0, 5);
    look(0);
    assert_true(evidence_wants_titles(&e, 100));
    quiet_at(100);
    assert_false(evidence_wants_titles(&e, 900));
    assert_true(evidence_wants_titles(&e, 1000));
}

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

/* --- exec and puma ------------------------------------------------------ */

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

/* --- hostile and random ------------------------------------------------- */

static uint64_t seed = 42;

static uint64_t below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % n;
}

static int32_t odd_number(void)
{
    static const int32_t odd[] = { -1, 0, 1, 5, INT32_MAX, INT32_MIN, -2 };
    return odd[below(sizeof(odd) / sizeof(odd[0]))];
}

static void see_anything(void)
{
    uint32_t n = (uint32_t)below(6);

    for (uint32_t k = 0; k < n; k++) {
        struct look_proc *p = see((int32_t)below(4), (int32_t)below(4));

        p->start = below(3);
        p->zombie = below(8) == 0;
        p->stopped = below(8) == 0;
        p->readable = below(8) != 0;
        p->catches_quiet = below(2);
        p->title = (struct look_title){ .read = below(2), .sidekiq = below(2),
                                        .swarm = below(6) == 0, .puma = below(6) == 0,
                                        .stopping = below(2), .major = (int16_t)odd_number(),
                                        .busy = odd_number(), .total = odd_number() };
        for (uint64_t t = below(8); t > 0; t--)
            thread(p, (int32_t)below(6), below(2));
    }
}

/* Whatever comes: no crash, and never idle before the quiet nor of a complete look
 * at somebody who was not told. */
static void nonsense_does_no_harm(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_SIDEKIQ,
                                                INFLIGHT_NOTIFY, INFLIGHT_EXEC };
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    for (int run = 0; run < 400; run++) {
        bool quiet = false;

        begin_with(kinds[below(4)], SIGTSTP);
        for (int64_t now = 0; now < 60000; now += (int64_t)below(900)) {
            see_anything();
            look_as(now, below(8) != 0);
            evidence_said(&e, (int32_t)below(4), odd_number() & INT32_MAX, odd_number(), now);
            evidence_exec(&e, below(2), (int32_t)below(3), odd_number(), now);
            if (!quiet)
                assert_true(facts(now).work != WORK_IDLE || e.ever_recognised);
            if (now > 20000 && below(4) == 0) {
                quiet_at(now);
                quiet = true;
            }
            assert_in_range(evidence_stop_targets(&e, (int32_t)below(2), below(2), pids), 0,
                            EVIDENCE_PROCS_MAX);
            if (facts(now).untold > 0)
                assert_string_not_equal(e.inflight == INFLIGHT_SIDEKIQ ? work(now) : "", "idle");
        }
    }
}

#define REPLACED_WITHIN 150 /* ms, after its job raised: longer than was seen */

/* The truth is simulated: jobs run on threads, the title is rewritten every beat and
 * stale between, threads end as the releases end them. Idle is never said while a
 * job runs, and always some time after. */
struct sidekiq {
    int16_t major;
    int32_t capacity;
    int64_t beat, kept;        /* how often its title is written; how long threads stay */
    int64_t heard;             /* when it has read the quiet */
    int64_t end[8];            /* of the job on each thread; 0: none */
    int64_t raises[8];         /* its thread is replaced then; 0: never */
    int32_t shown_busy;
    bool shown_stopping;
};

static bool runs(const struct sidekiq *s, int32_t t, int64_t now)
{
    return now < s->end[t];
}

static void show(struct sidekiq *s, int64_t now)
{
    struct look_proc *p;

    if (now % s->beat < 250) {
        s->shown_busy = 0;
        for (int32_t t = 0; t < s->capacity; t++)
            s->shown_busy += runs(s, t, now);
        s->shown_stopping = now >= s->heard;
    }
    p = titled(see(PID, 1), s->major, s->shown_busy, s->capacity);
    p->title.stopping = s->shown_stopping;
    for (int32_t t = 0; t < s->capacity; t++) {
        int64_t over = time_max(s->end[t], s->heard + (int64_t)below(2000));
        bool lives = runs(s, t, now) || now < over + s->kept;
        bool raised = s->raises[t] > 0 && now >= s->raises[t];
        int64_t born = raised ? s->raises[t] + REPLACED_WITHIN : 0;

        if (lives && now >= born) /* a new one has its name for some looks, then anything */
            thread(p, raised ? 50 + t : 1 + t, now < born + 500 || below(9) > 0);
    }
}

static void a_true_sidekiq_is_never_called_idle_too_early(void **state)
{
    (void)state;
    for (int run = 0; run < 2000; run++) {
        static const int16_t majors[] = { 5, 6, 7, 8 };
        struct sidekiq s = { .major = majors[below(4)], .capacity = 1 + (int32_t)below(8) };
        int64_t last = 0, now;

        s.beat = s.major < 7 ? 5000 : 10000;
        s.kept = s.major < 7 ? 3300 : 300;
        s.heard = 500 + (int64_t)below(1500);
        for (int32_t t = 0; t < s.capacity; t++) {
            s.end[t] = below(2) ? (int64_t)below(40000) : 0;
            s.raises[t] = s.end[t] > 5000 && below(4) == 0 ? (int64_t)below(5000) + 600 : 0;
            last = time_max(last, s.end[t]);
        }
        begin(PROFILE_SIDEKIQ);
        show(&s, 0);
        look(0);
        quiet_at(250);
        for (now = 500; now < 100000; now += 250) {
            show(&s, now);
            look(now);
            if (facts(now).work == WORK_IDLE)
                break;
        }
        assert_true(now >= last);
        assert_true(now <= time_max(last, s.heard) + 31000);
    }
}

/* What the second telling sees is no look before the quiet. */
static void only_the_look_before_the_first_telling_counts(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 4);
    look(0);
    quiet_at(0);
    processors(titled(see(PID, 1), 7, 0, 5), 1, 5);
    look(2000);
    quiet_at(2000);
    for (int64_t now = 2250; now <= 9000; now += 250) {
        titled(see(PID, 1), 7, 0, 5);
        look(now);
        assert_work(now, "unknown");
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_tell_the_truth),
        cmocka_unit_test(an_idle_sidekiq_is_idle_within_seconds),
        cmocka_unit_test(a_kept_thread_is_late_not_early),
        cmocka_unit_test(a_job_that_renames_its_thread_is_still_a_job),
        cmocka_unit_test(a_job_that_raises_is_no_end),
        cmocka_unit_test(renamed_threads_are_not_counted_for_one_another),
        cmocka_unit_test(a_reused_thread_id_is_another_thread),
        cmocka_unit_test(more_threads_than_capacity_are_not_trusted),
        cmocka_unit_test(fewer_threads_than_capacity_are_not_trusted),
        cmocka_unit_test(threads_without_a_title_are_not_trusted),
        cmocka_unit_test(threads_that_could_not_be_read_before_the_quiet_are_not_trusted),
        cmocka_unit_test(more_threads_than_can_be_noted_are_not_trusted),
        cmocka_unit_test(a_quiet_before_the_first_thread_trusts_them_when_all_are_there),
        cmocka_unit_test(a_quiet_before_the_first_thread_trusts_no_other_number),
        cmocka_unit_test(a_title_that_counts_as_many_as_are_noted_trusts_them),
        cmocka_unit_test(a_title_that_counts_more_than_are_noted_does_not),
        cmocka_unit_test(an_ended_thread_does_not_stand_in_for_one_that_works),
        cmocka_unit_test(a_new_count_of_the_title_begins_the_time_anew),
        cmocka_unit_test(a_title_that_is_stopping_from_the_first_does_not),
        cmocka_unit_test(a_title_of_a_stopped_one_does_not),
        cmocka_unit_test(a_title_that_counts_as_many_trusts_one_that_launches),
        cmocka_unit_test(who_is_told_long_after_its_launch_is_not_fresh),
        cmocka_unit_test(a_title_that_counts_as_many_trusts_only_a_fresh_one),
        cmocka_unit_test(the_capacity_is_reached_with_its_last_thread),
        cmocka_unit_test(a_stale_title_is_never_idle),
        cmocka_unit_test(idle_by_title_takes_a_beat_and_five_seconds),
        cmocka_unit_test(a_break_begins_it_anew),
        cmocka_unit_test(a_title_that_is_not_read_any_more_proves_nothing),
        cmocka_unit_test(the_title_suffices_where_threads_remain),
        cmocka_unit_test(before_the_quiet_nothing_is_idle),
        cmocka_unit_test(a_shell_in_front_is_no_sidekiq),
        cmocka_unit_test(a_fork_of_a_job_is_no_sidekiq),
        cmocka_unit_test(a_grandchild_through_a_job_is_none_either),
        cmocka_unit_test(a_swarm_is_told_as_it_wants_to_be),
        cmocka_unit_test(a_swarm_that_is_recognised_late_is_a_swarm_all_the_same),
        cmocka_unit_test(two_sidekiqs_are_idle_when_both_are),
        cmocka_unit_test(a_newcomer_has_to_be_told_first),
        cmocka_unit_test(one_that_is_gone_leaves_the_set),
        cmocka_unit_test(when_all_are_gone_there_is_nothing_to_wait_for),
        cmocka_unit_test(if_none_was_ever_recognised_it_is_unknown),
        cmocka_unit_test(a_zombie_is_not_counted),
        cmocka_unit_test(a_reused_pid_is_another_process),
        cmocka_unit_test(remaining_targets_where_the_leader_is_gone),
        cmocka_unit_test(a_stop_that_died_with_its_receiver_was_not_heard),
        cmocka_unit_test(a_stop_before_the_traps_was_missed),
        cmocka_unit_test(a_stop_before_the_traps_made_nobody_quiet),
        cmocka_unit_test(a_signal_that_is_no_stop_is_not_remembered),
        cmocka_unit_test(what_cannot_be_read_is_unknown),
        cmocka_unit_test(it_is_known_again_when_it_can_be_read),
        cmocka_unit_test(a_stopped_process_is_unknown),
        cmocka_unit_test(a_process_that_was_stopped_at_the_quiet_is_not_trusted),
        cmocka_unit_test(an_incomplete_look_is_unknown),
        cmocka_unit_test(more_processes_than_can_be_kept_are_unknown),
        cmocka_unit_test(it_boots_until_it_can_have_taken_work),
        cmocka_unit_test(a_processor_thread_ends_the_boot),
        cmocka_unit_test(a_title_ends_the_boot),
        cmocka_unit_test(only_who_catches_it_is_told),
        cmocka_unit_test(it_is_told_again_until_it_is_confirmed),
        cmocka_unit_test(where_nothing_shows_it_is_told_once),
        cmocka_unit_test(titles_are_read_seldom_after_the_quiet),
        cmocka_unit_test(zero_for_three_seconds_is_idle),
        cmocka_unit_test(what_was_said_before_the_quiet_does_not_count),
        cmocka_unit_test(what_was_said_long_ago_is_stale),
        cmocka_unit_test(processes_are_summed),
        cmocka_unit_test(who_said_nothing_is_not_counted_unless_nobody_did),
        cmocka_unit_test(a_stopped_sender_is_unknown),
        cmocka_unit_test(counts_do_not_overflow),
        cmocka_unit_test(a_reading_counts_if_it_began_three_seconds_after_the_quiet),
        cmocka_unit_test(only_the_first_quiet_counts),
        cmocka_unit_test(puma_s_view_is_shown_and_decides_nothing),
        cmocka_unit_test(nonsense_does_no_harm),
        cmocka_unit_test(a_true_sidekiq_is_never_called_idle_too_early),
        cmocka_unit_test(only_the_look_before_the_first_telling_counts),
        cmocka_unit_test(a_fork_of_an_orphaned_fork_is_no_sidekiq),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
