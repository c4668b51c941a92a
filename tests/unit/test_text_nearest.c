#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/nearest.h"

static const char *const known[] = {"sidekiq", "puma",    "nginx",   "status", "stop",
                                    "start",   "restart", "prestop", "que"};

static const char *nearest(const char *word)
{
    return nearest_word(word, known, sizeof known / sizeof known[0]);
}

static void test_finds(void **state)
{
    (void)state;
    static const struct {
        const char *word, *meant;
    } rows[] = {
        {"sidekiq", "sidekiq"}, /* itself */
        {"sidekik", "sidekiq"}, /* changed */
        {"sidkiq", "sidekiq"},  /* left out */
        {"sidekiqq", "sidekiq"},
        {"ssidekiq", "sidekiq"}, /* inserted */
        {"sidekqi", "sidekiq"},  /* swapped: one edit, not two */
        {"isdekiq", "sidekiq"},
        {"pmua", "puma"}, /* two edits would be too many for four letters */
        {"upma", "puma"},
        {"ngnix", "nginx"},
        {"statsu", "status"},
        {"statr", "start"},
        {"stpo", "stop"},
        {"restrat", "restart"},
        {"preestop", "prestop"},
        {"qeu", "que"},
        {"qu", "que"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = nearest(rows[i].word);
        assert_non_null(found);
        assert_string_equal(found, rows[i].meant);
    }
}

/* More than a third of the longer word: nobody meant that. */
static void test_too_far(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "x", "zz", "rails", "bundle", "pu", "kiq", "pxmx",
                                       "sidexxxq", "console", "SIDEKIQ"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_null(nearest(rows[i]));
    assert_non_null(nearest("sidexxq")); /* 2 of 7 */
}

static void test_the_first_of_equals(void **state)
{
    (void)state;
    static const char *const words[] = {"abcd", "abce", "abcf"};
    assert_string_equal(nearest_word("abcx", words, 3), "abcd");
    assert_string_equal(nearest_word("abcf", words, 3), "abcf");
}

static void test_lengths(void **state)
{
    (void)state;
    char longest[66], close[66];
    const char *words[2] = {longest, "puma"};

    memset(longest, 'a', 65);
    longest[65] = '\0';
    memcpy(close, longest, 66);
    assert_null(nearest_word(close, words, 2)); /* 65 bytes are too many on either side */
    close[64] = '\0';
    assert_null(nearest_word(close, words, 2));
    longest[64] = '\0';
    close[63] = 'b';
    assert_ptr_equal(nearest_word(close, words, 2), longest);
    assert_ptr_equal(nearest_word("pumaa", words, 2), words[1]);
    assert_null(nearest_word("puma", words, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds),
        cmocka_unit_test(test_too_far),
        cmocka_unit_test(test_the_first_of_equals),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
