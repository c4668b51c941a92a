/* How the time until the deadline is shared out: examples worked by hand from
 * SPEC 4, too little time, and what must hold for every input. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/budget.h"
#include "scenario.h"

enum { WEB, WORKER, PROXY }; /* as the tests add them */

#define POST_EXIT (5 * SECOND) /* SPEC 2: post_exit runs at most 5 s */

static struct budget b;

static void finish(struct world *w)
{
    service_set cycle = 0;

    assert_int_equal(spec_finish(&w->spec, &cycle), 0);
}

static void assert_wait(size_t i, size_t step, double seconds)
{
    assert_int_equal(b.row[i].wait[step], (int64_t)(seconds * 1000));
}

static void assert_chain(size_t i, double seconds)
{
    assert_int_equal(b.row[i].chain, (int64_t)(seconds * 1000));
}

static void what_fits_is_left_alone(void **state)
{
    struct world *w = world_new(3 * 3600);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_false(b.shrunk);
    assert_wait(WEB, 0, 35);
    assert_wait(WORKER, 0, 30);
    assert_chain(WEB, 35);
    assert_chain(WORKER, 30);
    assert_int_equal(b.row[WEB].linger, 10 * SECOND);
}

static void without_a_deadline_everything_fits(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 10 * HOUR;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_false(b.shrunk);
    assert_wait(WEB, 0, 35);
    assert_int_equal(b.row[WEB].linger, 10 * HOUR);
}

/* worker is after web: it stops first, and web waits for it. */
static void a_chain_adds_up_what_stops_later(void **state)
{
    struct world *w = world_new(100);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(WEB);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_chain(PROXY, 10);
    assert_chain(WEB, 45);
    assert_chain(WORKER, 75);
    assert_false(b.shrunk);
}

static void the_longest_of_two_chains_counts(void **state)
{
    struct world *w = world_new(100);

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_PUMA);
    world_add(w, "proxy", PROFILE_GENERIC)->after = SET_OF(WEB) | SET_OF(WORKER);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_chain(PROXY, 10 + 35);
}

/* It has ended before web starts. By itself it has the time that Redis leaves. */
static void a_task_costs_what_is_after_it_nothing(void **state)
{
    struct world *w = world_new(20);

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->after = SET_OF(WORKER);
    world_add_task(w, "migrate")->after = SET_OF(PROXY);
    world_add(w, "redis", PROFILE_GENERIC)->stop.step[0].wait = 4 * SECOND;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_chain(PROXY, 4);
    assert_chain(WORKER, 4 + 10);
    assert_chain(WEB, 4 + 10);
    assert_false(b.shrunk);
    world_add(w, "one that is too long", PROFILE_PUMA);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_true(b.shrunk);
    assert_wait(WORKER, 0, 10);
    assert_wait(WEB, 0, 10);
}

static void every_step_and_post_exit_take_time(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = world_new(100);

    (void)state;
    world_add(w, "web", PROFILE_NGINX)->post_exit = (struct command){ "true", argv };
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_chain(WEB, 30 + 5 + 5);
}

/* 20 s and its margin of 2 s leave 18 s for Puma's 35 s and Sidekiq's 30 s, which
 * do not wait for each other: neither has to give way. */
static void services_side_by_side_do_not_share(void **state)
{
    struct world *w = world_new(20);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_true(b.shrunk);
    assert_wait(WEB, 0, 18);
    assert_wait(WORKER, 0, 18);
}

/* Both wait for the proxy: it is down to 1 s for the worker's sake; web has what one
 * factor for it and the proxy gives, 18 of 45. */
static void what_stops_beside_a_chain_keeps_its_time(void **state)
{
    struct world *w = world_new(20);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(PROXY, 0, 1);
    assert_wait(WORKER, 0, 17);
    assert_wait(WEB, 0, 14);
}

static void a_long_wait_is_shared_out_to_the_millisecond(void **state)
{
    struct world *w = world_new(7200);

    (void)state;
    world_add(w, "web", PROFILE_GENERIC)->stop.step[0].wait = 9 * HOUR;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WEB, 0, 7198);
}

