/* Prints a world as a test of tests/unit: the spec, a row for all that the core was told, and what
 * came out. */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/sim.h"

enum { WIDTH = 100, LINE = 4096 };

#define X(id, ...) #id,
static const char *const requests[] = { REQUESTS(X) };
static const char *const restarts[] = { RESTARTS(X) };
static const char *const hooks[] = { HOOKS(X) };
#undef X
#define X(id, ...) "PROFILE_" #id,
static const char *const profiles[] = { PROFILES(X) };
#undef X
static const char *const purposes[EXEC_PURPOSES] = {
    [EXEC_PRE_START] = "EXEC_PRE_START", [EXEC_POST_EXIT] = "EXEC_POST_EXIT",
    [EXEC_READY] = "EXEC_READY", [EXEC_QUIET] = "EXEC_QUIET",
    [EXEC_INFLIGHT] = "EXEC_INFLIGHT", [EXEC_STOP] = "EXEC_STOP",
};
static const char *const stages[] = {
    [SPAWN_FORK] = "SPAWN_FORK", [SPAWN_LOGS] = "SPAWN_LOGS", [SPAWN_DIRECTORY] = "SPAWN_DIRECTORY",
    [SPAWN_SETUP] = "SPAWN_SETUP", [SPAWN_EXEC] = "SPAWN_EXEC",
};
static const char *const readies[] = {
    [READY_STARTED] = "READY_STARTED", [READY_NOTIFY] = "READY_NOTIFY", [READY_TCP] = "READY_TCP",
    [READY_UNIX] = "READY_UNIX", [READY_HTTP] = "READY_HTTP", [READY_FILE] = "READY_FILE",
    [READY_EXEC] = "READY_EXEC", [READY_TITLE] = "READY_TITLE",
    [READY_NOTIFY_OR_TITLE] = "READY_NOTIFY_OR_TITLE", [READY_PUMA] = "READY_PUMA",
};
static const char *const inflights[] = {
    [INFLIGHT_NONE] = "INFLIGHT_NONE", [INFLIGHT_SIDEKIQ] = "INFLIGHT_SIDEKIQ",
    [INFLIGHT_NOTIFY] = "INFLIGHT_NOTIFY", [INFLIGHT_EXEC] = "INFLIGHT_EXEC",
    [INFLIGHT_PUMA] = "INFLIGHT_PUMA",
};
static const char *const sequence_steps[] = {
    [SIGNAL_STEP_SEND] = "SIGNAL_STEP_SEND", [SIGNAL_STEP_QUIET] = "SIGNAL_STEP_QUIET",
    [SIGNAL_STEP_WAIT] = "SIGNAL_STEP_WAIT", [SIGNAL_STEP_DEADLINE] = "SIGNAL_STEP_DEADLINE",
    [SIGNAL_STEP_SHUTDOWN] = "SIGNAL_STEP_SHUTDOWN",
    [SIGNAL_STEP_INTERRUPT] = "SIGNAL_STEP_INTERRUPT", [SIGNAL_STEP_DRAIN] = "SIGNAL_STEP_DRAIN",
    [SIGNAL_STEP_RELOAD] = "SIGNAL_STEP_RELOAD", [SIGNAL_STEP_IGNORE] = "SIGNAL_STEP_IGNORE",
};

/* --- text --------------------------------------------------------------- */

struct line {
    size_t used;
    char text[LINE];
};

static void __attribute__((format(printf, 2, 3))) put(struct line *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    l->used += (size_t)vsnprintf(l->text + l->used, sizeof(l->text) - l->used, format, args);
    va_end(args);
    if (l->used >= sizeof(l->text))
        l->used = sizeof(l->text) - 1;
}

/* The last comma outside of quotes that leaves a line of WIDTH; 0: there is none. */
static size_t where_to_break(const char *text, size_t width)
{
    size_t at = 0;
    bool quoted = false;

    for (size_t k = 0; text[k] != '\0' && k < width; k++) {
        quoted = quoted != (text[k] == '"');
        if (!quoted && text[k] == ',' && text[k + 1] == ' ')
            at = k + 1;
    }
    return at;
}

