/* Idle by threads: what they tell after the quiet, and when they are not to be trusted. Looks as real releases
 * showed them, and some that an unlucky world could show: each test says when idle may be concluded, and that
 * it is not before. */
#include "looks.h"

/* --- what they tell ----------------------------------------------------- */

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

/* 6.4.1 on Ruby 3.1. One has raised, and is shown for 3 s more; the one in its place was renamed before
 * a look could note it, and works for long. */
static void told_beside_a_late_thread(bool renamed, int64_t ago)
{
    struct look_proc *p;

    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 6, 0, 5), 1, 5);
    look(0);
    p = titled(see(PID, 1), 6, 0, 5);
    for (int32_t tid = 1; tid <= 5; tid++)
        thread(p, tid, !renamed);
    started(p, ago, 6, false);
    look(10000);
    quiet_at(10000);
}

static void one_that_raised_does_not_stand_for_one_that_was_renamed(void **state)
{
    (void)state;
    for (int renamed = 0; renamed < 2; renamed++) {
        told_beside_a_late_thread(renamed, 3990);
        for (int64_t now = 13000; now <= 60000; now += 250) {
            thread(stopping(titled(see(PID, 1), 6, 1, 5)), 6, false);
            look(now);
            assert_work(now, "busy");
        }
    }
}

/* By now what had raised when it started would be out of sight. But Ruby up to 3.2 gives its id to another thread,
 * a timeout's for one, which stands for it under another name for as long as it lives. */
static void an_older_thread_stands_for_those_with_another_name_alone(void **state)
{
    (void)state;
    for (int renamed = 0; renamed < 2; renamed++) {
        told_beside_a_late_thread(renamed, 4000);
        for (int64_t now = 13000; now <= 13250; now += 250) {
            thread(titled(see(PID, 1), 6, 0, 5), 6, false);
            look(now);
        }
        assert_work(13250, renamed ? "unknown" : "idle");
    }
}

/* Of five one has raised, and its id is a timeout's; the one in its place was renamed. Two work, by the title: it
 * and another, or the other and what has that id? */
static void a_title_does_not_count_whose_id_is_another_threads(void **state)
{
    struct look_proc *p;

    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 6, 0, 5), 1, 5);
    look(0);
    p = processors(thread(titled(see(PID, 1), 6, 2, 5), 1, false), 2, 4);
    started(p, 1000, 6, false);
    look(100000);
    quiet_at(100000);
    for (int64_t now = 103000; now <= 115000; now += 250) {
        thread(processors(thread(stopping(titled(see(PID, 1), 6, 2, 5)), 1, false), 2, 1), 6, false);
        look(now);
    }
    for (int64_t now = 115250; now <= 116500; now += 250) {
        thread(stopping(titled(see(PID, 1), 6, 2, 5)), 6, false);
        look(now);
        assert_work(now, "busy");
    }
}

/* Idle by threads, once both are gone? */
static void assert_trusted_since(uint64_t start, const char *expected)
{
    quiet_at(0);
    for (int64_t now = 2000; now <= 2250; now += 250) {
        titled(see(PID, 1), 7, 0, 2)->start = start;
        look(now);
    }
    assert_work(2250, expected);
}

static void assert_trusted_with(const char *expected)
{
    assert_trusted_since(PID, expected);
}

/* All start within a quarter of a second when Sidekiq does; what starts later may be in another's place. */
static void those_that_start_with_the_first_stand_for_nobody(void **state)
{
    (void)state;
    for (int64_t after = 250; after <= 260; after += 10)
        for (int order = 0; order < 2; order++) { /* ids may be given out anew: the first need not be listed first */
            int64_t first = 1000, second = 1000 - after;

            begin(PROFILE_SIDEKIQ);
            started(started(titled(see(PID, 1), 7, 0, 2), order ? second : first, 1, true), order ? first : second, 2,
                    true);
            look(0);
            assert_trusted_with(after == 250 ? "idle" : "unknown");
        }
}

/* But for Sidekiq's own loops, one of the same quarter of a second may be a processor that a job has renamed: the first of
 * all, while the one in the place of another, which raised at once, makes the number right. */
static void no_other_thread_starts_with_the_first(void **state)
{
    static const struct {
        int64_t before;
        int32_t tid;
        bool loop;
        const char *work;
    } others[] = {
        { 260, 6, false, "idle" }, { 250, 6, false, "unknown" }, { 250, 6, true, "idle" }, { -10, 6, false, "unknown" },
        { 0, PID, false, "idle" }, /* the main thread */
    };

    (void)state;
    for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
        struct look_proc *p;

        begin(PROFILE_SIDEKIQ);
        p = started(started(titled(see(PID, 1), 7, 0, 2), 1000, 7, true), 980, 8, true);
        if (others[k].loop)
            loop(p, 1000 + others[k].before, others[k].tid);
        else
            started(p, 1000 + others[k].before, others[k].tid, false);
        look(0);
        assert_trusted_with(others[k].work);
    }
}

/* 7.3.2 on a fast machine: 220 ms after its start it has its processors, and Ruby's own thread is 210 ms older. What
 * began in the first half of a boot is no processor, but for 20 ms. */
