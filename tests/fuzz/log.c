/* The log: whatever a story, a line or an event holds, it comes out as one line that a terminal
 * does not obey, and as JSON as one object that says the same. */
#include <jansson.h>

#include "core/event_log.h"
#include "fuzz/fuzz.h"
#include "text/json_escape.h"
#include "text/json_events.h"
#include "text/log_line.h"

enum { STORY_SIZE = 512 };

/* The input as values; zeros when there is no more. */
struct input {
    const uint8_t *at;
    size_t left;
};

static uint64_t take(struct input *in, size_t n)
{
    uint64_t v = 0;

    for (; n > 0; n--) {
        v = v << 8 | (in->left > 0 ? *in->at : 0);
        in->at += in->left > 0;
        in->left -= in->left > 0;
    }
    return v;
}

/* Often small, sometimes anything. */
static int64_t take_number(struct input *in)
{
    uint64_t kind = take(in, 1);

    if (kind == 0xff)
        return NEVER;
    return kind < 0x80 ? (int64_t)kind - 2 : (int64_t)take(in, kind % 8 + 1);
}

static uint64_t take_below(struct input *in, uint64_t n)
{
    return take(in, 4) % n;
}

static void check_harmless(const char *text, size_t n)
{
    for (size_t k = 0; k < n; k++)
        require((unsigned char)text[k] >= ' ' && text[k] != 0x7f, "a character that a terminal obeys");
}

/* Is the string what went in? What was no UTF-8 is told by its escape. */
static void check_said(const json_t *said, const char *raw, size_t raw_length, const char *text, size_t n)
{
    static const char replaced[] = "\\ufffd";

    require(json_is_string(said), "not a string");
    if (memmem(raw, raw_length, replaced, strlen(replaced)) != NULL)
        return;
    require(json_string_length(said) == n && memcmp(json_string_value(said), text, n) == 0, "it says another thing");
}

