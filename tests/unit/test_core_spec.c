/* Defaults of SPEC 2, and what follows from a spec as a whole. */
#include <signal.h>
#include <string.h>

#include "scenario.h"

enum { A, B, C, D };

#define RTMIN_AND_3 37

static void finish(struct world *w)
{
    service_set cycle = 0;

    assert_int_equal(spec_finish(&w->spec, &cycle), 0);
}

static void defaults_of_a_service(void **state)
{
    struct service_spec s;

    (void)state;
    service_spec_init(&s, "web", KIND_SERVICE);
    assert_string_equal(s.name, "web");
    assert_int_equal(s.kind, KIND_SERVICE);
    assert_int_equal(s.after, 0);
    assert_false(s.sidecar);
    assert_true(s.essential);
    assert_int_equal(s.restart, RESTART_ON_FAILURE);
    assert_int_equal(s.backoff_first, 1 * SECOND);
    assert_int_equal(s.backoff_max, 30 * SECOND);
    assert_int_equal(s.restart_limit, 5);
    assert_int_equal(s.restart_window, 60 * SECOND);
    assert_int_equal(s.ready_timeout, 300 * SECOND);
    assert_int_equal(s.success_codes[0], 1);
    for (size_t k = 1; k < 4; k++)
        assert_int_equal(s.success_codes[k], 0);
    assert_int_equal(s.success_signals, 0);
    assert_null(s.pre_start.argv);
    assert_null(s.post_exit.argv);
}

static void a_name_is_cut_at_63_bytes(void **state)
{
    char name[100];
    struct service_spec s;

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    service_spec_init(&s, name, KIND_SERVICE);
    assert_int_equal(strlen(s.name), 63);
}

static void kill_is_the_last_step_said_or_not(void **state)
{
    struct ladder l = { .count = 1 };

    (void)state;
    l.step[0] = (struct ladder_step){ .signo = SIGTERM, .wait = 5 };
    ladder_finish(&l);
    ladder_finish(&l);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.step[1].signo, SIGKILL);

    l = (struct ladder){ .count = 1 };
    l.step[0] = (struct ladder_step){ .signo = SIGKILL, .wait = 5 };
    ladder_finish(&l);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.step[0].wait, 0);

    l = (struct ladder){ 0 };
    ladder_finish(&l);
    assert_int_equal(l.count, 1);

    l = (struct ladder){ .count = LADDER_STEPS_MAX };
    for (size_t k = 0; k < LADDER_STEPS_MAX; k++)
        l.step[k] = (struct ladder_step){ .signo = SIGTERM, .wait = 1 };
    ladder_finish(&l);
    assert_int_equal(l.count, LADDER_STEPS_MAX + 1);
    assert_int_equal(l.step[LADDER_STEPS_MAX].signo, SIGKILL);
}

static void a_sidekiq_timeout_makes_the_ladder(void **state)
{
    struct ladder l;

    (void)state;
    ladder_for_sidekiq(&l, 3600);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.step[0].signo, SIGTERM);
    assert_int_equal(l.step[0].wait, 3605 * SECOND);
    assert_int_equal(l.step[1].signo, SIGKILL);
    assert_false(l.by_user);
}

/* --- margin ------------------------------------------------------------- */

static void the_margin_is_two_seconds_and_at_most_a_tenth(void **state)
{
    static const struct { int64_t deadline, margin; } cases[] = {
        { 3 * HOUR, 2 * SECOND }, { 30 * SECOND, 2 * SECOND }, { 20 * SECOND, 2 * SECOND },
        { 10 * SECOND, 1 * SECOND }, { 1 * SECOND, 100 }, { NEVER, 0 },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct world *w = world_new(0);

        world_add(w, "web", PROFILE_PUMA);
        w->spec.deadline = cases[k].deadline;
        finish(w);
        assert_int_equal(w->spec.margin, cases[k].margin);
    }
}

