/* The invariants about what is: after each step, between two of them. */
#include <signal.h>
#include <string.h>

#include "core/invariants_views.h"

#define POST_EXIT (5 * SECOND)
#define ORPHANS (7 * SECOND)
#define QUIET_AGAIN (2 * SECOND)
#define SIDEKIQ_NEEDS (3 * SECOND) /* beyond its -t */
#define SLACK (1 * SECOND) /* between two steps, where counted time is waited for */
/* For looks, and hooks: what an internal shutdown may take beyond its ladders. */
#define BOUND_SLACK (30 * SECOND)
#define BOUND_OF_ONE (15 * SECOND)

void invariants_init(struct invariants *watch, const struct supervisor *s)
{
    memset(watch, 0, sizeof(*watch));
    watch->deadline_at = s->deadline_at;
    watch->kill_at = watch->bound_c = NEVER;
}

static void note_of_service(struct invariants *watch, const struct supervisor *s,
                            const struct event *e)
{
    struct invariants_service *w = &watch->service[e->service];

    if (!w->begun || e->generation != w->generation)
        return;
    switch (e->type) {
    case EVENT_SPAWN_FAILED:
        w->failed = true;
        break;
    case EVENT_EXITED:
        if (w->exited)
            break;
        w->exited = true;
        w->members = 1; /* not known before the next look */
        w->clears = !w->told && (watch->ask < ASK_DRAIN || needed_by_living(watch, s, e->service));
        break;
    case EVENT_LOOKED:
        if (w->exited && w->members == 0)
            break; /* over is over */
        w->members = e->facts.members;
        w->work = e->facts.work;
        w->boots = e->facts.booting;
        w->missed = e->facts.stop_missed;
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_OBSERVE:
    case EVENT_SIGNAL:
    case EVENT_REQUEST:
    case EVENT_SPAWNED:
    case EVENT_READY:
    case EVENT_EXTEND:
    case EVENT_EXEC_DONE:
    case EVENT_HOOK_DONE:
    case EVENT_ORPHANS:
    case EVENT_COUNT:
        break;
    }
}

static void note_event(struct invariants *watch, const struct supervisor *s, const struct event *e)
{
    if (e->type == EVENT_START)
        watch->started = true;
    if (e->type == EVENT_EXTEND)
        watch->extended = true;
    if (e->service < s->spec->count)
        note_of_service(watch, s, e);
}

/* 11: what all ladders together may take, one after the other. */
static int64_t internal_bound(const struct supervisor *s)
{
    int64_t bound = time_add(s->counted, BOUND_SLACK + ORPHANS + 2 * s->spec->hooks.timeout);

    for (size_t i = 0; i < s->spec->count; i++) {
        const struct ladder *l = &s->spec->service[i].stop;

        for (size_t k = 0; k < l->count; k++)
            for (int times = 0; times < 3; times++) /* anew, if heard late, or swallowed */
                bound = time_add(bound, l->step[k].wait);
        bound = time_add(bound, POST_EXIT + BOUND_OF_ONE);
    }
    return bound;
}

/* A second INT, and whoever asks for it in so many words. */
static bool may_hasten(const struct event *e)
{
    return (e->type == EVENT_SIGNAL && e->signal.signo == SIGINT) ||
           (e->type == EVENT_REQUEST && e->request.verb == REQUEST_SHUTDOWN_NOW);
}

/* 1, 2, 11: the one clock. */
static const char *check_clock(struct invariants *watch, const struct supervisor *s,
                               const struct event *e)
{
    int64_t kill_at = time_sub(s->deadline_at, s->margin);

    if (s->ask < watch->ask)
        return "1: the global ask fell";
    if (watch->clock && (!s->clock || s->cause != watch->cause))
        return "1: the clock was turned back";
    if (s->deadline_at > watch->deadline_at || (watch->clock && kill_at > watch->kill_at))
        return "1: the deadline moved later";
    if (s->ask >= ASK_DRAIN && !s->clock)
        return "1: a shutdown without a clock";
    if (watch->ask >= ASK_STOP && s->ask > watch->ask && !may_hasten(e) && s->now < kill_at)
        return "4: a shutdown under way was hastened";
    if (is_internal_cause(s->cause) && watch->bound_c == NEVER)
        watch->bound_c = internal_bound(s);
    else if (s->counted > time_add(watch->counted, 2 * SLACK)) /* waited for a hook, or a pause */
        watch->bound_c = time_add(watch->bound_c, s->counted - watch->counted);
    watch->counted = s->counted;
    if (is_internal_cause(s->cause) && s->counted > watch->bound_c &&
        !(watch->extended && s->deadline_at != NEVER)) /* that is the bound then */
        return "11: a shutdown with an internal cause does not end";
    watch->ask_before = watch->ask_then = watch->ask;
    watch->ask = s->ask;
    watch->clock = s->clock;
    watch->cause = s->cause;
    watch->deadline_at = s->deadline_at;
    watch->kill_at = s->clock ? kill_at : NEVER;
    return NULL;
}

static const char *check_wake(const struct supervisor *s)
{
    int64_t wake = next_deadline(s);

    if (s->exiting)
        return wake == NEVER ? NULL : "2: a timer after the exit";
    if (wake <= s->now)
        return "2: the timer is due already";
    if (s->clock && s->deadline_at != NEVER && wake == NEVER)
        return "2: no timer although the deadline comes";
    return NULL;
}

