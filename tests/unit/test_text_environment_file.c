#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/environment_file.h"

static char block[4096];
static struct arena arena;
static const char *const *list;
static const char *error;
static uint32_t line;

static int read_bytes(const char *bytes, size_t n)
{
    arena_init(&arena, block, sizeof(block));
    return environment_file_parse(bytes, n, &arena, &list, &line, &error);
}

static void lines_are_taken_as_they_are(void **state)
{
    static const char text[] = "\n# c\n; d\r\nA=1\nB= \"x\" # y \r\n\r\nC=\nD=a=b";
    static const char *const expected[] = { "A=1", "B= \"x\" # y ", "C=", "D=a=b" };

    (void)state;
    assert_int_equal(read_bytes(text, sizeof(text) - 1), 0);
    for (size_t k = 0; k < 4; k++)
        assert_string_equal(list[k], expected[k]);
    assert_null(list[4]);
    assert_int_equal(read_bytes("", 0), 0);
    assert_null(list[0]);
}

static void what_is_no_assignment_has_its_line(void **state)
{
    static const struct { const char *text; size_t n; uint32_t line; } rows[] = {
        { "A", 1, 1 }, { "A=1\n\n=b\n", 8, 3 }, { "A=1\nexport B\n", 13, 2 }, { "A=1\nB=\0\n", 8, 2 },
        { " \n", 2, 1 },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        assert_int_equal(read_bytes(rows[k].text, rows[k].n), -1);
        assert_int_equal(line, rows[k].line);
    }
}

static void what_has_no_room_is_told(void **state)
{
    static char text[8192];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[1] = '=';
    assert_int_equal(read_bytes(text, sizeof(text)), -1);
    assert_string_equal(error, "too long");
    memset(text, '\n', sizeof(text));
    assert_int_equal(read_bytes(text, sizeof(text)), -1);
    assert_string_equal(error, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken_as_they_are),
        cmocka_unit_test(what_is_no_assignment_has_its_line),
        cmocka_unit_test(what_has_no_room_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
