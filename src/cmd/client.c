#include "cmd/client.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/listener.h"
#include "sys/rundir.h"
#include "sys/unix_address.h"
#include "text/duration.h"
#include "text/http.h"

enum { PIECE = 16 * 1024, TRIED_SIZE = 1024, OPTION_BASE = 256 };

#define ANSWER_WITHIN (10 * SECOND)

/* --- options --- */

static const struct {
    struct option option;
    int allowed;
} all_options[] = {
    { { "json", no_argument, NULL, OPTION_BASE }, CLIENT_JSON },
    { { "timeout", required_argument, NULL, OPTION_BASE + 1 }, CLIENT_TIMEOUT },
    { { "no-wait", no_argument, NULL, OPTION_BASE + 2 }, CLIENT_NO_WAIT },
    { { "now", no_argument, NULL, OPTION_BASE + 3 }, CLIENT_NOW },
    { { "follow", no_argument, NULL, OPTION_BASE + 4 }, CLIENT_FOLLOW },
    { { "help", no_argument, NULL, OPTION_BASE + 5 }, -1 },
    { { "version", no_argument, NULL, OPTION_BASE + 6 }, -1 },
};

enum { OPTIONS = sizeof(all_options) / sizeof(all_options[0]) };

static int usage(const struct invocation *in, const char *what)
{
    const struct subcommand *s = subcommand_find(in->argv[0]);

    fprintf(stderr, "lastcall: %s; usage: lastcall %s %s\n", what, s->name, s->arguments);
    return EXIT_USAGE;
}

static int take_option(const struct invocation *in, int o, struct client_options *out)
{
    switch (o - OPTION_BASE) {
    case 0:
        out->json = true;
        return -1;
    case 1:
        if (duration_parse(optarg, &out->timeout) == 0)
            return -1;
        return usage(in, "--timeout: expected a duration such as 90s, 5m");
    case 2:
        out->no_wait = true;
        return -1;
    case 3:
        out->now = true;
        return -1;
    case 4:
        out->follow = true;
        return -1;
    case 5:
        return cmd_help(subcommand_find(in->argv[0]));
    case 6:
        return cmd_version();
    default:
        return usage(in, "unknown option, or one without its value");
    }
}

int client_begin(const struct invocation *in, int takes, int words_least, int words_most,
                 struct client_options *out)
{
    struct option options[OPTIONS + 1] = { 0 };
    size_t n = 0;
    int o, code = -1;

    *out = (struct client_options){ .timeout = NEVER };
    for (size_t k = 0; k < OPTIONS; k++)
        if (all_options[k].allowed < 0 || (all_options[k].allowed & takes))
            options[n++] = all_options[k].option;
    optind = 0; /* glibc: begin anew, with words and options in any order */
    opterr = 0;
    while (code < 0 && (o = getopt_long(in->argc, in->argv, "", options, NULL)) != -1)
        code = take_option(in, o, out);
    if (code >= 0)
        return code;
    out->word = in->argv + optind;
    out->words = in->argc - optind;
    if (out->words < words_least)
        return usage(in, "something is missing");
    if (out->words > words_most)
        return usage(in, "too many words");
    signals_restore(in->before); /* this is no PID 1: Ctrl-C ends it */
    return -1;
}

/* --- the socket --- */

struct search {
    char tried[TRIED_SIZE];
    struct str s;
};

