#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/proc_text.h"

/* A copy of exactly n bytes, so that a sanitizer sees a read beyond them. */
static int parse(const char *bytes, size_t n, struct proc_stat *out)
{
    char *exact = malloc(n);
    memcpy(exact, bytes, n);
    int result = proc_stat_parse(exact, n, out);
    free(exact);
    return result;
}

static void test_stat(void **state)
{
    (void)state;
    static const struct {
        const char *text, *comm;
        char state;
        int pid, parent, pgrp, session;
        uint64_t start;
    } rows[] = {
        {"17 (ruby) S 1 17 17 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 6 0 123456 999 0\n", "ruby", 'S',
         17, 1, 17, 17, 123456},
        {"17 (a) b (c) S 9 Z) T 1 17 16 0 -1 0 1 2 3 4 5 6 7 8 20 0 6 0 18446744073709551615\n",
         "a) b (c) S 9 Z", 'T', 17, 1, 17, 16, UINT64_MAX},
        {"2147483647 (x\n) Z\n) Z 0 0 0 0 -1 0 1 2 3 4 5 6 7 8 20 0 6 0 1 2\n", "x\n) Z\n", 'Z',
         2147483647, 0, 0, 0, 1},
        {"5 () R 1 2 3 0 -1 0 1 2 3 4 5 6 7 8 20 0 6 0 7 2\n", "", 'R', 5, 1, 2, 3, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct proc_stat s;
        assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &s), 0);
        assert_string_equal(s.comm, rows[i].comm);
        assert_int_equal(s.state, rows[i].state);
        assert_int_equal(s.pid, rows[i].pid);
        assert_int_equal(s.parent, rows[i].parent);
        assert_int_equal(s.pgrp, rows[i].pgrp);
        assert_int_equal(s.session, rows[i].session);
        assert_int_equal(s.start, rows[i].start);
    }
}

static void test_stat_cut_short(void **state)
{
    (void)state;
    static const char text[] =
        "17 (ruby) S 1 17 17 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 6 0 123456 999 0\n";
    size_t enough = (size_t)(strstr(text, "123456 ") - text) + strlen("123456 ");
    for (size_t n = 0; n < sizeof text; n++) {
        struct proc_stat s;
        assert_int_equal(parse(text, n, &s), n < enough ? -1 : 0);
    }
    static const char *const bad[] = {"x (a) S", ")(", "1 a) S 1", "-1 (a) S 1 1 1 0 -1",
                                      "1 (a) S x 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 6 0 7 2"};
    struct proc_stat s;
    char longest[256];
    for (int length = 63; length <= 64; length++) {
        int n = snprintf(longest, sizeof longest, "1 (%0*d) S 1 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 6 0 7 0", length, 0);
        assert_int_equal(parse(longest, (size_t)n, &s), length == 63 ? 0 : -1);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(parse(bad[i], strlen(bad[i]), &s), -1);
}

static void test_status(void **state)
{
    (void)state;
    static const char text[] = "Name:\tsidekiq\\nSigCgt:\nState:\tS (sleeping)\nTgid:\t17\n"
                               "SigIgn:\t0000000000000001\nSigCgt:\t0000000142085a02\nCapInh:\t0\n";
    struct proc_status s;
    assert_int_equal(proc_status_parse(text, strlen(text), &s), 0);
    assert_int_equal(s.state, 'S');
    assert_int_equal(s.caught, 0x142085a02);
    assert_true((s.caught & 0x80000) != 0);

    static const char *const bad[] = {"", "State:\tS\n", "SigCgt:\t0\n", "State:\nSigCgt:\t0\n",
                                      "State:\tS\nSigCgt:\tx\n", "State:\tS\nSigCgt:\t10000000000000000\n",
                                      "State:\tS\nXSigCgt:\t0\n",
                                      "State:\tS\nSigCgt:\t00000001420"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(proc_status_parse(bad[i], strlen(bad[i]), &s), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stat),
        cmocka_unit_test(test_stat_cut_short),
        cmocka_unit_test(test_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