static void rubys_own_thread_of_a_short_boot_is_no_processor(void **state)
{
    static const struct {
        int64_t boot, before;
        const char *work;
    } boots[] = {
        { 220, 210, "idle" }, { 220, 120, "idle" }, { 220, 110, "unknown" }, { 480, 250, "idle" }, { 480, 240, "unknown" },
        { 520, 260, "idle" }, { 520, 250, "unknown" }, { 30, 30, "idle" }, { 30, 20, "unknown" }, { 0, 20, "unknown" },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(boots) / sizeof(boots[0]); k++) {
        struct look_proc *p;

        begin(PROFILE_SIDEKIQ);
        p = started(started(titled(see(PID, 1), 7, 0, 2), 1000, 7, true), 980, 8, true);
        p->start = LOOK_CLOCK - (uint64_t)(1000 + boots[k].boot) / 10;
        started(p, 1000 + boots[k].before, 6, false);
        look(0);
        assert_trusted_since(p->start, boots[k].work);
    }
}

/* --- one that came before the quiet was read ---------------------------- */

/* Jobs that compute keep Sidekiq from its signals for 2 s. One raises meanwhile, and the one in its place is
 * renamed: seen from `joined` on, in looks every 250 ms, of which those from `still` to `runs` find it stopped. */
static void assert_joined_after_the_quiet(int64_t still, int64_t runs, int64_t joined, const char *expected)
{
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now < joined; now += 250) {
        processors(see(PID, 1), 1, 5)->stopped = now >= still && now < runs;
        look(now);
    }
    for (int64_t now = joined; now <= joined + 500; now += 250) {
        started(stopping(titled(see(PID, 1), 7, 1, 5)), -100, 6, false);
        look(now);
    }
    assert_work(joined + 500, expected);
}

static void one_that_came_before_the_quiet_was_read_is_waited_for(void **state)
{
    (void)state;
    assert_joined_after_the_quiet(NEVER, NEVER, 250, "busy");
    assert_joined_after_the_quiet(NEVER, NEVER, 4000, "busy");
    assert_joined_after_the_quiet(NEVER, NEVER, 4250, "idle"); /* a job's own */
    assert_joined_after_the_quiet(3750, 9000, 9000, "busy"); /* what stands still reads nothing */
    assert_joined_after_the_quiet(3750, 9000, 12750, "busy");
    assert_joined_after_the_quiet(3750, 9000, 13000, "idle");
}

/* A title that has been written anew since counts as many as are noted: they were the right ones. */
static void a_title_that_counts_as_many_ends_the_doubt(void **state)
{
    (void)state;
    told_beside_a_late_thread(false, 1000);
    for (int64_t now = 11000; now <= 22000; now += 250) {
        processors(stopping(titled(see(PID, 1), 6, 2, 5)), 1, now < 14000 ? 3 : 2);
        look(now);
        assert_work(now, "busy");
        if (now == 21000 || now == 20750)
            assert_int_equal(facts(now).unended, now == 21000 ? 2 : -1);
    }
    for (int64_t now = 22250; now <= 22500; now += 250) {
        stopping(titled(see(PID, 1), 6, 2, 5)); /* as it was, for up to 5 s */
        look(now);
        assert_work(now, now == 22250 ? "busy" : "idle");
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

/* --- when they are not trusted ------------------------------------------ */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_tell_the_truth),
        cmocka_unit_test(an_idle_sidekiq_is_idle_within_seconds),
        cmocka_unit_test(a_kept_thread_is_late_not_early),
        cmocka_unit_test(a_job_that_renames_its_thread_is_still_a_job),
        cmocka_unit_test(a_job_that_raises_is_no_end),
        cmocka_unit_test(one_that_raised_does_not_stand_for_one_that_was_renamed),
        cmocka_unit_test(an_older_thread_stands_for_those_with_another_name_alone),
        cmocka_unit_test(a_title_does_not_count_whose_id_is_another_threads),
        cmocka_unit_test(those_that_start_with_the_first_stand_for_nobody),
        cmocka_unit_test(no_other_thread_starts_with_the_first),
        cmocka_unit_test(rubys_own_thread_of_a_short_boot_is_no_processor),
        cmocka_unit_test(one_that_came_before_the_quiet_was_read_is_waited_for),
        cmocka_unit_test(a_title_that_counts_as_many_ends_the_doubt),
        cmocka_unit_test(a_reused_thread_id_is_another_thread),
        cmocka_unit_test(threads_of_the_same_moment_are_two),
        cmocka_unit_test(the_capacity_is_reached_with_its_last_thread),
        cmocka_unit_test(more_threads_than_capacity_are_not_trusted),
        cmocka_unit_test(fewer_threads_than_capacity_are_not_trusted),
        cmocka_unit_test(threads_without_a_title_are_not_trusted),
        cmocka_unit_test(threads_that_could_not_be_read_before_the_quiet_are_not_trusted),
        cmocka_unit_test(a_process_that_was_stopped_at_the_quiet_is_not_trusted),
        cmocka_unit_test(only_the_look_before_the_first_telling_counts),
        cmocka_unit_test(more_threads_than_can_be_noted_are_not_trusted),
        cmocka_unit_test(a_thread_too_many_after_the_quiet_ends_the_trust),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
