#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/supervisor.h"
#include "text/json_events.h"

static const char *const words[] = { "secret", NULL };

/* One of each, with what a default does not have. */
static void make_spec(struct spec *spec, bool single)
{
    service_set cycle;

    *spec = (struct spec){ .deadline = 90 * SECOND, .margin = NEVER, .single = single, .count = single ? 1 : 4 };
    for (uint8_t i = 0; i < spec->count; i++) {
        struct service_spec *s = &spec->service[i];
        static const char *const names[] = { "worker", "web", "migrate", "shipper" };

        service_spec_init(s, names[i], i == 2 ? KIND_TASK : KIND_SERVICE);
        profile_apply(s, i == 0 ? PROFILE_SIDEKIQ : i == 1 ? PROFILE_SOLID_QUEUE : PROFILE_GENERIC, SECOND);
        s->command = (struct command){ "secret", words };
        s->success_codes[3] = UINT64_C(1) << 63;
        s->sidekiq_timeout = 25;
        s->linger = 3 * SECOND;
    }
    if (!single) {
        spec->service[3].sidecar = true;
        spec->service[1].after = SET_OF(2);
        spec->service[1].essential = false;
        spec->service[1].restart = RESTART_ALWAYS;
        spec->service[1].quiet.exec = spec->service[1].pre_start = (struct command){ "secret", words };
        spec->hooks.on_exit = (struct command){ "secret", words };
        spec->hooks.timeout = 5 * SECOND;
    }
    assert_int_equal(spec_finish(spec, &cycle), 0);
    signals_default(spec);
}

/* Written, read, and written again. */
static void there_and_back(const struct events_head *head, struct logged *l)
{
    static struct spec unused;
    struct logged back;
    struct events_head h = *head;
    const char *error = "";
    char *one = json_events_entry(head, 7, l), *two;

    assert_null(strstr(one, "secret"));
    if (json_events_read(one, strlen(one), &h, &unused, &back, &error) != EVENTS_ENTRY)
        fail_msg("%s: %s", one, error);
    two = json_events_entry(head, 7, &back);
    assert_string_equal(one, two);
    assert_int_equal(back.is_action, l->is_action);
    if (l->is_action)
        assert_memory_equal(&back.action, &l->action, sizeof(l->action));
    else
        assert_memory_equal(&back.event, &l->event, sizeof(l->event));
    free(one);
    free(two);
}

static struct event event_of(enum event_type type)
{
    struct event e = { .type = type, .service = 1, .generation = 4000000000u, .now = 123456789 };

    switch (type) {
    case EVENT_SIGNAL:
        e.service = NO_SERVICE;
        e.signal.signo = 64;
        e.signal.sender = -1;
        break;
    case EVENT_REQUEST:
        e.request.verb = REQUEST_SIGNAL;
        e.request.signo = SIGUSR1;
        e.request.token = UINT32_MAX;
        e.request.ms = 90 * SECOND;
        break;
    case EVENT_SPAWN_FAILED:
        e.spawn.stage = SPAWN_EXEC;
        e.spawn.missing = e.spawn.transient = true;
        e.spawn.error = 2;
        break;
    case EVENT_EXITED:
        e.exit.code = 255;
        e.exit.signo = 9;
        break;
    case EVENT_LOOKED:
        e.facts = (struct facts){ .members = 3, .untold = 1, .unconfirmed = 2, .quiet_told = true, .quiet_seen = true,
                                  .booting = true, .titled = true, .capacity_reached = true, .stop_unheard = true,
                                  .stop_missed = true, .major = -1, .work = WORK_IDLE, .busy = -1, .total = 5,
                                  .busy_exact = true, .unended = -1 };
        break;
    case EVENT_READY:
        e.by_notify = true;
        break;
    case EVENT_EXTEND:
        e.ms = 7;
        break;
    case EVENT_EXEC_DONE:
        e.exec.purpose = EXEC_STOP;
        e.exec.ok = true;
        break;
    case EVENT_HOOK_DONE:
        e.hook.hook = HOOK_EXIT;
        e.hook.ok = true;
        break;
    case EVENT_ORPHANS:
        e.count = 100000;
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_OBSERVE:
    case EVENT_SPAWNED:
    case EVENT_COUNT:
        break;
    }
    return e;
}

static void every_event_and_action(void **state)
{
    static struct spec spec;
    struct events_head head = { .version = "1", .spec = &spec };

    (void)state;
    make_spec(&spec, false);
    for (int type = 0; type < EVENT_COUNT; type++) {
        struct logged l = { .event = event_of((enum event_type)type), .at = 123456789 };

        there_and_back(&head, &l);
    }
    for (int type = 0; type < ACTION_COUNT; type++) {
        struct logged l = { .is_action = true, .at = 5 };

        l.action = (struct action){ .type = (enum action_type)type, .service = 2, .generation = 9 };
        if (type == ACT_STORY)
            l.action.story.id = STORY_BOOKS;
        if (type == ACT_STORY)
            l.action.story.a = INT64_MIN, l.action.story.b = NEVER, l.action.story.c = -1;
        if (type == ACT_SIGNAL)
            l.action.signal.target = TARGET_EVERYTHING, l.action.signal.signo = 9, l.action.signal.stop = true;
        if (type == ACT_REPLY)
            l.action.reply.verdict = VERDICT_OUT_OF_RANGE, l.action.reply.token = 7;
        if (type == ACT_EXEC)
            l.action.exec.purpose = EXEC_STOP, l.action.exec.step = 8, l.action.exec.ms = NEVER;
        if (type == ACT_EXIT)
            l.action.code = 137;
        there_and_back(&head, &l);
    }
}