static void print_line(struct line *l, int indent, int further)
{
    const char *text = l->text;

    while (strlen(text) + (size_t)indent > WIDTH) {
        size_t at = where_to_break(text, WIDTH - (size_t)indent);

        if (at == 0)
            break;
        printf("%*s%.*s\n", indent, "", (int)at, text);
        text += at + 1;
        indent = further;
    }
    printf("%*s%s\n", indent, "", text);
    l->used = 0;
    l->text[0] = '\0';
}

static void put_ms(struct line *l, int64_t ms)
{
    if (ms == NEVER)
        put(l, "NEVER");
    else if (ms != 0 && ms % SECOND == 0)
        put(l, "%" PRId64 " * SECOND", ms / SECOND);
    else
        put(l, "%" PRId64, ms);
}

static void put_signal(struct line *l, int signo)
{
    const char *name = sigabbrev_np(signo);

    if (name == NULL)
        put(l, "%d", signo);
    else
        put(l, "SIG%s", name);
}

/* --- the spec ----------------------------------------------------------- */

static bool has(const struct command *c)
{
    return c->argv != NULL;
}

static bool uses_commands(const struct spec *spec)
{
    bool any = has(&spec->hooks.on_drain);

    for (size_t i = 0; i < spec->count; i++) {
        const struct service_spec *s = &spec->service[i];

        any = any || has(&s->pre_start) || has(&s->post_exit) || has(&s->ready.exec) ||
              has(&s->quiet.exec) || has(&s->inflight.exec);
        for (size_t k = 0; k < s->stop.count; k++)
            any = any || s->stop.step[k].signo == 0;
    }
    return any;
}

/* A field that is not as its profile has it. */
static void print_field(size_t i, const char *name, struct line *value)
{
    struct line l = { 0 };

    put(&l, "w->spec.service[%zu].%s = %s;", i, name, value->text);
    print_line(&l, 4, 8);
    value->used = 0;
    value->text[0] = '\0';
}

static void print_ms(size_t i, const char *name, int64_t ms, int64_t expected)
{
    struct line value = { 0 };

    if (ms == expected)
        return;
    put_ms(&value, ms);
    print_field(i, name, &value);
}

static void print_number(size_t i, const char *name, uint64_t number, uint64_t expected)
{
    struct line value = { 0 };

    if (number == expected)
        return;
    put(&value, "%" PRIu64, number);
    print_field(i, name, &value);
}

static void print_bool(size_t i, const char *name, bool is, bool expected)
{
    struct line value = { 0 };

    put(&value, "%s", is ? "true" : "false");
    if (is != expected)
        print_field(i, name, &value);
}

static void print_command(size_t i, const char *name, const struct command *c)
{
    struct line value = { 0 };

    put(&value, "a_command");
    if (has(c))
        print_field(i, name, &value);
}

static bool ladders_same(const struct ladder *a, const struct ladder *b)
{
    bool same = a->count == b->count && a->by_user == b->by_user;

    for (size_t k = 0; same && k < a->count; k++)
        same = a->step[k].signo == b->step[k].signo && a->step[k].wait == b->step[k].wait;
    return same;
}

static void print_ladder(size_t i, const struct ladder *stop)
{
    struct line value = { 0 };

    put(&value, "(struct ladder){ ");
    if (stop->by_user)
        put(&value, ".by_user = true, ");
    put(&value, ".count = %u, .step = { ", stop->count);
    for (size_t k = 0; k < stop->count; k++) {
        const struct ladder_step *step = &stop->step[k];

        put(&value, "{ ");
        if (step->signo == 0)
            put(&value, ".exec = a_command");
        else
            put(&value, ".signo = "), put_signal(&value, step->signo);
        if (step->wait != 0)
            put(&value, ", .wait = "), put_ms(&value, step->wait);
        put(&value, k + 1 < stop->count ? " }, " : " } } }");
    }
    print_field(i, "stop", &value);
}

