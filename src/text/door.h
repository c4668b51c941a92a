/* The door: where lastcall listens, who may use it, and what else goes out to the
 * platform. Values of [lastcall], from the file or from variables. */
#ifndef LASTCALL_TEXT_DOOR_H
#define LASTCALL_TEXT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/endpoint.h"

enum { DOOR_USERS_MAX = 16, DOOR_WORD_MAX = 63 };

enum listen_kind { LISTEN_NONE, LISTEN_TCP, LISTEN_UNIX };

/* What was not said is false or NULL; the strings are those of whoever gave the text. */
struct door {
    bool has_listen;
    enum listen_kind listen;
    struct endpoint at;          /* LISTEN_TCP: a number, or `localhost` */
    const char *path;            /* LISTEN_UNIX */
    bool has_users;
    uint32_t user[DOOR_USERS_MAX];
    size_t users;
    bool has_prestop;
    const char *prestop;         /* the word of GET /prestop/WORD; NULL: none */
    bool has_termination_log;
    const char *termination_log; /* NULL: auto; "": none */
};

/* One value each: 0, or -1 and a static message in *error. */
int door_listen(struct door *d, const char *text, const char **error);
int door_users(struct door *d, const char *text, const char **error);
int door_prestop(struct door *d, const char *text, const char **error);
int door_termination_log(struct door *d, const char *text, const char **error);

/* Takes over what d has not said itself. */
void door_merge(struct door *d, const struct door *weaker);

#endif
