/* What clients ask for, and the verbs of one service: SPEC 4, the verbs. */
#include "core/rules.h"

/* Drains this service alone, then stops it. */
static void drain_alone(struct supervisor *s, size_t i, bool restart)
{
    struct life *life = &s->service[i].life;

    if (life->ask < ASK_DRAIN)
        life->ask_c = s->counted;
    if (life->ask < ASK_STOP) {
        life->ask_latest = time_add(s->now, s->spec->deadline);
        life->ask = ASK_STOP;
    }
    life->by_verb = true;
    life->restart_wanted = restart;
}

static enum verdict stop_service(struct supervisor *s, size_t i)
{
    struct service *v = &s->service[i];

    if (is_needed_by_living(s, i))
        return VERDICT_NEEDED;
    if (s->alive & SET_OF(i)) {
        drain_alone(s, i, false);
        return VERDICT_ACCEPTED;
    }
    if (s->down & SET_OF(i))
        return VERDICT_NOT_RUNNING;
    v->held = true; /* waiting or in its pause: it just does not come */
    enter(s, i, STATE_DONE);
    return VERDICT_ACCEPTED;
}

static enum verdict start_service(struct supervisor *s, size_t i)
{
    struct service *v = &s->service[i];

    if (s->clock)
        return VERDICT_SHUTTING_DOWN;
    if (s->alive & SET_OF(i))
        return VERDICT_RUNNING;
    if (v->state == STATE_BACKOFF)
        life_record(s, i);
    v->restarts = 0;
    v->held = false;
    enter(s, i, STATE_WAITING);
    return VERDICT_ACCEPTED;
}

static enum verdict restart_service(struct supervisor *s, size_t i)
{
    if (s->clock)
        return VERDICT_SHUTTING_DOWN;
    if (!(s->alive & SET_OF(i)))
        return start_service(s, i);
    drain_alone(s, i, true);
    return VERDICT_ACCEPTED;
}

static enum verdict quiet_service(struct supervisor *s, size_t i)
{
    if (!spec_has_quiet(&s->spec->service[i]))
        return VERDICT_NO_QUIET;
    if (!(s->alive & SET_OF(i)))
        return VERDICT_NOT_RUNNING;
    service_quiet(s, i);
    return VERDICT_ACCEPTED;
}

static enum verdict signal_service(struct supervisor *s, size_t i, uint8_t signo)
{
    if (!(s->alive & SET_OF(i)))
        return VERDICT_NOT_RUNNING;
    service_signal(s, i, signo);
    return VERDICT_ACCEPTED;
}

static enum verdict take_service(struct supervisor *s, const struct event *e)
{
    size_t i = e->service;

    if (i >= s->spec->count)
        return VERDICT_UNKNOWN;
    switch (e->request.verb) {
    case REQUEST_QUIET:
        return quiet_service(s, i);
    case REQUEST_STOP:
        return stop_service(s, i);
    case REQUEST_START:
        return start_service(s, i);
    case REQUEST_RESTART:
        return restart_service(s, i);
    case REQUEST_SIGNAL:
        return signal_service(s, i, e->request.signo);
    case REQUEST_PRESTOP:
    case REQUEST_DRAIN:
    case REQUEST_SHUTDOWN:
    case REQUEST_SHUTDOWN_NOW:
    case REQUEST_DEADLINE:
    case REQUEST_RELOAD:
        break;
    }
    return VERDICT_UNKNOWN;
}

static enum verdict take(struct supervisor *s, const struct event *e)
{
    switch (e->request.verb) {
    case REQUEST_PRESTOP:
        clock_ask(s, ASK_DRAIN, CAUSE_PRESTOP, 0);
        return VERDICT_ACCEPTED;
    case REQUEST_DRAIN:
        clock_ask(s, ASK_DRAIN, CAUSE_COMMAND, 0);
        return VERDICT_ACCEPTED;
    case REQUEST_SHUTDOWN:
        clock_ask(s, ASK_STOP, CAUSE_COMMAND, 0);
        return VERDICT_ACCEPTED;
    case REQUEST_SHUTDOWN_NOW:
        clock_ask(s, ASK_NOW, CAUSE_COMMAND, 0);
        return VERDICT_ACCEPTED;
    case REQUEST_DEADLINE:
        return clock_bring_forward(s, e->request.ms, CAUSE_COMMAND, 0) ? VERDICT_ACCEPTED
                                                                       : VERDICT_OUT_OF_RANGE;
    case REQUEST_RELOAD:
        if (s->clock)
            return VERDICT_SHUTTING_DOWN;
        emit(s, ACT_RELOAD, NO_SERVICE);
        return VERDICT_ACCEPTED;
    case REQUEST_QUIET:
    case REQUEST_STOP:
    case REQUEST_START:
    case REQUEST_RESTART:
    case REQUEST_SIGNAL:
        break;
    }
    return take_service(s, e);
}

void request_take(struct supervisor *s, const struct event *e)
{
    enum verdict verdict = take(s, e);
    struct action *a = emit(s, ACT_REPLY, e->service);

    a->reply.token = e->request.token;
    a->reply.verdict = verdict;
    if (verdict != VERDICT_ACCEPTED)
        tell(s, e->service < s->spec->count ? e->service : NO_SERVICE, STORY_REFUSED,
             e->request.verb, verdict, 0);
}
