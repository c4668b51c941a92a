#include "core/invariants.h"

#include <signal.h>
#include <string.h>

#define POST_EXIT (5 * SECOND)
#define OUTLIVES_KILL (5 * SECOND)
#define ORPHANS (7 * SECOND)
#define QUIET_AGAIN (2 * SECOND)
#define SIGNALS_APART (5 * SECOND)
#define SIDEKIQ_NEEDS (3 * SECOND) /* beyond its -t */
#define SLACK (1 * SECOND) /* between two steps, where counted time is waited for */
/* For looks, and hooks: what an internal shutdown may take beyond its ladders. */
#define BOUND_SLACK (30 * SECOND)
#define BOUND_OF_ONE (15 * SECOND)

static bool has(service_set set, size_t i)
{
    return set & SET_OF(i);
}

static bool is_internal_cause(enum cause cause)
{
    return cause == CAUSE_ESSENTIAL || cause == CAUSE_FINISHED;
}

static enum ask highest_ask(const struct supervisor *s, size_t i)
{
    enum ask own = s->service[i].life.ask;
    return has(s->alive, i) && own > s->ask ? own : s->ask;
}

/* Somebody who must be down before this lives, or comes back at once. */
static bool needed_by_living(const struct invariants *watch, const struct supervisor *s, size_t i)
{
    service_set others = s->spec->stop_first[i];

    if (others & (watch->alive | s->alive))
        return true;
    for (service_set rest = others; rest; rest &= rest - 1)
        if (s->service[__builtin_ctzll(rest)].state == STATE_BACKOFF)
            return true;
    return false;
}

/* Something that must be down before it is not, and has not outlived a KILL either. */
static bool must_wait(const struct supervisor *s, size_t i)
{
    for (service_set rest = s->spec->stop_first[i] & ~s->down; rest; rest &= rest - 1) {
        const struct life *life = &s->service[__builtin_ctzll(rest)].life;

        if (!life->killed || life->post_exit_begun || s->counted - life->step_c < OUTLIVES_KILL)
            return true;
    }
    return false;
}

static bool may_hold_work(const struct service_spec *spec)
{
    return spec->inflight.kind == INFLIGHT_SIDEKIQ || spec_may_hold_unseen_work(spec);
}

void invariants_init(struct invariants *watch, const struct supervisor *s)
{
    memset(watch, 0, sizeof(*watch));
    watch->deadline_at = s->deadline_at;
    watch->kill_at = watch->bound_c = NEVER;
}

/* A life is over when its start failed or its leader and all that it left are gone. */
static bool is_over(const struct invariants_service *w)
{
    return !w->spawned || w->failed || (w->exited && w->members == 0);
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
        break;
    case EVENT_START:
    case EVENT_TIMER:
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
            bound = time_add(bound, l->step[k].wait);
        bound = time_add(bound, POST_EXIT + BOUND_OF_ONE);
    }
    return bound;
}

/* 1, 2, 11: the one clock. */
static const char *check_clock(struct invariants *watch, const struct supervisor *s)
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
    if (is_internal_cause(s->cause) && watch->bound_c == NEVER)
        watch->bound_c = internal_bound(s);
    if (is_internal_cause(s->cause) && s->counted > watch->bound_c)
        return "11: a shutdown with an internal cause does not end";
    watch->ask_then = watch->ask;
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

/* 3: at most one incarnation lives. Called when an action names a newer life. */
static const char *begin_life(struct invariants_service *w, uint32_t generation)
{
    if (w->begun && !is_over(w))
        return "3: a life began before the former had ended";
    *w = (struct invariants_service){ .generation = generation, .begun = true };
    return NULL;
}

/* 4: from a global drain on nothing is started but what is needed. */
static const char *check_start(const struct invariants *watch, const struct supervisor *s, size_t i)
{
    if (!watch->started)
        return "4: started before the start";
    if (watch->ask_then < ASK_DRAIN)
        return NULL;
    if (watch->ask_then >= ASK_KILL)
        return "4: started when everything is killed";
    if (spec_is_worker(&s->spec->service[i]))
        return "4: a worker was started in a shutdown: it would fetch again";
    if (!needed_by_living(watch, s, i))
        return "4: started in a shutdown, and not needed";
    return NULL;
}

