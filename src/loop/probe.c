/* Probes of readiness that need a socket or a file: one attempt at a time, each
 * non-blocking, until one succeeds or the core ends them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/path_check.h"
#include "sys/scm_rights.h"
#include "text/ascii.h"
#include "text/endpoint.h"

enum { ANSWER_SIZE = 12, REQUEST_SIZE = 8192 }; /* `HTTP/1.1 200` */

#define PAUSE 0.25          /* s between attempts */
#define ATTEMPT_TIMEOUT 5.0 /* s; a server that accepts and says nothing is not ready */

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    };
    socklen_t length;
};

/* Numbers and `localhost` only: a look-up of names could block. */
static int address_of_host(const char *text, size_t n, bool v6, struct address *out)
{
    struct endpoint end;
    const char *host;

    memset(out, 0, sizeof(*out));
    if (endpoint_parse(text, n, &end) != 0)
        return -1;
    host = strcmp(end.host, "localhost") != 0 ? end.host : v6 ? "::1" : "127.0.0.1";
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(end.port);
        out->length = sizeof(out->v4);
        return 0;
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) != 1)
        return -1;
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(end.port);
    out->length = sizeof(out->v6);
    return 0;
}

static int address_of(const struct ready_spec *ready, bool v6, struct address *out)
{
    const char *at = ready->target;

    if (ready->kind == READY_UNIX) {
        memset(out, 0, sizeof(*out));
        out->local.sun_family = AF_UNIX;
        if (strlen(at) >= sizeof(out->local.sun_path))
            return -1;
        memcpy(out->local.sun_path, at, strlen(at));
        out->length = sizeof(out->local);
        return 0;
    }
    if (ready->kind == READY_HTTP)
        at += strlen(READY_HTTP_PREFIX);
    return address_of_host(at, strcspn(at, "/"), v6, out);
}

static const struct ready_spec *ready_of(const struct child *c)
{
    return &c->edge->spec->service[c->service].ready;
}

static void close_attempt(struct child *c)
{
    if (c->probe < 0)
        return;
    ev_io_stop(c->edge->loop, &c->probe_watch);
    if (ready_of(c)->kind == READY_UNIX)
        scm_rights_close(c->probe);
    else
        close(c->probe);
    c->probe = -1;
}

static void again_in(struct child *c, double seconds)
{
    ev_timer_stop(c->edge->loop, &c->probe_timer);
    ev_timer_set(&c->probe_timer, seconds, 0.);
    ev_now_update(c->edge->loop);
    ev_timer_start(c->edge->loop, &c->probe_timer);
}

static void succeed(struct child *c)
{
    probe_end(c);
    edge_feed(c->edge, edge_event(c, EVENT_READY));
}

static void fail(struct child *c)
{
    close_attempt(c);
    again_in(c, PAUSE);
}

static bool send_request(struct child *c)
{
    const char *host = ready_of(c)->target + strlen(READY_HTTP_PREFIX);
    const char *path = strchr(host, '/');
    char request[REQUEST_SIZE];
    int n = snprintf(request, sizeof(request),
                     "GET %s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n"
                     "User-Agent: lastcall\r\n\r\n",
                     path == NULL ? "/" : path, (int)strcspn(host, "/"), host);

    return n > 0 && (size_t)n < sizeof(request) &&
           send(c->probe, request, (size_t)n, MSG_NOSIGNAL) == n;
}

/* An answer may come in pieces: nothing is readable before so much of it is there. */
static void await_answer(struct child *c)
{
    int size = ANSWER_SIZE;

    setsockopt(c->probe, SOL_SOCKET, SO_RCVLOWAT, &size, sizeof(size));
    c->probe_sent = true;
    ev_io_stop(c->edge->loop, &c->probe_watch);
    ev_io_set(&c->probe_watch, c->probe, EV_READ);
    ev_io_start(c->edge->loop, &c->probe_watch);
}

