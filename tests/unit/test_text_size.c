#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/size.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void test_parses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"0", 0}, {"512", 512}, {"64K", 65536}, {"64k", 65536}, {"1M", 1048576},
                {"2G", 2147483648}, {"9223372036854775807", INT64_MAX}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t bytes = 1;
        assert_int_equal(size_parse(rows[i].text, &bytes), 0);
        assert_int_equal(bytes, rows[i].bytes);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "K", "-1", "1 K", "1KB", "1T", "1.5M",
                                       "9223372036854775808", "8589934592G", "9007199254740992K"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t bytes;
        assert_int_equal(size_parse(rows[i], &bytes), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
