#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "text/service_values.h"

static char block[16384];
static struct arena arena;
static const char *error;

static struct arena *fresh(void)
{
    arena_init(&arena, block, sizeof block);
    return &arena;
}

static void test_ready(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ready_kind kind;
        const char *target;
    } rows[] = {
        {"started", READY_STARTED, NULL}, {"notify", READY_NOTIFY, NULL},
        {"title", READY_TITLE, NULL}, {"tcp:127.0.0.1:3000", READY_TCP, "127.0.0.1:3000"},
        {"tcp:[::1]:3000", READY_TCP, "[::1]:3000"}, {"unix:/run/a.sock", READY_UNIX, "/run/a.sock"},
        {"http://127.0.0.1:3000/up?a=1", READY_HTTP, "http://127.0.0.1:3000/up?a=1"},
        {"http://[::1]:3000", READY_HTTP, "http://[::1]:3000/"}, {"file:/tmp/ready", READY_FILE, "/tmp/ready"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ready_spec out = {0};
        assert_int_equal(ready_parse(rows[i].text, NULL, fresh(), &out, &error), 0);
        assert_int_equal(out.kind, rows[i].kind);
        assert_true(out.by_user);
        if (rows[i].target == NULL)
            assert_null(out.target);
        else
            assert_string_equal(out.target, rows[i].target);
    }
    struct ready_spec out = {0};
    assert_int_equal(ready_parse("exec:curl -f 'a b'", "exec:curl -f ${URL}", fresh(), &out, &error), 0);
    assert_int_equal(out.kind, READY_EXEC);
    assert_string_equal(out.exec.argv[2], "a b");
    assert_string_equal(out.exec.text, "curl -f ${URL}");
}

static void test_ready_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"tcp:3000", "expected tcp:HOST:PORT"},
        {"tcp:", "expected tcp:HOST:PORT"},
        {"unix:", "expected unix:PATH, of at most 107 bytes"},
        {"file:", "expected file:PATH"},
        {"http://localhost/up", "expected http://HOST:PORT/PATH"},
        {"http://localhost:80/a b", "expected http://HOST:PORT/PATH"},
        {"http://localhost:80/a\r\nX: y", "expected http://HOST:PORT/PATH"},
        {"http://", "expected http://HOST:PORT/PATH"},
        {"exec:", "empty: expected a command"},
        {"", "expected started, notify, title, tcp:HOST:PORT, unix:PATH, "
             "http://HOST:PORT/PATH, file:PATH or exec:COMMAND"},
        {"https://localhost:443/", "expected started, notify, title, tcp:HOST:PORT, unix:PATH, "
                                   "http://HOST:PORT/PATH, file:PATH or exec:COMMAND"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ready_spec out = {.kind = READY_TITLE};
        assert_int_equal(ready_parse(rows[i].text, NULL, fresh(), &out, &error), -1);
        assert_string_equal(error, rows[i].error);
        assert_int_equal(out.kind, READY_TITLE);
    }
    char path[5 + 108 + 1] = "unix:";
    memset(path + 5, 'a', 108);
    struct ready_spec out;
    assert_int_equal(ready_parse(path, NULL, fresh(), &out, &error), -1);
    path[5 + 107] = '\0';
    assert_int_equal(ready_parse(path, NULL, fresh(), &out, &error), 0);
}

static void test_quiet(void **state)
{
    (void)state;
    struct quiet_spec out = {.signo = 5};
    assert_int_equal(quiet_parse("none", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.signo, 0);
    assert_null(out.exec.argv);
    assert_int_equal(quiet_parse("TSTP", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.signo, SIGTSTP);
    assert_int_equal(quiet_parse("exec:a b", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.signo, 0);
    assert_string_equal(out.exec.argv[1], "b");
    assert_string_equal(out.exec.text, "a"); /* its arguments may be secret */
    assert_int_equal(quiet_parse("KILL", NULL, fresh(), &out, &error), -1);
    assert_int_equal(quiet_parse("19", NULL, fresh(), &out, &error), -1);
    assert_int_equal(quiet_parse("FOO", NULL, fresh(), &out, &error), -1);
    assert_string_equal(error, "expected a signal such as TSTP, exec:COMMAND or none");
    assert_int_equal(quiet_parse("", NULL, fresh(), &out, &error), -1);
}

static void test_inflight(void **state)
{
    (void)state;
    struct inflight_spec out = {0};
    assert_int_equal(inflight_parse("sidekiq", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.kind, INFLIGHT_SIDEKIQ);
    assert_int_equal(inflight_parse("notify", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.kind, INFLIGHT_NOTIFY);
    assert_int_equal(inflight_parse("exec:count jobs", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.kind, INFLIGHT_EXEC);
    assert_string_equal(out.exec.argv[0], "count");
    assert_int_equal(inflight_parse("none", NULL, fresh(), &out, &error), 0);
    assert_int_equal(out.kind, INFLIGHT_NONE);
    assert_null(out.exec.argv);
    assert_int_equal(inflight_parse("redis:x", NULL, fresh(), &out, &error), -1);
    assert_string_equal(error, "puma: and redis: are not there yet; "
                               "expected sidekiq, notify, exec:COMMAND or none");
    assert_int_equal(inflight_parse("title", NULL, fresh(), &out, &error), -1);
}

static void test_restarts(void **state)
{
    (void)state;
    enum restart restart = RESTART_NEVER;
    assert_int_equal(restart_parse("on-failure", &restart, &error), 0);
    assert_int_equal(restart, RESTART_ON_FAILURE);
    assert_int_equal(restart_parse("always", &restart, &error), 0);
    assert_int_equal(restart_parse("sometimes", &restart, &error), -1);
    assert_int_equal(restart, RESTART_ALWAYS);
    int64_t first = 7, max = 7;
    assert_int_equal(backoff_parse(" 1s  30s ", &first, &max, &error), 0);
    assert_int_equal(first, 1000);
    assert_int_equal(max, 30000);
    static const char *const bad[] = {"", "1s", "30s 1s", "1s 2s 3s", "1s x", "-1s 2s"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(backoff_parse(bad[i], &first, &max, &error), -1);
    assert_int_equal(first, 1000);

    uint16_t limit = 0;
    int64_t window = 0;
    assert_int_equal(restart_limit_parse("5 60s", &limit, &window, &error), 0);
    assert_int_equal(limit, 5);
    assert_int_equal(window, 60000);
    static const char *const bad_limit[] = {"", "5", "65536 1s", "-1 1s", "5 60s x", "5s 60s"};
    for (size_t i = 0; i < sizeof bad_limit / sizeof bad_limit[0]; i++)
        assert_int_equal(restart_limit_parse(bad_limit[i], &limit, &window, &error), -1);
}

static void test_success(void **state)
{
    (void)state;
    uint64_t codes[4] = {0}, signals = 0;
    assert_int_equal(success_parse("0 1 TERM 255 64", codes, &signals, &error), 0);
    assert_int_equal(codes[0], 3);
    assert_int_equal(codes[1], 1);
    assert_int_equal(codes[3], UINT64_C(1) << 63);
    assert_int_equal(signals, UINT64_C(1) << (SIGTERM - 1));
    static const char *const bad[] = {"", " ", "256", "1x", "FOO", "0,1", "-1",
                                      "00000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(success_parse(bad[i], codes, &signals, &error), -1);
    assert_int_equal(codes[0], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ready),
        cmocka_unit_test(test_ready_refuses),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_inflight),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
