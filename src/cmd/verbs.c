/* `lastcall deadline`, and the verbs of one service: quiet, stop, start, restart, signal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/client.h"
#include "text/duration.h"
#include "text/json_status.h"
#include "text/signame.h"

enum { WORDS_MOST = 64, TARGET_SIZE = 256 };

/* Can it stand in a target? No service is called otherwise. */
static bool is_name(const char *word)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n > 0 && word[n] == '\0' && n <= SERVICE_NAME_MAX;
}

int cmd_service_verb(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    int worst = 0, code = client_begin(in, CLIENT_JSON, 1, WORDS_MOST, &options);

    if (code >= 0)
        return code;
    code = client_find(in, &client);
    if (code != 0)
        return code;
    for (int k = 0; k < options.words; k++) {
        char target[TARGET_SIZE], accepted[TARGET_SIZE];

        if (!is_name(options.word[k])) {
            fprintf(stderr, "lastcall: there is no service %s\n", options.word[k]);
            worst = EXIT_REFUSED;
            continue;
        }
        snprintf(target, sizeof(target), "/services/%s/%s", options.word[k], in->argv[0]);
        snprintf(accepted, sizeof(accepted), "%s: %s asked for\n", options.word[k], in->argv[0]);
        code = client_post(&client, target, options.json, accepted);
        worst = code > worst ? code : worst;
    }
    code = cmd_printed();
    return worst != 0 ? worst : code;
}

int cmd_signal(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    char target[TARGET_SIZE], accepted[TARGET_SIZE];
    int signo, code = client_begin(in, CLIENT_JSON, 2, 2, &options);

    if (code >= 0)
        return code;
    signo = signal_number(options.word[1]);
    if (signo <= 0) {
        fprintf(stderr, "lastcall: there is no signal '%s'\n", options.word[1]);
        return EXIT_USAGE;
    }
    if (!is_name(options.word[0])) {
        fprintf(stderr, "lastcall: there is no service %s\n", options.word[0]);
        return EXIT_REFUSED;
    }
    code = client_find(in, &client);
    if (code != 0)
        return code;
    snprintf(target, sizeof(target), "/services/%s/signal?name=%s", options.word[0], signal_name(signo));
    snprintf(accepted, sizeof(accepted), "%s: %s sent\n", options.word[0], signal_name(signo));
    code = client_post(&client, target, options.json, accepted);
    return code != 0 ? code : cmd_printed();
}

static void say_remaining(const struct client_reply *reply)
{
    static struct status now;
    const char *error;
    void *document = json_status_read(reply->body, reply->length, &now, &error);
    char left[32];
    struct str s;

    str_init(&s, left, sizeof(left));
    duration_format(&s, now.remaining_ms);
    if (document != NULL)
        printf("%s, %s left\n", now.phase, left);
    json_status_free(document);
}

int cmd_deadline(const struct invocation *in)
{
    struct client_options options;
    struct client client;
    struct client_reply reply;
    char target[TARGET_SIZE];
    int64_t ms;
    int code = client_begin(in, CLIENT_JSON, 1, 1, &options);

    if (code >= 0)
        return code;
    if (duration_parse(options.word[0], &ms) != 0 || ms < 1 * SECOND) {
        fprintf(stderr, "lastcall: '%s' is no duration of at least 1s; expected one such as 90s, 5m\n",
                options.word[0]);
        return EXIT_USAGE;
    }
    code = client_find(in, &client);
    if (code != 0)
        return code;
    snprintf(target, sizeof(target), "/deadline?in=%lldms", (long long)ms);
    if (client_ask(&client, "POST", target, &reply) != 0)
        return client_lost(&client);
    if (reply.status != 202)
        code = client_refused(&reply);
    else if (options.json)
        fputs(reply.body, stdout);
    else
        say_remaining(&reply);
    free(reply.body);
    return code != 0 ? code : cmd_printed();
}
