/* What a request is for: the table of SPEC 6. */
#ifndef LASTCALL_TEXT_HTTP_ROUTE_H
#define LASTCALL_TEXT_HTTP_ROUTE_H

#include "core/event.h"
#include "text/http.h"

enum route_to {
    ROUTE_LIVEZ,
    ROUTE_READYZ,
    ROUTE_METRICS,
    ROUTE_PRESTOP_WORD, /* GET /prestop/WORD */
    ROUTE_STATUS,
    ROUTE_EVENTS,
    ROUTE_REQUEST       /* .verb, for the core */
};

struct http_route {
    enum route_to to;
    enum request_verb verb;
    bool of_service;                  /* the verb is for the service `name` */
    char name[SERVICE_NAME_MAX + 1];  /* of a service, or ""; of ROUTE_PRESTOP_WORD the word */
    uint8_t signo;                    /* REQUEST_SIGNAL */
    int64_t ms;                       /* REQUEST_DEADLINE */
    bool follow;                      /* ROUTE_EVENTS */
    bool wait;                        /* the answer comes when it is drained, or all is over */
    const char *error;                /* why not, one line; static */
    const char *allow;                /* of a 405 */
    bool head_only;                   /* the answer to HEAD has no body (RFC 9110, 9.3.2) */
};

/* Finds where it leads. 0, or the status that it gets instead: 400, 404, 405. */
int http_route(const struct http_request *request, struct http_route *out);

/* May it be asked on `listen`: the first four rows of the table? */
bool http_route_is_open(const struct http_route *route);

#endif
