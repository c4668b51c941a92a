#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/boolean.h"

static void test_the_eight_words(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "true", "on", "1", "Yes", "TRUE"};
    static const char *const no[] = {"no", "false", "off", "0", "No", "OFF"};
    static const char *const neither[] = {"", "y", "n", "yes ", "2", "00", "none", "onn", "of"};
    bool value = false;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        value = false;
        assert_int_equal(boolean_parse(yes[i], &value), 0);
        assert_true(value);
        assert_int_equal(boolean_parse(no[i], &value), 0);
        assert_false(value);
    }
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        assert_int_equal(boolean_parse(neither[i], &value), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_eight_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