/* `HTTP/1.1 200 OK`: 2xx and 3xx are ready, as for the kubelet. */
static bool answer_is_good(int fd)
{
    char answer[ANSWER_SIZE];
    ssize_t n = recv(fd, answer, sizeof(answer), 0);

    return n == ANSWER_SIZE && memcmp(answer, "HTTP/1.", 7) == 0 && answer[8] == ' ' &&
           (answer[9] == '2' || answer[9] == '3') && ascii_is_digit(answer[10]) &&
           ascii_is_digit(answer[11]);
}

/* Where nobody listens yet, the kernel may choose the very port as the source: a connection with itself. A
 * reset ends it, as what waits for its end would keep the port from who is to listen there. */
static bool met_itself(int fd)
{
    struct linger reset = { .l_onoff = 1 };
    struct address own = { .length = sizeof(own.local) }, peer = { .length = sizeof(peer.local) };

    if (getsockname(fd, &own.any, &own.length) != 0 || getpeername(fd, &peer.any, &peer.length) != 0 ||
        own.length != peer.length || memcmp(&own.any, &peer.any, own.length) != 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    return true;
}

static void probe_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    struct child *c = w->data;
    int error = 0;
    socklen_t size = sizeof(error);

    (void)loop;
    (void)revents;
    if (ready_of(c)->kind == READY_FILE) {
        if (path_check_answer(c->probe))
            succeed(c);
        else
            fail(c);
        return;
    }
    if (c->probe_sent) {
        if (answer_is_good(c->probe))
            succeed(c);
        else
            fail(c);
        return;
    }
    if (getsockopt(c->probe, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0 ||
        met_itself(c->probe)) {
        fail(c);
    } else if (ready_of(c)->kind != READY_HTTP) {
        succeed(c);
    } else if (send_request(c)) {
        await_answer(c);
    } else {
        fail(c);
    }
}

static void watch_attempt(struct child *c, int events)
{
    ev_io_init(&c->probe_watch, probe_cb, c->probe, events);
    c->probe_watch.data = c;
    ev_io_start(c->edge->loop, &c->probe_watch);
}

/* No second one before the first has answered. */
static void attempt_file(struct child *c)
{
    c->probe = path_check_start(ready_of(c)->target);
    if (c->probe < 0)
        again_in(c, PAUSE);
    else
        watch_attempt(c, EV_READ);
}

static void attempt(struct child *c)
{
    struct address address;

    close_attempt(c);
    if (ready_of(c)->kind == READY_FILE) {
        attempt_file(c);
        return;
    }
    again_in(c, PAUSE);
    if (address_of(ready_of(c), c->probe_v6, &address) != 0)
        return;
    c->probe_v6 = !c->probe_v6;
    c->probe = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->probe < 0)
        return;
    if (ready_of(c)->kind == READY_UNIX)
        scm_rights_refuse(c->probe);
    if (!scm_rights_room(c->probe) ||
        (connect(c->probe, &address.any, address.length) != 0 && errno != EINPROGRESS)) {
        close(c->probe);
        c->probe = -1;
        return;
    }
    again_in(c, ATTEMPT_TIMEOUT);
    c->probe_sent = false;
    watch_attempt(c, EV_WRITE);
}

static void timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    attempt(w->data);
}

static bool can_be_asked(const struct child *c)
{
    struct address address;

    return ready_of(c)->kind == READY_FILE || address_of(ready_of(c), false, &address) == 0;
}

void probe_begin(struct child *c)
{
    probe_end(c);
    if (!can_be_asked(c)) {
        edge_say(c->edge, STORY_LEVEL_WARN, c,
                 "%s: readiness is asked at numbers and at localhost only, not at a name; it "
                 "cannot become ready",
                 c->edge->spec->service[c->service].name);
        return;
    }
    ev_init(&c->probe_timer, timer_cb);
    c->probe_timer.data = c;
    attempt(c);
}

void probe_end(struct child *c)
{
    close_attempt(c);
    ev_timer_stop(c->edge->loop, &c->probe_timer);
}
