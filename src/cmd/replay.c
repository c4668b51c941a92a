/* `lastcall replay FILE`: feeds a log of `lastcall events` to the core and compares what it
 * does now with what it did then. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/client.h"
#include "core/supervisor.h"
#include "text/json_events.h"

struct replay {
    const char *path;
    struct events_head head;
    struct spec spec;
    struct supervisor supervisor;
    struct actions out;     /* of the last event */
    uint32_t compared;      /* of them */
    unsigned long line, events, actions;
};

static int fault(const struct replay *r, const char *what)
{
    fprintf(stderr, "%s:%lu: %s\n", r->path, r->line, what);
    return EXIT_CONFIG;
}

static int take_head(struct replay *r)
{
    service_set cycle;

    if (r->head.spec != NULL)
        return fault(r, "a second log begins here");
    if (spec_finish(&r->spec, &cycle) != 0)
        return fault(r, "its services wait for each other");
    r->head.spec = &r->spec;
    supervisor_init(&r->supervisor, &r->spec, r->head.at, r->head.seed);
    return 0;
}

static void print_action(const struct replay *r, const char *whose, const struct action *a, int64_t at)
{
    struct logged l = { .is_action = true, .action = *a, .at = at };
    char *text = json_events_entry(&r->head, 0, &l);

    fprintf(stderr, "  %s: %s\n", whose, text != NULL ? text : "?");
    free(text);
}

static bool is_same(const struct replay *r, const struct action *a, const struct action *b)
{
    struct logged la = { .is_action = true, .action = *a }, lb = { .is_action = true, .action = *b };
    char *ta = json_events_entry(&r->head, 0, &la), *tb = json_events_entry(&r->head, 0, &lb);
    bool same = ta != NULL && tb != NULL && strcmp(ta, tb) == 0;

    free(ta);
    free(tb);
    return same;
}

static int take_entry(struct replay *r, const struct logged *l)
{
    bool missing = r->compared == r->out.count;

    if (!l->is_action) {
        if (!missing) {
            fault(r, "the core does more here than is in the log");
            print_action(r, "now ", &r->out.list[r->compared], r->supervisor.now);
            return EXIT_REFUSED;
        }
        step(&r->supervisor, &l->event, &r->out);
        r->compared = 0;
        r->events++;
        return 0;
    }
    if (missing || !is_same(r, &l->action, &r->out.list[r->compared])) {
        fault(r, "the core does something else here than is in the log");
        print_action(r, "then", &l->action, l->at);
        if (!missing)
            print_action(r, "now ", &r->out.list[r->compared], r->supervisor.now);
        return EXIT_REFUSED;
    }
    r->compared++;
    r->actions++;
    return 0;
}

static int take_line(struct replay *r, const char *text, size_t n)
{
    struct logged l;
    const char *error;
    char message[160];

    switch (json_events_read(text, n, &r->head, &r->spec, &l, &error)) {
    case EVENTS_HEAD:
        return take_head(r);
    case EVENTS_ENTRY:
        return take_entry(r, &l);
    case EVENTS_GAP:
        return fault(r, "entries are missing: a replay needs the whole log, as `lastcall events --follow` "
                        "writes it from the start on");
    case EVENTS_BAD:
        break;
    }
    snprintf(message, sizeof(message), "cannot be read: %s", error);
    return fault(r, message);
}

static int replay_file(struct replay *r, FILE *f)
{
    char *text = NULL;
    size_t size = 0;
    ssize_t n;
    int code = 0;

    while (code == 0 && (n = getline(&text, &size, f)) > 0) {
        r->line++;
        code = take_line(r, text, (size_t)n);
    }
    free(text);
    if (code == 0 && r->events == 0)
        return fault(r, "there is no event in it");
    if (code == 0)
        printf("%lu events, %lu actions: the same%s\n", r->events, r->actions,
               r->compared < r->out.count ? "; the log ends in the middle of a step" : "");
    return code != 0 ? code : cmd_printed();
}

int cmd_replay(const struct invocation *in)
{
    struct client_options options;
    struct replay *r;
    FILE *f;
    int code = client_begin(in, 0, 1, 1, &options);

    if (code >= 0)
        return code;
    r = calloc(1, sizeof(*r));
    if (r == NULL)
        return EXIT_INTERNAL;
    r->path = options.word[0];
    f = strcmp(r->path, "-") == 0 ? stdin : fopen(r->path, "re");
    if (f == NULL) {
        fprintf(stderr, "lastcall: %s: %s\n", r->path, strerror(errno));
        free(r);
        return EXIT_CONFIG;
    }
    code = replay_file(r, f);
    if (f != stdin)
        fclose(f);
    free(r);
    return code;
}
