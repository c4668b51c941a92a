#include "text/door.h"

#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

static int fail(const char **error, const char *message)
{
    *error = message;
    return -1;
}

int door_listen(struct door *d, const char *text, const char **error)
{
    d->has_listen = true;
    if (strcmp(text, "none") == 0) {
        d->listen = LISTEN_NONE;
        return 0;
    }
    if (strncmp(text, "unix:", 5) == 0) {
        d->listen = LISTEN_UNIX;
        d->path = text + 5;
        return d->path[0] == '/' ? 0 : fail(error, "expected unix: and a path that begins with /");
    }
    d->listen = LISTEN_TCP;
    if (endpoint_parse(text, strlen(text), &d->at) != 0 || !endpoint_is_number(d->at.host))
        return fail(error, "expected HOST:PORT, such as 0.0.0.0:9394 or [::1]:9394, HOST a number or "
                           "localhost; or unix:PATH, or none");
    return 0;
}

int door_users(struct door *d, const char *text, const char **error)
{
    const char *at = text, *end = text + strlen(text);

    d->has_users = true;
    d->users = 0;
    if (strcmp(text, "none") == 0)
        return 0;
    while (at < end) {
        uint64_t id;

        if (d->users == DOOR_USERS_MAX)
            return fail(error, "more than 16 user ids");
        if (!number_read(&at, end, UINT32_MAX - 1, &id) ||
            (at < end && *at != ',' && !ascii_is_space(*at)))
            return fail(error, "expected user ids, as numbers: 1000 1001");
        d->user[d->users++] = (uint32_t)id;
        while (at < end && (*at == ',' || ascii_is_space(*at)))
            at++;
    }
    return d->users > 0 ? 0 : fail(error, "expected user ids, as numbers: 1000 1001");
}

int door_prestop(struct door *d, const char *text, const char **error)
{
    size_t n = strlen(text);

    d->has_prestop = true;
    d->prestop = NULL;
    if (strcmp(text, "none") == 0)
        return 0;
    for (size_t k = 0; k < n; k++) {
        char upper = ascii_upper(text[k]);

        if (!(upper >= 'A' && upper <= 'Z') && !ascii_is_digit(upper) && upper != '-' && upper != '_')
            n = 0;
    }
    if (n == 0 || n > DOOR_WORD_MAX)
        return fail(error, "expected a word of up to 63 letters, digits, - and _");
    d->prestop = text;
    return 0;
}

int door_termination_log(struct door *d, const char *text, const char **error)
{
    d->has_termination_log = true;
    d->termination_log = text;
    if (strcmp(text, "auto") == 0)
        d->termination_log = NULL;
    else if (strcmp(text, "none") == 0)
        d->termination_log = "";
    else if (*text != '/')
        return fail(error, "expected auto, none or a path that begins with /");
    return 0;
}

void door_merge(struct door *d, const struct door *weaker)
{
    if (!d->has_listen) {
        d->has_listen = weaker->has_listen;
        d->listen = weaker->listen;
        d->at = weaker->at;
        d->path = weaker->path;
    }
    if (!d->has_users) {
        d->has_users = weaker->has_users;
        memcpy(d->user, weaker->user, sizeof(d->user));
        d->users = weaker->users;
    }
    if (!d->has_prestop) {
        d->has_prestop = weaker->has_prestop;
        d->prestop = weaker->prestop;
    }
    if (!d->has_termination_log) {
        d->has_termination_log = weaker->has_termination_log;
        d->termination_log = weaker->termination_log;
    }
}
