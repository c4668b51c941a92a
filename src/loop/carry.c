/* Carries out what the core decided, and decides nothing. */
#include <signal.h>

#include "loop/server.h"

/* The other service, or the command, that a story is about, if any. */
static const char *other_name(const struct edge *edge, const struct action *a)
{
    const struct supervisor *s = &edge->supervisor;
    size_t other = SERVICES_MAX;

    if (a->story.id == STORY_SPAWN_FAILED)
        return edge->spec->service[a->service].command.text;
    if (a->story.id == STORY_DEPENDENCY_FAILED)
        other = (size_t)a->story.a;
    else if ((a->story.id == STORY_SHUTDOWN || a->story.id == STORY_ASK) &&
             a->story.a == CAUSE_ESSENTIAL)
        other = s->cause_detail;
    return other < edge->spec->count ? edge->spec->service[other].name : NULL;
}

static void tell_done(struct edge *edge, const struct action *a)
{
    const struct supervisor *s = &edge->supervisor;
    char line[256];

    story_done_line(a->story.a, a->story.b, s->jobs_finished, s->jobs_handed_back, s->jobs_killed,
                    line, sizeof(line));
    journal_line(&edge->journal, STORY_LEVEL_INFO, NULL, line);
    outwards_last_line(edge, line);
}

/* The signal that is the cause of a story, or 0. */
static uint8_t cause_signal(const struct edge *edge, const struct action *a)
{
    if (a->story.a != CAUSE_SIGNAL)
        return 0;
    if (a->story.id == STORY_ASK)
        return (uint8_t)a->story.c;
    return edge->supervisor.cause == CAUSE_SIGNAL ? edge->supervisor.cause_detail : 0;
}

static void tell_story(struct edge *edge, const struct action *a)
{
    bool of_service = a->service < edge->spec->count;
    struct story_input in = {
        .id = a->story.id,
        .service = of_service ? edge->spec->service[a->service].name : NULL,
        .other = other_name(edge, a),
        .pid = of_service ? edge->child[a->service].leader : 0,
        .signo = cause_signal(edge, a),
        .a = a->story.a,
        .b = a->story.b,
        .c = a->story.c,
    };
    char line[512];

    if (a->story.id == STORY_DONE)
        tell_done(edge, a);
    else if (story_level(&in) <= edge->journal.level && story_line(&in, line, sizeof(line)) > 0)
        journal_line(&edge->journal, story_level(&in), in.service, line);
}

static void answer_orphans(struct edge *edge, int signo)
{
    struct event e = { .type = EVENT_ORPHANS, .service = NO_SERVICE };

    e.count = (uint32_t)look_orphans(edge, signo);
    edge_feed(edge, e);
}

void carry_out(struct edge *edge, const struct action *a)
{
    struct child *c = a->service < edge->spec->count ? &edge->child[a->service] : NULL;

    switch (a->type) {
    case ACT_SPAWN:
        service_spawn(c, a->generation);
        break;
    case ACT_SIGNAL:
        look_signal(c, a->signal.signo, a->signal.target, a->signal.stop);
        break;
    case ACT_QUIET:
        look_quiet(c, a->signal.signo);
        break;
    case ACT_LOOK:
        look_take(c, false);
        break;
    case ACT_PROBE:
        probe_begin(c);
        break;
    case ACT_PROBE_END:
        probe_end(c);
        break;
    case ACT_EXEC:
    case ACT_HOOK:
        side_begin(edge, a);
        break;
    case ACT_EXEC_END:
        side_end(c, a->exec.purpose);
        break;
    case ACT_ORPHANS:
        answer_orphans(edge, a->signal.signo);
        break;
    case ACT_STORY:
        tell_story(edge, a);
        break;
    case ACT_EXIT:
        edge->exit_code = a->code;
        edge->done = true;
        ev_break(edge->loop, EVBREAK_ALL);
        break;
    case ACT_RELOAD:
        edge_say(edge, STORY_LEVEL_WARN, NULL, "reload is not carried out by this release");
        break;
    case ACT_REPLY:
        server_reply(edge->server, a->reply.token, a->reply.verdict);
        break;
    case ACTION_COUNT:
        break;
    }
}
