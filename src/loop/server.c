/* The two sockets of the door, and who gets one of its places. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/server.h"
#include "sys/descriptors.h"

enum {
    CONTROL_MODE = 0600,
    SHARED_MODE = 0666,
    PLACES_LEAST = 4,
    OWN_FILES = 16,
    FILES_OF_SERVICE = 4
};

#define AGAIN 5.0       /* s; the port of a container that still drains becomes free */
#define NO_MORE_FILES 1.0 /* s; a connection that cannot be taken stays readable */

/* Who goes where no place is left: the oldest of those whose request is not whole, or who
 * have their answer; else who only looks on; who waits for a drain is the last. */
static int patience_with(const struct connection *c)
{
    switch (c->phase) {
    case CONNECTION_FREE:
        return 0;
    case CONNECTION_READING:
    case CONNECTION_CLOSING:
        return 1;
    case CONNECTION_FOLLOWING:
    case CONNECTION_WRITING:
        return 2;
    case CONNECTION_WAITING:
        return 3;
    }
    return 3;
}

/* A place for one more; the ones kept for the control socket are no others'. */
static struct connection *place_for(struct server *server, bool control)
{
    struct connection *best = NULL;
    size_t others = 0;
    bool full;

    for (size_t k = 0; k < server->places; k++)
        others += server->connection[k].phase != CONNECTION_FREE && !server->connection[k].control;
    full = !control && others >= server->places - server->kept;
    for (size_t k = 0; k < server->places; k++) {
        struct connection *c = &server->connection[k];

        if (full && (c->phase == CONNECTION_FREE || c->control))
            continue; /* one of its own kind has to go */
        if (best == NULL || patience_with(c) < patience_with(best) ||
            (patience_with(c) == patience_with(best) && c->number < best->number))
            best = c;
    }
    connection_close(best);
    return best;
}

static bool may_use(const struct edge *edge, uint32_t uid)
{
    const struct door *door = edge->options->door;

    for (size_t k = 0; k < door->users; k++)
        if (door->user[k] == uid)
            return true;
    return uid == 0 || uid == geteuid();
}

/* Who is refused gets that answer at one of the places for everybody. */
static void take_connection(struct opening *o, int fd)
{
    struct server *server = o->edge->server;
    uint32_t uid = 0;
    bool known = listener_peer(fd, &uid) == 0, refused = o->control && !(known && may_use(o->edge, uid));
    struct connection *c = place_for(server, o->control && !refused);

    c->edge = o->edge;
    c->control = o->control && !refused;
    c->number = ++server->connections;
    connection_open(c, fd);
    if (!refused || c->phase == CONNECTION_FREE)
        return;
    if (known)
        connection_say(c, 403, "user id %u may not use the control socket (control_users)\n", uid);
    else
        connection_say(c, 403, "it cannot be seen who asks\n");
}

static void again_in(struct opening *o, double seconds)
{
    ev_now_update(o->edge->loop);
    ev_timer_stop(o->edge->loop, &o->again);
    ev_timer_set(&o->again, seconds, 0.);
    ev_timer_start(o->edge->loop, &o->again);
}

static void accept_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    struct opening *o = w->data;
    int fd = listener_accept(&o->listener);

    (void)revents;
    if (fd >= 0) {
        take_connection(o, fd);
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) { /* who still waits shows again */
        ev_io_stop(loop, &o->io);
        again_in(o, NO_MORE_FILES);
    }
}

static void listen_with(struct opening *o)
{
    ev_io_init(&o->io, accept_cb, o->listener.fd, EV_READ);
    ev_set_priority(&o->io, EV_MINPRI);
    o->io.data = o;
    ev_io_start(o->edge->loop, &o->io);
}

static int try_open(struct opening *o)
{
    const struct door *door = o->edge->options->door;

    if (o->control)
        return listener_open_unix(&o->listener, o->shown,
                                  door->users > 0 ? SHARED_MODE : CONTROL_MODE);
    if (door->listen == LISTEN_UNIX)
        return listener_open_unix(&o->listener, door->path, SHARED_MODE);
    return listener_open_tcp(&o->listener, door->at.host, door->at.port);
}

static void again_cb(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct opening *o = w->data;

    (void)loop;
    (void)revents;
    if (o->listener.fd >= 0) {
        ev_io_start(o->edge->loop, &o->io);
    } else if (try_open(o) == 0) {
        edge_say(o->edge, STORY_LEVEL_INFO, NULL, "listens at %s now", o->shown);
        listen_with(o);
    } else {
        again_in(o, AGAIN);
    }
}

