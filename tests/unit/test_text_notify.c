#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/notify.h"

static struct notify_message parse(const char *bytes, size_t n)
{
    struct notify_message m;
    char *exact = malloc(n + 1);
    memcpy(exact, bytes, n);
    notify_parse(exact, n, &m);
    free(exact);
    return m;
}

static struct notify_message text(const char *s)
{
    return parse(s, strlen(s));
}

static void test_flags(void **state)
{
    (void)state;
    struct notify_message m = text("READY=1");
    assert_true(m.ready && !m.stopping && !m.watchdog && !m.extend && !m.has_busy);
    m = text("MAINPID=5\nSTOPPING=1\nWATCHDOG=1\n");
    assert_true(m.stopping && m.watchdog && !m.ready);
    m = text("READY=0\nSTOPPING=11\n XREADY=1\nready=1\nREADY=\nWATCHDOG=trigger");
    assert_false(m.ready || m.stopping || m.watchdog);
    m = parse("READY=1\0\0STOPPING=1\0", 20);
    assert_true(m.ready && m.stopping);
    m = text("");
    assert_false(m.ready || m.has_status);
}

static void test_extend(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool extend;
        int64_t ms;
    } rows[] = {
        {"EXTEND_TIMEOUT_USEC=5000000", true, 5000}, {"EXTEND_TIMEOUT_USEC=1", true, 1},
        {"EXTEND_TIMEOUT_USEC=1001", true, 2}, {"EXTEND_TIMEOUT_USEC=0", true, 0},
        {"EXTEND_TIMEOUT_USEC=18446744073709551615", true, NOTIFY_EXTEND_MAX},
        {"EXTEND_TIMEOUT_USEC=18446744073709551616", false, 0},
        {"EXTEND_TIMEOUT_USEC=-1", false, 0}, {"EXTEND_TIMEOUT_USEC=5s", false, 0},
        {"EXTEND_TIMEOUT_USEC=", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notify_message m = text(rows[i].text);
        assert_int_equal(m.extend, rows[i].extend);
        assert_int_equal(m.extend_ms, rows[i].ms);
    }
}

static void test_busy(void **state)
{
    (void)state;
    struct notify_message m = text("X_LASTCALL_BUSY=3\nX_LASTCALL_TOTAL=5\n");
    assert_true(m.has_busy && m.has_total);
    assert_int_equal(m.busy, 3);
    assert_int_equal(m.total, 5);
    m = text("X_LASTCALL_BUSY=0");
    assert_true(m.has_busy && !m.has_total);
    m = text("X_LASTCALL_TOTAL=2\nX_LASTCALL_BUSY=3");
    assert_true(m.has_busy && !m.has_total);
    m = text("X_LASTCALL_BUSY=3\nX_LASTCALL_BUSY=junk\nX_LASTCALL_BUSY=4");
    assert_int_equal(m.busy, 4);
    static const char *const bad[] = {"X_LASTCALL_BUSY=", "X_LASTCALL_BUSY=-1", "X_LASTCALL_BUSY= 1",
                                      "X_LASTCALL_BUSY=1 ", "X_LASTCALL_BUSY=1000001",
                                      "X_LASTCALL_BUSY=99999999999999999999", "X_LASTCALL_BUSY",
                                      "X_LASTCALL_BUSY=0x1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text(bad[i]).has_busy);
}

static void test_puma(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int busy, total;
    } rows[] = {
        {"STATUS=Puma 6.6.0: worker: { 1/5 threads, 4 available, 0 backlog }", 1, 5},
        {"STATUS=Puma 6.6.0: worker: { 5/5 threads, 5 available, 0 backlog }", 0, 5},
        {"STATUS=Puma 6.6.0: cluster: 2/2, worker_status: [{ 0/5 threads, 5 available, 0 backlog },"
         "{ 3/5 threads, 2 available, 1 backlog }]", 3, 10},
        {"STATUS=Puma 6.6.0: cluster: 1/2, worker_status: [{ 0/5 threads, 5 available, 0 backlog },"
         "{ / threads,  available,  backlog }]", -1, -1},
        {"STATUS=Puma 6.6.0: cluster: 0/2, worker_status: []", -1, -1},
        {"STATUS=Puma 6.6.0: worker: { 1/5 threads, 6 available, 0 backlog }", -1, -1},
        {"STATUS=Puma 6.6.0: worker: { 1/9999999999 threads, 4 available, 0 backlog }", -1, -1},
        {"STATUS=Puma 6.6.0: worker: { 1/5 thr", -1, -1},
        {"STATUS=Puma {{{{{", -1, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notify_message m = text(rows[i].text);
        assert_true(m.has_status);
        assert_int_equal(m.status_busy, rows[i].busy);
        assert_int_equal(m.status_total, rows[i].total);
    }
    assert_false(text("STATUS=ready { 1/5 threads, 4 available, 0 backlog }").has_status);
}

static void test_garbage(void **state)
{
    (void)state;
    char big[4096];
    uint32_t random = 7;
    static const char letters[] = "STATUS=Puma {1/5 threads, \n";
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof big; i++) {
            random = random * 1664525 + 1013904223;
            big[i] = round % 2 == 0 ? (char)(random >> 24) : letters[(random >> 24) % sizeof letters];
        }
        struct notify_message m = parse(big, sizeof big);
        assert_true(m.status_busy <= m.status_total);
    }
    struct notify_message m = text("STATUS=Puma 6: { 0/1000000 threads, 0 available, 0 backlog },"
                                   "{ 0/1 threads, 0 available, 0 backlog }");
    assert_int_equal(m.status_total, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_extend),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_puma),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
