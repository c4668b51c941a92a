/* The commands' side of the control socket. */
#ifndef LASTCALL_CMD_CLIENT_H
#define LASTCALL_CMD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/command.h"
#include "core/time.h"

enum { EXIT_REFUSED = 1, EXIT_NO_SUPERVISOR = 69, EXIT_NOT_DRAINED = 75 };

/* What a client command may be told; the ones it takes. */
enum {
    CLIENT_JSON = 1,
    CLIENT_TIMEOUT = 2,
    CLIENT_NO_WAIT = 4,
    CLIENT_NOW = 8,
    CLIENT_FOLLOW = 16
};

struct client_options {
    bool json, no_wait, now, follow;
    int64_t timeout; /* ms; NEVER: none */
    int words;       /* behind the options */
    char **word;
};

/* Reads the options of the command in->argv[0], and lets signals through again. -1: go on;
 * else the exit code, with all said: 0 after --help, 64. words: how many it takes. */
int client_begin(const struct invocation *in, int takes, int words_least, int words_most,
                 struct client_options *out);

/* The supervisor's socket. */
struct client {
    char path[160];
    int64_t patience; /* ms, for each answer and for being heard */
};

/* Finds one that answers: $LASTCALL_CONTROL, then the three places of PID 1's user and of
 * our own. 0; 69 with a message that says where was looked. */
int client_find(const struct invocation *in, struct client *c);

struct client_reply {
    int status;
    char *body; /* malloc'ed, NUL behind; free() it */
    size_t length;
};

/* One request, and its whole answer. target: "/status", of bytes that need no escapes. 0; -1
 * and errno: no connection, or no answer in time. */
int client_ask(const struct client *c, const char *method, const char *target,
               struct client_reply *out);

/* A POST that is accepted with 202: prints its body where `json`, else the words `accepted`.
 * 0; or the exit code, with all said. */
int client_post(const struct client *c, const char *target, bool json, const char *accepted);

/* A request in two steps, for answers that come late: a connection with the request sent, -1
 * and errno; and what there is of the answer, waiting for nothing: 1 it is whole, 0 not yet,
 * -1 the connection ended without one. Zero *out before the first call. */
int client_send(const struct client *c, const char *method, const char *target);
int client_collect(int fd, struct client_reply *out);

/* Says that there was no answer; returns 69. */
int client_lost(const struct client *c);

/* The body of an error, on stderr; returns 1, or 64 for a 400. */
int client_refused(const struct client_reply *reply);

#endif
