#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/time.h"
#include "text/duration.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void test_parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"90s", 90000}, {"5m", 300000}, {"3h5m", 11100000}, {"250ms", 250}, {"90", 90000},
        {"0", 0}, {"0s", 0}, {"1h2m3s", 3723000}, {"1h2m3s4ms", 3723004}, {"1h4ms", 3600004},
        {"90m", 5400000}, {"007s", 7000}, {"9223372036854775806ms", INT64_MAX - 1},
        {"2562047788015h", INT64_C(2562047788015) * HOUR}, {"9223372036854775", INT64_C(9223372036854775000)},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = -1;
        assert_int_equal(duration_parse(rows[i].text, &ms), 0);
        assert_int_equal(ms, rows[i].ms);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", " ", "s", "ms", "-1s", "+1s", "1 s", " 1s", "1s ", "1.5s", "1d", "1S", "1s1s", "1s1m",
        "1m1h", "1h5", "5m10", "1hh", "0x10", "none", "1ms1s", "9223372036854775807ms",
        "9223372036854775808", "99999999999999999999999", "9223372036854776", "2562047788016h",
        "2562047788015h60m", "1s\n", "1,5s",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = 7;
        assert_int_equal(duration_parse(rows[i], &ms), -1);
        assert_int_equal(ms, 7);
    }
}

static void format(int64_t ms, char *buf, size_t size)
{
    struct str out;
    str_init(&out, buf, size);
    duration_format(&out, ms);
}

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "0s"}, {-5, "0s"}, {INT64_MIN, "0s"}, {NEVER, "none"}, {1, "1ms"}, {250, "250ms"},
        {999, "999ms"}, {1000, "1s"}, {1050, "1s"}, {1500, "1.5s"}, {9990, "9.9s"}, {10500, "10s"},
        {61000, "61s"}, {119999, "119s"}, {120000, "2m"}, {330000, "5m30s"}, {3 * HOUR, "3h"},
        {3 * HOUR + 5 * MINUTE, "3h5m"}, {2 * HOUR + 5 * SECOND, "2h5s"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char buf[64];
        format(rows[i].ms, buf, sizeof buf);
        assert_string_equal(buf, rows[i].text);
    }
}

static void test_whole_seconds_survive(void **state)
{
    (void)state;
    for (int64_t s = 0; s < 100000; s += s < 10000 ? 1 : 37) {
        char buf[64];
        int64_t back;
        format(s * SECOND, buf, sizeof buf);
        assert_int_equal(duration_parse(buf, &back), 0);
        assert_int_equal(back, s * SECOND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_whole_seconds_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