static void facts_come_back_as_they_were(void **state)
{
    static struct spec spec, unused;
    struct events_head head = { .version = "1", .spec = &spec };
    struct logged l = { .event = event_of(EVENT_LOOKED) }, back;
    const char *error;
    char *text;

    (void)state;
    make_spec(&spec, false);
    text = json_events_entry(&head, 0, &l);
    assert_int_equal(json_events_read(text, strlen(text), &head, &unused, &back, &error), EVENTS_ENTRY);
    assert_memory_equal(&back.event.facts, &l.event.facts, sizeof(l.event.facts));
    free(text);
}

static void forget(struct command *c)
{
    c->text = NULL;
    c->argv = c->argv == NULL ? NULL : words;
}

/* Without what no log tells: names of commands, and what processes start with. */
static struct service_spec told_of(const struct service_spec *s)
{
    struct service_spec t;

    memcpy(&t, s, sizeof(t));
    t.command = (struct command){ 0 };
    memset(&t.process, 0, sizeof(t.process));
    t.ready.target = NULL;
    forget(&t.ready.exec);
    forget(&t.quiet.exec);
    forget(&t.inflight.exec);
    forget(&t.pre_start);
    forget(&t.post_exit);
    for (size_t k = 0; k < t.stop.count; k++)
        forget(&t.stop.step[k].exec);
    return t;
}

static void check_specs(const struct spec *a, const struct spec *b)
{
    for (size_t i = 0; i < a->count; i++) {
        struct service_spec one = told_of(&a->service[i]), two = told_of(&b->service[i]);

        assert_memory_equal(&one, &two, sizeof(one));
    }
    assert_memory_equal(a->signal, b->signal, sizeof(a->signal));
    assert_memory_equal(a->signal_step, b->signal_step, sizeof(a->signal_step));
    assert_true(a->single == b->single && a->deadline == b->deadline && a->margin == b->margin &&
                a->hooks.timeout == b->hooks.timeout);
    assert_true((a->hooks.on_exit.argv == NULL) == (b->hooks.on_exit.argv == NULL));
}

/* The spec read back decides as the one that was written. */
static void a_spec_comes_back(void **state)
{
    static struct spec spec, back;
    static struct supervisor one, two;
    static struct actions out_one, out_two;

    (void)state;
    for (int single = 0; single < 2; single++) {
        struct events_head head = { .version = "1", .at = 5, .seed = 77, .spec = &spec }, read = { 0 };
        struct logged l;
        service_set cycle;
        const char *error;
        char *text;

        make_spec(&spec, single != 0);
        text = json_events_head(&head);
        assert_null(strstr(text, "secret"));
        assert_int_equal(json_events_read(text, strlen(text), &read, &back, &l, &error), EVENTS_HEAD);
        assert_true(read.at == 5 && read.seed == 77);
        free(text);
        assert_int_equal(spec_finish(&back, &cycle), 0);
        check_specs(&spec, &back);
        supervisor_init(&one, &spec, 5, 77);
        supervisor_init(&two, &back, 5, 77);
        for (int k = 0; k < 400; k++) {
            struct event e = event_of((enum event_type)(k * 5 % EVENT_COUNT));

            e.now = 5 + k * 300;
            if (k == 0 || k == 230)
                e = (struct event){ .type = k == 0 ? EVENT_START : EVENT_SIGNAL, .now = e.now };
            e.service = (uint8_t)(k % spec.count);
            e.generation = one.service[e.service].generation;
            if (e.type == EVENT_SIGNAL)
                e.signal.signo = (uint8_t)(k == 230 ? SIGTERM : SIGUSR1);
            step(&one, &e, &out_one);
            step(&two, &e, &out_two);
            assert_int_equal(out_one.count, out_two.count);
            for (uint32_t n = 0; n < out_one.count; n++) {
                assert_int_equal(out_one.list[n].type, out_two.list[n].type);
                if (out_one.list[n].type == ACT_STORY)
                    assert_memory_equal(&out_one.list[n].story, &out_two.list[n].story, sizeof(out_one.list[n].story));
            }
            assert_int_equal(next_deadline(&one), next_deadline(&two));
        }
        assert_true(one.ask >= ASK_STOP);
    }
}

