/* Idle by title, which is rewritten only every beat; when titles are read, and what they tell of versions. */
#include "looks.h"

/* --- idle --------------------------------------------------------------- */

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

/* --- when it is read ---------------------------------------------------- */

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

/* Of five processors three work, and it has read the quiet: nothing is to be learned from its title that they do not
 * tell sooner. The last look was at `now`. */
static void begin_told_by_threads(int64_t now)
{
    begin_sidekiq(7, 0);
    for (int64_t at = 1000; at <= now; at += 1000) {
        processors(stopping(titled(see(PID, 1), 7, 3, 5)), 1, 3);
        look(at);
    }
}

static void assert_titles_again_after(int64_t ms)
{
    assert_false(evidence_wants_titles(&e, e.titles_at + ms - 1));
    assert_true(evidence_wants_titles(&e, e.titles_at + ms));
}

static void titles_are_read_every_other_second_where_threads_tell_all(void **state)
{
    (void)state;
    begin_told_by_threads(3000);
    assert_titles_again_after(1000); /* another may join them, until it has read the quiet */
    begin_told_by_threads(4000);
    assert_titles_again_after(2000);
    processors(stopping(titled(see(PID, 1), 7, 3, 5)), 1, 3);
    titled(see(PID + 1, PID), 7, 3, 5); /* a job's fork: of no interest */
    look(5000);
    assert_titles_again_after(2000);
}

static void titles_are_read_every_second_where_one_may_decide(void **state)
{
    (void)state;
    begin_told_by_threads(4000);
    processors(stopping(titled(see(PID, 1), 7, 0, 5)), 1, 3);
    look(5000); /* no job, and threads: a job's own may have a processor's name */
    assert_titles_again_after(1000);

    begin_told_by_threads(4000);
    processors(stopping(titled(see(PID, 1), 7, 3, 5)), 1, 3);
    processors(titled(see(PID + 1, 1), 7, 1, 5), 10, 5);
    look(5000); /* another one, who has not been told */
    assert_titles_again_after(1000);

    begin_told_by_threads(4000);
    processors(stopping(titled(see(PID, 1), 7, 3, 5)), 1, 3);
    see(PID + 1, 1)->catches_quiet = false;
    look(5000); /* a shell, which may turn into one */
    assert_titles_again_after(1000);

    begin_told_by_threads(4000);
    processors(stopping(titled(see(PID, 1), 7, 3, 5)), 1, EVIDENCE_THREADS_MAX + 1);
    look(5000); /* not all of its threads are noted */
    assert_titles_again_after(1000);

    begin_sidekiq(7, 0);
    for (int64_t now = 1000; now <= 5000; now += 1000) {
        processors(titled(see(PID, 1), 7, 5, 5), 1, 5);
        look(now); /* nothing shows yet that it was heard */
    }
    assert_titles_again_after(1000);
}

static void titles_are_read_where_none_was(void **state)
{
    (void)state;
    begin_with(INFLIGHT_NOTIFY, 0);
    evidence_quiet_began(&e, 0);
    assert_true(evidence_wants_titles(&e, 1));
}

/* --- what it tells ------------------------------------------------------ */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stale_title_is_never_idle),
        cmocka_unit_test(idle_by_title_takes_a_beat_and_five_seconds),
        cmocka_unit_test(a_break_begins_it_anew),
        cmocka_unit_test(a_title_that_is_not_read_any_more_proves_nothing),
        cmocka_unit_test(the_title_suffices_where_threads_remain),
        cmocka_unit_test(before_the_quiet_nothing_is_idle),
        cmocka_unit_test(titles_are_read_seldom_after_the_quiet),
        cmocka_unit_test(titles_are_read_once_a_second_however_late_it_is),
        cmocka_unit_test(titles_are_read_every_other_second_where_threads_tell_all),
        cmocka_unit_test(titles_are_read_every_second_where_one_may_decide),
        cmocka_unit_test(titles_are_read_where_none_was),
        cmocka_unit_test(a_title_that_tells_less_takes_nothing_back),
        cmocka_unit_test(the_version_is_that_of_a_present_title),
        cmocka_unit_test(a_puma_shows_its_title),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
