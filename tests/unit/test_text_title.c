#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/title.h"

/* Parses a copy of exactly n bytes, so that a sanitizer sees a read beyond them. */
static struct look_title parse(const char *bytes, size_t n)
{
    struct look_title t;
    char *exact = malloc(n);
    memcpy(exact, bytes, n);
    title_parse(exact, n, &t);
    free(exact);
    assert_true(t.read);
    return t;
}

static void test_sidekiq(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int major, busy, total;
        bool stopping;
    } rows[] = {
        {"sidekiq 7.3.2 TAG [2 of 3 busy]", 7, 2, 3, false},
        {"sidekiq 7.3.2 shop [2 of 5 busy] stopping", 7, 2, 5, true},
        {"sidekiq 7.3.2  [0 of 3 busy]", 7, 0, 3, false},
        {"sidekiq 6.4.1  [0 of 3 busy] stopping      ", 6, 0, 3, true},
        {"sidekiq 5.2.10 app [0 of 25 busy]", 5, 0, 25, false},
        {"sidekiq 8.0.0.beta1 app [0 of 25 busy]", 8, 0, 25, false},
        {"sidekiq 7.0 app [1 of 2 busy]", 7, 1, 2, false},
        {"sidekiq 7.3.2 [0 of 9 busy] [2 of 5 busy]", 7, 2, 5, false},
        {"sidekiq 7.3.2 [0 of 9 busy] stopping [2 of 5 busy]", 7, 2, 5, false},
        {"sidekiq 7.3.2 my [odd] tag [x] [2 of 5 busy] leader stopping queues", 7, 2, 5, true},
        {"sidekiq 7.3.2 stopping [2 of 5 busy]", 7, 2, 5, false},
        {"sidekiq 7.3.2 a [2 of 5 busy] nonstopping stoppings", 7, 2, 5, false},
        {"sidekiq 7.3.2 a [2 of 5 busy]stopping", 7, 2, 5, false},
        {"sidekiq 7.3.2 a [2 of 5 busy] [stop of 1 busy]", 7, 2, 5, false},
        /* unknown is never idle, and the tag is no substitute */
        {"sidekiq 7.3.2 [0 of 9 busy] [7 of 5 busy] stopping", 7, -1, -1, true},
        {"sidekiq 7.3.2 a [0 of 0 busy]", 7, -1, -1, false},
        {"sidekiq 7.3.2 [0 of 9 busy] [1 of 99999999999999999999 busy]", 7, -1, -1, false},
        {"sidekiq 7.3.2 a [2147483648 of 2147483648 busy]", 7, -1, -1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct look_title t = parse(rows[i].text, strlen(rows[i].text));
        assert_true(t.sidekiq);
        assert_false(t.swarm || t.puma);
        assert_int_equal(t.major, rows[i].major);
        assert_int_equal(t.busy, rows[i].busy);
        assert_int_equal(t.total, rows[i].total);
        assert_int_equal(t.stopping, rows[i].stopping);
    }
    static const char padded[] = "sidekiq 7.3.2  [0 of 3 busy] stopping\0\0\0 \0\0";
    struct look_title t = parse(padded, sizeof padded);
    assert_true(t.sidekiq && t.stopping);
}

static void test_no_title(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", "sidekiq", "sidekiq ", "sidekiq 7", "sidekiq 7.", "sidekiq 7.3.2", "sidekiq 7.3.2 TAG",
        "sidekiq 7.3.2 [2 of 3 busy", "sidekiq 7.3.2 [ of 3 busy]", "sidekiq 7.3.2 [2 of  busy]",
        "sidekiq 7.3.2 [-1 of 3 busy]", "sidekiq 7.3.2 [2 of 3 BUSY]", "sidekiq 7.3.2 2 of 3 busy",
        "sidekiq x.y [2 of 3 busy]", "sidekiq -c 5 [2 of 3 busy]", " sidekiq 7.3.2 a [2 of 3 busy]",
        "sidekiq 99999.1 a [2 of 3 busy]", "Sidekiq 7.3.2 a [2 of 3 busy]", "rails 7.3.2 [0 of 3 busy]",
        "sidekiqmon 7.3.2 a [2 of 3 busy]", "puma", "puma x", "pumactl 6.6.0",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct look_title t = parse(rows[i], strlen(rows[i]));
        assert_false(t.sidekiq || t.swarm || t.puma || t.stopping);
        assert_int_equal(t.busy, -1);
        assert_int_equal(t.total, -1);
        assert_int_equal(t.major, -1);
    }
}

static void test_plain_argv(void **state)
{
    (void)state;
    static const char plain[] = "ruby\0/usr/bin/sidekiq\0-c\0005";
    struct look_title t = parse(plain, sizeof plain);
    assert_false(t.sidekiq || t.swarm);
    static const char disguised[] = "sidekiq 7.3.2 a [0 of 3 busy] stopping\0x";
    t = parse(disguised, sizeof disguised);
    assert_false(t.sidekiq || t.stopping);
}

static void test_swarm(void **state)
{
    (void)state;
    static const char *const titles[] = {"sidekiqswarm", "sidekiqswarm, managing 3 processes",
                                         "/usr/bin/sidekiqswarm"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        assert_true(parse(titles[i], strlen(titles[i])).swarm);
    static const char plain[] = "ruby\0/app/bin/sidekiqswarm\0-e\0production";
    assert_true(parse(plain, sizeof plain).swarm);
    static const char other[] = "ruby\0/app/sidekiqswarm.yml\0sidekiqswarm/x";
    assert_false(parse(other, sizeof other).swarm);
    static const char shell[] = "sh\0-c\0bundle exec sidekiqswarm";
    assert_false(parse(shell, sizeof shell).swarm);
}

static void test_puma(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int major;
    } rows[] = {
        {"puma 6.6.0 (tcp://0.0.0.0:9292) [app]", 6},
        {"puma 5.6.5 (unix:///run/puma.sock) [my app]", 5},
        {"puma 8.0.2 (tcp://0.0.0.0:9292) [app]", 8},
        {"puma: cluster worker 0: 123 [app]", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct look_title t = parse(rows[i].text, strlen(rows[i].text));
        assert_true(t.puma);
        assert_false(t.sidekiq);
        assert_int_equal(t.major, rows[i].major);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    static char big[65536];
    uint32_t random = 1;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof big; i++) {
            random = random * 1664525 + 1013904223;
            big[i] = round % 2 == 0 ? (char)(random >> 24) : "[0 of1busy]"[(random >> 24) % 11];
        }
        memcpy(big, "sidekiq 7.3.2 ", 14);
        struct look_title t = parse(big, sizeof big);
        assert_true(t.busy <= t.total);
    }
    memset(big + 14, '9', sizeof big - 14);
    assert_false(parse(big, sizeof big).sidekiq);
    assert_false(parse("", 1).sidekiq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sidekiq),
        cmocka_unit_test(test_no_title),
        cmocka_unit_test(test_plain_argv),
        cmocka_unit_test(test_swarm),
        cmocka_unit_test(test_puma),
        cmocka_unit_test(test_garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
