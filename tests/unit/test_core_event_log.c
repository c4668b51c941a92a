#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/event_log.h"

static struct event_log log_of; /* large */
static struct actions out;

static void the_last_ones_are_kept(void **state)
{
    struct event e = { .type = EVENT_TIMER };

    (void)state;
    assert_int_equal(event_log_first(&log_of), 0);
    assert_null(event_log_get(&log_of, 0));
    for (int k = 0; k < EVENT_LOG_SIZE + 3; k++) {
        e.now = k;
        event_log_event(&log_of, &e);
        assert_int_equal(event_log_first(&log_of), k < EVENT_LOG_SIZE ? 0 : k + 1 - EVENT_LOG_SIZE);
    }
    assert_int_equal(event_log_first(&log_of), 3);
    assert_null(event_log_get(&log_of, 2));
    assert_int_equal(event_log_get(&log_of, 3)->at, 3);
    assert_int_equal(event_log_get(&log_of, EVENT_LOG_SIZE + 2)->event.now, EVENT_LOG_SIZE + 2);
    assert_null(event_log_get(&log_of, EVENT_LOG_SIZE + 3));
}

static void actions_follow_their_event(void **state)
{
    uint64_t next = log_of.next;

    (void)state;
    out.count = 2;
    out.list[0] = (struct action){ .type = ACT_LOOK, .service = 1 };
    out.list[1] = (struct action){ .type = ACT_EXIT, .code = 7 };
    event_log_actions(&log_of, &out, 99);
    assert_int_equal(log_of.next, next + 2);
    assert_true(event_log_get(&log_of, next)->is_action);
    assert_int_equal(event_log_get(&log_of, next + 1)->action.code, 7);
    assert_int_equal(event_log_get(&log_of, next + 1)->at, 99);
}

static void an_event_in_the_place_of_an_action_is_an_event(void **state)
{
    uint64_t next = log_of.next;

    (void)state;
    out.count = 1;
    for (int k = 0; k < EVENT_LOG_SIZE; k++)
        event_log_actions(&log_of, &out, 1);
    event_log_event(&log_of, &(struct event){ .type = EVENT_TIMER });
    assert_false(event_log_get(&log_of, next + EVENT_LOG_SIZE)->is_action);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_ones_are_kept),
        cmocka_unit_test(actions_follow_their_event),
        cmocka_unit_test(an_event_in_the_place_of_an_action_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
