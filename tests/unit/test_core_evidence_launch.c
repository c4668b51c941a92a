/* A Sidekiq that was told before its first thread was seen: by which of its titles its threads are trusted all
 * the same. */
#include "looks.h"

/* --- a quiet before the first thread ------------------------------------ */

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

/* It reads the quiet up to 1.5 s after its launch, here 1 s after it was told. Both raised and are shown for
 * a while; the two in their places were renamed before a look found them. */
static void who_came_before_a_fresh_one_read_the_quiet_is_waited_for(void **state)
{
    (void)state;
    for (int64_t joined = 4500; joined <= 5000; joined += 250) {
        begin(PROFILE_SIDEKIQ);
        see(PID, 1)->title.read = true;
        look(0);
        quiet_at(0);
        see(PID, 1)->title.read = true;
        look(750);
        for (int64_t now = 1000; now < joined; now += 250) {
            processors(titled(see(PID, 1), 7, 0, 2), 1, 2);
            look(now);
        }
        for (int64_t now = joined; now <= joined + 500; now += 250) {
            started(started(titled(see(PID, 1), 7, 0, 2), -10, 3, false), -10, 4, false);
            look(now);
        }
        assert_work(joined + 500, joined <= 4750 ? "unknown" : "idle");
    }
}

/* Sidekiq's own loops begin with its processors; an application's thread, here 260 ms before them, is older. */
static void what_was_there_before_a_fresh_one_launched_has_not_joined(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    see(PID, 1);
    look(0);
    quiet_at(0);
    started(see(PID, 1), 260, 900, false);
    look(250);
    for (int64_t now = 500; now <= 2000; now += 250) {
        struct look_proc *p = loop(started(titled(see(PID, 1), 7, 0, 2), 260, 900, false), 0, 901);

        if (now < 1000)
            started(started(p, 0, 902, true), 0, 903, true);
        look(now);
    }
    assert_work(2000, "idle");
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

/* --- a title that counts as many as are noted --------------------------- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_before_the_first_thread_trusts_them_when_all_are_there),
        cmocka_unit_test(a_quiet_before_the_first_thread_trusts_no_other_number),
        cmocka_unit_test(who_came_before_a_fresh_one_read_the_quiet_is_waited_for),
        cmocka_unit_test(what_was_there_before_a_fresh_one_launched_has_not_joined),
        cmocka_unit_test(another_title_before_does_not_age_a_fresh_one),
        cmocka_unit_test(who_could_not_be_seen_when_it_was_told_is_not_trusted),
        cmocka_unit_test(a_title_that_counts_as_many_as_are_noted_trusts_them),
        cmocka_unit_test(a_title_that_counts_more_than_are_noted_does_not),
        cmocka_unit_test(an_ended_thread_does_not_stand_in_for_one_that_works),
        cmocka_unit_test(a_new_count_of_the_title_begins_the_time_anew),
        cmocka_unit_test(a_title_that_is_stopping_from_the_first_does_not),
        cmocka_unit_test(a_title_of_a_stopped_one_does_not),
        cmocka_unit_test(a_title_that_counts_as_many_trusts_one_that_launches),
        cmocka_unit_test(who_is_told_long_after_its_launch_is_not_fresh),
        cmocka_unit_test(a_title_that_counts_as_many_trusts_only_a_fresh_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
