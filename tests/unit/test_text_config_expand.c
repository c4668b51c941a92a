#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/config_expand.h"

static const char *const environment[] = { "A=1", "AB=two words", "EMPTY=", "SECRET=${A}", NULL };
static char block[256], error[160];
static struct arena arena;

static const char *expand(const char *text)
{
    arena_init(&arena, block, sizeof(block));
    error[0] = '\0';
    return config_expand(text, environment, &arena, error, sizeof(error));
}

static void variables_are_replaced(void **state)
{
    static const char *const rows[][2] = {
        { "", "" },
        { "plain", "plain" },
        { "${A}", "1" },
        { "x${A}y${AB}z", "x1ytwo wordsz" },
        { "${EMPTY}", "" },
        { "${EMPTY:-d}", "d" },
        { "${NONE:-d e}", "d e" },
        { "${NONE:-}", "" },
        { "${A:-d}", "1" },
        { "${SECRET}", "${A}" }, /* once, not again */
        { "${NONE:-${A}", "${A" }, /* a default ends at the first } */
        { "$$", "$" },
        { "$${A}", "${A}" },
        { "$$$${A}", "$${A}" },
        { "$$${A}", "$1" },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
        assert_string_equal(expand(rows[k][0]), rows[k][1]);
}

static void any_other_dollar_stays(void **state)
{
    static const char *const rows[] = { "$A", "$", "a$", "${", "${}", "${A", "${1}", "${A-d}",
                                        "${A:d}", "$(date)", "${A b}", "${A:-" };

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
        assert_string_equal(expand(rows[k]), rows[k]);
}

static void one_that_is_not_set_is_an_error(void **state)
{
    (void)state;
    assert_null(expand("${A} ${NONE} ${SECRET}"));
    assert_string_equal(error, "${NONE} is not set; set it, or write ${NONE:-DEFAULT}");
    assert_null(expand("${NONE} ${A} ${OTHER} ${NONE}")); /* all of them at once */
    assert_string_equal(error, "${NONE} is not set; set it, or write ${NONE:-DEFAULT}; nor is ${OTHER}; nor is ${NONE}");
    assert_null(expand("${a}")); /* names are what they are */
}

static void a_full_arena_is_an_error(void **state)
{
    static const char *many[2];
    static char value[400];

    (void)state;
    memset(value, 'x', sizeof(value) - 1);
    value[1] = '=';
    many[0] = value;
    arena_init(&arena, block, sizeof(block));
    assert_null(config_expand("${x}", many, &arena, error, sizeof(error)));
    assert_string_equal(error, "too long with its variables replaced");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_replaced),
        cmocka_unit_test(any_other_dollar_stays),
        cmocka_unit_test(one_that_is_not_set_is_an_error),
        cmocka_unit_test(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