static void print_doing(size_t i, const struct service_spec *s, const struct service_spec *plain)
{
    struct line value = { 0 };

    if (s->ready.kind != plain->ready.kind || s->ready.by_user) {
        put(&value, "(struct ready_spec){ .kind = %s, .by_user = %s, .exec = a_command }",
            readies[s->ready.kind], s->ready.by_user ? "true" : "false");
        print_field(i, "ready", &value);
    }
    if (s->quiet.signo != plain->quiet.signo || has(&s->quiet.exec)) {
        put(&value, "(struct quiet_spec){ ");
        if (has(&s->quiet.exec))
            put(&value, ".exec = a_command");
        else
            put(&value, ".signo = "), put_signal(&value, s->quiet.signo);
        put(&value, " }");
        print_field(i, "quiet", &value);
    }
    if (s->inflight.kind != plain->inflight.kind) {
        put(&value, "(struct inflight_spec){ .kind = %s, .exec = a_command }",
            inflights[s->inflight.kind]);
        print_field(i, "inflight", &value);
    }
}

static void print_service(const struct service_spec *s, size_t i)
{
    struct service_spec plain;
    struct ladder sidekiq;
    struct line value = { 0 };

    service_spec_init(&plain, s->name, s->kind);
    profile_apply(&plain, s->profile, 0);
    ladder_for_sidekiq(&sidekiq, s->sidekiq_timeout / SECOND);
    if (s->kind == KIND_TASK)
        printf("    world_add_task(w, \"%s\");\n", s->name);
    else
        printf("    world_add(w, \"%s\", %s);\n", s->name, profiles[s->profile]);
    if (s->after != 0) {
        for (service_set rest = s->after; rest; rest &= rest - 1)
            put(&value, "%sSET_OF(%d)", rest == s->after ? "" : " | ", __builtin_ctzll(rest));
        print_field(i, "after", &value);
    }
    print_bool(i, "sidecar", s->sidecar, plain.sidecar);
    print_bool(i, "essential", s->essential, plain.essential);
    if (s->restart != plain.restart) {
        put(&value, "%s", restarts[s->restart]);
        print_field(i, "restart", &value);
    }
    print_ms(i, "backoff_first", s->backoff_first, plain.backoff_first);
    print_ms(i, "backoff_max", s->backoff_max, plain.backoff_max);
    print_number(i, "restart_limit", s->restart_limit, plain.restart_limit);
    print_ms(i, "restart_window", s->restart_window, plain.restart_window);
    print_number(i, "success_codes[0]", s->success_codes[0], plain.success_codes[0]);
    print_doing(i, s, &plain);
    print_ms(i, "ready_timeout", s->ready_timeout, plain.ready_timeout);
    print_ms(i, "linger", s->linger, plain.linger);
    print_ms(i, "sidekiq_timeout", s->sidekiq_timeout, plain.sidekiq_timeout);
    if (s->profile == PROFILE_SIDEKIQ && ladders_same(&s->stop, &sidekiq))
        printf("    ladder_for_sidekiq(&w->spec.service[%zu].stop, %" PRId64 ");\n", i,
               s->sidekiq_timeout / SECOND);
    else if (!ladders_same(&s->stop, &plain.stop))
        print_ladder(i, &s->stop);
    print_command(i, "pre_start", &s->pre_start);
    print_command(i, "post_exit", &s->post_exit);
}

static void print_sequences(const struct spec *spec)
{
    struct line l = { 0 };

    for (int signo = 1; signo < SIGNALS_MAX; signo++) {
        if (spec->signal[signo].count == 0)
            continue;
        put(&l, "w->spec.signal["), put_signal(&l, signo);
        put(&l, "] = (struct signal_sequence){ %u, %u };", spec->signal[signo].first,
            spec->signal[signo].count);
        print_line(&l, 4, 8);
    }
    for (uint16_t k = 0; k < spec->signal_steps; k++) {
        const struct signal_step *step = &spec->signal_step[k];

        put(&l, "w->spec.signal_step[%u] = (struct signal_step){ .kind = %s", k,
            sequence_steps[step->kind]);
        if (step->kind == SIGNAL_STEP_SEND)
            put(&l, ", .service = %u, .signo = ", step->service), put_signal(&l, step->signo);
        if (step->ms != 0)
            put(&l, ", .ms = "), put_ms(&l, step->ms);
        put(&l, " };");
        print_line(&l, 4, 8);
    }
    if (spec->signal_steps > 0)
        printf("    w->spec.signal_steps = %u;\n", spec->signal_steps);
}

