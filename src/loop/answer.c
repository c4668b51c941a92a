/* What each request gets: SPEC 6. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "loop/server.h"
#include "sys/clock.h"
#include "text/duration.h"
#include "text/json_status.h"
#include "text/metrics.h"

#define JSON "application/json"

enum {
    METRICS_ROOM = 16 * 1024,       /* doubled while it does not suffice */
    METRICS_MOST = 16 * 1024 * 1024,
    ENTRIES_AT_ONCE = 64,           /* of the event log, in one turn of the loop */
    ENTRIES_ROOM = 192 * 1024       /* for so many, and for the head with 64 services */
};

static void observe(struct edge *edge)
{
    if (supervisor_wants_observe(&edge->supervisor, clock_monotonic_ms()))
        edge_feed(edge, (struct event){ .type = EVENT_OBSERVE, .service = NO_SERVICE });
}

static void answer_status(struct connection *c, int status)
{
    struct status now;

    observe(c->edge);
    snapshot_take(c->edge, &now, false);
    connection_answer(c, status, JSON, json_status(&now), NULL);
}

static void answer_metrics(struct connection *c)
{
    struct status now;
    struct str s = { .truncated = true };
    char *text = NULL;

    observe(c->edge);
    snapshot_take(c->edge, &now, true);
    for (size_t room = METRICS_ROOM; s.truncated && room <= METRICS_MOST; room *= 2) {
        char *more = realloc(text, room);

        if (more == NULL)
            break;
        text = more;
        str_init(&s, text, room);
        metrics_write(&s, &now);
    }
    if (s.truncated) {
        free(text);
        text = NULL;
    }
    connection_answer(c, 200, METRICS_TYPE, text, NULL);
}

/* spec->count: there is none of that name. */
static size_t service_named(const struct edge *edge, const char *name)
{
    size_t i = 0;

    while (i < edge->spec->count && strcmp(edge->spec->service[i].name, name) != 0)
        i++;
    return i;
}

/* One line, whatever was asked for. */
static void say_unknown(struct connection *c)
{
    const char *name = c->route.name;

    for (const char *at = name; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            name = "of that name";
    connection_say(c, 404, "there is no service %s\n", name);
}

static void answer_readyz(struct connection *c)
{
    const struct edge *edge = c->edge;
    const struct supervisor *s = &edge->supervisor;
    bool one = c->route.of_service;
    size_t i = one ? service_named(edge, c->route.name) : supervisor_unready(s);
    bool ready = one ? i < edge->spec->count && supervisor_service_ready(s, i)
                     : i == edge->spec->count;

    if (one && i == edge->spec->count)
        say_unknown(c);
    else if (supervisor_shutting_down(s))
        connection_say(c, 503, "not ready: a shutdown is under way (%s)\n", cause_name(s->cause));
    else if (!ready)
        connection_say(c, 503, "not ready: %s is %s\n", edge->spec->service[i].name,
                       state_name(s->service[i].state));
    else
        connection_say(c, 200, "ready\n");
}

static int status_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_ACCEPTED:
        return 202;
    case VERDICT_UNKNOWN:
        return 404;
    case VERDICT_OUT_OF_RANGE:
        return 400;
    case VERDICT_SHUTTING_DOWN:
    case VERDICT_NEEDED:
    case VERDICT_NOT_RUNNING:
    case VERDICT_RUNNING:
    case VERDICT_NO_QUIET:
        break;
    }
    return 409;
}

/* Of a shutdown, not only of its drain. */
static bool waits_for_end(const struct connection *c)
{
    return c->route.verb == REQUEST_SHUTDOWN || c->route.verb == REQUEST_SHUTDOWN_NOW;
}

/* The hook's own output is not in the pod's log: what it waits for is told here. */
static void begin_waiting(struct connection *c)
{
    const struct supervisor *s = &c->edge->supervisor;
    char left[32];
    struct str duration;

    connection_hold(c, CONNECTION_WAITING);
    if (waits_for_end(c) || supervisor_drain_outcome(s) != DRAIN_PENDING) {
        answer_waiting(c, false);
        return;
    }
    str_init(&duration, left, sizeof(left));
    duration_format(&duration, supervisor_remaining(s)); /* NEVER: `none` */
    edge_say(c->edge, STORY_LEVEL_INFO, NULL, "%s: waits until drained, time left: %s",
             request_name(c->route.verb), left);
}

