#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/config_signals.h"

static struct spec spec;
static char error[320];

static void begin(void)
{
    memset(&spec, 0, sizeof(spec));
    spec.count = 2;
    strcpy(spec.service[0].name, "web");
    strcpy(spec.service[1].name, "worker");
}

static int read_signal(const char *name, const char *text)
{
    error[0] = '\0';
    return config_signal(&spec, name, text, error, sizeof(error));
}

static const struct signal_step *step(int signo, size_t n)
{
    assert_true(n < spec.signal[signo].count);
    return &spec.signal_step[spec.signal[signo].first + n];
}

static void steps_in_the_order_written(void **state)
{
    (void)state;
    begin();
    assert_int_equal(read_signal("PWR", "deadline:90s"), 0);
    assert_int_equal(read_signal("SIGUSR2", " worker:TSTP ,wait:5s,web,web:RTMIN+3"), 0);
    assert_int_equal(spec.signal[SIGUSR2].count, 4);
    assert_true(step(SIGUSR2, 0)->kind == SIGNAL_STEP_SEND && step(SIGUSR2, 0)->service == 1 &&
                step(SIGUSR2, 0)->signo == SIGTSTP);
    assert_true(step(SIGUSR2, 1)->kind == SIGNAL_STEP_WAIT && step(SIGUSR2, 1)->ms == 5 * SECOND);
    assert_true(step(SIGUSR2, 2)->service == 0 && step(SIGUSR2, 2)->signo == SIGUSR2);
    assert_int_equal(step(SIGUSR2, 3)->signo, 37);
    assert_true(step(SIGPWR, 0)->kind == SIGNAL_STEP_DEADLINE && step(SIGPWR, 0)->ms == 90 * SECOND);
    assert_int_equal(read_signal("HUP", "shutdown, drain, reload, ignore"), 0);
    assert_int_equal(step(SIGHUP, 0)->kind, SIGNAL_STEP_SHUTDOWN);
    assert_int_equal(step(SIGHUP, 1)->kind, SIGNAL_STEP_DRAIN);
    assert_int_equal(step(SIGHUP, 2)->kind, SIGNAL_STEP_RELOAD);
    assert_int_equal(step(SIGHUP, 3)->kind, SIGNAL_STEP_IGNORE);
    assert_int_equal(read_signal("TERM", "wait:0"), 0);
}

static void what_is_refused(void **state)
{
    static const char *const rows[][2] = {
        { "FOO", "web" },      { "10", "web" },          { "KILL", "web" },       { "STOP", "web" },
        { "CHLD", "web" },     { "USR1", "" },           { "USR1", " , web" },    { "USR1", "web," },
        { "USR1", "wbe" },     { "USR1", "web:" },       { "USR1", "web:FOO" },   { "USR1", "other:TERM" },
        { "USR1", "wait:" },   { "USR1", "wait:x" },     { "USR1", "deadline:0s" }, { "USR1", "wait" },
        { "USR1", "deadline" }, { "USR1", "Shutdown" },
    };
    char many[200];

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        begin();
        assert_int_equal(read_signal(rows[k][0], rows[k][1]), -1);
        assert_true(error[0] != '\0');
        assert_int_equal(spec.signal[SIGUSR1].count, 0);
    }
    memset(many, 'w', sizeof(many) - 1);
    many[sizeof(many) - 1] = '\0';
    assert_int_equal(read_signal("USR1", many), -1);
    assert_int_equal(read_signal("USR1", "web"), 0);
    assert_int_equal(read_signal("SIGUSR1", "web"), -1);
    assert_string_equal(error, "a second time");
}

static void the_default_table_finds_room(void **state)
{
    static char text[2048];
    size_t n = 0;

    (void)state;
    begin();
    for (int k = 0; k < SIGNAL_STEPS_MAX - SIGNALS_MAX; k++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%sweb", k > 0 ? "," : "");
    assert_int_equal(read_signal("USR1", text), 0);
    assert_int_equal(read_signal("USR2", "web"), -1);
    signals_default(&spec);
    assert_int_equal(spec.signal[SIGTERM].count, 1);
    assert_true(spec.signal_steps <= SIGNAL_STEPS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_in_the_order_written),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(the_default_table_finds_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