static void check_escape(const char *text, size_t n)
{
    size_t size = 6 * n + 3;
    char *buf = malloc(size);
    struct str s;
    json_t *value;

    require(buf != NULL, "no memory");
    str_init(&s, buf, size);
    str_addc(&s, '"');
    json_escape(&s, text, n);
    str_addc(&s, '"');
    require(!s.truncated, "more than six bytes for one");
    for (size_t k = 0; k < s.len; k++)
        require((unsigned char)buf[k] >= ' ', "a control character in JSON");
    value = json_loadb(buf, s.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    check_said(value, buf, s.len, text, n);
    json_decref(value);
    free(buf);
}

static void check_json(const char *service, enum story_level level, const char *line)
{
    char *buf = malloc(LOG_LINE_SIZE);
    struct str s;
    json_t *o;
    const char *said;

    require(buf != NULL, "no memory");
    str_init(&s, buf, LOG_LINE_SIZE);
    log_line_json(&s, (int64_t)(hash_bytes(line, strlen(line)) >> 20), level, service, line);
    require(!s.truncated && memchr(buf, '\n', s.len) == NULL, "more than a line");
    o = json_loadb(buf, s.len, JSON_REJECT_DUPLICATES, NULL);
    require(json_is_object(o), "a line that is no JSON");
    require(json_is_string(json_object_get(o, "time")) && json_is_string(json_object_get(o, "level")), "no time");
    require(json_object_size(o) == (service != NULL ? 4 : 3), "a field more or less");
    if (service != NULL)
        check_said(json_object_get(o, "service"), buf, s.len, service, strlen(service));
    said = json_string_value(json_object_get(o, "line"));
    require(said != NULL, "a line without words");
    if (strlen(line) <= LOG_LINE_TEXT)
        check_said(json_object_get(o, "line"), buf, s.len, line, strlen(line));
    json_decref(o);
    free(buf);
}

static void check_text(const char *line)
{
    char *buf = malloc(LOG_LINE_SIZE);
    struct str s;

    require(buf != NULL, "no memory");
    str_init(&s, buf, LOG_LINE_SIZE);
    log_line_text(&s, line);
    check_harmless(buf, s.len);
    require(s.truncated || s.len == strlen("lastcall: ") + strlen(line), "words that are lost");
    free(buf);
}

/* The same story in less room is the beginning of it. */
static void check_cut(const struct story_input *in, const char *line, size_t size)
{
    char *less = malloc(size);
    size_t n;

    require(less != NULL, "no memory");
    n = story_line(in, less, size);
    require(n < size && strlen(less) == n && strncmp(line, less, n) == 0, "another story in less room");
    free(less);
}

static void check_story(struct input *from, const char *text)
{
    static const char *const names[] = { NULL, "web",
                                         "as-long-as-a-name-may-be-0123456789-0123456789-0123456789-01234" };
    char line[STORY_SIZE];
    struct story_input in = { .id = (enum story)take_below(from, STORY_COUNT) };
    size_t n;

    in.service = names[take(from, 1) % 3];
    in.other = take(from, 1) % 2 == 0 ? NULL : text;
    in.pid = (int32_t)take_number(from);
    in.signo = (uint8_t)take(from, 1);
    in.a = take_number(from);
    in.b = take_number(from);
    in.c = take_number(from);
    n = story_line(&in, line, sizeof(line));
    require(n < sizeof(line) && (n == 0) == (in.id == STORY_BOOKS || in.id == STORY_DONE), "nothing said, or too much");
    require(story_level(&in) <= STORY_LEVEL_DEBUG, "a level that is none");
    if (n == 0)
        n = story_done_line(in.a, in.b, in.c, in.pid, in.signo, line, sizeof(line));
    else
        check_cut(&in, line, 1 + take_below(from, sizeof(line)));
    require(strlen(line) == n, "a line with an end in it");
    check_text(line);
    check_json(in.service, story_level(&in), line);
    if (in.other == NULL)
        check_harmless(line, n);
}

/* --- the event log ------------------------------------------------------- */

static void make_event(struct input *in, struct event *e)
{
    switch (e->type) {
    case EVENT_SIGNAL:
        e->signal.signo = (uint8_t)(1 + take_below(in, SIGNALS_MAX - 1));
        e->signal.sender = (int32_t)take_number(in);
        break;
    case EVENT_REQUEST:
        e->request.verb = (enum request_verb)take_below(in, REQUEST_SIGNAL + 1);
        e->request.signo = (uint8_t)(1 + take_below(in, SIGNALS_MAX - 1));
        e->request.token = (uint32_t)take_number(in);
        e->request.ms = (int64_t)(take(in, 8) >> 1) % NEVER;
        break;
    case EVENT_SPAWN_FAILED:
        e->spawn.stage = (enum spawn_stage)take_below(in, SPAWN_EXEC + 1);
        e->spawn.missing = take(in, 1) % 2;
        e->spawn.error = (int32_t)take_below(in, INT32_MAX);
        break;
    case EVENT_EXITED:
        e->exit.code = (uint8_t)take(in, 1);
        e->exit.signo = (uint8_t)take_below(in, SIGNALS_MAX);
        break;
    case EVENT_LOOKED:
        e->facts.members = (uint16_t)take(in, 2);
        e->facts.work = (enum knowledge)take_below(in, WORK_IDLE + 1);
        e->facts.busy = (int32_t)take(in, 3) - 1;
        e->facts.total = e->facts.unended = e->facts.major = -1;
        break;
    case EVENT_EXTEND:
        e->ms = (int64_t)(take(in, 8) >> 1) % NEVER;
        break;
    case EVENT_EXEC_DONE:
        e->exec.purpose = (enum exec_purpose)take_below(in, EXEC_PURPOSES);
        e->exec.ok = take(in, 1) % 2;
        break;
    case EVENT_HOOK_DONE:
        e->hook.hook = (enum hook)take_below(in, HOOK_COUNT);
        break;
    case EVENT_ORPHANS:
        e->count = (uint32_t)take(in, 4);
        break;
    case EVENT_READY:
        e->by_notify = take(in, 1) % 2;
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_OBSERVE:
    case EVENT_SPAWNED:
    case EVENT_COUNT:
        break;
    }
}

static void make_action(struct input *in, struct action *a)
{
    switch (a->type) {
    case ACT_SIGNAL:
    case ACT_QUIET:
    case ACT_ORPHANS:
        a->signal.signo = (uint8_t)take_below(in, SIGNALS_MAX);
        a->signal.target = (enum signal_target)take_below(in, TARGET_EVERYTHING + 1);
        a->signal.stop = take(in, 1) % 2;
        break;
    case ACT_EXEC:
    case ACT_EXEC_END:
        a->exec.purpose = (enum exec_purpose)take_below(in, EXEC_PURPOSES);
        a->exec.step = (uint8_t)take(in, 1);
        a->exec.ms = take_number(in);
        break;
    case ACT_HOOK:
        a->hook.hook = (enum hook)take_below(in, HOOK_COUNT);
        a->hook.ms = take_number(in);
        break;
    case ACT_REPLY:
        a->reply.token = (uint32_t)take(in, 4);
        a->reply.verdict = (enum verdict)take_below(in, VERDICT_OUT_OF_RANGE + 1);
        break;
    case ACT_STORY:
        a->story.id = (enum story)take_below(in, STORY_COUNT);
        a->story.a = take_number(in);
        a->story.b = take_number(in);
        a->story.c = take_number(in);
        break;
    case ACT_EXIT:
        a->code = (uint8_t)take(in, 1);
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

static const struct spec *some_spec(void)
{
    static struct spec spec = { .deadline = NEVER, .margin = NEVER };
    service_set cycle;

    if (spec.count > 0)
        return &spec;
    service_spec_init(&spec.service[spec.count++], "web", KIND_SERVICE);
    service_spec_init(&spec.service[spec.count++], "worker", KIND_SERVICE);
    require(spec_finish(&spec, &cycle) == 0, "they wait for each other");
    return &spec;
}

static void check_entry(struct input *in)
{
    static struct spec none;
    struct events_head head = { .version = "1", .spec = some_spec() };
    struct logged l = { .is_action = take(in, 1) % 2, .at = (int64_t)(take(in, 8) >> 11) }, again;
    uint8_t service = (uint8_t)(take(in, 1) % 3 == 2 ? NO_SERVICE : take(in, 1) % 2);
    const char *error;
    char *one, *two;

    if (l.is_action) {
        l.action = (struct action){ .type = (enum action_type)take_below(in, ACTION_COUNT), .service = service,
                                    .generation = (uint32_t)take_number(in) };
        make_action(in, &l.action);
    } else {
        l.event = (struct event){ .type = (enum event_type)take_below(in, EVENT_COUNT), .service = service,
                                  .generation = (uint32_t)take_number(in), .now = l.at };
        make_event(in, &l.event);
    }
    one = json_events_entry(&head, 3, &l);
    require(one != NULL, "an entry that cannot be written");
    check_harmless(one, strlen(one));
    require(json_events_read(one, strlen(one), &head, &none, &again, &error) == EVENTS_ENTRY,
            "an entry that cannot be read back");
    two = json_events_entry(&head, 3, &again);
    require(two != NULL && strcmp(one, two) == 0, "an entry that has changed");
    free(one);
    free(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    char *text = copy_string(data, size), *bytes = copy_bytes(data, size);

    check_escape(bytes, size);
    check_text(text);
    check_json(NULL, STORY_LEVEL_INFO, text);
    check_story(&in, text);
    for (int n = 0; n < 4 && in.left > 0; n++)
        check_entry(&in);
    free(bytes);
    free(text);
    return 0;
}