/* A Sidekiq that two signals close together may kill: its TERM is its quiet as well,
 * and comes a while after a TSTP that it may not have read. */
static bool one_signal(const struct supervisor *s, size_t i)
{
    return s->spec->service[i].profile == PROFILE_SIDEKIQ && s->service[i].life.facts.major < 7;
}

/* How long after its latest moment its TERM may come, so as not to come too soon. */
static int64_t spare(const struct supervisor *s, size_t i)
{
    return time_max(s->service[i].wait[0] - s->spec->service[i].sidekiq_timeout - SIDEKIQ_NEEDS, 0);
}

/* The latest moment, or a bound that a verb on the service has set, has come. */
static bool forced(const struct invariants_service *w, const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    int64_t early = one_signal(s, i) && !w->quiet_told ? SIGNALS_APART : 0;

    return s->now >= time_sub(v->latest, early) ||
           (v->life.ask >= ASK_STOP && s->now >= v->life.ask_latest);
}

static bool bounded(const struct supervisor *s, size_t i)
{
    return s->deadline_at != NEVER || s->service[i].life.ask_latest != NEVER;
}

/* 5, 6, 7, 10: the first step of a ladder. */
static const char *check_first_step(const struct invariants_service *w, const struct supervisor *s,
                                    size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;
    bool verb = life->ask >= ASK_STOP;
    bool boots = spec_is_worker(spec) && w->boots && !life->ready;

    if (s->ask >= ASK_KILL)
        return NULL;
    if (must_wait(s, i) && !verb && !w->clears && !forced(w, s, i))
        return "5: told to stop before what must stop before it was down";
    if (spec->quiet.signo > 0 && !w->quiet_told && !one_signal(s, i))
        return "6: told to stop without the quiet";
    if (s->ask < ASK_DRAIN && !verb && !w->clears)
        return "7: told to stop though nobody asked";
    if (s->ask == ASK_DRAIN && !verb && !w->clears && !boots && !forced(w, s, i))
        return "7: told to stop under a drain";
    if (highest_ask(s, i) >= ASK_NOW || forced(w, s, i) || w->clears || !bounded(s, i) || boots)
        return NULL;
    if (spec_is_worker(spec) && w->work != WORK_IDLE)
        return "10: a worker was told to stop that is not known to be idle";
    if (spec->kind == KIND_TASK)
        return "10: a task was told to stop before its latest moment";
    return NULL;
}

/* 8: a KILL or QUIT that only a profile put on the ladder, after the first step. */
static const char *check_hard_step(const struct invariants_service *w, const struct supervisor *s,
                                   size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct service *v = &s->service[i];

    if (spec->stop.by_user || !may_hold_work(spec) || w->idle_at_stop || w->clears ||
        v->life.ask >= ASK_STOP || s->ask >= ASK_NOW || is_internal_cause(s->cause))
        return NULL;
    if (s->deadline_at == NEVER && s->cause != CAUSE_SIGNAL && s->cause != CAUSE_PRESTOP)
        return NULL; /* nobody else would end it */
    if (s->now < time_add(v->latest, v->wait[0]))
        return "8: a KILL or QUIT of a profile before its patience was over";
    return NULL;
}

static const char *check_stop(struct invariants_service *w, const struct supervisor *s, size_t i,
                              int signo)
{
    const char *broken = NULL;

    if (!w->told) {
        broken = check_first_step(w, s, i);
        w->told = true;
        w->idle_at_stop = w->work == WORK_IDLE;
    }
    if (broken == NULL && s->service[i].life.step > 0 && !w->killed)
        broken = check_hard_step(w, s, i);
    if (signo == SIGKILL)
        w->killed = true;
    return broken;
}

/* 9: the rows of SPEC 5, of what was recorded. */
static uint8_t code_of_records(const struct supervisor *s)
{
    uint8_t asked = 0;
    bool killed = false, handed_back = false;

    if (s->cause == CAUSE_ESSENTIAL && s->service[s->cause_detail].end == END_BY_ITSELF)
        return s->service[s->cause_detail].end_code;
    for (size_t i = 0; i < s->spec->count; i++) {
        const struct service *v = &s->service[i];

        if (s->spec->service[i].essential && v->end == END_BY_ITSELF)
            return v->end_code;
        if (s->spec->service[i].essential && v->end == END_WHEN_ASKED && asked == 0)
            asked = v->end_code;
        killed = killed || v->end_killed;
        handed_back = handed_back || v->end_handed_back;
    }
    return killed ? 137 : handed_back ? 75 : asked;
}

