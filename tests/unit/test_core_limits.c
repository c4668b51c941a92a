/* As many services as there may be, with ladders as long as they may be: nothing is looked at that
 * lies behind the last of them (the sanitizers see that), and the deadline holds. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "scenario.h"

static struct spec spec;
static struct supervisor s;
static struct invariants watch;
static struct {
    struct actions out;
    struct action behind;
} room;
#define out (room.out)
static struct event answers[ACTIONS_MAX];
static size_t answered, count;
static bool immortal;

static struct command command = { "true", (const char *const[]){ "true", NULL } };

static void make_spec(int64_t deadline)
{
    service_set cycle;

    memset(&spec, 0, sizeof(spec));
    spec.count = SERVICES_MAX;
    spec.deadline = deadline;
    spec.margin = NEVER;
    for (size_t i = 0; i < SERVICES_MAX; i++) {
        struct service_spec *v = &spec.service[i];
        char name[16];

        snprintf(name, sizeof(name), "s%zu", i);
        service_spec_init(v, name, KIND_SERVICE);
        profile_apply(v, i % 4 == 3 ? PROFILE_SIDEKIQ : PROFILE_GENERIC, 0);
        v->command = command;
        v->linger = i % 8 == 0 ? 5 * SECOND : 0;
        v->after = i % 4 == 0 ? 0 : SET_OF(i - 1);
        v->stop = (struct ladder){ .by_user = true };
        for (size_t k = 0; k < LADDER_STEPS_MAX; k++)
            v->stop.step[v->stop.count++] = (struct ladder_step){ .signo = SIGTERM, .wait = 3 * SECOND };
        ladder_finish(&v->stop);
    }
    signals_default(&spec);
    assert_int_equal(spec_finish(&spec, &cycle), 0);
}

static struct event *answer(enum event_type type, const struct action *a)
{
    struct event *e = &answers[count++ % ACTIONS_MAX];

    assert_true(count - answered < ACTIONS_MAX);
    *e = (struct event){ .type = type, .service = a->service, .generation = a->generation };
    return e;
}

/* Only KILL ends a child, where it is not immortal; nobody knows of any jobs. */
static void take(const struct action *a)
{
    struct event *e;

    switch (a->type) {
    case ACT_SPAWN:
        answer(EVENT_SPAWNED, a);
        break;
    case ACT_SIGNAL:
        if (a->signal.signo == SIGKILL && !immortal)
            answer(EVENT_EXITED, a)->exit.signo = SIGKILL;
        break;
    case ACT_LOOK:
    case ACT_QUIET:
        e = answer(EVENT_LOOKED, a);
        e->facts = (struct facts){ .members = s.service[a->service].life.leader_alive, .titled = true, .major = 7,
                                   .quiet_told = true, .busy = -1, .total = -1, .unended = -1 };
        break;
    case ACT_ORPHANS:
        answer(EVENT_ORPHANS, a);
        break;
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_EXEC:
    case ACT_EXEC_END:
    case ACT_HOOK:
    case ACT_RELOAD:
    case ACT_REPLY:
    case ACT_STORY:
    case ACT_EXIT:
    case ACTION_COUNT:
        break;
    }
}

static void feed(struct event e, int64_t now)
{
    const char *broken;

    e.now = now;
    step(&s, &e, &out);
    broken = invariants_check(&watch, &s, &e, &out);
    if (broken != NULL)
        fail_msg("%s", broken);
    for (uint32_t k = 0; k < out.count; k++)
        take(&out.list[k]);
}

static int64_t run_to_its_end(void)
{
    int64_t now = 0;

    answered = count = 0;
    supervisor_init(&s, &spec, 0, 1);
    invariants_init(&watch, &s);
    feed((struct event){ .type = EVENT_START, .service = NO_SERVICE }, 0);
    for (int k = 0; !s.exiting; k++) {
        assert_true(k < 200000);
        if (k == 2000) {
            feed((struct event){ .type = EVENT_SIGNAL, .service = NO_SERVICE, .signal.signo = SIGTERM }, now);
        } else if (answered < count) {
            feed(answers[answered++ % ACTIONS_MAX], now);
        } else {
            assert_true(next_deadline(&s) != NEVER);
            now = next_deadline(&s);
            feed((struct event){ .type = EVENT_TIMER, .service = NO_SERVICE }, now);
        }
    }
    return now - s.clock_at;
}

