#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/reading.h"

enum { UNTOUCHED = -77 };

static int read_text(const char *text, int32_t *busy, int32_t *total)
{
    *busy = *total = UNTOUCHED;
    return reading_parse(text, strlen(text), busy, total);
}

static void test_parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t busy, total;
    } rows[] = {
        {"0", 0, -1},
        {"3\n", 3, -1},
        {"3\r\n", 3, -1},
        {"  3\t\n\n", 3, -1},
        {"\n3", 3, -1},
        {"007", 7, -1},
        {"0 0", 0, 0},
        {"3 5", 3, 5},
        {"5 5\n", 5, 5},
        {"3\t\t5", 3, 5},
        {"3\n5\n", 3, 5},
        {"2147483647", INT32_MAX, -1},
        {"2147483647 2147483647", INT32_MAX, INT32_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t busy, total;
        assert_int_equal(read_text(rows[i].text, &busy, &total), 0);
        assert_int_equal(busy, rows[i].busy);
        assert_int_equal(total, rows[i].total);
    }
}

/* What is no reading must not be taken for one: 0 would let a worker be stopped. */
static void test_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", " ", "\n", "x", "x0", "0x", "0x0", "-0", "-1", "+1", "0.5", "1e3", "0,5", "0/5",
        "0 of 5", "0 x", "0 5 x", "0 5 6", "0 -5", "0 5x", "6 5", "1 0", "busy 0", "0;",
        "2147483648", "0 2147483648", "99999999999999999999999", "0 99999999999999999999999",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t busy, total;
        assert_int_equal(read_text(rows[i], &busy, &total), -1);
        assert_int_equal(busy, UNTOUCHED);
        assert_int_equal(total, UNTOUCHED);
    }
}

/* It is bytes, not a string. */
static void test_counts_bytes(void **state)
{
    (void)state;
    int32_t busy, total;
    assert_int_equal(reading_parse("12 34", 1, &busy, &total), 0);
    assert_int_equal(busy, 1);
    assert_int_equal(reading_parse("12 34", 4, &busy, &total), -1); /* 12 of 3 */
    assert_int_equal(reading_parse("0\0", 2, &busy, &total), -1);
    assert_int_equal(reading_parse("0\0" "5", 3, &busy, &total), -1);
    assert_int_equal(reading_parse("\xef\xbb\xbf" "0", 4, &busy, &total), -1);
    assert_int_equal(reading_parse("0", 0, &busy, &total), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_counts_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
