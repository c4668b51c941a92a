/* What goes out to whoever manages lastcall: sd_notify(3), and Kubernetes' termination log. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "loop/edge.h"

#define TERMINATION_LOG "/dev/termination-log" /* Kubernetes' default terminationMessagePath */

enum { LAST_WORDS_MS = 200 };

void outwards_open(struct edge *edge)
{
    const char *error;

    edge->manager = manager_open(&error);
    edge->extended_at = NEVER;
    edge->told_jobs = -2;
    if (error != NULL)
        edge_say(edge, STORY_LEVEL_WARN, NULL, "$NOTIFY_SOCKET is set, and nobody is told there: %s", error);
}

/* Jobs in flight, over all who tell; -1: nobody does. */
static int64_t jobs_of(const struct supervisor *s)
{
    int64_t jobs = -1;

    for (service_set rest = s->alive; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);

        if (spec_is_worker(&s->spec->service[i]) && s->service[i].life.facts.busy >= 0)
            jobs = (jobs < 0 ? 0 : jobs) + s->service[i].life.facts.busy;
    }
    return jobs;
}

static void tell_status(struct edge *edge)
{
    enum phase phase = supervisor_phase(&edge->supervisor);
    int64_t jobs = jobs_of(&edge->supervisor);
    char text[96];

    if (jobs == edge->told_jobs && phase == edge->told_phase)
        return;
    edge->told_jobs = jobs;
    edge->told_phase = phase;
    if (jobs < 0)
        snprintf(text, sizeof(text), "%s", phase_name(phase));
    else
        snprintf(text, sizeof(text), "%s, %lld job%s in flight", phase_name(phase), (long long)jobs,
                 jobs == 1 ? "" : "s");
    manager_tell(edge->manager, false, false, 0, text);
}

void outwards_turn(struct edge *edge)
{
    const struct supervisor *s = &edge->supervisor;
    bool ready = s->was_ready && !edge->told_ready;
    bool stopping = s->ask >= ASK_DRAIN && !edge->told_stopping;
    int64_t extend;

    if (edge->manager == NULL)
        return;
    extend = supervisor_extension(s, edge->extended_at);
    if (extend > 0)
        edge->extended_at = s->now;
    if (ready || stopping || extend > 0)
        manager_tell(edge->manager, ready, stopping, extend, NULL);
    edge->told_ready = edge->told_ready || ready;
    edge->told_stopping = edge->told_stopping || stopping;
    tell_status(edge);
    if (!manager_is_lost(edge->manager))
        return;
    edge_say(edge, STORY_LEVEL_WARN, NULL, "$NOTIFY_SOCKET is set, and nobody is told there: "
             "libsystemd.so.0 cannot be loaded");
    edge->manager = NULL;
}

void outwards_last_line(const struct edge *edge, const char *line)
{
    const char *path = edge->options->door->termination_log;
    int create = path == NULL ? 0 : O_CREAT; /* where Kubernetes is not, no file is made */
    int fd;

    if (path != NULL && *path == '\0')
        return;
    fd = open(path == NULL ? TERMINATION_LOG : path,
              O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | create, 0666);
    if (fd < 0)
        return;
    (void)!dprintf(fd, "lastcall: %s\n", line); /* the log has it too */
    close(fd);
}

void outwards_close(struct edge *edge)
{
    manager_close(edge->manager, LAST_WORDS_MS);
}
