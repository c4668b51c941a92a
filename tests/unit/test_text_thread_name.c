#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/thread_name.h"

static void test_processors(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "processor", "processor\n", "sidekiq.default", "sidekiq.default\n", "sidekiq.sch/pro",
        "sidekiq.a/proce", "sidekiq./proces", "sidekiq.mailers", "sidekiq.mailer/", "sidekiq.a/b/pro",
        "sidekiq.schedu/", "sidekiq.a/prox/",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_true(thread_is_processor(rows[i], strlen(rows[i])));
    static const char padded[][16] = {"processor", "sidekiq.default"};
    for (size_t i = 0; i < 2; i++)
        assert_true(thread_is_processor(padded[i], sizeof padded[i]));
}

static void test_others(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", "\n", "sidekiq", "sidekiq.", "sidekiq.schedul", "sidekiq.heartbe", "scheduler",
        "heartbeat", "ruby", "puma srv tp 001", "processo", "processors", "Processor",
        "sidekiq.leader", "sidekiq.a/bcdef", "sidekiq.poller\n", "xidekiq.default",
        "sidekiq.default/processor", "sidekiq_default",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_false(thread_is_processor(rows[i], strlen(rows[i])));
}

static void test_loops(void **state)
{
    (void)state;
    static const char *const loops[] = { "heartbeat", "scheduler", "sidekiq.heartbe", "sidekiq.schedul", "heartbeat\n" };
    static const char *const no_loops[] = { "", "\n", "processor", "sidekiq.default", "sidekiq.sch/pro", "heartbea",
                                            "heartbeats", "sidekiq.heartb", "sidekiq" };

    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++)
        assert_true(thread_is_sidekiq_loop(loops[i], strlen(loops[i])));
    for (size_t i = 0; i < sizeof no_loops / sizeof no_loops[0]; i++)
        assert_false(thread_is_sidekiq_loop(no_loops[i], strlen(no_loops[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processors),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
