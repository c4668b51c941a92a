/* `lastcall status`, `health` and `events`: what a running lastcall tells. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/client.h"
#include "text/http.h"
#include "text/json_status.h"
#include "text/status_view.h"

enum { TABLE_SIZE = 64 * 1024, PIECE = 64 * 1024 };

static int print_table(const struct client_reply *reply)
{
    static struct status now;
    static char table[TABLE_SIZE];
    const char *error;
    void *document = json_status_read(reply->body, reply->length, &now, &error);
    struct str s;

    if (document == NULL) {
        fprintf(stderr, "lastcall: the status cannot be read: %s\n", error);
        return EXIT_INTERNAL;
    }
    str_init(&s, table, sizeof(table));
    status_table(&s, &now);
    fputs(table, stdout);
    json_status_free(document);
    return cmd_printed();
}

int cmd_status(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    struct client_reply reply;
    int code = client_begin(in, CLIENT_JSON, 0, 0, &options);

    if (code >= 0)
        return code;
    code = client_find(in, &client);
    if (code != 0)
        return code;
    if (client_ask(&client, "GET", "/status", &reply) != 0)
        return client_lost(&client);
    if (reply.status != 200) {
        code = client_refused(&reply);
    } else if (options.json) {
        fputs(reply.body, stdout);
        code = cmd_printed();
    } else {
        code = print_table(&reply);
    }
    free(reply.body);
    return code;
}

/* Exit 0 or 1, as a probe wants it: also where the answer does not come. */
int cmd_health(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    struct client_reply reply;
    int code = client_begin(in, 0, 0, 1, &options);
    bool live = code < 0 && options.words == 1 && strcmp(options.word[0], "live") == 0;

    if (code >= 0)
        return code;
    if (options.words == 1 && !live && strcmp(options.word[0], "ready") != 0) {
        fprintf(stderr, "lastcall: health is asked for live or ready, not for '%s'\n", options.word[0]);
        return EXIT_USAGE;
    }
    code = client_find(in, &client);
    if (code != 0)
        return code;
    if (client_ask(&client, "GET", live ? "/livez" : "/readyz", &reply) != 0) {
        client_lost(&client);
        return EXIT_REFUSED;
    }
    fputs(reply.body, stdout);
    code = reply.status == 200 ? 0 : EXIT_REFUSED;
    free(reply.body);
    return cmd_printed() != 0 ? EXIT_INTERNAL : code;
}

/* Waits for what comes, for as long as it takes. The exit code. */
static int copy_body(const struct client *client, int fd)
{
    struct timeval none = { 0 };
    static char piece[PIECE];
    size_t had = 0;
    bool in_body = false;
    int status = 0;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
    for (;;) {
        ssize_t n = recv(fd, piece + had, sizeof(piece) - had, 0);
        int head = 0;

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 && in_body)
            return 0;
        had += n > 0 ? (size_t)n : 0;
        if (!in_body)
            head = http_answer(piece, had, &status);
        if (n == 0 || head < 0)
            errno = EPROTO;
        if (n <= 0 || head < 0)
            return client_lost(client);
        if (!in_body && head == 0)
            continue;
        in_body = true;
        if (status != 200) {
            fprintf(stderr, "lastcall: %.*s", (int)(had - (size_t)head), piece + head);
            return EXIT_REFUSED;
        }
        if (fwrite(piece + head, 1, had - (size_t)head, stdout) != had - (size_t)head ||
            fflush(stdout) != 0)
            return 0; /* whoever read has gone */
        had = 0;
    }
}

int cmd_events(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    int fd, code = client_begin(in, CLIENT_FOLLOW, 0, 0, &options);

    if (code >= 0)
        return code;
    code = client_find(in, &client);
    if (code != 0)
        return code;
    fd = client_send(&client, "GET", options.follow ? "/events?follow=1" : "/events");
    if (fd < 0)
        return client_lost(&client);
    code = copy_body(&client, fd);
    close(fd);
    return code != 0 ? code : cmd_printed();
}
