#include "text/json_spec.h"

#include <string.h>

#define DURATION(c, name, lvalue) CODEC_RANGE(c, name, lvalue, 0, NEVER)

static const char *const kinds[] = { "service", "task" };
static const char *const profiles[] = {
#define X(id, name) name,
    PROFILES(X)
#undef X
};
static const char *const restarts[] = {
#define X(id, name) name,
    RESTARTS(X)
#undef X
};
static const char *const ready_kinds[] = { "started", "notify", "tcp", "unix", "http", "file", "exec",
                                           "title", "notify or title", "puma" };
static const char *const inflight_kinds[] = { "none", "sidekiq", "notify", "exec", "puma" };
static const char *const step_kinds[] = { "send", "quiet", "wait", "deadline", "shutdown",
                                          "interrupt", "drain", "reload", "ignore" };

static const char *const some_words[] = { "command", NULL };

/* What it runs is nothing to the core, and nobody's business. */
static void has_command(struct codec *c, const char *name, struct command *command)
{
    bool has = command->argv != NULL;

    CODEC_BOOL(c, name, has);
    if (c->reading)
        *command = has ? (struct command){ "a command", some_words } : (struct command){ 0 };
}

static void ladder_fields(struct codec *c, struct ladder *l)
{
    json_t *steps = c->reading ? json_object_get(c->object, "stop") : json_array();
    size_t count = c->reading ? json_array_size(steps) : l->count;

    if (c->reading && (count == 0 || count > LADDER_STEPS_MAX + 1)) {
        c->bad = "stop";
        return;
    }
    l->count = (uint8_t)count;
    for (size_t k = 0; k < count; k++) {
        struct codec step = { .reading = c->reading,
                              .object = c->reading ? json_array_get(steps, k) : json_object() };

        CODEC_RANGE(&step, "signal", l->step[k].signo, 0, SIGNALS_MAX - 1);
        has_command(&step, "exec", &l->step[k].exec);
        DURATION(&step, "wait", l->step[k].wait);
        if (l->step[k].signo == 0 && l->step[k].exec.argv == NULL)
            step.bad = "signal";
        if (!c->reading)
            json_array_append_new(steps, step.object);
        c->bad = c->bad != NULL ? c->bad : step.bad;
    }
    if (!c->reading)
        json_object_set_new(c->object, "stop", steps);
    CODEC_BOOL(c, "stop_by_user", l->by_user);
}

static void name_field(struct codec *c, char name[SERVICE_NAME_MAX + 1])
{
    const char *text;

    if (!c->reading) {
        json_object_set_new(c->object, "name", json_string(name));
        return;
    }
    text = json_string_value(json_object_get(c->object, "name"));
    if (text == NULL || strlen(text) > SERVICE_NAME_MAX)
        c->bad = "name";
    else
        strcpy(name, text);
}

static void service_fields(struct codec *c, struct service_spec *s)
{
    static const char *const words[] = { "success_codes_0", "success_codes_1", "success_codes_2",
                                         "success_codes_3" };

    name_field(c, s->name);
    CODEC_NAME(c, "kind", s->kind, kinds);
    CODEC_NAME(c, "profile", s->profile, profiles);
    CODEC_RANGE(c, "after", s->after, INT64_MIN, INT64_MAX);
    CODEC_BOOL(c, "sidecar", s->sidecar);
    CODEC_BOOL(c, "essential", s->essential);
    CODEC_NAME(c, "restart", s->restart, restarts);
    DURATION(c, "backoff_first", s->backoff_first);
    DURATION(c, "backoff_max", s->backoff_max);
    CODEC_RANGE(c, "restart_limit", s->restart_limit, 0, UINT16_MAX);
    DURATION(c, "restart_window", s->restart_window);
    for (size_t k = 0; k < 4; k++)
        CODEC_RANGE(c, words[k], s->success_codes[k], INT64_MIN, INT64_MAX);
    CODEC_RANGE(c, "success_signals", s->success_signals, INT64_MIN, INT64_MAX);
    CODEC_NAME(c, "ready", s->ready.kind, ready_kinds);
    CODEC_BOOL(c, "ready_by_user", s->ready.by_user);
    has_command(c, "ready_exec", &s->ready.exec);
    DURATION(c, "ready_timeout", s->ready_timeout);
    CODEC_RANGE(c, "quiet", s->quiet.signo, 0, SIGNALS_MAX - 1);
    has_command(c, "quiet_exec", &s->quiet.exec);
    CODEC_NAME(c, "inflight", s->inflight.kind, inflight_kinds);
    has_command(c, "inflight_exec", &s->inflight.exec);
    DURATION(c, "linger", s->linger);
    ladder_fields(c, &s->stop);
    DURATION(c, "sidekiq_timeout", s->sidekiq_timeout);
    has_command(c, "pre_start", &s->pre_start);
    has_command(c, "post_exit", &s->post_exit);
}

