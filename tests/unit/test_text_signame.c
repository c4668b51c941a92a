#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "text/signame.h"

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int signo;
    } rows[] = {
        {"TERM", SIGTERM}, {"SIGTERM", SIGTERM}, {"term", SIGTERM}, {"sigterm", SIGTERM},
        {"15", 15}, {"1", 1}, {"64", 64}, {"TSTP", SIGTSTP}, {"RTMIN", 34}, {"RTMIN+3", 37},
        {"SIGRTMIN+3", 37}, {"rtmin+30", 64}, {"RTMIN+0", 34}, {"RTMAX", 64}, {"RTMAX-1", 63},
        {"RTMAX-30", 34}, {"CLD", SIGCHLD}, {"IOT", SIGABRT}, {"POLL", SIGIO}, {"PWR", SIGPWR},
        {"", 0}, {"0", 0}, {"65", 0}, {"-1", 0}, {"SIG", 0}, {"SIG15", 0}, {"SIGSIGTERM", 0},
        {"TERMX", 0}, {"TER", 0}, {" TERM", 0}, {"TERM ", 0}, {"RTMIN+31", 0}, {"RTMAX-31", 0},
        {"RTMIN+", 0}, {"RTMIN-1", 0}, {"RTMAX+1", 0}, {"RTMIN+x", 0}, {"99999999999", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(signal_number(rows[i].name), rows[i].signo);
}

static void test_names_come_back(void **state)
{
    (void)state;
    for (int i = 1; i <= 64; i++)
        assert_int_equal(signal_number(signal_name(i)), i);
    assert_string_equal(signal_name(SIGTERM), "TERM");
    assert_string_equal(signal_name(37), "RTMIN+3");
    assert_string_equal(signal_name(0), "?");
    assert_string_equal(signal_name(-1), "?");
    assert_string_equal(signal_name(65), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_names_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
