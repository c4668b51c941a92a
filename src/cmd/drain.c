/* `lastcall prestop`, `drain` and `shutdown`: each begins a drain and waits for its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/client.h"
#include "sys/clock.h"
#include "text/json_status.h"
#include "text/status_view.h"

enum {
    LOOK_AGAIN = 500,           /* ms between two looks at the status */
    TELL_AGAIN = 30000,         /* ms after which a line that says the same is printed again */
    LINE_SIZE = 512,
    BARS_MOST = 20, TEXT_ROOM = 60 /* columns */
};

struct progress {
    bool terminal, json;
    bool drawn;                 /* a line without its end is on the terminal */
    int64_t most, told, told_at; /* jobs */
    bool seen;                  /* a status came */
};

static int columns(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* In place on a terminal; elsewhere a line when the jobs change, and now and then. */
static void show(struct progress *p, const struct status *now)
{
    int unknown, wide = p->terminal ? columns() : 0;
    int bars = (wide - TEXT_ROOM) / 2 > BARS_MOST ? BARS_MOST : (wide - TEXT_ROOM) / 2;
    int64_t jobs = status_jobs(now, &unknown), at = clock_monotonic_ms();
    char line[LINE_SIZE];
    struct str s;

    p->most = jobs > p->most ? jobs : p->most;
    if (!p->terminal && p->seen && jobs == p->told && at - p->told_at < TELL_AGAIN)
        return;
    p->seen = true;
    p->told = jobs;
    p->told_at = at;
    str_init(&s, line, sizeof(line));
    status_progress(&s, now, bars, p->most);
    if (p->terminal)
        printf("\r\033[K%.*s", wide - 1, line);
    else
        printf("%s\n", line);
    p->drawn = p->terminal;
    fflush(stdout);
}

/* patience: ms */
static void look(struct progress *p, struct client client, int64_t patience)
{
    static struct status now;
    struct client_reply reply;
    const char *error;
    void *document;

    client.patience = time_min(patience, client.patience);
    if (p->json || client_ask(&client, "GET", "/status", &reply) != 0)
        return;
    document = reply.status == 200 ? json_status_read(reply.body, reply.length, &now, &error) : NULL;
    if (document != NULL)
        show(p, &now);
    json_status_free(document);
    free(reply.body);
}

static void end_line(struct progress *p)
{
    if (p->drawn)
        printf("\n");
    p->drawn = false;
}

/* Waits for the answer, or until `until` (ms, monotonic). 1: it is there; 0: time is up;
 * -1: lastcall ended without one. */
static int await(int fd, const struct client *client, int64_t until, struct progress *p,
                 struct client_reply *reply)
{
    int r;

    while ((r = client_collect(fd, reply)) == 0) {
        int64_t left = until == NEVER ? NEVER : until - clock_monotonic_ms();
        struct pollfd readable = { .fd = fd, .events = POLLIN };

        if (left <= 0)
            return 0;
        look(p, *client, left);
        left = until == NEVER ? NEVER : time_max(until - clock_monotonic_ms(), 0);
        poll(&readable, 1, (int)time_min(left, LOOK_AGAIN));
    }
    return r;
}

/* The last status, for a script. */
static void print_json(const struct client *client)
{
    struct client_reply reply;

    if (client_ask(client, "GET", "/status", &reply) == 0 && reply.status == 200)
        fputs(reply.body, stdout);
    free(reply.body);
}

static bool answers(const struct client *client)
{
    struct client_reply reply;
    bool alive = client_ask(client, "GET", "/livez", &reply) == 0;

    free(reply.body);
    return alive;
}

static int wait_for_end(struct client *client, const char *target, const struct client_options *options)
{
    struct progress progress = { .terminal = isatty(STDOUT_FILENO), .json = options->json };
    struct client_reply reply = { 0 };
    int64_t until = options->timeout == NEVER ? NEVER : time_add(clock_monotonic_ms(), options->timeout);
    int fd, r, code = EXIT_NOT_DRAINED;

    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is nothing to a drain */
    client->patience = time_min(client->patience, options->timeout);
    fd = client_send(client, "POST", target);
    if (fd < 0)
        return client_lost(client);
    r = await(fd, client, until, &progress, &reply);
    if (r >= 0 && options->json)
        print_json(client);
    end_line(&progress);
    if (r == 0) {
        fprintf(stderr, "lastcall: not drained within --timeout; the drain goes on\n");
    } else if (r < 0) {
        fprintf(stderr, "lastcall: %s\n", answers(client) ? "too many wait for it; the drain goes on"
                                                          : "lastcall has ended before it was drained");
    } else if (reply.status == 200) {
        code = 0;
        if (!options->json)
            fputs(reply.body, stdout);
    } else if (reply.status == 503) {
        fprintf(stderr, "lastcall: %s", reply.body);
    } else {
        code = client_refused(&reply);
    }
    free(reply.body);
    close(fd);
    fflush(stdout);
    return code;
}

int cmd_drain(const struct invocation *in)
{
    bool shutdown = strcmp(in->argv[0], "shutdown") == 0;
    struct client_options options;
    struct client client;
    char target[64];
    int code = client_begin(in, CLIENT_JSON | CLIENT_TIMEOUT | CLIENT_NO_WAIT | (shutdown ? CLIENT_NOW : 0),
                            0, 0, &options);

    if (code >= 0)
        return code;
    code = client_find(in, &client);
    if (code != 0)
        return code;
    snprintf(target, sizeof(target), "/%s?wait=%d%s", in->argv[0], !options.no_wait, options.now ? "&now=1" : "");
    if (!options.no_wait)
        return wait_for_end(&client, target, &options);
    code = client_post(&client, target, options.json, "");
    return code != 0 ? code : cmd_printed();
}