static const char *check_exit(struct invariants *watch, const struct supervisor *s,
                              const struct action *a)
{
    if (watch->exited)
        return "9: a second exit";
    watch->exited = true;
    if (!s->exiting || a->code != s->exit_code || a->code != code_of_records(s))
        return "9: the exit code is not what the records say";
    return NULL;
}

static const char *check_exec(struct invariants *watch, struct invariants_service *w,
                              const struct supervisor *s, const struct action *a)
{
    switch (a->exec.purpose) {
    case EXEC_PRE_START:
        return check_start(watch, s, a->service);
    case EXEC_STOP:
        return check_stop(w, s, a->service, 0);
    case EXEC_POST_EXIT:
        return is_over(w) ? NULL : "3: post_exit before the end";
    case EXEC_READY:
    case EXEC_QUIET:
    case EXEC_INFLIGHT:
    case EXEC_PURPOSES:
        break;
    }
    return w->spawned ? NULL : "3: a command for a process that was not started";
}

/* 3: only what lives is told anything. */
static const char *check_service_action(struct invariants *watch, struct invariants_service *w,
                                        const struct supervisor *s, const struct action *a)
{
    bool lives = w->spawned && !w->failed && has(s->alive, a->service);
    const char *broken;

    switch (a->type) {
    case ACT_SPAWN:
        broken = w->spawned ? "3: a life was spawned twice" : check_start(watch, s, a->service);
        w->spawned = true;
        w->members = 1;
        return broken;
    case ACT_SIGNAL:
        if (!lives)
            return "3: a signal to what does not live";
        if (a->signal.stop || a->signal.target == TARGET_ALL)
            return check_stop(w, s, a->service, a->signal.signo);
        break;
    case ACT_QUIET:
        w->quiet_told = true;
        w->quiet_c = s->counted;
        return lives ? NULL : "3: a quiet to what does not live";
    case ACT_EXEC:
        return check_exec(watch, w, s, a);
    case ACT_LOOK:
    case ACT_PROBE:
        return lives ? NULL : "3: a look at what does not live";
    case ACT_PROBE_END:
    case ACT_EXEC_END:
    case ACT_STORY:
    case ACT_HOOK:
    case ACT_ORPHANS:
    case ACT_RELOAD:
    case ACT_REPLY:
    case ACT_EXIT:
    case ACTION_COUNT:
        break;
    }
    return NULL;
}

static const char *check_action(struct invariants *watch, const struct supervisor *s,
                                const struct action *a)
{
    struct invariants_service *w;
    const char *broken = NULL;

    if (watch->exited)
        return "9: an action after the exit";
    if (a->type == ACT_EXIT)
        return check_exit(watch, s, a);
    if (a->type == ACT_STORY && (a->story.id == STORY_SHUTDOWN || a->story.id == STORY_ASK))
        watch->ask_then = (enum ask)a->story.b;
    if (a->service >= s->spec->count || a->type == ACT_STORY || a->type == ACT_REPLY)
        return NULL;
    w = &watch->service[a->service];
    if (a->generation < w->generation)
        return "3: an action names a dead life";
    if (a->generation > w->generation)
        broken = begin_life(w, a->generation);
    return broken != NULL ? broken : check_service_action(watch, w, s, a);
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
    return "4: nothing to wait for, and its ladder has not begun";
}

static const char *check_living(struct invariants_service *w, const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;

    if (life->ask < w->ask)
        return "1: the ask of a service fell";
    w->ask = life->ask;
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
        else if (!has(s->alive, i))
            w->begun = false;
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
    broken = check_clock(watch, s);
    for (uint32_t k = 0; k < out->count && broken == NULL; k++)
        broken = check_action(watch, s, &out->list[k]);
    if (broken == NULL)
        broken = check_wake(s);
    if (broken == NULL && !watch->exited && s->now >= s->deadline_at)
        broken = "9: the deadline has passed";
    if (broken == NULL && !watch->exited)
        broken = check_services(watch, s);
    watch->alive = s->alive;
    return broken;
}