static void ask_core(struct connection *c)
{
    struct edge *edge = c->edge;
    struct event e = { .type = EVENT_REQUEST, .service = NO_SERVICE };

    if (c->route.of_service) {
        e.service = (uint8_t)service_named(edge, c->route.name);
        if (e.service == edge->spec->count) {
            say_unknown(c);
            return;
        }
    }
    if (c->route.verb == REQUEST_RELOAD) {
        connection_say(c, 409, "reload is not carried out by this release\n");
        return;
    }
    c->verdict = VERDICT_SHUTTING_DOWN; /* of who does not listen any more */
    e.request.verb = c->route.verb;
    e.request.signo = c->route.signo;
    e.request.ms = c->route.ms;
    e.request.token = (uint32_t)c->number;
    edge_feed(edge, e); /* server_reply() comes before it returns */
    if (c->verdict != VERDICT_ACCEPTED)
        connection_say(c, status_of(c->verdict), "%s%s%s refused: %s\n", request_name(e.request.verb),
                       c->route.of_service ? " " : "", c->route.name, verdict_text(c->verdict));
    else if (c->route.wait)
        begin_waiting(c);
    else
        answer_status(c, 202);
}

static void answer_prestop_word(struct connection *c)
{
    const char *word = c->edge->options->door->prestop;

    if (word == NULL) {
        connection_say(c, 403, "http_prestop is not set\n");
    } else if (strcmp(c->route.name, word) != 0) {
        connection_say(c, 404, "http_prestop is another word\n");
    } else {
        c->route.name[0] = '\0';
        c->route.wait = true;
        ask_core(c);
    }
}

void answer_request(struct connection *c, const struct http_request *request)
{
    int status = http_route(request, &c->route);

    if (!c->control && (status == 404 || status == 405 || !http_route_is_open(&c->route))) {
        c->route.allow = NULL;
        connection_say(c, 403, "only GET of /livez, /readyz and /metrics is answered here\n");
        return;
    }
    if (status != 0) {
        connection_say(c, status, "%s\n", c->route.error);
        return;
    }
    switch (c->route.to) {
    case ROUTE_LIVEZ:
        connection_say(c, 200, "alive\n");
        break;
    case ROUTE_READYZ:
        answer_readyz(c);
        break;
    case ROUTE_METRICS:
        answer_metrics(c);
        break;
    case ROUTE_PRESTOP_WORD:
        answer_prestop_word(c);
        break;
    case ROUTE_STATUS:
        answer_status(c, 200);
        break;
    case ROUTE_EVENTS:
        c->is_new = true;
        c->next = 0;
        connection_hold(c, CONNECTION_FOLLOWING);
        break;
    case ROUTE_REQUEST:
        ask_core(c);
        break;
    }
}

void answer_waiting(struct connection *c, bool at_end)
{
    enum drain_outcome outcome = supervisor_drain_outcome(&c->edge->supervisor);
    const char *what = request_name(c->route.verb);

    if (!at_end && (outcome == DRAIN_PENDING || waits_for_end(c)))
        return;
    if (c->route.verb == REQUEST_SHUTDOWN_NOW)
        connection_say(c, 200, "stopped\n"); /* nothing was to be waited for, so nothing is late */
    else if (outcome == DRAIN_DONE)
        connection_say(c, 200, "drained\n");
    else
        connection_say(c, 503, "not drained in time: jobs that run are handed back\n");
    if (at_end)
        return; /* the last line of the log is out */
    if (outcome == DRAIN_DONE)
        edge_say(c->edge, STORY_LEVEL_INFO, NULL, "%s: drained, returns", what);
    else
        edge_say(c->edge, STORY_LEVEL_WARN, NULL, "%s: not drained in time, returns", what);
}

bool answer_has_more(const struct connection *c)
{
    return c->is_new || c->next < c->edge->log.next || !c->route.follow;
}

/* A line into s; a NULL one (no memory) is left out, as one that was missed. */
static void add_line(struct str *s, char *line)
{
    if (line == NULL)
        return;
    str_add(s, line);
    str_addc(s, '\n');
    free(line);
}

void answer_following(struct connection *c)
{
    const struct event_log *log = &c->edge->log;
    uint64_t first = event_log_first(log);
    struct str s;
    char *text;

    if (c->out != NULL)
        return;
    if (!answer_has_more(c))
        return;
    if (!c->is_new && c->next >= log->next) {
        connection_end(c);
        return;
    }
    text = malloc(ENTRIES_ROOM);
    if (text == NULL) {
        connection_close(c);
        return;
    }
    str_init(&s, text, ENTRIES_ROOM);
    if (c->is_new)
        add_line(&s, json_events_head(&c->edge->began));
    c->is_new = false;
    if (c->next < first) {
        add_line(&s, json_events_gap(first - c->next));
        c->next = first;
    }
    for (int k = 0; k < ENTRIES_AT_ONCE && c->next < log->next; k++, c->next++)
        add_line(&s, json_events_entry(&c->edge->began, c->next, event_log_get(log, c->next)));
    connection_add(c, text);
}
