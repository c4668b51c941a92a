#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/utc.h"

static void moments(void **state)
{
    char text[UTC_SIZE];

    (void)state;
    utc_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    utc_format(1700000000123, text);
    assert_string_equal(text, "2023-11-14T22:13:20.123Z");
    utc_format(253402300799999, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moments) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