/* 58 s for 30 s of jobs and 35 s + 10 s without: these keep 28 of 45 s. */
static void services_without_jobs_shrink_first(void **state)
{
    struct world *w = world_new(60);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(WEB);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_true(b.shrunk);
    assert_wait(WORKER, 0, 30);
    assert_in_range(b.row[WEB].wait[0], 21777, 21778);
    assert_in_range(b.row[PROXY].wait[0], 6222, 6223);
    assert_in_range(b.row[WORKER].chain, 57998, 58000);
}

/* 28 s: the others are down to 1 s each, the jobs get the 26 s that remain. */
static void then_the_services_with_jobs_shrink(void **state)
{
    struct world *w = world_new(30);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(WEB);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WEB, 0, 1);
    assert_wait(PROXY, 0, 1);
    assert_wait(WORKER, 0, 26);
}

static void every_step_shrinks_by_the_same_factor(void **state)
{
    struct world *w = world_new(20); /* 18 s for 30 + 5 */

    (void)state;
    world_add(w, "web", PROFILE_NGINX);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_in_range(b.row[WEB].wait[0], 15428, 15429);
    assert_in_range(b.row[WEB].wait[1], 2571, 2572);
}

static void waits_below_a_second_keep_what_they_have(void **state)
{
    struct world *w = world_new(20);
    struct ladder *stop;

    (void)state;
    stop = &world_add(w, "web", PROFILE_NGINX)->stop;
    stop->step[1].wait = 300;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WEB, 1, 0.3);
    assert_wait(WEB, 0, 17.7);
}

/* When not even 1 s each fits, everything shrinks again, jobs or not. */
static void at_last_everything_shrinks(void **state)
{
    struct world *w = world_new(2); /* 1.8 s for three in a row */

    (void)state;
    world_add(w, "web", PROFILE_GENERIC);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(WEB);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WEB, 0, 0.6);
    assert_wait(WORKER, 0, 0.6);
    assert_wait(PROXY, 0, 0.6);
}

static void as_many_as_there_can_be_shrink(void **state)
{
    struct world *w = world_new(20);
    char name[SERVICES_MAX][16];

    (void)state;
    for (int i = 0; i < SERVICES_MAX; i++) {
        snprintf(name[i], sizeof(name[i]), "web%d", i);
        world_add(w, name[i], PROFILE_PUMA)->linger = 10 * SECOND;
    }
    finish(w);
    budget_of_spec(&b, &w->spec);
    for (size_t i = 0; i < SERVICES_MAX; i++)
        assert_true(b.row[i].linger + b.row[i].wait[0] <= 18 * SECOND && b.row[i].wait[0] > 11 * SECOND);
}

/* 90 s: linger 60 s keeps 30; its margin of 2 s and 35 s of ladder leave more. */
static void linger_keeps_up_to_a_third(void **state)
{
    struct world *w = world_new(90);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 60 * SECOND;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_int_equal(b.row[WEB].linger, 30 * SECOND);
    assert_wait(WEB, 0, 35);
}

/* And more where it fits; of two, only the one that does not gives way. */
static void a_linger_that_fits_is_whole(void **state)
{
    struct world *w = world_new(90);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 53 * SECOND;
    world_add(w, "other", PROFILE_PUMA)->linger = 53 * SECOND + 1;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_int_equal(b.row[0].linger, 53 * SECOND);
    assert_int_equal(b.row[1].linger, 30 * SECOND);
    assert_wait(0, 0, 35);
    assert_wait(1, 0, 35);
    assert_false(b.shrunk);
}

/* 30 s: linger keeps 10 s, the ladder gets the other 18. */
static void linger_shrinks_the_ladder_behind_it(void **state)
{
    struct world *w = world_new(30);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->linger = 20 * SECOND;
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_int_equal(b.row[WEB].linger, 10 * SECOND);
    assert_wait(WEB, 0, 18);
    assert_true(b.shrunk);
}

