#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/timeline.h"

static void rows(void **state)
{
    static const struct { struct timeline t; const char *expected; } all[] = {
        { { 0, 10, 50, 100 }, "#    |" },
        { { 20, 60, 50, 100 }, "..###|" },
        { { 20, 40, 40, 100 }, "..##|" },
        { { 95, 100, 95, 100 }, ".........|" },
        { { 40, 80, 40, 100 }, "....|###" },
        { { 99999, 100000, 99999, 100000 }, ".........|" }, /* too short to be seen */
        { { 100, 100, 100, 100 }, ".........#" },
        { { 0, 0, 0, 100 }, "|" },
        { { 0, 1, -5, 100 }, "|" },
        { { 0, INT64_MAX, INT64_MAX, INT64_MAX }, "##########" },
        { { INT64_MAX / 2, INT64_MAX, 0, INT64_MAX }, "|....#####" },
    };
    char row[11];

    (void)state;
    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
        timeline_row(&all[k].t, row, 10);
        assert_string_equal(row, all[k].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rows) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
