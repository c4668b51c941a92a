/* The dialect of SPEC 2, and what inih by itself would do otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/config_file.h"

static struct problems problems;
static struct config_section *first;
static struct arena arena;
static char block[4 << 20];

static bool is_known(const char *key)
{
    return strcmp(key, "command") == 0 || strcmp(key, "stop") == 0;
}

static void read_bytes(const char *bytes, size_t n)
{
    memset(&problems, 0, sizeof(problems));
    arena_init(&arena, block, CONFIG_FILE_ARENA + 2 * n);
    assert_true(CONFIG_FILE_ARENA + 2 * n <= sizeof(block));
    assert_int_equal(config_file_read(bytes, n, is_known, &arena, &problems, &first), 0);
}

static void read_text(const char *text)
{
    read_bytes(text, strlen(text));
}

/* `[NAME@LINE]KEY=VALUE@LINE;` of all that was read. */
static const char *all(void)
{
    static char text[4096];
    size_t n = 0;

    text[0] = '\0';
    for (const struct config_section *s = first; s != NULL; s = s->next) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "[%s@%u]", s->name, s->line);
        for (const struct config_entry *e = s->first; e != NULL; e = e->next)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s=%s@%u;", e->key, e->value, e->line);
    }
    return text;
}

static void assert_read(const char *text, const char *expected)
{
    read_text(text);
    assert_string_equal(all(), expected);
    assert_int_equal(problems.count, 0);
}

static void assert_problem(const char *text, uint32_t line, const char *message)
{
    read_text(text);
    assert_int_equal(problems.errors, 1);
    assert_int_equal(problems.at[0].line, line);
    assert_non_null(strstr(problems.at[0].text, message));
}

static void sections_and_keys_come_in_the_order_of_the_file(void **state)
{
    (void)state;
    assert_read("", "");
    assert_read("[lastcall]\nlinger = 10s\n\n[service:web]\ncommand=puma -b  x\nempty =\n[b]",
                "[lastcall@1]linger=10s@2;[service:web@4]command=puma -b  x@5;empty=@6;[b@7]");
    assert_read("\xef\xbb\xbf[a]\r\nk = v\r\n", "[a@1]k=v@2;");
}

static void only_whole_lines_are_comments(void **state)
{
    (void)state;
    assert_read("; x\n# y\n[a]\nk = sh -c 'a ; b' # c\n  ; z\n  on\n",
                "[a@3]k=sh -c 'a ; b' # c on@4;");
}

static void only_an_equals_sign_parts_key_and_value(void **state)
{
    (void)state;
    assert_read("[a]\nUSR2 = web:USR2, b = c\n", "[a@1]USR2=web:USR2, b = c@2;");
    assert_problem("[a]\ncommand: puma\n", 2, "expected [SECTION] or KEY = VALUE");
    assert_read("[a]\nx:y = z\n", "[a@1]x:y=z@2;");
}

static void nothing_is_cut(void **state)
{
    static char text[CONFIG_VALUE_MAX + 200], name[300];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    snprintf(text, sizeof(text), "[%.60s]\n%.200s = ", name, name);
    memset(text + strlen(text), 'v', CONFIG_VALUE_MAX - 400);
    read_text(text);
    assert_int_equal(problems.count, 0);
    assert_int_equal(strlen(first->name), 60);
    assert_int_equal(strlen(first->first->key), 200);
    assert_int_equal(strlen(first->first->value), CONFIG_VALUE_MAX - 400);
}

static void a_value_that_no_variable_could_hold_is_refused(void **state)
{
    static char text[CONFIG_VALUE_MAX + 64];

    (void)state;
    memcpy(text, "[a]\nk = ", 8);
    memset(text + 8, 'v', CONFIG_VALUE_MAX);
    read_bytes(text, 8 + CONFIG_VALUE_MAX);
    assert_int_equal(problems.count, 0);
    text[8 + CONFIG_VALUE_MAX] = 'v';
    read_bytes(text, 9 + CONFIG_VALUE_MAX);
    assert_int_equal(problems.errors, 1);
    memcpy(text + 7 + CONFIG_VALUE_MAX, "\n v", 3);
    read_bytes(text, 10 + CONFIG_VALUE_MAX);
    assert_int_equal(problems.errors, 1);
    assert_int_equal(problems.at[0].line, 2);
}

