#include "text/json_events.h"

#include <stdlib.h>
#include <string.h>

#include "text/json_codec.h"
#include "text/json_spec.h"
#include "text/utc.h"

/* No instant of a clock that a machine has lived to see is later, and no sum overflows. */
#define LATEST ((int64_t)1 << 53)

#define NAMED(id, name) [id] = name,
static const char *const events[EVENT_COUNT] = { EVENTS(NAMED) };
static const char *const actions[ACTION_COUNT] = { ACTIONS(NAMED) };
static const char *const stories[STORY_COUNT] = { STORIES(NAMED) };
static const char *const verbs[] = { REQUESTS(NAMED) };
static const char *const verdicts[] = { VERDICTS(NAMED) };
static const char *const hooks[HOOK_COUNT] = { HOOKS(NAMED) };
static const char *const purposes[EXEC_PURPOSES] = {
    [EXEC_PRE_START] = "pre_start", [EXEC_POST_EXIT] = "post_exit", [EXEC_READY] = "ready",
    [EXEC_QUIET] = "quiet", [EXEC_INFLIGHT] = "inflight", [EXEC_STOP] = "stop",
};
static const char *const stages[] = { "fork", "logs", "directory", "setup", "exec" };
static const char *const targets[] = { "leader", "workers", "booting", "all", "everything" };

static void facts_fields(struct codec *c, struct facts *f)
{
    struct codec in = codec_inside(c, "facts");

#define X(type, name) CODEC_RANGE(&in, #name, f->name, -1, INT32_MAX);
    FACTS(X)
#undef X
    if (c->reading && (f->work < WORK_UNKNOWN || f->work > WORK_IDLE))
        in.bad = "work";
    c->bad = c->bad != NULL ? c->bad : in.bad;
}

/* What belongs to an event beside its type. */
static void event_fields(struct codec *c, struct event *e)
{
    switch (e->type) {
    case EVENT_SIGNAL:
        CODEC_RANGE(c, "signal", e->signal.signo, 1, SIGNALS_MAX - 1);
        CODEC_RANGE(c, "sender", e->signal.sender, INT32_MIN, INT32_MAX);
        break;
    case EVENT_REQUEST:
        CODEC_NAME(c, "verb", e->request.verb, verbs);
        CODEC_RANGE(c, "signal", e->request.signo, e->request.verb == REQUEST_SIGNAL ? 1 : 0,
                    SIGNALS_MAX - 1);
        CODEC_RANGE(c, "token", e->request.token, 0, UINT32_MAX);
        CODEC_RANGE(c, "ms", e->request.ms, 0, NEVER - 1);
        break;
    case EVENT_SPAWN_FAILED:
        CODEC_NAME(c, "stage", e->spawn.stage, stages);
        CODEC_BOOL(c, "missing", e->spawn.missing);
        CODEC_BOOL(c, "transient", e->spawn.transient);
        CODEC_RANGE(c, "error", e->spawn.error, 0, INT32_MAX);
        break;
    case EVENT_EXITED:
        CODEC_RANGE(c, "code", e->exit.code, 0, UINT8_MAX);
        CODEC_RANGE(c, "signal", e->exit.signo, 0, SIGNALS_MAX - 1);
        break;
    case EVENT_LOOKED:
        facts_fields(c, &e->facts);
        break;
    case EVENT_READY:
        CODEC_BOOL(c, "by_notify", e->by_notify);
        break;
    case EVENT_EXTEND:
        CODEC_RANGE(c, "ms", e->ms, 0, NEVER - 1);
        break;
    case EVENT_EXEC_DONE:
        CODEC_NAME(c, "purpose", e->exec.purpose, purposes);
        CODEC_BOOL(c, "ok", e->exec.ok);
        break;
    case EVENT_HOOK_DONE:
        CODEC_NAME(c, "hook", e->hook.hook, hooks);
        CODEC_BOOL(c, "ok", e->hook.ok);
        break;
    case EVENT_ORPHANS:
        CODEC_RANGE(c, "count", e->count, 0, UINT32_MAX);
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_OBSERVE:
    case EVENT_SPAWNED:
    case EVENT_COUNT:
        break;
    }
}