static void what_is_down_needs_no_time(void **state)
{
    struct world *w = world_new(60);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(WEB);
    finish(w);
    for (size_t i = 0; i < 2; i++)
        budget_row_init(&b.row[i], &w->spec.service[i]);
    b.row[WEB].down = true;
    budget_fit(&b, &w->spec, 58 * SECOND, 20 * SECOND);
    assert_false(b.shrunk);
    assert_chain(WORKER, 30);
}

static void steps_behind_it_need_no_time(void **state)
{
    struct world *w = world_new(60);

    (void)state;
    world_add(w, "web", PROFILE_NGINX);
    finish(w);
    budget_row_init(&b.row[0], &w->spec.service[0]);
    b.row[0].first = 1;
    budget_fit(&b, &w->spec, 10 * SECOND, 0);
    assert_false(b.shrunk);
    assert_chain(WEB, 5);
    assert_wait(WEB, 0, 30); /* what has passed is not rewritten */
}

/* --- for every input ---------------------------------------------------- */

static uint64_t seed = 20261122;

static uint64_t any(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static uint64_t below(uint64_t n)
{
    return any() % n;
}

/* Most often seconds, sometimes odd ms, sometimes absurd. */
static int64_t any_wait(void)
{
    switch (below(12)) {
    case 0:
        return 0;
    case 1:
        return (int64_t)below(2000);
    case 2:
        return (int64_t)(any() >> 1);
    case 3:
        return NEVER - (int64_t)below(3);
    }
    return (int64_t)below(100) * SECOND;
}

static int64_t any_room(void)
{
    switch (below(8)) {
    case 0:
        return (int64_t)(any() >> 1);
    case 1:
        return NEVER - (int64_t)below(2);
    case 2:
        return -(int64_t)(any() >> 1);
    case 3:
        return (int64_t)below(5000);
    }
    return (int64_t)below(400000);
}

/* Services in a random order, each after some that come later in the table, so
 * that the order is not the table's. */
static void any_spec(struct spec *spec)
{
    static const char *const argv[] = { "true", NULL };

    spec->count = (uint8_t)(1 + below(below(10) == 0 ? SERVICES_MAX : 6));
    for (size_t i = 0; i < spec->count; i++) {
        struct service_spec *s = &spec->service[i];
        service_set later = i + 1 == SERVICES_MAX ? 0 : ~(service_set)0 << (i + 1);

        service_spec_init(s, "x", KIND_SERVICE);
        profile_apply(s, (enum profile)below(PROFILE_COUNT), any_wait());
        if (spec->count < SERVICES_MAX)
            later &= SET_OF(spec->count) - 1;
        s->sidecar = false;
        s->after = later & any() & any();
        for (size_t k = 0; k + 1 < s->stop.count; k++)
            s->stop.step[k].wait = any_wait();
        if (below(4) == 0)
            s->post_exit = (struct command){ "true", argv };
    }
    if (below(3) == 0)
        spec->service[spec->count - 1].sidecar = true;
}

static void any_rows(struct budget *out, const struct spec *spec)
{
    for (size_t i = 0; i < spec->count; i++) {
        budget_row_init(&out->row[i], &spec->service[i]);
        out->row[i].down = below(8) == 0;
        if (below(4) == 0)
            out->row[i].first = (uint8_t)below(out->row[i].count);
    }
}

/* The time from the beginning of its ladder until all that stops after it is over,
 * step by step: nothing clever. */
static int64_t chain_of(const struct budget *budget, const struct spec *spec, size_t i)
{
    const struct budget_row *row = &budget->row[i];
    int64_t longest = 0, own = 0;

    for (size_t d = 0; d < spec->count; d++) {
        bool after = spec->service[i].after & SET_OF(d);

        if (after || (spec->service[d].sidecar && !spec->service[i].sidecar))
            longest = time_max(longest, chain_of(budget, spec, d));
    }
    for (size_t k = row->first; k < row->count; k++)
        own = time_add(own, row->wait[k]);
    return row->down ? longest : time_add(time_add(own, row->tail), longest);
}

static void assert_plan_holds(const struct budget *in, const struct budget *out,
                              const struct spec *spec, int64_t room, int64_t cap)
{
    for (size_t i = 0; i < spec->count; i++) {
        const struct budget_row *row = &out->row[i];

        assert_in_range(row->linger, 0, in->row[i].linger);
        if (row->linger != in->row[i].linger)
            assert_true(row->linger == time_min(cap, time_max(room, 0)));
        else if (!row->down && spec->count <= 6 && row->linger > cap)
            assert_true(time_add(row->linger, chain_of(in, spec, i)) <= time_max(room, 0));
        assert_in_range(row->tail, 0, POST_EXIT);
        for (size_t k = 0; k < row->count; k++)
            assert_in_range(row->wait[k], 0, in->row[i].wait[k]);
        assert_true(row->chain >= 0);
        if (spec->count <= 6)
            assert_true(row->chain == chain_of(out, spec, i));
        if (!row->down && room != NEVER)
            assert_true(time_add(row->linger, row->chain) <= time_max(room, 0));
    }
}

static void nothing_is_planned_behind_the_end(void **state)
{
    static struct world *w;
    static struct budget in;

    (void)state;
    for (int n = 0; n < 2000; n++) {
        int64_t room = any_room(), cap = any_wait();
        bool shrunk = false;

        w = world_new(100);
        any_spec(&w->spec);
        finish(w);
        any_rows(&in, &w->spec);
        b = in;
        budget_fit(&b, &w->spec, room, cap);
        assert_plan_holds(&in, &b, &w->spec, room, cap);
        for (size_t i = 0; i < w->spec.count; i++)
            for (size_t k = 0; k < b.row[i].count; k++)
                shrunk = shrunk || b.row[i].wait[k] < in.row[i].wait[k];
        if (shrunk)
            assert_true(b.shrunk);
        if (room == NEVER)
            assert_false(b.shrunk);
    }
}

static void more_room_never_shortens_a_wait(void **state)
{
    static struct budget in, wider;

    (void)state;
    for (int n = 0; n < 1000; n++) {
        struct world *w = world_new(100);
        int64_t room = any_room(), cap = any_wait();
        int64_t more = time_add(time_max(room, 0), (int64_t)below(100000));

        any_spec(&w->spec);
        finish(w);
        any_rows(&in, &w->spec);
        b = wider = in;
        budget_fit(&b, &w->spec, room, cap);
        budget_fit(&wider, &w->spec, more, cap);
        for (size_t i = 0; i < w->spec.count; i++) {
            assert_true(wider.row[i].linger >= b.row[i].linger);
            for (size_t k = b.row[i].first; k < b.row[i].count; k++)
                assert_true(wider.row[i].wait[k] >= b.row[i].wait[k]);
        }
    }
}

/* Whatever else there is: as soon as the waits of the others at 1 s and Sidekiq's
 * -t + 3 s fit, it has them. */
static void sidekiq_has_its_time_wherever_there_is_time(void **state)
{
    static struct budget least;

    (void)state;
    for (int n = 0; n < 1000; n++) {
        struct world *w = world_new(1 + (int64_t)below(400));
        int64_t timeout = (int64_t)below(120) + 1, room;
        struct service_spec *s;

        any_spec(&w->spec);
        for (size_t i = 0; i < w->spec.count; i++) {
            bool sidecar = w->spec.service[i].sidecar;
            profile_apply(&w->spec.service[i], PROFILE_NGINX, 0);
            w->spec.service[i].sidecar = sidecar;
        }
        s = &w->spec.service[below(w->spec.count)];
        profile_apply(s, PROFILE_SIDEKIQ, 0);
        ladder_for_sidekiq(&s->stop, timeout);
        finish(w);
        budget_of_spec(&b, &w->spec);
        for (size_t i = 0; i < w->spec.count; i++) {
            budget_row_init(&least.row[i], &w->spec.service[i]);
            for (size_t k = 0; k < least.row[i].count; k++)
                least.row[i].wait[k] = time_min(least.row[i].wait[k], 1 * SECOND);
        }
        least.row[s - w->spec.service].wait[0] = (timeout + 3) * SECOND;
        room = w->spec.deadline - w->spec.margin;
        budget_fit(&least, &w->spec, room, 0);
        if (!least.shrunk)
            assert_true(b.row[s - w->spec.service].wait[0] >= (timeout + 3) * SECOND);
    }
}

static void the_third_of_linger(void **state)
{
    (void)state;
    assert_int_equal(budget_linger_cap(90 * SECOND), 30 * SECOND);
    assert_true(budget_linger_cap(NEVER) == NEVER);
    assert_int_equal(budget_linger_cap(0), 0);
}

/* A Resque's jobs cannot be seen, but it has some. */
static void job_profiles_shrink_last_too(void **state)
{
    struct world *w = world_new(40); /* 38 s for 30 + 35 */

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_RESQUE)->after = SET_OF(WEB);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WORKER, 0, 30);
    assert_wait(WEB, 0, 8);
}

