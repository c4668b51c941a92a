/* Every row of SPEC 3, against the table as it is written there. */
#include <signal.h>
#include <string.h>

#include "scenario.h"

#define LINGER (17 * SECOND)

struct expected_row {
    const char *name;
    enum ready_kind ready;
    int quiet;
    enum inflight_kind inflight;
    bool lingers;
    bool sidecar;
    struct { int signo; int64_t seconds; } stop[3];
};

static const struct expected_row table[] = {
    { "generic", READY_STARTED, 0, INFLIGHT_NONE, false, false, { { SIGTERM, 10 } } },
    { "puma", READY_PUMA, 0, INFLIGHT_PUMA, true, false, { { SIGTERM, 35 } } },
    { "sidekiq", READY_NOTIFY_OR_TITLE, SIGTSTP, INFLIGHT_SIDEKIQ, false, false,
      { { SIGTERM, 30 } } },
    { "nginx", READY_STARTED, 0, INFLIGHT_NONE, true, false, { { SIGQUIT, 30 }, { SIGTERM, 5 } } },
    { "fluent-bit", READY_STARTED, 0, INFLIGHT_NONE, false, true, { { SIGTERM, 10 } } },
    { "resque", READY_STARTED, SIGUSR2, INFLIGHT_NONE, false, false, { { SIGQUIT, 30 } } },
    { "shoryuken", READY_STARTED, SIGTSTP, INFLIGHT_NONE, false, false, { { SIGTERM, 15 } } },
    { "faktory", READY_STARTED, SIGTSTP, INFLIGHT_NONE, false, false, { { SIGTERM, 30 } } },
    { "karafka", READY_STARTED, SIGTSTP, INFLIGHT_NONE, false, false, { { SIGTERM, 65 } } },
    { "solid_queue", READY_STARTED, 0, INFLIGHT_NONE, false, false,
      { { SIGTERM, 10 }, { SIGQUIT, 5 } } },
    { "good_job", READY_STARTED, 0, INFLIGHT_NONE, false, false, { { SIGTERM, 30 } } },
    { "delayed_job", READY_STARTED, 0, INFLIGHT_NONE, false, false, { { SIGTERM, 30 } } },
    { "que", READY_STARTED, 0, INFLIGHT_NONE, false, false, { { SIGTERM, 30 } } },
    { "celery", READY_STARTED, 0, INFLIGHT_NONE, false, false,
      { { SIGTERM, 30 }, { SIGQUIT, 5 } } },
};

static void assert_ladder(const struct ladder *l, const struct expected_row *row)
{
    size_t n = 0;

    assert_false(l->by_user);
    for (; row->stop[n].signo != 0; n++) {
        assert_int_equal(l->step[n].signo, row->stop[n].signo);
        assert_int_equal(l->step[n].wait, row->stop[n].seconds * SECOND);
        assert_null(l->step[n].exec.argv);
    }
    assert_int_equal(l->count, n + 1);
    assert_int_equal(l->step[n].signo, SIGKILL);
    assert_int_equal(l->step[n].wait, 0);
}

static void every_row_is_as_the_contract_says(void **state)
{
    (void)state;
    assert_int_equal(PROFILE_COUNT, sizeof(table) / sizeof(table[0]));
    for (size_t k = 0; k < PROFILE_COUNT; k++) {
        const struct expected_row *row = &table[k];
        struct service_spec s;

        service_spec_init(&s, "x", KIND_SERVICE);
        profile_apply(&s, (enum profile)k, LINGER);
        assert_string_equal(profile_name((enum profile)k), row->name);
        assert_int_equal(s.profile, k);
        assert_int_equal(s.ready.kind, row->ready);
        assert_false(s.ready.by_user);
        assert_int_equal(s.quiet.signo, row->quiet);
        assert_null(s.quiet.exec.argv);
        assert_int_equal(s.inflight.kind, row->inflight);
        assert_int_equal(s.linger, row->lingers ? LINGER : 0);
        assert_int_equal(s.sidecar, row->sidecar);
        assert_int_equal(s.essential, !row->sidecar); /* a sidecar is never essential */
        assert_ladder(&s.stop, row);
    }
}

