/* One connection: its request in, its answer out. Whatever it does, it costs its slot and
 * its time, and never the loop: every read and write takes what is there and no more. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/server.h"
#include "sys/scm_rights.h"

#define READ_WITHIN 5.0  /* s; SPEC 6 */
#define WRITE_WITHIN 5.0 /* s without a byte taken */
#define CLOSE_WITHIN 1.0 /* s; for who still sends, so that no reset eats the answer */

enum { HEAD_SIZE = 512, THROWN_AWAY = 16 * 1024 };

static void watch(struct connection *c, int events)
{
    ev_io_stop(c->edge->loop, &c->io);
    ev_io_set(&c->io, c->fd, events);
    ev_io_start(c->edge->loop, &c->io);
}

static void limit(struct connection *c, double seconds)
{
    ev_timer_stop(c->edge->loop, &c->timer);
    if (seconds <= 0)
        return;
    ev_now_update(c->edge->loop);
    ev_timer_set(&c->timer, seconds, 0.);
    ev_timer_start(c->edge->loop, &c->timer);
}

void connection_close(struct connection *c)
{
    if (c->phase == CONNECTION_FREE)
        return;
    ev_io_stop(c->edge->loop, &c->io);
    ev_timer_stop(c->edge->loop, &c->timer);
    scm_rights_close(c->fd);
    free(c->in);
    free(c->out);
    c->in = c->out = NULL;
    c->phase = CONNECTION_FREE;
}

/* Half closed: the peer reads to the end, and what it sends meanwhile is thrown away. */
static void begin_closing(struct connection *c)
{
    shutdown(c->fd, SHUT_WR);
    c->phase = CONNECTION_CLOSING;
    watch(c, EV_READ);
    limit(c, CLOSE_WITHIN);
}

static void write_out(struct connection *c)
{
    while (c->out_done < c->out_length) {
        ssize_t n = send(c->fd, c->out + c->out_done, c->out_length - c->out_done,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n > 0) {
            c->out_done += (size_t)n;
            limit(c, WRITE_WITHIN);
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) {
            watch(c, EV_WRITE);
            return;
        } else {
            connection_close(c);
            return;
        }
    }
    free(c->out);
    c->out = NULL;
    c->out_length = c->out_done = 0;
    if (c->phase == CONNECTION_FOLLOWING) {
        limit(c, answer_has_more(c) ? WRITE_WITHIN : 0);
        watch(c, EV_READ | (answer_has_more(c) ? EV_WRITE : 0)); /* the rest in the next turns */
    } else {
        begin_closing(c);
    }
}

void connection_end(struct connection *c)
{
    c->phase = CONNECTION_WRITING;
    write_out(c);
}

void connection_add(struct connection *c, char *text)
{
    size_t n = text == NULL ? 0 : strlen(text);
    char *more = text == NULL ? NULL : realloc(c->out, c->out_length + n);

    if (more == NULL) {
        free(text);
        connection_close(c);
        return;
    }
    memcpy(more + c->out_length, text, n);
    free(text);
    c->out = more;
    c->out_length += n;
    if (c->phase != CONNECTION_WRITING && c->phase != CONNECTION_FOLLOWING)
        c->phase = CONNECTION_WRITING;
    limit(c, WRITE_WITHIN);
    write_out(c);
}

static char *head_of(int status, const char *type, int64_t length, const char *allow)
{
    char *head = malloc(HEAD_SIZE);
    struct str s;

    if (head == NULL)
        return NULL;
    str_init(&s, head, HEAD_SIZE);
    http_answer_head(&s, status, type, length, allow);
    return head;
}

void connection_answer(struct connection *c, int status, const char *type, char *text,
                       const char *allow)
{
    size_t n = text == NULL ? 0 : strlen(text);
    char *head = text == NULL ? NULL : head_of(status, type, (int64_t)n, allow);
    char *whole = head == NULL ? NULL : realloc(head, strlen(head) + n + 1);

    if (whole == NULL)
        free(head);
    else if (!c->route.head_only)
        strcat(whole, text);
    free(text);
    connection_add(c, whole);
}

void connection_say(struct connection *c, int status, const char *format, ...)
{
    va_list args;
    char *line = NULL;

    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        line = NULL;
    va_end(args);
    connection_answer(c, status, "text/plain; charset=utf-8", line, c->route.allow);
}

void connection_hold(struct connection *c, enum connection_phase phase)
{
    c->phase = phase;
    watch(c, EV_READ); /* so that its end is noticed */
    limit(c, 0);
    if (phase == CONNECTION_FOLLOWING)
        connection_add(c, head_of(200, "application/x-ndjson", -1, NULL));
}

static void take_head(struct connection *c)
{
    struct http_request request;
    int n = http_head(c->in, c->in_length, &request);

    if (n == 0)
        return;
    limit(c, 0);
    if (n > 0)
        answer_request(c, &request);
    else if (n == -431)
        connection_say(c, 431, "the head of the request is longer than %d bytes, or its target than %d\n",
                       HTTP_HEAD_MAX, HTTP_PATH_MAX);
    else if (n == -413)
        connection_say(c, 413, "no body is taken\n");
    else
        connection_say(c, 400, "this is no HTTP/1.1 request\n");
}

static void read_in(struct connection *c)
{
    ssize_t n = scm_rights_receive(c->fd, c->in + c->in_length, HTTP_HEAD_MAX - c->in_length, NULL, NULL);

    if (n > 0) {
        c->in_length += (size_t)n;
        take_head(c);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        connection_close(c);
    }
}

/* Nothing that counts comes any more; an end does, but for who closed only its own side and
 * has an answer to come that has begun. */
static void throw_away(struct connection *c)
{
    char nothing[THROWN_AWAY];
    ssize_t n = scm_rights_receive(c->fd, nothing, sizeof(nothing), NULL, NULL);

    if (n == 0 && c->phase == CONNECTION_FOLLOWING && !c->route.follow)
        watch(c, EV_WRITE);
    else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        connection_close(c);
}

static void io_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    struct connection *c = w->data;

    (void)loop;
    if ((revents & EV_WRITE) && c->phase == CONNECTION_FOLLOWING && c->out == NULL)
        answer_following(c);
    else if (revents & EV_WRITE)
        write_out(c);
    else if (c->phase == CONNECTION_READING)
        read_in(c);
    else
        throw_away(c);
}

static void timer_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct connection *c = w->data;

    (void)loop;
    (void)revents;
    if (c->phase == CONNECTION_READING)
        connection_say(c, 408, "the request did not come within %d s\n", (int)READ_WITHIN);
    else
        connection_close(c);
}

void connection_open(struct connection *c, int fd)
{
    c->fd = fd;
    c->phase = CONNECTION_READING;
    c->route = (struct http_route){ 0 };
    c->in_length = c->out_length = c->out_done = 0;
    c->in = malloc(HTTP_HEAD_MAX);
    ev_init(&c->timer, timer_cb);
    c->timer.data = c;
    ev_io_init(&c->io, io_cb, fd, EV_READ);
    c->io.data = c;
    if (c->in == NULL) {
        connection_close(c);
        return;
    }
    ev_set_priority(&c->io, EV_MINPRI); /* signals and services first */
    ev_io_start(c->edge->loop, &c->io);
    limit(c, READ_WITHIN);
}