static void a_margin_of_the_user_stays(void **state)
{
    struct world *w = world_new(100);

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    w->spec.margin = 7 * SECOND;
    finish(w);
    assert_int_equal(w->spec.margin, 7 * SECOND);
}

/* --- order -------------------------------------------------------------- */

static void the_order_is_the_file_s_where_nothing_else_decides(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    for (int k = 0; k < 4; k++)
        world_add(w, "x", PROFILE_GENERIC);
    finish(w);
    for (size_t k = 0; k < 4; k++)
        assert_int_equal(w->spec.start_order[k], k);
}

static void after_decides_the_order(void **state)
{
    struct world *w = world_new(0);
    static const uint8_t order[] = { B, A, D, C };

    (void)state;
    for (int k = 0; k < 4; k++)
        world_add(w, "x", PROFILE_GENERIC);
    w->spec.service[A].after = SET_OF(B);
    w->spec.service[C].after = SET_OF(D);
    finish(w);
    assert_memory_equal(w->spec.start_order, order, sizeof(order));
    assert_int_equal(w->spec.start_after[A], SET_OF(B));
    assert_int_equal(w->spec.stop_first[B], SET_OF(A));
    assert_int_equal(w->spec.stop_first[A], 0);
}

static void what_stops_first_does_so_through_others_too(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->after = SET_OF(B);
    world_add_task(w, "migrate")->after = SET_OF(C);
    world_add(w, "redis", PROFILE_GENERIC)->after = SET_OF(D);
    world_add(w, "volume", PROFILE_GENERIC);
    finish(w);
    assert_int_equal(w->spec.start_after[A], SET_OF(B));
    assert_int_equal(w->spec.stop_first[C], SET_OF(A) | SET_OF(B));
    assert_int_equal(w->spec.stop_first[D], SET_OF(A) | SET_OF(B) | SET_OF(C));
}

static void sidecars_start_before_and_stop_after_the_rest(void **state)
{
    struct world *w = world_new(0);
    static const uint8_t order[] = { D, C, A, B };

    (void)state;
    world_add(w, "web", PROFILE_PUMA);
    world_add_task(w, "migrate");
    world_add(w, "log", PROFILE_FLUENT_BIT)->after = SET_OF(D);
    world_add(w, "proxy", PROFILE_GENERIC)->sidecar = true;
    finish(w);
    assert_memory_equal(w->spec.start_order, order, sizeof(order));
    assert_int_equal(w->spec.start_after[A], SET_OF(C) | SET_OF(D));
    assert_int_equal(w->spec.start_after[B], SET_OF(C) | SET_OF(D));
    assert_int_equal(w->spec.start_after[C], SET_OF(D));
    assert_int_equal(w->spec.stop_first[C], SET_OF(A) | SET_OF(B));
    assert_int_equal(w->spec.stop_first[D], SET_OF(A) | SET_OF(B) | SET_OF(C));
}

static void a_cycle_is_named(void **state)
{
    struct world *w = world_new(0);
    service_set cycle = 0;

    (void)state;
    for (int k = 0; k < 4; k++)
        world_add(w, "x", PROFILE_GENERIC);
    w->spec.service[B].after = SET_OF(C);
    w->spec.service[C].after = SET_OF(B);
    assert_int_equal(spec_finish(&w->spec, &cycle), -1);
    assert_int_equal(cycle, SET_OF(B) | SET_OF(C));
}

static void after_itself_is_a_cycle(void **state)
{
    struct world *w = world_new(0);
    service_set cycle = 0;

    (void)state;
    world_add(w, "x", PROFILE_GENERIC)->after = SET_OF(A);
    assert_int_equal(spec_finish(&w->spec, &cycle), -1);
    assert_int_equal(cycle, SET_OF(A));
}

static void sixty_four_services_are_ordered(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    for (uint8_t k = 0; k < SERVICES_MAX; k++)
        world_add(w, "x", PROFILE_GENERIC);
    for (uint8_t k = 0; k + 1 < SERVICES_MAX; k++)
        w->spec.service[k].after = SET_OF(k + 1);
    finish(w);
    for (uint8_t k = 0; k < SERVICES_MAX; k++)
        assert_int_equal(w->spec.start_order[k], SERVICES_MAX - 1 - k);
}