static void a_value_goes_on_until_an_empty_line(void **state)
{
    (void)state;
    assert_read("[a]\nk =\n  one\n\ttwo\n; c\n  three\nl = x\n", "[a@1]k=one two three@2;l=x@7;");
    assert_read("[a]\nk = sh -c\n  'a = b'\n", "[a@1]k=sh -c 'a = b'@2;");
    assert_problem("[a]\nk = v\n\n  more\n", 4, "there is none above");
    assert_problem("[a]\n  k = v\n", 2, "there is none above");
}

static void an_indented_key_is_a_mistake(void **state)
{
    (void)state;
    assert_problem("[a]\nk = v\n  stop = TERM 5s\n", 3, "'stop =' is indented");
    assert_string_equal(all(), "[a@1]k=v@2;");
}

static void what_is_wrong_is_told_and_the_rest_read(void **state)
{
    (void)state;
    read_text("k = v\n[a\n[b] x\nnothing\n = v\n[c]\nl = w\n");
    assert_int_equal(problems.errors, 5);
    for (uint32_t k = 0; k < 5; k++)
        assert_int_equal(problems.at[k].line, k + 1);
    assert_non_null(strstr(all(), "[c@6]l=w@7;"));
    read_bytes("[a]\nk = v\0w\nl = x\n", 18);
    assert_int_equal(problems.errors, 1);
    assert_int_equal(problems.at[0].line, 2);
    assert_string_equal(all(), "[a@1]l=x@3;");
}

static void too_much_ends_the_reading(void **state)
{
    static char text[4 * CONFIG_ENTRIES_MAX + 64];
    size_t n = 0;

    (void)state;
    n += (size_t)sprintf(text, "[a]\n");
    for (int k = 0; k <= CONFIG_ENTRIES_MAX; k++)
        n += (size_t)sprintf(text + n, "a=\n");
    read_text(text);
    assert_int_equal(problems.errors, 1);
    assert_int_equal(problems.at[0].line, CONFIG_ENTRIES_MAX + 2);
    for (n = 0; n < 4 * (CONFIG_SECTIONS_MAX + 1);)
        n += (size_t)sprintf(text + n, "[a]\n");
    read_text(text);
    assert_int_equal(problems.errors, 1);
    assert_int_equal(problems.at[0].line, CONFIG_SECTIONS_MAX + 1);
}

static void noise_does_no_harm(void **state)
{
    static const char pieces[] = "[]=;#\n\n\r \t\0\"'\\:$ab";
    char text[200];

    (void)state;
    srand(1);
    for (int run = 0; run < 20000; run++) {
        size_t n = (size_t)rand() % sizeof(text);

        for (size_t k = 0; k < n; k++)
            text[k] = rand() % 10 > 0 ? pieces[(size_t)rand() % (sizeof(pieces) - 1)] : (char)rand();
        read_bytes(text, n);
        for (size_t k = 1; k < problems.count; k++)
            assert_true(problems.at[k - 1].line <= problems.at[k].line);
    }
}

static void many_problems_are_counted_and_the_first_kept(void **state)
{
    (void)state;
    memset(&problems, 0, sizeof(problems));
    for (uint32_t k = 0; k < PROBLEMS_MAX + 5; k++)
        problem_error(&problems, 1000 - k, "%s\x1b[2J", "x");
    problem_warning(&problems, 1, "w");
    assert_int_equal(problems.count, PROBLEMS_MAX);
    assert_int_equal(problems.more, 5);
    assert_int_equal(problems.errors, PROBLEMS_MAX + 5);
    assert_string_equal(problems.at[0].text, "x?[2J");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_and_keys_come_in_the_order_of_the_file),
        cmocka_unit_test(only_whole_lines_are_comments),
        cmocka_unit_test(only_an_equals_sign_parts_key_and_value),
        cmocka_unit_test(nothing_is_cut),
        cmocka_unit_test(a_value_that_no_variable_could_hold_is_refused),
        cmocka_unit_test(a_value_goes_on_until_an_empty_line),
        cmocka_unit_test(an_indented_key_is_a_mistake),
        cmocka_unit_test(what_is_wrong_is_told_and_the_rest_read),
        cmocka_unit_test(too_much_ends_the_reading),
        cmocka_unit_test(noise_does_no_harm),
        cmocka_unit_test(many_problems_are_counted_and_the_first_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