static int connect_to(const char *path, int64_t patience)
{
    int64_t ms = time_max(patience, 1); /* 0 would be for ever */
    struct timeval limit = { .tv_sec = ms / SECOND, .tv_usec = ms % SECOND * 1000 };
    struct sockaddr_un address;
    int fd, error;

    if (unix_address(&address, path) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); /* also of connect() */
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static uint32_t user_of_pid1(void)
{
    struct stat st;

    return stat("/proc/1", &st) == 0 ? st.st_uid : geteuid();
}

/* In /tmp anybody can listen: who answers there must be one we could be. */
static bool is_trusted(int fd)
{
    uint32_t uid;

    return listener_peer(fd, &uid) == 0 && (uid == 0 || uid == geteuid() || uid == user_of_pid1());
}

/* Does somebody answer there? Adds it to what was tried if not. */
static bool try_path(struct search *search, struct client *c, const char *path)
{
    int fd = connect_to(path, ANSWER_WITHIN);
    int error = errno;
    bool ours = fd >= 0 && is_trusted(fd);

    if (fd >= 0)
        close(fd);
    if (ours) {
        snprintf(c->path, sizeof(c->path), "%s", path);
        c->patience = ANSWER_WITHIN;
        return true;
    }
    if (strstr(search->tried, path) == NULL)
        str_addf(&search->s, "%s%s (%s)", search->s.len > 0 ? ", " : "", path,
                 fd >= 0 ? "belongs to another user" : strerror(error));
    return false;
}

static const char *control_variable(const struct invocation *in)
{
    static const char name[] = "LASTCALL_CONTROL=";

    for (char **e = in->environment; *e != NULL; e++)
        if (strncmp(*e, name, sizeof(name) - 1) == 0 && (*e)[sizeof(name) - 1] == '/')
            return *e + sizeof(name) - 1;
    return NULL;
}

int client_find(const struct invocation *in, struct client *c)
{
    const uint32_t users[] = { user_of_pid1(), geteuid() };
    const char *control = control_variable(in);
    struct search search = { 0 };

    str_init(&search.s, search.tried, sizeof(search.tried));
    if (control != NULL && try_path(&search, c, control))
        return 0;
    for (size_t u = 0; u < sizeof(users) / sizeof(users[0]); u++)
        for (unsigned k = 0; k < RUNDIR_CANDIDATES; k++) {
            char directory[RUNDIR_SIZE], path[RUNDIR_SIZE + 16];

            rundir_name(k, users[u], directory);
            snprintf(path, sizeof(path), "%s/control.sock", directory);
            if (try_path(&search, c, path))
                return 0;
        }
    fprintf(stderr, "lastcall: no lastcall answers here; tried %s\n", search.tried);
    return EXIT_NO_SUPERVISOR;
}

int client_send(const struct client *c, const char *method, const char *target)
{
    char request[512];
    int n = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: lastcall\r\n\r\n", method, target);
    int fd = connect_to(c->path, c->patience), error;

    if (fd < 0)
        return -1;
    if (!is_trusted(fd)) /* it may be another's by now */
        errno = EPERM;
    else if (n > 0 && (size_t)n < sizeof(request) && send(fd, request, (size_t)n, MSG_NOSIGNAL) == n)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Reads once. 1: more came; 0: the end; -1 and errno. */
static int read_piece(int fd, struct client_reply *r, int flags)
{
    char *more = realloc(r->body, r->length + PIECE + 1);
    ssize_t n;

    if (more == NULL)
        return -1;
    r->body = more;
    do
        n = recv(fd, r->body + r->length, PIECE, flags);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return (int)n;
    r->length += (size_t)n;
    return 1;
}

/* The connection has ended: takes the head off. */
static int finish(struct client_reply *r)
{
    int head = r->body == NULL ? 0 : http_answer(r->body, r->length, &r->status);

    if (head <= 0) {
        errno = EPROTO;
        return -1;
    }
    r->length -= (size_t)head;
    memmove(r->body, r->body + head, r->length);
    r->body[r->length] = '\0';
    return 0;
}

int client_collect(int fd, struct client_reply *out)
{
    int r;

    while ((r = read_piece(fd, out, MSG_DONTWAIT)) == 1)
        ;
    if (r < 0 && errno == EAGAIN)
        return 0;
    return finish(out) == 0 ? 1 : -1;
}

int client_ask(const struct client *c, const char *method, const char *target,
               struct client_reply *out)
{
    int fd = client_send(c, method, target), r, error;

    *out = (struct client_reply){ 0 };
    if (fd < 0)
        return -1;
    while ((r = read_piece(fd, out, 0)) == 1)
        ;
    r = r == 0 ? finish(out) : -1;
    error = errno;
    close(fd);
    if (r == 0)
        return 0;
    free(out->body);
    out->body = NULL;
    errno = error;
    return -1;
}

int client_post(const struct client *c, const char *target, bool json, const char *accepted)
{
    struct client_reply reply;
    int code = 0;

    if (client_ask(c, "POST", target, &reply) != 0)
        return client_lost(c);
    if (reply.status != 202)
        code = client_refused(&reply);
    else
        fputs(json ? reply.body : accepted, stdout);
    free(reply.body);
    return code;
}

int client_lost(const struct client *c)
{
    fprintf(stderr, "lastcall: no answer at %s: %s\n", c->path,
            errno == EAGAIN ? "it took too long" : strerror(errno));
    return EXIT_NO_SUPERVISOR;
}

int client_refused(const struct client_reply *reply)
{
    fprintf(stderr, "lastcall: %s", reply->body);
    return reply->status == 400 ? EXIT_USAGE : EXIT_REFUSED;
}
