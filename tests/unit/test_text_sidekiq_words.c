#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/sidekiq_words.h"

enum { WORDS = 10 };

static void test_timeout(void **state)
{
    (void)state;
    static const struct {
        int found;
        int64_t seconds;
        const char *argv[WORDS];
    } rows[] = {
        {1, 25, {"sidekiq", "-t", "25"}},
        {1, 25, {"bundle", "exec", "sidekiq", "-c", "5", "-t25"}},
        {1, 25, {"sidekiq", "--timeout", "25"}},
        {1, 25, {"sidekiq", "--timeout=25"}},
        {1, 25, {"sidekiq", "--tim", "25"}},
        {1, 25, {"sidekiq", "-vt", "25"}},
        {1, 30, {"sidekiq", "-t", "25", "-t", "30"}},
        {1, 0, {"sidekiq", "-t", "0"}},
        {1, 25, {"sidekiq", "-r", "-t", "25"}},
        {1, 25, {"sidekiqswarm", "-t", "25"}},
        {1, 60, {"sh", "-c", "cd /app; exec bundle exec sidekiq -t 60 -q a; true"}},
        {0, 0, {"sidekiq"}},
        {0, 0, {"sidekiq", "-g", "-t", "25"}},
        {0, 0, {"sidekiq", "-g-t", "25"}},
        {0, 0, {"sidekiq", "--tag", "25"}},
        {0, 0, {"sidekiq", "--t", "25"}},
        {0, 0, {"sidekiq", "--", "-t", "25"}},
        {0, 0, {"puma", "-t", "5"}},
        {0, 0, {"sh", "-c", "sidekiq; sleep -t 5"}},
        {0, 0, {"sidekiq", "-", "--"}},
        {-1, 0, {"sidekiq", "-t"}},
        {-1, 0, {"sidekiq", "-t", ""}},
        {-1, 0, {"sidekiq", "-t", "abc"}},
        {-1, 0, {"sidekiq", "-t", "-5"}},
        {-1, 0, {"sidekiq", "-t", "030"}},
        {-1, 0, {"sidekiq", "-t", "99999999999"}},
        {-1, 0, {"sidekiq", "--timeout="}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t seconds = 0;
        assert_int_equal(sidekiq_timeout_words(rows[i].argv, &seconds), rows[i].found);
        assert_int_equal(seconds, rows[i].seconds);
    }
}

static void test_many_queues(void **state)
{
    (void)state;
    static const char *argv[604] = {"bundle", "exec", "sidekiq"};
    for (size_t i = 3; i < 601; i += 2) {
        argv[i] = "-q";
        argv[i + 1] = "queue";
    }
    int64_t seconds;
    assert_true(sidekiq_takes_timeout(argv));
    argv[601] = "-t";
    argv[602] = "9";
    assert_int_equal(sidekiq_timeout_words(argv, &seconds), 1);
    assert_int_equal(seconds, 9);
    assert_false(sidekiq_takes_timeout(argv));
}

static void test_takes_timeout(void **state)
{
    (void)state;
    static const struct {
        bool takes;
        const char *argv[WORDS];
    } rows[] = {
        {true, {"sidekiq"}},
        {true, {"/usr/bin/sidekiq", "-c", "5"}},
        {true, {"bundle", "exec", "sidekiq"}},
        {true, {"env", "A=b", "bundle", "exec", "sidekiq", "-C", "x.yml"}},
        {true, {"ruby", "bin/sidekiq"}},
        {false, {"sidekiq", "-t", "25"}},
        {false, {"sidekiq", "-t", "abc"}},
        {false, {"sidekiq", "--"}},
        {false, {"sidekiqswarm"}},
        {false, {"bundle", "exec", "bin/sidekiqswarm"}},
        {false, {"sh", "-c", "exec sidekiq"}},
        {false, {"docker-entrypoint.sh", "sidekiq"}},
        {false, {"puma"}},
        {false, {"sidekiq", "-q"}},
        {false, {"sidekiq", "-v", "--conf"}},
        {true, {"sidekiq", "-q", "a", "-r"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sidekiq_takes_timeout(rows[i].argv), rows[i].takes);
}

static void test_config_path(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *argv[WORDS];
    } rows[] = {
        {"a.yml", {"sidekiq", "-C", "a.yml"}},
        {"a.yml", {"sidekiq", "-Ca.yml"}},
        {"a.yml", {"bundle", "exec", "sidekiq", "--config", "a.yml"}},
        {"a.yml", {"sidekiq", "--config=a.yml"}},
        {"b.yml", {"sidekiq", "-C", "a.yml", "-C", "b.yml"}},
        {"a.yml", {"sh", "-c", "sidekiq -C 'a.yml'"}},
        {NULL, {"sidekiq"}},
        {NULL, {"sidekiq", "-C"}},
        {NULL, {"sidekiq", "-c", "5"}},
        {NULL, {"puma", "-C", "puma.rb"}},
        {NULL, {"sidekiq", "-C", "too/long/for/it.yml"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buf[12];
        assert_int_equal(sidekiq_path_option(rows[i].argv, 'C', buf, sizeof buf), rows[i].path != NULL);
        if (rows[i].path != NULL)
            assert_string_equal(buf, rows[i].path);
    }
}

static void test_yml(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int found;
        int64_t seconds;
    } rows[] = {
        {":timeout: 30\n", 1, 30},
        {"timeout: 30", 1, 30},
        {"---\n:concurrency: 5\r\n:timeout:\t30\r\n:queues:\r\n  - a\r\n", 1, 30},
        {"\xef\xbb\xbf:timeout: 30  # seconds\n", 1, 30},
        {":timeout: 5\n:timeout: 6\n", 1, 6},
        {"", 0, 0},
        {"# :timeout: 30\n", 0, 0},
        {"production:\n  :timeout: 30\n", 0, 0},
        {":redis:\n  timeout: 5\n", 0, 0},
        {":timeouts: 30\n:fetch_timeout: 5\n", 0, 0},
        {":timeout:30\n", 0, 0},
        {":timeout: <%= ENV['T'] %>\n", -1, 0},
        {":timeout: \"30\"\n", -1, 0},
        {":timeout: 30s\n", -1, 0},
        {":timeout: 30 31\n", -1, 0},
        {":timeout:\n", -1, 0},
        {":timeout: 030\n", -1, 0},
        {":timeout: 99999999999999999999\n", -1, 0},
        {":timeout: 30#\n", -1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t seconds = 0;
        assert_int_equal(sidekiq_yml_timeout(rows[i].text, strlen(rows[i].text), &seconds), rows[i].found);
        assert_int_equal(seconds, rows[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_many_queues),
        cmocka_unit_test(test_takes_timeout),
        cmocka_unit_test(test_config_path),
        cmocka_unit_test(test_yml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