static void services_fields(struct codec *c, struct spec *spec)
{
    json_t *all = c->reading ? json_object_get(c->object, "services") : json_array();
    size_t count = c->reading ? json_array_size(all) : spec->count;

    if (c->reading && (count == 0 || count > SERVICES_MAX)) {
        c->bad = "services";
        return;
    }
    spec->count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        struct codec one = { .reading = c->reading,
                             .object = c->reading ? json_array_get(all, i) : json_object() };

        service_fields(&one, &spec->service[i]);
        if (count < SERVICES_MAX && spec->service[i].after >> count != 0)
            one.bad = "after";
        if (!c->reading)
            json_array_append_new(all, one.object);
        c->bad = c->bad != NULL ? c->bad : one.bad;
    }
    if (!c->reading)
        json_object_set_new(c->object, "services", all);
}

static void step_fields(struct codec *c, const struct spec *spec, struct signal_step *step)
{
    CODEC_NAME(c, "does", step->kind, step_kinds);
    CODEC_RANGE(c, "service", step->service, 0, spec->count > 0 ? spec->count - 1 : 0);
    CODEC_RANGE(c, "signal", step->signo, 0, SIGNALS_MAX - 1);
    DURATION(c, "ms", step->ms);
    if (c->reading && step->kind == SIGNAL_STEP_SEND && step->signo == 0)
        c->bad = "signal";
}

/* Each signal with the steps that belong to it. */
static void signals_fields(struct codec *c, struct spec *spec)
{
    static const char *const names[] = { "first", "count" };
    json_t *table = c->reading ? json_object_get(c->object, "signals") : json_array();
    json_t *steps = c->reading ? json_object_get(c->object, "signal_steps") : json_array();
    size_t count = c->reading ? json_array_size(steps) : spec->signal_steps;

    if (count > SIGNAL_STEPS_MAX || (c->reading && json_array_size(table) != SIGNALS_MAX)) {
        c->bad = "signals";
        return;
    }
    spec->signal_steps = (uint16_t)count;
    for (size_t k = 0; k < SIGNALS_MAX; k++) {
        struct codec one = { .reading = c->reading,
                             .object = c->reading ? json_array_get(table, k) : json_object() };
        struct signal_sequence *s = &spec->signal[k];

        CODEC_RANGE(&one, names[0], s->first, 0, (int64_t)count);
        CODEC_RANGE(&one, names[1], s->count, 0, (int64_t)count - s->first);
        if (!c->reading)
            json_array_append_new(table, one.object);
        c->bad = c->bad != NULL ? c->bad : one.bad;
    }
    for (size_t k = 0; k < count; k++) {
        struct codec one = { .reading = c->reading,
                             .object = c->reading ? json_array_get(steps, k) : json_object() };

        step_fields(&one, spec, &spec->signal_step[k]);
        if (!c->reading)
            json_array_append_new(steps, one.object);
        c->bad = c->bad != NULL ? c->bad : one.bad;
    }
    if (c->reading)
        return;
    json_object_set_new(c->object, "signals", table);
    json_object_set_new(c->object, "signal_steps", steps);
}

void json_spec(struct codec *c, struct spec *spec)
{
    if (c->reading)
        memset(spec, 0, sizeof(*spec));
    CODEC_BOOL(c, "single", spec->single);
    CODEC_RANGE(c, "deadline", spec->deadline, 1, NEVER);
    CODEC_RANGE(c, "margin", spec->margin, 0, spec->deadline);
    services_fields(c, spec);
    signals_fields(c, spec);
    has_command(c, "on_ready", &spec->hooks.on_ready);
    has_command(c, "on_drain", &spec->hooks.on_drain);
    has_command(c, "on_drained", &spec->hooks.on_drained);
    has_command(c, "on_exit", &spec->hooks.on_exit);
    DURATION(c, "hooks_timeout", spec->hooks.timeout);
}
