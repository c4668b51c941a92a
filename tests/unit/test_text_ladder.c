#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>

#include "text/ladder.h"

static char block[16384];
static struct ladder l;
static const char *error;

static int parse(const char *text, const char *shown)
{
    struct arena a;
    arena_init(&a, block, sizeof block);
    memset(&l, 0, sizeof l);
    return ladder_parse(text, shown, &a, &l, &error);
}

static void test_signals(void **state)
{
    (void)state;
    assert_int_equal(parse("TERM 30s, QUIT 5s, KILL", NULL), 0);
    assert_true(l.by_user);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.step[0].signo, SIGTERM);
    assert_int_equal(l.step[0].wait, 30000);
    assert_int_equal(l.step[1].signo, SIGQUIT);
    assert_int_equal(l.step[1].wait, 5000);
    assert_int_equal(l.step[2].signo, SIGKILL);
    assert_int_equal(l.step[2].wait, 0);

    assert_int_equal(parse(" \tsigquit   5 ", NULL), 0);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.step[0].signo, SIGQUIT);
    assert_int_equal(l.step[0].wait, 5000);

    assert_int_equal(parse("KILL", NULL), 0);
    assert_int_equal(parse("RTMIN+3 250ms,KILL 7s", NULL), 0);
    assert_int_equal(l.step[0].signo, 37);
    assert_int_equal(l.step[1].wait, 0);
}

/* Of what stands in the file. */
static void test_each_command_is_shown_as_its_own(void **state)
{
    (void)state;
    assert_int_equal(parse("TERM 5s, exec:x secret 'a, b' 5s, exec:y 1s",
                           "TERM 5s, exec:x ${A} 'a, b' 5s,exec:y  1s"), 0);
    assert_string_equal(l.step[1].exec.text, "x ${A} 'a, b'");
    assert_string_equal(l.step[2].exec.text, "y");

    /* a variable for several steps, for a step and its wait, for the word exec: */
    assert_int_equal(parse("TERM 5s, exec:x secret 5s", "${STEPS}"), 0);
    assert_string_equal(l.step[1].exec.text, "${STEPS}");
    assert_int_equal(parse("TERM 5s, QUIT 5s, exec:x 5s", "TERM ${A}, exec:x 5s"), 0);
    assert_string_equal(l.step[2].exec.text, "TERM ${A}, exec:x 5s");
    assert_int_equal(parse("exec:x 5s", "${A} 5s"), 0);
    assert_string_equal(l.step[0].exec.text, "${A} 5s");
    assert_int_equal(parse("exec:x 5s", "exec:${A}"), 0);
    assert_string_equal(l.step[0].exec.text, "exec:${A}");
}

static void test_commands(void **state)
{
    (void)state;
    assert_int_equal(parse("exec:/bin/stop 'a, b' \"c\\\", d\" e\\,f 10s, TERM 1s", NULL), 0);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.step[0].signo, 0);
    assert_int_equal(l.step[0].wait, 10000);
    assert_string_equal(l.step[0].exec.argv[0], "/bin/stop");
    assert_string_equal(l.step[0].exec.argv[1], "a, b");
    assert_string_equal(l.step[0].exec.argv[2], "c\", d");
    assert_string_equal(l.step[0].exec.argv[3], "e,f");
    assert_null(l.step[0].exec.argv[4]);
    assert_string_equal(l.step[0].exec.text, "/bin/stop");
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "a step is empty: expected steps such as TERM 30s, KILL"},
        {"TERM 5s,", "a step is empty: expected steps such as TERM 30s, KILL"},
        {"TERM 5s,,KILL", "a step is empty: expected steps such as TERM 30s, KILL"},
        {"TERM", "a step needs a wait, as in TERM 30s; only KILL goes without"},
        {"TERM, KILL", "a step needs a wait, as in TERM 30s; only KILL goes without"},
        {"TERM soon", "a wait is a duration, as in TERM 30s"},
        {"TERM 5s 6s", "expected steps such as TERM 30s, exec:COMMAND 10s, KILL"},
        {"TERM -5s", "a wait is a duration, as in TERM 30s"},
        {"KILL soon", "a wait is a duration, as in TERM 30s"},
        {"FOO 5s", "expected steps such as TERM 30s, exec:COMMAND 10s, KILL"},
        {"30s", "expected steps such as TERM 30s, exec:COMMAND 10s, KILL"},
        {"KILL, TERM 5s", "nothing can come after KILL"},
        {"9, KILL", "nothing can come after KILL"},
        {"exec:/bin/stop", "a step needs a wait behind its command, as in exec:COMMAND 10s"},
        {"exec:/bin/stop now", "a step needs a wait behind its command, as in exec:COMMAND 10s"},
        {"exec: 5s", "empty: expected a command"},
        {"exec:'a 5s", "a quote is not closed"},
        {"exec:a 'b, TERM 5s", "a quote is not closed"},
        {"TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s",
         "a ladder has at most 8 steps"},
        {"TERMTERMTERMTERMTERMTERMTERMTERMTERM 5s",
         "expected steps such as TERM 30s, exec:COMMAND 10s, KILL"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(rows[i].text, NULL), -1);
        assert_string_equal(error, rows[i].error);
        assert_int_equal(l.count, 0);
    }
    assert_int_equal(parse("TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,TERM 1s,KILL", NULL), 0);
    assert_int_equal(l.count, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_each_command_is_shown_as_its_own),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