static void print_spec(const struct sim *world, const struct sim *run)
{
    uint32_t random = (uint32_t)world->seed | 1u;
    const struct spec *spec = &world->spec;
    struct line l = { 0 };

    if (spec->deadline != NEVER) {
        put(&l, "w->spec.deadline = "), put_ms(&l, spec->deadline), put(&l, ";");
        print_line(&l, 4, 8);
    }
    if (spec->margin != NEVER) {
        put(&l, "w->spec.margin = "), put_ms(&l, spec->margin), put(&l, ";");
        print_line(&l, 4, 8);
    }
    if (has(&spec->hooks.on_drain))
        printf("    w->spec.hooks.on_ready = w->spec.hooks.on_drain = a_command;\n"
               "    w->spec.hooks.on_drained = w->spec.hooks.on_exit = a_command;\n");
    for (size_t i = 0; i < spec->count; i++)
        print_service(&spec->service[i], i);
    print_sequences(spec);
    printf("    world_finish(w, %s);\n", spec->single ? "true" : "false");
    if (run->supervisor.random != random)
        printf("    w->s.random = %" PRIu32 "u; /* of the jitter of restarts */\n", random);
}

/* --- rows --------------------------------------------------------------- */

static void put_fact(struct line *l, const char *name, int32_t value, bool is_bool)
{
    static const char *const work[] = { "WORK_UNKNOWN", "WORK_BUSY", "WORK_IDLE" };

    if (value == 0)
        return;
    put(l, "%s.%s = ", l->text[l->used - 2] == '{' ? "" : ", ", name);
    if (is_bool)
        put(l, "true");
    else if (strcmp(name, "work") == 0)
        put(l, "%s", work[value]);
    else
        put(l, "%" PRId32, value);
}

static void put_facts(struct line *l, const struct facts *f)
{
    put(l, "(struct facts){ ");
#define X(type, name) put_fact(l, #name, (int32_t)f->name, _Generic(f->name, bool: true, default: false));
    FACTS(X)
#undef X
    put(l, " }");
}

static void put_request(struct line *l, const struct event *e)
{
    const char *verb = requests[e->request.verb];

    if (e->request.verb == REQUEST_DEADLINE)
        put(l, "asks_deadline("), put_ms(l, e->request.ms), put(l, ")");
    else if (e->request.verb == REQUEST_SIGNAL)
        put(l, "asks_signal(%u, ", e->service), put_signal(l, e->request.signo), put(l, ")");
    else if (e->service == NO_SERVICE)
        put(l, "asks(%s)", verb);
    else
        put(l, "asks_for(%s, %u)", verb, e->service);
}

static void put_spawn_failed(struct line *l, const struct event *e)
{
    if (e->spawn.transient && !e->spawn.missing)
        put(l, "fork_fails(%u)", e->service);
    else if (!e->spawn.transient)
        put(l, "spawn_fails(%u, %s, %s)", e->service, stages[e->spawn.stage],
            e->spawn.missing ? "true" : "false");
    else
        put(l, "comes((struct event){ .type = EVENT_SPAWN_FAILED, .service = %u, .spawn = { "
            ".stage = %s, .missing = true, .transient = true } })",
            e->service, stages[e->spawn.stage]);
}