/* Somebody asks how busy they are, and an event comes of one more. */
static void nothing_is_looked_at_behind_the_last(void **state)
{
    (void)state;
    make_spec(60 * SECOND);
    answered = count = 0;
    supervisor_init(&s, &spec, 0, 1);
    invariants_init(&watch, &s);
    feed((struct event){ .type = EVENT_START, .service = NO_SERVICE }, 0);
    for (int k = 0; k < 1000 && answered < count; k++)
        feed(answers[answered++ % ACTIONS_MAX], 0);
    assert_true(supervisor_wants_observe(&s, 5 * SECOND));
    feed((struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE }, 5 * SECOND);
    assert_false(supervisor_wants_observe(&s, 5 * SECOND));
    feed((struct event){ .type = EVENT_EXITED, .service = SERVICES_MAX }, 5 * SECOND);
    assert_int_equal(supervisor_phase(&s), PHASE_RUNNING);
}

/* 255 times the deadline comes nearer, and each time every ladder shrinks: there is more to tell than
 * one step can hold, and what is to be done is done all the same. */
static void stories_leave_room_for_what_is_to_be_done(void **state)
{
    service_set cycle, told = 0;

    (void)state;
    make_spec(20 * MINUTE);
    for (size_t i = 0; i < SERVICES_MAX; i++) {
        spec.service[i].after = 0;
        spec.service[i].stop.step[0].wait = 1 * HOUR;
    }
    assert_int_equal(spec_finish(&spec, &cycle), 0);
    spec.signal_steps = SIGNAL_STEPS_MAX;
    for (int k = 0; k < SIGNAL_STEPS_MAX; k++)
        spec.signal_step[k] = (struct signal_step){ .kind = SIGNAL_STEP_DEADLINE, .ms = (SIGNAL_STEPS_MAX - k) * SECOND };
    spec.signal_step[SIGNAL_STEPS_MAX - 1] = (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN };
    spec.signal[SIGUSR1] = (struct signal_sequence){ .first = 0, .count = SIGNAL_STEPS_MAX };
    supervisor_init(&s, &spec, 0, 1);
    step(&s, &(struct event){ .type = EVENT_START, .service = NO_SERVICE }, &out);
    assert_int_equal(out.dropped, 0);
    step(&s, &(struct event){ .type = EVENT_SIGNAL, .service = NO_SERVICE, .signal.signo = SIGUSR1 }, &out);
    assert_in_range(out.count, STORIES_UNTIL, ACTIONS_MAX - 1);
    assert_int_equal(out.dropped, 0);
    assert_int_equal(out.list[STORIES_UNTIL - 1].type, ACT_STORY);
    assert_int_not_equal(out.list[STORIES_UNTIL].type, ACT_STORY);
    for (uint32_t k = 0; k < out.count; k++)
        if (out.list[k].type == ACT_SIGNAL)
            told |= SET_OF(out.list[k].service);
    for (size_t i = 0; i < SERVICES_MAX; i++) /* but who lingers, and who has jobs */
        assert_true(told & SET_OF(i) || i % 8 == 0 || i % 4 == 3);
}

static void sixty_four_that_ignore_everything(void **state)
{
    (void)state;
    make_spec(60 * SECOND);
    assert_in_range(run_to_its_end(), 50 * SECOND, 60 * SECOND);
    assert_int_equal(s.exit_code, 137);
}

static void and_with_time_for_all(void **state)
{
    (void)state;
    make_spec(10 * MINUTE);
    assert_in_range(run_to_its_end(), 500 * SECOND, 10 * MINUTE);
    assert_int_equal(s.exit_code, 137);
}

static void and_that_even_kill_does_not_end(void **state)
{
    (void)state;
    make_spec(60 * SECOND);
    immortal = true;
    assert_int_equal(run_to_its_end(), 59 * SECOND);
    assert_int_equal(s.exit_code, 137);
    immortal = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_looked_at_behind_the_last),
        cmocka_unit_test(stories_leave_room_for_what_is_to_be_done),
        cmocka_unit_test(sixty_four_that_ignore_everything),
        cmocka_unit_test(and_with_time_for_all),
        cmocka_unit_test(and_that_even_kill_does_not_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
