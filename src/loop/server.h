/* Inside the loop: the door of SPEC 6. server.c listens, connection.c reads requests and
 * writes answers, answer.c knows what they are, snapshot.c looks at what they tell. */
#ifndef LASTCALL_LOOP_SERVER_H
#define LASTCALL_LOOP_SERVER_H

#include "loop/edge.h"
#include "sys/listener.h"
#include "text/http_route.h"
#include "text/status.h"

enum {
    SERVER_CONNECTIONS = 32, /* SPEC 6; fewer where descriptors are few */
    SERVER_KEPT = 4          /* of them, for the control socket */
};

enum connection_phase {
    CONNECTION_FREE,
    CONNECTION_READING,   /* its request is not whole */
    CONNECTION_WAITING,   /* for the end of a drain */
    CONNECTION_FOLLOWING, /* gets the event log as it grows */
    CONNECTION_WRITING,   /* its answer */
    CONNECTION_CLOSING    /* all is said; what it still sends is thrown away */
};

struct connection {
    struct edge *edge;
    enum connection_phase phase;
    bool control;             /* came over the control socket */
    uint64_t number;          /* the higher, the younger */
    int fd;
    ev_io io;
    ev_timer timer;
    char *in;                 /* malloc'ed, HTTP_HEAD_MAX */
    size_t in_length;
    char *out;                /* malloc'ed */
    size_t out_length, out_done;
    struct http_route route;
    enum verdict verdict;     /* of its request */
    bool is_new;              /* it follows, and has not got the head of the log */
    uint64_t next;            /* the entry of the event log that it gets next */
};

/* One that listens, and is tried again where it could not. */
struct opening {
    struct edge *edge;
    bool control;
    struct listener listener;
    ev_io io;
    ev_timer again;
    const char *shown;        /* the address, for the log */
};

struct server {
    struct opening control, open; /* open: SPEC's `listen` */
    char control_path[160];
    char shown[ENDPOINT_HOST_MAX + 16]; /* the address of `listen` */
    struct connection connection[SERVER_CONNECTIONS];
    uint64_t connections;     /* so many there were */
    size_t places, kept;      /* of connection[]: for all, and of these for the control socket */
};

/* server.c. Never fails: without a socket it says so. NULL: nobody listens. */
struct server *server_open(struct edge *edge);
void server_close(struct server *server);
/* After a step: who waits is answered, who follows gets what is new. */
void server_turn(struct server *server);
/* The core's answer to the request of a connection; token: its number. */
void server_reply(struct server *server, uint32_t token, enum verdict verdict);

/* connection.c */
void connection_open(struct connection *c, int fd);
void connection_close(struct connection *c);
/* Takes over text, malloc'ed; NULL: out of memory, and it is closed. allow: of a 405. */
void connection_answer(struct connection *c, int status, const char *type, char *text,
                       const char *allow);
/* One line. */
void connection_say(struct connection *c, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* No answer yet: it waits, or follows. */
void connection_hold(struct connection *c, enum connection_phase phase);
/* More for one that follows; takes over text. */
void connection_add(struct connection *c, char *text);
/* No more comes for one that followed. */
void connection_end(struct connection *c);

/* answer.c */
void answer_request(struct connection *c, const struct http_request *request);
/* What became of the drain that it waits for, if that is known. at_end: lastcall exits. */
void answer_waiting(struct connection *c, bool at_end);
/* What is new in the event log, up to some; nothing while it has not taken the last. */
void answer_following(struct connection *c);
bool answer_has_more(const struct connection *c);

/* snapshot.c. memory: of each service too, up to a second old, as it takes a scan of /proc. */
void snapshot_take(struct edge *edge, struct status *out, bool memory);

#endif