static void put_event(struct line *l, const struct event *e)
{
    switch (e->type) {
    case EVENT_START:
        put(l, "starts()");
        break;
    case EVENT_TIMER:
        put(l, "time_passes()");
        break;
    case EVENT_SIGNAL:
        put(l, "gets("), put_signal(l, e->signal.signo), put(l, ")");
        break;
    case EVENT_REQUEST:
        put_request(l, e);
        break;
    case EVENT_OBSERVE:
        put(l, "comes((struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE })");
        break;
    case EVENT_SPAWNED:
        put(l, "spawned(%u)", e->service);
        break;
    case EVENT_SPAWN_FAILED:
        put_spawn_failed(l, e);
        break;
    case EVENT_EXITED:
        if (e->exit.signo > 0)
            put(l, "dies(%u, ", e->service), put_signal(l, e->exit.signo), put(l, ")");
        else
            put(l, "ends(%u, %u)", e->service, e->exit.code);
        break;
    case EVENT_LOOKED:
        put(l, "tells(%u, ", e->service), put_facts(l, &e->facts), put(l, ")");
        break;
    case EVENT_READY:
        put(l, e->by_notify ? "notifies(%u)" : "is_ready(%u)", e->service);
        break;
    case EVENT_EXTEND:
        put(l, "extends(%u, ", e->service), put_ms(l, e->ms), put(l, ")");
        break;
    case EVENT_EXEC_DONE:
        put(l, "did(%u, %s, %s)", e->service, purposes[e->exec.purpose],
            e->exec.ok ? "true" : "false");
        break;
    case EVENT_HOOK_DONE:
        put(l, "hook_did(%s, %s)", hooks[e->hook.hook], e->hook.ok ? "true" : "false");
        break;
    case EVENT_ORPHANS:
        put(l, "comes((struct event){ .type = EVENT_ORPHANS, .service = NO_SERVICE, .count = %u })",
            e->count);
        break;
    case EVENT_COUNT:
        break;
    }
}

static void print_row(const struct record_entry *entry)
{
    struct line l = { 0 };
    int digits = entry->at % 1000 == 0 ? 0 : entry->at % 100 == 0 ? 1 : entry->at % 10 == 0 ? 2 : 3;

    put(&l, "{ %.*f, ", digits, (double)entry->at / 1000);
    for (uint32_t k = 0; k < entry->late; k++)
        put(&l, "late(");
    if (entry->pause > 0)
        put(&l, "stands_still(%" PRId64 ")", entry->pause);
    else
        put_event(&l, &entry->event);
    for (uint32_t k = 0; k < entry->late; k++)
        put(&l, ")");
    put(&l, ", \"%s\" },", entry->words == NULL ? "" : entry->words);
    print_line(&l, 8, 10);
}

/* --- the test ----------------------------------------------------------- */

void scenario_begin_file(void)
{
    printf("/* Printed by the simulation: tests/sim --as-scenario. */\n"
           "#include <signal.h>\n\n#include \"unit/scenario.h\"\n");
}

static void print_comment(const struct sim *run, size_t rows, const char *how)
{
    printf("\n/* Seed %" PRIu64 "%s%s: %zu events, of which %zu are rows.\n", run->seed,
           how == NULL ? "" : ", ", how == NULL ? "" : how, run->record->count, rows);
    if (run->wrong == NULL)
        printf(" * Nothing is wrong. */\n");
    else if (run->invariant)
        printf(" * The last row breaks the invariant\n *     %s */\n", run->wrong);
    else
        printf(" * At %" PRId64 " ms the judge of the simulation says\n *     %s\n"
               " * The rows tell what came out, wrong as it is: mend what is expected. What a look\n"
               " * tells() is what core/evidence.c made of it, and may be what is wrong. */\n",
               run->now - run->began, run->wrong);
}

void scenario_print(const struct sim *world, const struct sim *run, const char *how)
{
    size_t rows = record_fold(run->record);

    print_comment(run, rows, how);
    printf("static void seed_%" PRIu64 "(void **state)\n{\n", world->seed);
    if (uses_commands(&world->spec))
        printf("    static const char *const an_argv[] = { \"true\", NULL };\n"
               "    static const struct command a_command = { \"true\", an_argv };\n");
    printf("    struct world *w = world_new(0);\n    const struct row rows[] = {\n");
    for (size_t k = 0; k < run->record->count; k++)
        if (!run->record->entry[k].folded)
            print_row(&run->record->entry[k]);
    printf("    };\n\n    (void)state;\n");
    print_spec(world, run);
    printf("    REPLAY(w, rows);\n}\n");
}

void scenario_end_file(uint64_t seed, uint64_t count)
{
    printf("\nint main(void)\n{\n    const struct CMUnitTest tests[] = {\n");
    for (uint64_t k = 0; k < count; k++)
        printf("        cmocka_unit_test(seed_%" PRIu64 "),\n", seed + k);
    printf("    };\n\n    return cmocka_run_group_tests(tests, NULL, NULL);\n}\n");
}
