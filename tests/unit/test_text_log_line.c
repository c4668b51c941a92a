#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/log_line.h"

static char buf[LOG_LINE_SIZE];

static const char *json(const char *service, const char *line)
{
    struct str s;

    str_init(&s, buf, sizeof(buf));
    log_line_json(&s, 0, STORY_LEVEL_WARN, service, line);
    assert_false(s.truncated);
    return buf;
}

static void test_json(void **state)
{
    (void)state;
    assert_string_equal(json(NULL, "a \"b\"\n"),
                        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\",\"line\":\"a \\\"b\\\"\\n\"}");
    assert_string_equal(json("web", ""), "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\","
                                         "\"service\":\"web\",\"line\":\"\"}");
}

static void test_json_of_a_long_line(void **state)
{
    static char line[2 * LOG_LINE_SIZE];

    (void)state;
    memset(line, '\xff', sizeof(line) - 1); /* each becomes six bytes */
    json("worker", line);
    assert_string_equal(buf + strlen(buf) - strlen("\\ufffd\"}"), "\\ufffd\"}");
    line[LOG_LINE_TEXT] = '\0';
    json("worker", line);
    assert_int_equal(strlen(strstr(buf, "\"line\":\"")), strlen("\"line\":\"") + 6 * LOG_LINE_TEXT + strlen("\"}"));
}

static void test_text(void **state)
{
    struct str s;

    (void)state;
    str_init(&s, buf, sizeof(buf));
    log_line_text(&s, "a\x1b[2J\r\n\x7f\xc3\xa9");
    assert_string_equal(buf, "lastcall: a?[2J???\xc3\xa9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_of_a_long_line),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
