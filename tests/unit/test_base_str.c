#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/str.h"

static void test_builds(void **state)
{
    (void)state;
    char buf[32];
    struct str s;
    str_init(&s, buf, sizeof buf);
    assert_string_equal(buf, "");
    str_add(&s, "a");
    str_addc(&s, 'b');
    str_addf(&s, "%d", 42);
    str_addn(&s, "cdef", 2);
    assert_string_equal(buf, "ab42cd");
    assert_int_equal(s.len, 6);
    assert_false(s.truncated);
}

static void test_a_prefix_when_full(void **state)
{
    (void)state;
    char buf[6];
    struct str s;
    str_init(&s, buf, sizeof buf);
    str_add(&s, "abcde");
    assert_false(s.truncated);
    str_addf(&s, "%s", "f");
    assert_true(s.truncated);
    str_add(&s, "");
    str_addc(&s, 'x');
    assert_string_equal(buf, "abcde");
    assert_int_equal(s.len, 5);

    str_init(&s, buf, sizeof buf);
    str_addf(&s, "%s", "1234567");
    assert_true(s.truncated);
    assert_string_equal(buf, "12345");
    assert_int_equal(s.len, 5);

    str_init(&s, buf, sizeof buf);
    str_add(&s, "12345678");
    assert_true(s.truncated);
    assert_string_equal(buf, "12345");

    str_init(&s, buf, 1);
    str_addc(&s, 'x');
    assert_true(s.truncated);
    assert_string_equal(buf, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builds),
        cmocka_unit_test(test_a_prefix_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
