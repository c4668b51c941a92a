/* Status as JSON and back, as a table, as a line, as metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/json_status.h"
#include "text/metrics.h"
#include "text/status_view.h"

static const struct exit_count exits[] = { { 1, 0, 2 }, { 0, 9, 3 } };

/* A worker in a drain, and a task that has failed. */
static const struct status draining = {
    .version = "1.2.3", .phase = "draining", .cause = "prestop", .pid = 1,
    .started_at_ms = 1700000000123, .uptime_ms = 61500, .deadline_ms = 120000, .remaining_ms = 90500,
    .count = 2, .orphans_reaped = 7, .signals = { [15] = 2 },
    .service = {
        { .name = "worker", .kind = "service", .profile = "sidekiq", .state = "quiet", .waits_for = "jobs",
          .pid = 7, .uptime_ms = 61000, .restarts = 1, .busy = 3, .total = 5, .quiet = 1, .observed_age_ms = 250,
          .has_exit = true, .exit_signal = 9, .up = true, .ready = true, .worker = true, .observable = true,
          .memory = 4096, .started_at = 1700000000.5, .exits = exits, .exit_kinds = 2 },
        { .name = "migrate", .kind = "task", .profile = "generic", .state = "failed", .uptime_ms = -1, .busy = -1,
          .total = -1, .quiet = -1, .observed_age_ms = -1, .has_exit = true, .exit_code = 3, .memory = -1 },
    },
};

static const struct status quiet_start = {
    .version = "1.2.3", .phase = "starting", .pid = 1, .deadline_ms = NEVER, .remaining_ms = NEVER,
};

static void json_and_back(void **state)
{
    static struct status back;
    const char *error;
    char *text = json_status(&draining);
    void *document = json_status_read(text, strlen(text), &back, &error);

    (void)state;
    assert_non_null(document);
    assert_string_equal(back.phase, "draining");
    assert_string_equal(back.cause, "prestop");
    assert_int_equal(back.uptime_ms, 61500);
    assert_int_equal(back.deadline_ms, 120000);
    assert_int_equal(back.remaining_ms, 90500);
    assert_int_equal(back.count, 2);
    assert_string_equal(back.service[0].waits_for, "jobs");
    assert_true(back.service[0].busy == 3 && back.service[0].total == 5 && back.service[0].quiet == 1);
    assert_int_equal(back.service[0].observed_age_ms, 250);
    assert_true(back.service[0].has_exit && back.service[0].exit_signal == 9);
    assert_true(back.service[1].exit_code == 3 && back.service[1].exit_signal == 0 && back.service[1].pid == 0);
    assert_true(back.service[1].busy == -1 && back.service[1].quiet == -1 && back.service[1].waits_for == NULL);
    assert_non_null(strstr(text, "\"started_at\":\"2023-11-14T22:13:20.123Z\""));
    assert_non_null(strstr(text, "\"uptime_s\":61.5,\"deadline_s\":120,\"remaining_s\":90.5"));
    assert_non_null(strstr(text, "\"last_exit\":{\"code\":null,\"signal\":9}"));
    assert_non_null(strstr(text, "\"last_exit\":{\"code\":3,\"signal\":null}"));
    assert_int_equal(text[strlen(text) - 1], '\n');
    json_status_free(document);
    free(text);
}

static void json_of_what_is_not_known(void **state)
{
    static struct status back;
    const char *error;
    char *text = json_status(&quiet_start);
    void *document = json_status_read(text, strlen(text), &back, &error);

    (void)state;
    assert_non_null(strstr(text, "\"cause\":null"));
    assert_non_null(strstr(text, "\"deadline_s\":null,\"remaining_s\":null,\"services\":[]"));
    assert_true(back.deadline_ms == NEVER && back.remaining_ms == NEVER && back.cause == NULL && back.count == 0);
    json_status_free(document);
    free(text);
}

static void no_status_is_refused(void **state)
{
    static const char *const rows[] = {
        "", "x", "[]", "{}", "{\"version\":\"1\"}", "{\"version\":1,\"phase\":\"a\"}",
        "{\"version\":\"1\",\"phase\":\"a\",\"services\":[1]}",
        "{\"version\":\"1\",\"phase\":\"a\",\"services\":[{\"name\":\"a\",\"kind\":\"b\",\"profile\":\"c\"}]}",
    };
    static struct status back;
    const char *error;

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        error = NULL;
        assert_null(json_status_read(rows[k], strlen(rows[k]), &back, &error));
        assert_non_null(error);
    }
}