static void hostile_lines_are_refused(void **state)
{
    static const char *const rows[] = {
        "", "x", "1", "[]", "{}", "{\"event\":1}", "{\"event\":\"none\"}", "{\"event\":\"count\"}",
        "{\"event\":\"timer\",\"at\":-1}", "{\"event\":\"timer\",\"at\":9007199254740993}", "{\"event\":\"timer\",\"at\":1.5}",
        "{\"event\":\"timer\",\"service\":\"nobody\"}", "{\"event\":\"timer\",\"service\":1}",
        "{\"event\":\"timer\",\"generation\":4294967296}", "{\"event\":\"timer\",\"event\":\"start\"}",
        "{\"event\":\"signal\"}", "{\"event\":\"signal\",\"signal\":0}", "{\"event\":\"signal\",\"signal\":65}",
        "{\"event\":\"signal\",\"signal\":\"TERM\"}", "{\"event\":\"request\",\"verb\":\"signal\"}",
        "{\"event\":\"request\",\"verb\":\"deadline\",\"ms\":-1}", "{\"event\":\"request\",\"verb\":\"x\"}",
        "{\"event\":\"exited\",\"code\":256}", "{\"event\":\"exited\",\"signal\":65}",
        "{\"event\":\"looked\",\"facts\":{\"work\":3}}", "{\"event\":\"looked\",\"facts\":{\"busy\":-2}}",
        "{\"event\":\"looked\",\"facts\":{\"busy\":2147483648}}", "{\"event\":\"exec_done\",\"purpose\":\"?\"}",
        "{\"event\":\"hook_done\",\"hook\":\"?\"}", "{\"event\":\"spawn_failed\",\"stage\":\"?\"}",
        "{\"event\":\"extend\",\"ms\":9223372036854775807}", "{\"action\":\"none\"}",
        "{\"action\":\"story\",\"story\":\"none\"}", "{\"action\":\"exit\",\"code\":-1}",
        "{\"spec\":1}", "{\"spec\":{}}", "{\"spec\":{\"deadline\":0,\"services\":[]}}",
        "{\"spec\":{\"deadline\":5,\"margin\":6,\"services\":[{\"name\":\"a\"}]}}",
    };
    static struct spec spec, read;
    struct events_head head = { .version = "1", .spec = &spec };
    struct logged l;
    const char *error;

    (void)state;
    make_spec(&spec, false);
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        error = NULL;
        if (json_events_read(rows[k], strlen(rows[k]), &head, &read, &l, &error) != EVENTS_BAD)
            fail_msg("taken: %s", rows[k]);
        assert_non_null(error);
    }
    head.spec = NULL; /* an entry before the head */
    assert_int_equal(json_events_read("{\"event\":\"start\"}", 17, &head, &read, &l, &error), EVENTS_BAD);
    assert_int_equal(json_events_read("{\"missed\":3}", 12, &head, &read, &l, &error), EVENTS_GAP);
}

/* Each field of a spec that is out of its bounds. */
static void hostile_specs_are_refused(void **state)
{
    static const char *const rows[][2] = {
        { "\"deadline\":90000", "\"deadline\":-1" }, { "\"margin\":2000", "\"margin\":90001" },
        { "\"name\":\"web\"", "\"name\":5" }, { "\"kind\":\"task\"", "\"kind\":\"tusk\"" },
        { "\"after\":4", "\"after\":16" }, { "\"restart\":\"always\"", "\"restart\":1" },
        { "\"backoff_first\":1000", "\"backoff_first\":-1" },
        { "\"restart_limit\":5", "\"restart_limit\":65536" }, { "\"inflight\":\"sidekiq\"", "\"inflight\":\"x\"" },
        { "\"stop\":[", "\"stop\":[{\"wait\":-1}," }, { "\"stop\":[", "\"stop\":[{}," }, { "\"stop\":[", "\"stopp\":[" },
        { "\"signal\":15", "\"signal\":65" }, { "\"signals\":[{", "\"signals\":[1,{" },
        { "\"does\":\"shutdown\"", "\"does\":\"?\"" }, { "\"first\":1,", "\"first\":999," }, { "\"count\":1}", "\"count\":99}" },
        { "\"quiet\":20", "\"quiet\":65" }, { "\"services\":[", "\"sorvices\":[" }, { "\"seed\":77", "\"seed\":-1" },
        { "\"at\":5,", "\"at\":-5," },
    };
    static struct spec spec, read;
    struct events_head head = { .version = "1", .at = 5, .seed = 77, .spec = &spec }, h = { 0 };
    struct logged l;
    const char *error;
    char *text;
    unsigned changed = 0;

    (void)state;
    make_spec(&spec, false);
    text = json_events_head(&head);
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        const char *at = strstr(text, rows[k][0]);
        char *hostile = NULL;

        if (at == NULL)
            continue;
        changed++;
        assert_true(asprintf(&hostile, "%.*s%s%s", (int)(at - text), text, rows[k][1], at + strlen(rows[k][0])) > 0);
        if (json_events_read(hostile, strlen(hostile), &h, &read, &l, &error) != EVENTS_BAD)
            fail_msg("taken: %s", rows[k][1]);
        free(hostile);
    }
    assert_true(changed > 15);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_and_action),
        cmocka_unit_test(facts_come_back_as_they_were),
        cmocka_unit_test(a_spec_comes_back),
        cmocka_unit_test(hostile_lines_are_refused),
        cmocka_unit_test(hostile_specs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