static void sixty_four_in_a_circle_are_a_cycle(void **state)
{
    struct world *w = world_new(0);
    service_set cycle = 0;

    (void)state;
    for (uint8_t k = 0; k < SERVICES_MAX; k++)
        world_add(w, "x", PROFILE_GENERIC)->after = SET_OF((k + 1) % SERVICES_MAX);
    assert_int_equal(spec_finish(&w->spec, &cycle), -1);
    assert_true(cycle == ~(service_set)0);
}

static void a_spec_may_be_finished_again(void **state)
{
    struct world *w = world_new(100);

    (void)state;
    world_add(w, "a", PROFILE_GENERIC);
    world_add(w, "b", PROFILE_GENERIC)->after = SET_OF(A);
    finish(w);
    w->spec.service[B].after = 0;
    finish(w);
    assert_int_equal(w->spec.stop_first[A], 0);
}

/* --- the -t that fits --------------------------------------------------- */

static int64_t timeout_for(int64_t deadline)
{
    struct world *w = world_new(0);

    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->spec.deadline = deadline;
    finish(w);
    return spec_sidekiq_timeout(&w->spec, A);
}

static void a_sidekiq_without_a_timeout_gets_25_or_what_fits(void **state)
{
    (void)state;
    assert_int_equal(timeout_for(3 * HOUR), 25);
    assert_int_equal(timeout_for(32 * SECOND), 25);
    assert_int_equal(timeout_for(31 * SECOND), 24);  /* 29 s */
    assert_int_equal(timeout_for(30500), 23);        /* 28.5 s: whole seconds */
    assert_int_equal(timeout_for(30 * SECOND), 23);
    assert_int_equal(timeout_for(10 * SECOND), 4);   /* 9 s */
    assert_int_equal(timeout_for(7 * SECOND), 1);    /* 6.3 s */
    assert_int_equal(timeout_for(6 * SECOND), 1);    /* Sidekiq refuses 0 */
    assert_int_equal(timeout_for(100), 1);
}

static void what_stops_after_it_takes_from_its_timeout(void **state)
{
    struct world *w = world_new(10);

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ);
    world_add(w, "log", PROFILE_FLUENT_BIT);
    finish(w);
    assert_int_equal(spec_sidekiq_timeout(&w->spec, A), 3); /* 9 s less 1 s */
}

static void a_first_wait_of_the_user_counts(void **state)
{
    struct world *w = world_new(300);

    (void)state;
    world_add(w, "worker", PROFILE_SIDEKIQ)->stop.step[0].wait = 12 * SECOND;
    finish(w);
    assert_int_equal(spec_sidekiq_timeout(&w->spec, A), 7);
    w->spec.service[A].stop.step[0].wait = 90 * SECOND;
    assert_int_equal(spec_sidekiq_timeout(&w->spec, A), 25);
}

static void a_first_step_that_stops_nothing_does_not(void **state)
{
    struct world *w = world_new(300);
    struct ladder *stop = &world_add(w, "worker", PROFILE_SIDEKIQ)->stop;

    (void)state;
    stop->count = 0;
    stop->step[stop->count++] = (struct ladder_step){ .signo = SIGUSR1, .wait = 1 * SECOND };
    stop->step[stop->count++] = (struct ladder_step){ .signo = SIGTERM, .wait = 12 * SECOND };
    ladder_finish(stop);
    finish(w);
    assert_int_equal(spec_sidekiq_timeout(&w->spec, A), 7);
}

static void int_makes_a_sidekiq_stop_as_well(void **state)
{
    struct ladder l = { .count = 2, .step = { { .signo = SIGUSR1 }, { .signo = SIGINT } } };

    (void)state;
    assert_int_equal(ladder_step_of_term(&l), 1);
}