/* How long after its latest moment its TERM may come, so as not to come too soon. */
static int64_t spare(const struct supervisor *s, size_t i)
{
    return time_max(s->service[i].wait[0] - s->spec->service[i].sidekiq_timeout - SIDEKIQ_NEEDS, 0);
}

/* What must have begun by now, since nothing holds it back. */
static const char *check_begun(const struct invariants_service *w, const struct supervisor *s,
                               size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct service *v = &s->service[i];
    bool waits_for_work = (spec_is_worker(spec) || spec->kind == KIND_TASK) && bounded(s, i);

    if (one_signal(s, i) && w->quiet_told && s->counted <= w->quiet_c + SIGNALS_APART + SLACK &&
        s->now < time_add(v->latest, spare(s, i)))
        return NULL;
    if (s->now >= v->latest)
        return "4: the latest moment passed and its ladder has not begun";
    if (s->ask < ASK_STOP || must_wait(s, i))
        return NULL;
    if (s->ask < ASK_NOW && (s->counted < v->linger_end_c && spec->linger > 0))
        return NULL;
    if (s->ask < ASK_NOW && waits_for_work && !(spec_is_worker(spec) && w->work == WORK_IDLE))
        return NULL;
    if (s->ask < ASK_NOW && first_quiet_command_runs(s, i))
        return NULL;
    return "4: nothing to wait for, and its ladder has not begun";
}

/* A stop may only be taken back from a worker that booted and did not hear it. */
static const char *check_taken_back(struct invariants_service *w, const struct supervisor *s,
                                    size_t i)
{
    if (!w->told || s->service[i].life.ladder_begun)
        return NULL;
    w->told = w->hard = false;
    return w->told_booting && w->missed && !w->killed && s->ask < ASK_NOW
               ? NULL
               : "7: a stop was taken back";
}

static const char *check_living(struct invariants_service *w, const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;
    const char *broken = check_taken_back(w, s, i);

    if (broken != NULL)
        return broken;
    if (life->ask < w->ask)
        return "1: the ask of a service fell";
    w->ask = life->ask;
    w->latest = s->service[i].latest;
    if (!w->spawned || is_over(w))
        return NULL;
    if (s->clock && s->now >= time_sub(s->deadline_at, s->margin) && !w->killed)
        return "9: it lives at deadline - margin and was not killed";
    if (s->ask < ASK_DRAIN || w->told)
        return NULL;
    if (spec->quiet.signo > 0 && !w->quiet_told)
        return "4: a shutdown began and it was not told to be quiet";
    if (life->facts.unconfirmed > 0 && !life->look_pending && !w->exited && !one_signal(s, i) &&
        s->counted - w->quiet_c > QUIET_AGAIN + SLACK)
        return "4: its quiet was not seen and is not repeated";
    return check_begun(w, s, i);
}

static const char *check_state(const struct supervisor *s, size_t i)
{
    enum service_state state = s->service[i].state;
    bool down = state == STATE_DONE || state == STATE_FAILED;
    bool pause = state == STATE_WAITING || state == STATE_BACKOFF;

    if (down != has(s->down, i) || (!down && !pause) != has(s->alive, i))
        return "3: state and sets differ";
    if (s->ask >= ASK_STOP && pause &&
        (s->ask >= ASK_KILL || !must_wait(s, i)))
        return "4: it waits to be started in a shutdown";
    return NULL;
}

/* A life has just ended: what a living one is after is kept until its turn comes. */
static const char *check_abandoned(const struct invariants *watch,
                                   const struct invariants_service *w, const struct supervisor *s,
                                   size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    bool needed = needed_by_living(watch, s, i) && (s->spec->stop_first[i] & s->alive);

    if (watch->ask_before < ASK_DRAIN || s->ask >= ASK_KILL || !needed || !w->spawned ||
        (w->told && !w->clears) || spec_is_worker(spec) || spec->kind == KIND_TASK ||
        s->service[i].state != STATE_DONE || s->now >= time_min(w->latest, s->service[i].latest))
        return NULL;
    return "4: a needed service died and is not started again";
}

static const char *check_services(struct invariants *watch, const struct supervisor *s)
{
    const char *broken = NULL;

    for (size_t i = 0; i < s->spec->count && broken == NULL; i++) {
        struct invariants_service *w = &watch->service[i];

        if (w->generation != s->service[i].generation)
            return "3: a life began without an action";
        broken = check_state(s, i);
        if (broken == NULL && has(s->alive, i))
            broken = check_living(w, s, i);
        else if (w->begun && !is_over(w))
            broken = broken != NULL ? broken : "3: a life was ended while something of it lives";
        else if (w->begun && !has(s->alive, i)) {
            w->begun = false;
            broken = broken != NULL ? broken : check_abandoned(watch, w, s, i);
        }
    }
    return broken;
}

const char *invariants_check(struct invariants *watch, const struct supervisor *s,
                             const struct event *e, const struct actions *out)
{
    const char *broken;

    if (out->dropped > 0)
        return "a step gave too many actions, or its rules do not rest";
    if (watch->exited)
        return out->count > 0 ? "9: an action after the exit" : NULL;
    note_event(watch, s, e);
    broken = check_clock(watch, s, e);
    for (uint32_t k = 0; k < out->count && broken == NULL; k++)
        broken = invariants_action(watch, s, &out->list[k]);
    if (broken == NULL)
        broken = check_wake(s);
    if (broken == NULL && !watch->exited && s->now >= s->deadline_at)
        broken = "9: the deadline has passed";
    if (broken == NULL && !watch->exited)
        broken = check_services(watch, s);
    watch->alive = s->alive;
    return broken;
}