static void open_one(struct edge *edge, struct opening *o, bool control, const char *shown)
{
    o->edge = edge;
    o->control = control;
    o->shown = shown;
    ev_init(&o->again, again_cb);
    o->again.data = o;
    if (try_open(o) == 0) {
        edge_say(edge, STORY_LEVEL_DEBUG, NULL, "listens at %s", shown);
        listen_with(o);
    } else if (control) {
        edge_say(edge, STORY_LEVEL_WARN, NULL, "control %s: %s; running without a control socket",
                 shown, errno == EADDRINUSE ? "another lastcall answers there" : strerror(errno));
    } else {
        edge_say(edge, STORY_LEVEL_ERROR, NULL, "listen %s: %s; tried again every %d s", shown,
                 strerror(errno), (int)AGAIN);
        again_in(o, AGAIN);
    }
}

static const char *shown_listen(const struct door *door, char *buf, size_t size)
{
    bool v6 = strchr(door->at.host, ':') != NULL;

    if (door->listen == LISTEN_UNIX)
        return door->path;
    snprintf(buf, size, "%s%s%s:%u", v6 ? "[" : "", door->at.host, v6 ? "]" : "", door->at.port);
    return buf;
}

/* No client may leave a service without descriptors: half of all may be held for the threads
 * of Sidekiqs, each service needs some, and so do we. */
static void count_places(const struct edge *edge, struct server *server)
{
    int64_t left = (int64_t)descriptors_most() / 2 - OWN_FILES - FILES_OF_SERVICE * (int64_t)edge->spec->count;

    server->places = left > SERVER_CONNECTIONS ? SERVER_CONNECTIONS : left < PLACES_LEAST ? PLACES_LEAST : (size_t)left;
    server->kept = server->places < 2 * SERVER_KEPT ? server->places / 2 : SERVER_KEPT;
}

struct server *server_open(struct edge *edge)
{
    struct server *server;
    const char *control = edge->options->control;

    bool controlled = edge->directory[0] != '\0' && strcmp(control, "none") != 0;

    if (!controlled && edge->options->door->listen == LISTEN_NONE)
        return NULL;
    server = calloc(1, sizeof(*server));
    if (server == NULL)
        return NULL;
    server->control.listener.fd = server->open.listener.fd = -1;
    count_places(edge, server);
    edge->server = server;
    if (controlled) {
        if (strcmp(control, "auto") == 0)
            snprintf(server->control_path, sizeof(server->control_path), "%s/control.sock",
                     edge->directory);
        open_one(edge, &server->control, true, strcmp(control, "auto") == 0 ? server->control_path : control);
    }
    if (edge->options->door->listen != LISTEN_NONE)
        open_one(edge, &server->open, false,
                 shown_listen(edge->options->door, server->shown, sizeof(server->shown)));
    return server;
}

static void close_one(struct opening *o)
{
    if (o->edge == NULL)
        return;
    ev_timer_stop(o->edge->loop, &o->again);
    if (o->listener.fd >= 0)
        ev_io_stop(o->edge->loop, &o->io);
    listener_close(&o->listener);
}

void server_close(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t k = 0; k < SERVER_CONNECTIONS; k++) {
        struct connection *c = &server->connection[k];

        if (c->phase == CONNECTION_WAITING)
            answer_waiting(c, true);
        while (c->phase == CONNECTION_FOLLOWING && c->out == NULL && answer_has_more(c))
            answer_following(c);
        connection_close(c);
    }
    close_one(&server->control);
    close_one(&server->open);
    free(server);
}

void server_turn(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t k = 0; k < SERVER_CONNECTIONS; k++) {
        struct connection *c = &server->connection[k];

        if (c->phase == CONNECTION_WAITING)
            answer_waiting(c, false);
        else if (c->phase == CONNECTION_FOLLOWING)
            answer_following(c);
    }
}

void server_reply(struct server *server, uint32_t token, enum verdict verdict)
{
    for (size_t k = 0; server != NULL && k < SERVER_CONNECTIONS; k++)
        if (server->connection[k].phase != CONNECTION_FREE &&
            (uint32_t)server->connection[k].number == token)
            server->connection[k].verdict = verdict;
}