static void a_ladder_of_eight_without_a_term_has_none(void **state)
{
    struct ladder l = { 0 };

    (void)state;
    while (l.count < LADDER_STEPS_MAX)
        l.step[l.count++] = (struct ladder_step){ .signo = SIGUSR1 };
    ladder_finish(&l);
    assert_int_equal(l.count, LADDER_STEPS_MAX + 1);
    assert_int_equal(ladder_step_of_term(&l), 0);
}

/* --- signals ------------------------------------------------------------ */

static enum signal_step_kind kind_of(const struct world *w, int signo)
{
    assert_int_equal(w->spec.signal[signo].count, 1);
    return w->spec.signal_step[w->spec.signal[signo].first].kind;
}

static struct world *with_signals(enum profile profile, bool single)
{
    struct world *w = world_new(0);

    world_add(w, "app", profile);
    world_finish(w, single);
    return w;
}

static void assert_shutdown_words(const struct world *w)
{
    static const int words[] = { SIGTERM, SIGQUIT, SIGPWR, RTMIN_AND_3 };

    for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
        assert_int_equal(kind_of(w, words[k]), SIGNAL_STEP_SHUTDOWN);
    assert_int_equal(kind_of(w, SIGINT), SIGNAL_STEP_INTERRUPT);
}

static void with_a_config_file(void **state)
{
    const struct world *w = with_signals(PROFILE_SIDEKIQ, false);
    unsigned named = 0;

    (void)state;
    assert_shutdown_words(w);
    assert_int_equal(kind_of(w, SIGHUP), SIGNAL_STEP_RELOAD);
    assert_int_equal(kind_of(w, SIGTSTP), SIGNAL_STEP_DRAIN);
    for (int signo = 1; signo < SIGNALS_MAX; signo++)
        named += w->spec.signal[signo].count > 0;
    assert_int_equal(named, 7); /* the rest is logged and ignored */
}

static void in_the_single_form(void **state)
{
    static const int forwarded[] = { SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN,  SIGTTOU,
                                     SIGURG, SIGCONT, SIGWINCH, SIGALRM, 34, 64 };
    const struct world *w = with_signals(PROFILE_GENERIC, true);

    (void)state;
    assert_shutdown_words(w);
    for (size_t k = 0; k < sizeof(forwarded) / sizeof(forwarded[0]); k++) {
        const struct signal_step *step =
            &w->spec.signal_step[w->spec.signal[forwarded[k]].first];

        assert_int_equal(kind_of(w, forwarded[k]), SIGNAL_STEP_SEND);
        assert_int_equal(step->signo, forwarded[k]);
        assert_int_equal(step->service, 0);
    }
    assert_int_equal(kind_of(w, SIGTSTP), SIGNAL_STEP_SEND);
    assert_int_equal(w->spec.signal[SIGKILL].count, 0);
    assert_int_equal(w->spec.signal[SIGSTOP].count, 0);
    assert_int_equal(w->spec.signal[SIGCHLD].count, 0);
}

/* Sidekiq, Shoryuken, Faktory, Karafka: TSTP is their quiet. */
static void tstp_in_the_single_form(void **state)
{
    (void)state;
    for (size_t k = 0; k < PROFILE_COUNT; k++) {
        bool like_sidekiq = k == PROFILE_SIDEKIQ || k == PROFILE_SHORYUKEN ||
                            k == PROFILE_FAKTORY || k == PROFILE_KARAFKA;
        const struct world *w = with_signals((enum profile)k, true);

        assert_int_equal(kind_of(w, SIGTSTP),
                         like_sidekiq ? SIGNAL_STEP_QUIET : SIGNAL_STEP_SEND);
    }
}