static void action_fields(struct codec *c, struct action *a)
{
    switch (a->type) {
    case ACT_SIGNAL:
    case ACT_QUIET:
    case ACT_ORPHANS:
        CODEC_RANGE(c, "signal", a->signal.signo, 0, SIGNALS_MAX - 1);
        CODEC_NAME(c, "target", a->signal.target, targets);
        CODEC_BOOL(c, "stop", a->signal.stop);
        break;
    case ACT_EXEC:
    case ACT_EXEC_END:
        CODEC_NAME(c, "purpose", a->exec.purpose, purposes);
        CODEC_RANGE(c, "step", a->exec.step, 0, UINT8_MAX);
        CODEC_RANGE(c, "ms", a->exec.ms, INT64_MIN, INT64_MAX);
        break;
    case ACT_HOOK:
        CODEC_NAME(c, "hook", a->hook.hook, hooks);
        CODEC_RANGE(c, "ms", a->hook.ms, INT64_MIN, INT64_MAX);
        break;
    case ACT_REPLY:
        CODEC_RANGE(c, "token", a->reply.token, 0, UINT32_MAX);
        CODEC_NAME(c, "verdict", a->reply.verdict, verdicts);
        break;
    case ACT_STORY:
        CODEC_NAME(c, "story", a->story.id, stories);
        CODEC_RANGE(c, "a", a->story.a, INT64_MIN, INT64_MAX);
        CODEC_RANGE(c, "b", a->story.b, INT64_MIN, INT64_MAX);
        CODEC_RANGE(c, "c", a->story.c, INT64_MIN, INT64_MAX);
        break;
    case ACT_EXIT:
        CODEC_RANGE(c, "code", a->code, 0, UINT8_MAX);
        break;
    case ACT_SPAWN:
    case ACT_LOOK:
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
}

static void service_field(struct codec *c, const struct spec *spec, uint8_t *service)
{
    const char *name;

    if (!c->reading) {
        if (*service < spec->count)
            json_object_set_new(c->object, "service", json_string(spec->service[*service].name));
        return;
    }
    *service = NO_SERVICE;
    if (json_object_get(c->object, "service") == NULL)
        return;
    name = json_string_value(json_object_get(c->object, "service"));
    for (uint8_t i = 0; name != NULL && i < spec->count; i++)
        if (strcmp(spec->service[i].name, name) == 0)
            *service = i;
    if (*service == NO_SERVICE)
        c->bad = "service";
}

static void time_field(json_t *o, int64_t ms)
{
    char text[UTC_SIZE];

    utc_format(ms, text);
    json_object_set_new(o, "time", json_string(text));
}

static char *dump(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);

    json_decref(o);
    return text;
}

char *json_events_head(const struct events_head *head)
{
    struct codec c = { .object = json_object() };
    struct codec inside;
    /* a codec may write to what it describes; this one only reads */
    union {
        const struct spec *given;
        struct spec *taken;
    } spec = { .given = head->spec };

    json_object_set_new(c.object, "lastcall", json_string(head->version));
    time_field(c.object, head->since_1970);
    json_object_set_new(c.object, "at", json_integer(head->at));
    json_object_set_new(c.object, "seed", json_integer(head->seed));
    inside = codec_inside(&c, "spec");
    json_spec(&inside, spec.taken);
    return dump(c.object);
}

char *json_events_entry(const struct events_head *head, uint64_t number, const struct logged *l)
{
    struct codec c = { .object = json_object() };
    struct logged copy = *l;

    json_object_set_new(c.object, "n", json_integer((json_int_t)number));
    time_field(c.object, head->since_1970 + (l->at - head->at));
    json_object_set_new(c.object, "at", json_integer(l->at));
    if (l->is_action) {
        json_object_set_new(c.object, "action", json_string(actions[l->action.type]));
        service_field(&c, head->spec, &copy.action.service);
        CODEC_RANGE(&c, "generation", copy.action.generation, 0, UINT32_MAX);
        action_fields(&c, &copy.action);
    } else {
        json_object_set_new(c.object, "event", json_string(events[l->event.type]));
        service_field(&c, head->spec, &copy.event.service);
        CODEC_RANGE(&c, "generation", copy.event.generation, 0, UINT32_MAX);
        event_fields(&c, &copy.event);
    }
    return dump(c.object);
}

char *json_events_gap(uint64_t missed)
{
    return dump(json_pack("{s:I}", "missed", (json_int_t)missed));
}

static enum events_line read_head(struct codec *c, struct events_head *head, struct spec *spec)
{
    struct codec inside = codec_inside(c, "spec");

    CODEC_RANGE(c, "at", head->at, 0, LATEST);
    CODEC_RANGE(c, "seed", head->seed, 0, UINT32_MAX);
    json_spec(&inside, spec);
    c->bad = c->bad != NULL ? c->bad : inside.bad;
    return c->bad == NULL ? EVENTS_HEAD : EVENTS_BAD;
}

static enum events_line read_entry(struct codec *c, const struct spec *spec, struct logged *l)
{
    memset(l, 0, sizeof(*l));
    l->is_action = json_object_get(c->object, "action") != NULL;
    CODEC_RANGE(c, "at", l->at, 0, LATEST);
    if (l->is_action) {
        CODEC_NAME(c, "action", l->action.type, actions);
        service_field(c, spec, &l->action.service);
        CODEC_RANGE(c, "generation", l->action.generation, 0, UINT32_MAX);
        action_fields(c, &l->action);
    } else {
        l->event.now = l->at;
        CODEC_NAME(c, "event", l->event.type, events);
        service_field(c, spec, &l->event.service);
        CODEC_RANGE(c, "generation", l->event.generation, 0, UINT32_MAX);
        event_fields(c, &l->event);
    }
    return c->bad == NULL ? EVENTS_ENTRY : EVENTS_BAD;
}

enum events_line json_events_read(const char *text, size_t n, struct events_head *head,
                                  struct spec *spec, struct logged *l, const char **error)
{
    struct codec c = { .object = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL), .reading = true };
    enum events_line kind = EVENTS_BAD;

    *error = "no line of an event log";
    if (json_object_get(c.object, "spec") != NULL)
        kind = read_head(&c, head, spec);
    else if (json_object_get(c.object, "missed") != NULL)
        kind = EVENTS_GAP;
    else if (head->spec != NULL &&
             (json_object_get(c.object, "event") != NULL || json_object_get(c.object, "action") != NULL))
        kind = read_entry(&c, head->spec, l);
    if (c.bad != NULL)
        *error = c.bad; /* the name of the field */
    json_decref(c.object);
    return kind;
}