static void another_profile_leaves_nothing_of_the_first(void **state)
{
    struct service_spec s, fresh;

    (void)state;
    service_spec_init(&s, "x", KIND_SERVICE);
    profile_apply(&s, PROFILE_SOLID_QUEUE, LINGER);
    profile_apply(&s, PROFILE_SIDEKIQ, LINGER);
    profile_apply(&s, PROFILE_GENERIC, LINGER);
    service_spec_init(&fresh, "x", KIND_SERVICE);
    profile_apply(&fresh, PROFILE_GENERIC, 0);
    assert_memory_equal(&s.stop, &fresh.stop, sizeof(s.stop));
    assert_int_equal(s.quiet.signo, 0);
    assert_int_equal(s.inflight.kind, INFLIGHT_NONE);
    assert_int_equal(s.linger, 0);
}

static void what_the_user_set_stays(void **state)
{
    struct service_spec s;

    (void)state;
    service_spec_init(&s, "x", KIND_TASK);
    s.restart = RESTART_ALWAYS;
    s.ready_timeout = 7 * SECOND;
    s.after = 5;
    profile_apply(&s, PROFILE_SIDEKIQ, 0);
    assert_int_equal(s.restart, RESTART_ALWAYS);
    assert_int_equal(s.ready_timeout, 7 * SECOND);
    assert_int_equal(s.after, 5);
    assert_int_equal(s.kind, KIND_TASK);
}

/* `sidekiq` and every row below `fluent-bit`. */
static void job_profiles(void **state)
{
    (void)state;
    for (size_t k = 0; k < PROFILE_COUNT; k++) {
        struct service_spec s;
        bool jobs = k == PROFILE_SIDEKIQ || k >= PROFILE_RESQUE;

        service_spec_init(&s, "x", KIND_SERVICE);
        profile_apply(&s, (enum profile)k, 0);
        assert_int_equal(spec_is_job_profile(&s), jobs);
        assert_int_equal(spec_is_worker(&s), k == PROFILE_SIDEKIQ);
        assert_int_equal(spec_has_quiet(&s), table[k].quiet != 0);
        assert_int_equal(spec_may_hold_unseen_work(&s),
                         k == PROFILE_GENERIC || (jobs && k != PROFILE_SIDEKIQ));
    }
}

static void an_inflight_makes_a_worker_of_anything(void **state)
{
    static const struct { enum inflight_kind kind; bool worker; } kinds[] = {
        { INFLIGHT_NONE, false }, { INFLIGHT_SIDEKIQ, true }, { INFLIGHT_NOTIFY, true },
        { INFLIGHT_EXEC, true },  { INFLIGHT_PUMA, false },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        struct service_spec s;

        service_spec_init(&s, "x", KIND_SERVICE);
        profile_apply(&s, PROFILE_RESQUE, 0);
        s.inflight.kind = kinds[k].kind;
        assert_int_equal(spec_is_worker(&s), kinds[k].worker);
        assert_int_equal(spec_may_hold_unseen_work(&s), kinds[k].kind == INFLIGHT_NONE);
    }
}

static void a_generic_sidecar_holds_no_unseen_work(void **state)
{
    struct service_spec s;

    (void)state;
    service_spec_init(&s, "x", KIND_SERVICE);
    profile_apply(&s, PROFILE_GENERIC, 0);
    assert_true(spec_may_hold_unseen_work(&s));
    s.sidecar = true;
    assert_false(spec_may_hold_unseen_work(&s));
}

/* `check` warns of exactly these. */
static void signals_that_cost_work(void **state)
{
    static const int kept[] = { SIGINT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP,
                                SIGCONT, SIGCHLD, SIGURG, SIGWINCH };

    (void)state;
    for (int signo = 1; signo <= 64; signo++) {
        bool survives = false;

        for (size_t k = 0; k < sizeof(kept) / sizeof(kept[0]); k++)
            survives = survives || kept[k] == signo;
        assert_int_equal(profile_signal_harm(PROFILE_SIDEKIQ, signo) == NULL, survives);
        assert_int_equal(profile_signal_harm(PROFILE_PUMA, signo) != NULL, signo == SIGHUP);
        assert_int_equal(profile_signal_harm(PROFILE_NGINX, signo) != NULL, signo == SIGTERM || signo == SIGINT);
        assert_null(profile_signal_harm(PROFILE_GENERIC, signo));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_as_the_contract_says),
        cmocka_unit_test(another_profile_leaves_nothing_of_the_first),
        cmocka_unit_test(what_the_user_set_stays),
        cmocka_unit_test(job_profiles),
        cmocka_unit_test(an_inflight_makes_a_worker_of_anything),
        cmocka_unit_test(a_generic_sidecar_holds_no_unseen_work),
        cmocka_unit_test(signals_that_cost_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
