/* $NOTIFY_SOCKET of each service: readiness, more time, busy counts. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/notify_socket.h"
#include "text/notify.h"

#define VARIABLE "NOTIFY_SOCKET="

#define PAUSE 0.05 /* s */

enum { DATAGRAM_SIZE = 4096, DATAGRAMS_AT_ONCE = 64, NAMES = 16 };

static const char *path_of(const struct child *c)
{
    return c->notify_path + strlen(VARIABLE);
}

static void take_counts(struct child *c, int32_t pid, const struct notify_message *m)
{
    int64_t now = c->edge->supervisor.counted;
    struct event e = edge_event(c, EVENT_LOOKED);

    if (m->has_busy)
        evidence_said(c->evidence, pid, m->busy, m->has_total ? m->total : -1, now);
    if (m->has_status)
        evidence_status(c->evidence, m->status_busy, m->status_total);
    if (!m->has_busy)
        return;
    evidence_facts(c->evidence, now, &e.facts);
    edge_feed(c->edge, e);
}

static void take_message(struct child *c, int32_t pid, const struct notify_message *m)
{
    struct event e;

    if (m->ready) {
        e = edge_event(c, EVENT_READY);
        e.by_notify = true;
        edge_feed(c->edge, e);
    }
    if (m->extend) {
        e = edge_event(c, EVENT_EXTEND);
        e.ms = m->extend_ms;
        edge_feed(c->edge, e);
    }
    if (m->has_busy || m->has_status)
        take_counts(c, pid, m);
}

static void again_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct child *c = w->data;

    (void)revents;
    ev_io_start(loop, &c->notify_watch);
}

/* Descriptors that came along are held up at their close: no more of them now. */
static void pause_reading(struct child *c)
{
    ev_io_stop(c->edge->loop, &c->notify_watch);
    ev_timer_set(&c->notify_again, PAUSE, 0.);
    ev_timer_start(c->edge->loop, &c->notify_again);
}

/* A flood must not keep the loop from signals and timers: so many at once, and of a
 * stranger, who costs a scan of /proc, one. What is cut might be a number: it is
 * passed over, as systemd does. */
static void notify_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    struct child *c = w->data;
    char text[DATAGRAM_SIZE];
    struct notify_sender sender;
    struct notify_message m;

    (void)loop;
    (void)revents;
    /* so that what is said now is not taken for said at the last step */
    edge_feed(c->edge, (struct event){ .type = EVENT_TIMER, .service = NO_SERVICE });
    for (int k = 0; k < DATAGRAMS_AT_ONCE && !c->edge->done; k++) {
        ssize_t n = notify_socket_receive(c->notify, text, sizeof(text), &sender);

        if (n < 0 && errno == EBUSY)
            pause_reading(c);
        if (n < 0)
            return;
        if (sender.truncated || c->session == 0 || sender.pid <= 0)
            continue;
        if (!look_is_member(c, sender.pid))
            return;
        notify_parse(text, (size_t)n, &m);
        take_message(c, sender.pid, &m);
    }
}

/* Containers that share the directory have the same pids and services: the first name
 * that is free. */
static int open_name(struct child *c, int number)
{
    const struct edge *edge = c->edge;

    char suffix[16] = "";

    if (number > 0)
        snprintf(suffix, sizeof(suffix), ".%d", number);
    free(c->notify_path);
    if (asprintf(&c->notify_path, VARIABLE "%s/notify-%d%s-%s", edge->directory, (int)getpid(),
                 suffix, edge->spec->service[c->service].name) < 0) {
        c->notify_path = NULL;
        errno = ENOMEM;
        return -1;
    }
    return notify_socket_open(path_of(c));
}

void notify_open(struct child *c)
{
    const struct edge *edge = c->edge;
    const char *name = edge->spec->service[c->service].name;

    if (edge->directory[0] == '\0')
        return;
    errno = EADDRINUSE;
    for (int k = 0; k < NAMES && c->notify < 0 && errno == EADDRINUSE; k++)
        c->notify = open_name(c, k);
    if (c->notify < 0 && c->notify_path == NULL)
        return;
    if (c->notify < 0) {
        edge_say(c->edge, STORY_LEVEL_WARN, c, "%s: no notify socket at %s: %s", name, path_of(c),
                 strerror(errno));
        return;
    }
    ev_io_init(&c->notify_watch, notify_cb, c->notify, EV_READ);
    c->notify_watch.data = c;
    ev_init(&c->notify_again, again_cb);
    c->notify_again.data = c;
    /* before the signals: what was said before a TERM, or before an end, counts as said before */
    ev_set_priority(&c->notify_watch, EV_MAXPRI);
    ev_io_start(edge->loop, &c->notify_watch);
}

void notify_close(struct child *c)
{
    if (c->notify >= 0) {
        ev_io_stop(c->edge->loop, &c->notify_watch);
        ev_timer_stop(c->edge->loop, &c->notify_again);
        notify_socket_close(c->notify, path_of(c));
        c->notify = -1;
    }
    free(c->notify_path);
    c->notify_path = NULL;
}
