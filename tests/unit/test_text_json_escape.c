#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/json_escape.h"

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *json;
        size_t n;
    } rows[] = {
        {"plain", "plain", 5},
        {"a\"b\\c\n\r\t\b\0d", "a\\\"b\\\\c\\n\\r\\t\\u0008\\u0000d", 11},
        {"\x1f\x7f/", "\\u001f\x7f/", 3},
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\xba", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\xba", 9},
        {"\xff", "\\ufffd", 1},
        {"\xc3", "\\ufffd", 1},
        {"\xc3(", "\\ufffd(", 2},
        {"\xc0\xaf", "\\ufffd\\ufffd", 2},
        {"\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd", 3},
        {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd", 3},
        {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd", 4},
        {"\xf0\x9f\x8d", "\\ufffd\\ufffd\\ufffd", 3},
        {"\xe2\x82\"", "\\ufffd\\ufffd\\\"", 3},
        {"", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char exact[16], buf[128];
        struct str out;
        memcpy(exact + sizeof exact - rows[i].n, rows[i].bytes, rows[i].n);
        str_init(&out, buf, sizeof buf);
        json_escape(&out, exact + sizeof exact - rows[i].n, rows[i].n);
        assert_string_equal(buf, rows[i].json);
        assert_false(out.truncated);
    }
}

static void test_at_most_six_times(void **state)
{
    (void)state;
    char bytes[256], buf[6 * sizeof bytes + 1];
    struct str out;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    str_init(&out, buf, sizeof buf);
    json_escape(&out, bytes, sizeof bytes);
    assert_false(out.truncated);
    str_init(&out, buf, 4);
    json_escape(&out, bytes, sizeof bytes);
    assert_true(out.truncated);
    assert_int_equal(strlen(buf), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_at_most_six_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