static void what_the_user_wrote_is_not_replaced(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    w->spec.signal[SIGTERM] = (struct signal_sequence){ .first = 0, .count = 1 };
    w->spec.signal[SIGUSR1] = (struct signal_sequence){ .first = 0, .count = 1 };
    w->spec.signal[SIGINT] = (struct signal_sequence){ .first = 0, .count = 1 };
    w->spec.signal_step[w->spec.signal_steps++] =
        (struct signal_step){ .kind = SIGNAL_STEP_IGNORE };
    world_finish(w, true);
    assert_int_equal(kind_of(w, SIGTERM), SIGNAL_STEP_IGNORE);
    assert_int_equal(kind_of(w, SIGUSR1), SIGNAL_STEP_IGNORE);
    assert_int_equal(kind_of(w, SIGINT), SIGNAL_STEP_IGNORE);
    assert_int_equal(kind_of(w, SIGQUIT), SIGNAL_STEP_SHUTDOWN);
}

static void nor_what_only_a_config_file_has_a_default_for(void **state)
{
    struct world *w = world_new(0);

    (void)state;
    world_add(w, "app", PROFILE_GENERIC);
    w->spec.signal[SIGHUP] = w->spec.signal[SIGTSTP] = (struct signal_sequence){ .first = 0, .count = 1 };
    w->spec.signal_step[w->spec.signal_steps++] = (struct signal_step){ .kind = SIGNAL_STEP_IGNORE };
    world_finish(w, false);
    assert_int_equal(kind_of(w, SIGHUP), SIGNAL_STEP_IGNORE);
    assert_int_equal(kind_of(w, SIGTSTP), SIGNAL_STEP_IGNORE);
}

/* --- time --------------------------------------------------------------- */

static void time_does_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(time_add(1, 2), 3);
    assert_true(time_add(NEVER, 1) == NEVER);
    assert_true(time_add(1, NEVER) == NEVER);
    assert_true(time_add(NEVER - 1, 1) == NEVER);
    assert_true(time_add(NEVER - 1, 2) == NEVER);
    assert_true(time_add(NEVER / 2, NEVER / 2) == NEVER - 1);
    assert_true(time_sub(NEVER, 5) == NEVER);
    assert_int_equal(time_sub(3, 5), -2);
    assert_int_equal(time_min(-1, 1), -1);
    assert_int_equal(time_max(-1, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_of_a_service),
        cmocka_unit_test(a_name_is_cut_at_63_bytes),
        cmocka_unit_test(kill_is_the_last_step_said_or_not),
        cmocka_unit_test(a_sidekiq_timeout_makes_the_ladder),
        cmocka_unit_test(the_margin_is_two_seconds_and_at_most_a_tenth),
        cmocka_unit_test(a_margin_of_the_user_stays),
        cmocka_unit_test(the_order_is_the_file_s_where_nothing_else_decides),
        cmocka_unit_test(after_decides_the_order),
        cmocka_unit_test(what_stops_first_does_so_through_others_too),
        cmocka_unit_test(sidecars_start_before_and_stop_after_the_rest),
        cmocka_unit_test(a_cycle_is_named),
        cmocka_unit_test(after_itself_is_a_cycle),
        cmocka_unit_test(sixty_four_services_are_ordered),
        cmocka_unit_test(sixty_four_in_a_circle_are_a_cycle),
        cmocka_unit_test(a_spec_may_be_finished_again),
        cmocka_unit_test(a_sidekiq_without_a_timeout_gets_25_or_what_fits),
        cmocka_unit_test(what_stops_after_it_takes_from_its_timeout),
        cmocka_unit_test(a_first_wait_of_the_user_counts),
        cmocka_unit_test(a_first_step_that_stops_nothing_does_not),
        cmocka_unit_test(int_makes_a_sidekiq_stop_as_well),
        cmocka_unit_test(a_ladder_of_eight_without_a_term_has_none),
        cmocka_unit_test(with_a_config_file),
        cmocka_unit_test(in_the_single_form),
        cmocka_unit_test(tstp_in_the_single_form),
        cmocka_unit_test(what_the_user_wrote_is_not_replaced),
        cmocka_unit_test(nor_what_only_a_config_file_has_a_default_for),
        cmocka_unit_test(time_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
