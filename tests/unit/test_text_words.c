#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/words.h"

static char block[65536];
static const char *const *argv;
static const char *error;

static int split(const char *s)
{
    struct arena a;
    arena_init(&a, block, sizeof block);
    error = NULL;
    return words_split(s, &a, &argv, &error);
}

static void test_splits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *words[6];
    } rows[] = {
        {"a", {"a"}},
        {"  a \t b\nc ", {"a", "b", "c"}},
        {"nginx -g \"daemon off;\"", {"nginx", "-g", "daemon off;"}},
        {"sh -c 'a ; b'", {"sh", "-c", "a ; b"}},
        {"a'b'\"c\"d", {"abcd"}},
        {"a '' \"\"", {"a", "", ""}},
        {"'it'\\''s'", {"it's"}},
        {"a\\ b \\\"", {"a b", "\""}},
        {"\"a\\\"b\\\\c\\$d\\`e\\nf\"", {"a\"b\\c$d`e\\nf"}},
        {"'a\\b'", {"a\\b"}},
        {"a # b; c|d $HOME `x` *", {"a", "#", "b;", "c|d", "$HOME", "`x`"}},
        {"a\\\nb \\\n c", {"ab", "c"}},
        {"\"a\\\nb\"", {"ab"}},
        {"\xc3\xa9 \xff", {"\xc3\xa9", "\xff"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(split(rows[i].text), 0);
        size_t n = 0;
        for (; n < 6 && rows[i].words[n] != NULL; n++) {
            assert_non_null(argv[n]);
            assert_string_equal(argv[n], rows[i].words[n]);
        }
        if (n < 6)
            assert_null(argv[n]);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "empty: expected a command"},
        {" \t\n", "empty: expected a command"},
        {"'' a", "the first word is empty"},
        {"\"\"", "the first word is empty"},
        {"a 'b", "a quote is not closed"},
        {"a \"b", "a quote is not closed"},
        {"\"a\\\"", "a quote is not closed"},
        {"a\\", "a backslash at the end has nothing to quote"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(split(rows[i].text), -1);
        assert_string_equal(error, rows[i].error);
    }
}

static void test_full_arena(void **state)
{
    (void)state;
    /* exactly full: every byte of the text is a word's or parts two */
    struct arena tight;
    char *full = test_malloc(4 * sizeof *argv + 8);
    arena_init(&tight, full, 4 * sizeof *argv + 8);
    assert_int_equal(words_split("ab c de", &tight, &argv, &error), 0);
    assert_string_equal(argv[2], "de");
    assert_int_equal(tight.used, tight.size);
    test_free(full);

    static const char text[] = "one two\\ three four five";
    for (size_t size = 0; size < 200; size++) {
        struct arena a;
        char *exact = test_malloc(size + 1);
        arena_init(&a, exact, size);
        if (words_split(text, &a, &argv, &error) == 0)
            assert_string_equal(argv[3], "five");
        else
            assert_string_equal(error, "too long");
        test_free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splits),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_full_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
