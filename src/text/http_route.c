#include "text/http_route.h"

#include <string.h>

#include "text/boolean.h"
#include "text/duration.h"
#include "text/signame.h"

enum { BAD_REQUEST = 400, NOT_FOUND = 404, NOT_ALLOWED = 405, SEGMENTS = 3, VALUE_SIZE = 128 };

struct row {
    const char *path[SEGMENTS]; /* "*": a name */
    enum http_method method;
    enum route_to to;
    enum request_verb verb;
};

static const struct row rows[] = {
    { { "livez" }, HTTP_GET, ROUTE_LIVEZ, 0 },
    { { "readyz" }, HTTP_GET, ROUTE_READYZ, 0 },
    { { "metrics" }, HTTP_GET, ROUTE_METRICS, 0 },
    { { "prestop", "*" }, HTTP_GET, ROUTE_PRESTOP_WORD, REQUEST_PRESTOP },
    { { "status" }, HTTP_GET, ROUTE_STATUS, 0 },
    { { "events" }, HTTP_GET, ROUTE_EVENTS, 0 },
    { { "prestop" }, HTTP_POST, ROUTE_REQUEST, REQUEST_PRESTOP },
    { { "drain" }, HTTP_POST, ROUTE_REQUEST, REQUEST_DRAIN },
    { { "shutdown" }, HTTP_POST, ROUTE_REQUEST, REQUEST_SHUTDOWN },
    { { "reload" }, HTTP_POST, ROUTE_REQUEST, REQUEST_RELOAD },
    { { "deadline" }, HTTP_POST, ROUTE_REQUEST, REQUEST_DEADLINE },
    { { "services", "*", "quiet" }, HTTP_POST, ROUTE_REQUEST, REQUEST_QUIET },
    { { "services", "*", "stop" }, HTTP_POST, ROUTE_REQUEST, REQUEST_STOP },
    { { "services", "*", "start" }, HTTP_POST, ROUTE_REQUEST, REQUEST_START },
    { { "services", "*", "restart" }, HTTP_POST, ROUTE_REQUEST, REQUEST_RESTART },
    { { "services", "*", "signal" }, HTTP_POST, ROUTE_REQUEST, REQUEST_SIGNAL },
};

/* The path in pieces, unescaped one by one, so that an escaped slash divides nothing.
 * Returns how many; -1: an escape that is none; SEGMENTS + 1: more than any path has. */
static int split(const char *path, char pieces[SEGMENTS][VALUE_SIZE])
{
    int n = 0;

    while (*path == '/') {
        size_t length = strcspn(path + 1, "/");

        if (n == SEGMENTS)
            return SEGMENTS + 1;
        if (length >= VALUE_SIZE)
            return SEGMENTS + 1;
        if (http_unescape(path + 1, length, pieces[n], VALUE_SIZE) != 0)
            return -1;
        n++;
        path += 1 + length;
    }
    return n;
}

static bool fits(const struct row *row, char pieces[SEGMENTS][VALUE_SIZE], int count)
{
    if (count > SEGMENTS)
        return false;
    for (int k = 0; k < SEGMENTS; k++) {
        if ((row->path[k] == NULL) != (k >= count))
            return false;
        if (k < count && strcmp(row->path[k], pieces[k]) != 0 &&
            (strcmp(row->path[k], "*") != 0 || pieces[k][0] == '\0'))
            return false;
    }
    return true;
}

static int bad(struct http_route *out, const char *error)
{
    out->error = error;
    return BAD_REQUEST;
}

/* A parameter that is a switch: a boolean as SPEC 2 writes them; alone it is on. 0, or -1. */
static int read_switch(const char *query, const char *name, bool *on)
{
    char value[VALUE_SIZE];
    int r = http_parameter(query, name, value, sizeof(value));

    *on = r == 1;
    return r == 1 && value[0] != '\0' ? boolean_parse(value, on) : r < 0 ? -1 : 0;
}

static int read_verb(const char *query, struct http_route *out)
{
    char value[VALUE_SIZE] = "";
    bool now;
    int signo;

    if (read_switch(query, "wait", &out->wait) < 0)
        return bad(out, "wait: not to be read");
    if (out->of_service || out->verb == REQUEST_RELOAD)
        out->wait = false; /* of a drain of all there is an end to wait for */
    if (out->verb == REQUEST_SHUTDOWN) {
        if (read_switch(query, "now", &now) < 0)
            return bad(out, "now: not to be read");
        out->verb = now ? REQUEST_SHUTDOWN_NOW : REQUEST_SHUTDOWN;
    } else if (out->verb == REQUEST_DEADLINE) {
        if (http_parameter(query, "in", value, sizeof(value)) != 1 ||
            duration_parse(value, &out->ms) != 0)
            return bad(out, "deadline needs ?in=DURATION, such as ?in=90s");
    } else if (out->verb == REQUEST_SIGNAL) {
        if (http_parameter(query, "name", value, sizeof(value)) != 1)
            return bad(out, "signal needs ?name=SIGNAL, such as ?name=USR1");
        signo = signal_number(value);
        if (signo <= 0)
            return bad(out, "there is no signal of that name");
        out->signo = (uint8_t)signo;
    }
    return 0;
}

static int read_query(const char *query, struct http_route *out)
{
    int r;

    switch (out->to) {
    case ROUTE_READYZ:
        r = http_parameter(query, "service", out->name, sizeof(out->name));
        out->of_service = r == 1;
        return r < 0 ? bad(out, "service: not to be read") : 0;
    case ROUTE_EVENTS:
        return read_switch(query, "follow", &out->follow) < 0 ? bad(out, "follow: not to be read")
                                                              : 0;
    case ROUTE_REQUEST:
        return read_verb(query, out);
    case ROUTE_LIVEZ:
    case ROUTE_METRICS:
    case ROUTE_PRESTOP_WORD:
    case ROUTE_STATUS:
        break;
    }
    return 0;
}

static int take_row(const struct row *row, char pieces[SEGMENTS][VALUE_SIZE], const char *query,
                    struct http_route *out)
{
    out->to = row->to;
    out->verb = row->verb;
    if (row->path[1] != NULL) {
        if (strlen(pieces[1]) >= sizeof(out->name)) {
            out->error = "there is no such service";
            return NOT_FOUND;
        }
        strcpy(out->name, pieces[1]);
        out->of_service = row->to == ROUTE_REQUEST;
    }
    return read_query(query, out);
}

int http_route(const struct http_request *request, struct http_route *out)
{
    char pieces[SEGMENTS][VALUE_SIZE];
    int count = split(request->path, pieces);
    const struct row *other = NULL;

    memset(out, 0, sizeof(*out));
    out->head_only = request->method == HTTP_HEAD;
    if (count < 0)
        return bad(out, "the path has an escape that is none");
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        if (!fits(&rows[k], pieces, count))
            continue;
        if (rows[k].method == request->method)
            return take_row(&rows[k], pieces, request->query, out);
        other = &rows[k];
    }
    if (other == NULL) {
        out->error = "there is nothing of that name";
        return NOT_FOUND;
    }
    out->to = other->to;
    out->error = "another method is needed";
    out->allow = other->method == HTTP_GET ? "GET" : "POST";
    return NOT_ALLOWED;
}

bool http_route_is_open(const struct http_route *route)
{
    return route->to == ROUTE_LIVEZ || route->to == ROUTE_READYZ || route->to == ROUTE_METRICS ||
           route->to == ROUTE_PRESTOP_WORD;
}