/* The other one does not fit, and shrinks alone. */
static void who_fits_to_the_millisecond_keeps_all(void **state)
{
    struct world *w = world_new(20);

    (void)state;
    world_add(w, "web", PROFILE_PUMA)->stop.step[0].wait = 18 * SECOND;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_wait(WEB, 0, 18);
    assert_wait(WORKER, 0, 18);
}

/* 18 s for 30 + 5 s of ladder and 5 s of post_exit: that is short enough to be the last that shrinks. */
static void a_post_exit_shrinks_last(void **state)
{
    static const char *const argv[] = { "true", NULL };
    struct world *w = world_new(20);

    (void)state;
    world_add(w, "web", PROFILE_NGINX)->post_exit = (struct command){ "true", argv };
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_int_equal(b.row[WEB].tail, 5 * SECOND);
    assert_in_range(b.row[WEB].wait[0] + b.row[WEB].wait[1], 12998, 13000);
    w = world_new(5); /* 4.5 s: not even 1 s each and 5 s */
    world_add(w, "web", PROFILE_NGINX)->post_exit = (struct command){ "true", argv };
    finish(w);
    budget_of_spec(&b, &w->spec);
    assert_in_range(b.row[WEB].tail, 3200, 3215); /* 4.5 of 7 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_left_alone),
        cmocka_unit_test(without_a_deadline_everything_fits),
        cmocka_unit_test(a_chain_adds_up_what_stops_later),
        cmocka_unit_test(the_longest_of_two_chains_counts),
        cmocka_unit_test(a_task_costs_what_is_after_it_nothing),
        cmocka_unit_test(every_step_and_post_exit_take_time),
        cmocka_unit_test(services_side_by_side_do_not_share),
        cmocka_unit_test(what_stops_beside_a_chain_keeps_its_time),
        cmocka_unit_test(a_long_wait_is_shared_out_to_the_millisecond),
        cmocka_unit_test(services_without_jobs_shrink_first),
        cmocka_unit_test(then_the_services_with_jobs_shrink),
        cmocka_unit_test(every_step_shrinks_by_the_same_factor),
        cmocka_unit_test(waits_below_a_second_keep_what_they_have),
        cmocka_unit_test(at_last_everything_shrinks),
        cmocka_unit_test(linger_keeps_up_to_a_third),
        cmocka_unit_test(as_many_as_there_can_be_shrink),
        cmocka_unit_test(a_linger_that_fits_is_whole),
        cmocka_unit_test(linger_shrinks_the_ladder_behind_it),
        cmocka_unit_test(what_is_down_needs_no_time),
        cmocka_unit_test(steps_behind_it_need_no_time),
        cmocka_unit_test(nothing_is_planned_behind_the_end),
        cmocka_unit_test(more_room_never_shortens_a_wait),
        cmocka_unit_test(sidekiq_has_its_time_wherever_there_is_time),
        cmocka_unit_test(the_third_of_linger),
        cmocka_unit_test(job_profiles_shrink_last_too),
        cmocka_unit_test(who_fits_to_the_millisecond_keeps_all),
        cmocka_unit_test(a_post_exit_shrinks_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