static void a_table_is_aligned(void **state)
{
    char text[2048];
    struct str s;

    (void)state;
    str_init(&s, text, sizeof(text));
    status_table(&s, &draining);
    assert_string_equal(text, "draining, up 61s, because of: prestop, 90s left of 2m\n"
                              "NAME     STATE   PID  UP   JOBS\n"
                              "worker   quiet   7    61s  3 of 5  waits for jobs, 1 restart\n"
                              "migrate  failed  -    -    -       exit code 3\n");
}

static void progress_has_bars(void **state)
{
    char text[256];
    struct str s;

    (void)state;
    str_init(&s, text, sizeof(text));
    status_progress(&s, &draining, 4, 12);
    assert_string_equal(text, "draining [###.] 3 jobs  [....] 90s left");
    str_init(&s, text, sizeof(text));
    status_progress(&s, &draining, 0, 0);
    assert_string_equal(text, "draining 3 jobs  90s left");
    str_init(&s, text, sizeof(text));
    status_progress(&s, &quiet_start, 10, 0);
    assert_string_equal(text, "starting 0 jobs");
}

static void metrics_have_the_names_of_the_contract(void **state)
{
    static const char *const samples[] = {
        "lastcall_info{version=\"1.2.3\"} 1\n", "lastcall_phase{phase=\"draining\"} 1\n",
        "lastcall_phase{phase=\"running\"} 0\n", "lastcall_deadline_seconds 120\n",
        "lastcall_deadline_remaining_seconds 90.5\n", "lastcall_service_up{service=\"worker\"} 1\n",
        "lastcall_service_up{service=\"migrate\"} 0\n", "lastcall_service_ready{service=\"worker\"} 1\n",
        "lastcall_service_state{service=\"worker\",state=\"quiet\"} 1\n",
        "lastcall_service_state{service=\"worker\",state=\"ready\"} 0\n",
        "lastcall_service_restarts_total{service=\"worker\"} 1\n",
        "lastcall_service_exits_total{service=\"worker\",code=\"1\",signal=\"\"} 2\n",
        "lastcall_service_exits_total{service=\"worker\",code=\"\",signal=\"KILL\"} 3\n",
        "lastcall_service_resident_memory_bytes{service=\"worker\"} 4096\n",
        "lastcall_service_start_time_seconds{service=\"worker\"} 1700000000.5\n",
        "lastcall_jobs_busy{service=\"worker\"} 3\n", "lastcall_jobs_capacity{service=\"worker\"} 5\n",
        "lastcall_jobs_quiet{service=\"worker\"} 1\n", "lastcall_jobs_observable{service=\"worker\"} 1\n",
        "lastcall_jobs_observation_age_seconds{service=\"worker\"} 0.25\n", "lastcall_orphans_reaped_total 7\n",
        "lastcall_signals_received_total{signal=\"TERM\"} 2\n",
    };
    static const char *const absent[] = { "jobs_busy{service=\"migrate\"", "jobs_quiet{service=\"migrate\"",
                                          "memory_bytes{service=\"migrate\"", "observable{service=\"migrate\"" };
    static char text[64 * 1024];
    struct str s;

    (void)state;
    str_init(&s, text, sizeof(text));
    metrics_write(&s, &draining);
    assert_false(s.truncated);
    for (size_t k = 0; k < sizeof(samples) / sizeof(samples[0]); k++)
        if (strstr(text, samples[k]) == NULL)
            fail_msg("missing: %s", samples[k]);
    for (size_t k = 0; k < sizeof(absent) / sizeof(absent[0]); k++)
        assert_null(strstr(text, absent[k]));
    str_init(&s, text, sizeof(text));
    metrics_write(&s, &quiet_start);
    assert_null(strstr(text, "deadline"));
    assert_null(strstr(text, "signals_received"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_and_back),
        cmocka_unit_test(json_of_what_is_not_known),
        cmocka_unit_test(no_status_is_refused),
        cmocka_unit_test(a_table_is_aligned),
        cmocka_unit_test(progress_has_bars),
        cmocka_unit_test(metrics_have_the_names_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
