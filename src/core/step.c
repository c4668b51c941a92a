/* The choke point: every change of the supervisor begins here. */
#include <string.h>

#include "core/budget.h"
#include "core/rules.h"

/* No run of rules needs so many passes; an invariant sees to it. */
enum { PASSES_MAX = 1000 };

/* A step that comes later than it was due counts so much of the delay at most. With
 * COUNTED_WAKE of rules.h: of a suspend, a pause or throttling 2 s count. */
#define DELAY_COUNTED (1 * SECOND)

void supervisor_init(struct supervisor *s, const struct spec *spec, int64_t now, uint32_t seed)
{
    memset(s, 0, sizeof(*s));
    s->spec = spec;
    s->now = now;
    s->random = seed | 1u; /* xorshift has no way out of 0 */
    s->deadline_at = NEVER;
    s->margin = spec->margin;
    s->wake = NEVER;
    for (size_t i = 0; i < spec->count; i++) {
        struct service *v = &s->service[i];

        v->state = STATE_WAITING;
        v->latest = NEVER;
        v->linger_end_c = NEVER;
        v->tail = budget_tail(&spec->service[i]);
        for (size_t k = 0; k < spec->service[i].stop.count; k++)
            v->wait[k] = spec->service[i].stop.step[k].wait;
    }
}

/* A start that failed before the program ran: the codes are those of a shell. */
static void spawn_failed(struct supervisor *s, size_t i, const struct event *e)
{
    struct life *life = &s->service[i].life;

    tell(s, i, STORY_SPAWN_FAILED, e->spawn.stage, e->spawn.error, 0);
    life->leader_alive = false;
    life->start_failed = true;
    life->transient = e->spawn.transient;
    life->exit_known = true;
    life->exit_code = e->spawn.missing ? 127 : 126;
    life->stage = START_NONE; /* a look under way has nothing to tell */
    life->facts.members = 0;
    life->look_pending = false;
}

static void exec_done(struct supervisor *s, size_t i, const struct event *e)
{
    struct life *life = &s->service[i].life;
    enum exec_purpose purpose = e->exec.purpose;
    uint8_t bit = (uint8_t)(1u << purpose);

    if (!exec_runs(s, i, purpose))
        return;
    life->exec_running &= (uint8_t)~bit;
    if (!e->exec.ok && purpose != EXEC_READY && purpose != EXEC_PRE_START &&
        !(life->exec_failing & bit))
        tell(s, i, STORY_EXEC_FAILED, purpose, 0, 0); /* some are run again and again */
    life->exec_failing = (uint8_t)(e->exec.ok ? life->exec_failing & ~bit : life->exec_failing | bit);
    switch (purpose) {
    case EXEC_PRE_START:
        if (e->exec.ok) {
            start_spawn(s, i);
            break;
        }
        tell(s, i, STORY_PRE_START_FAILED, 0, 0, 0);
        life->start_failed = true;
        life->exit_known = true;
        life->exit_code = 1;
        break;
    case EXEC_QUIET:
        life->quiet_done = e->exec.ok;
        if (e->exec.ok)
            emit(s, ACT_QUIET, i); /* from here on evidence counts */
        break;
    case EXEC_READY:
        if (e->exec.ok)
            start_ready(s, i);
        break;
    case EXEC_INFLIGHT: /* its reading comes with the next facts */
        life->reading_c = life->inflight_c;
        break;
    case EXEC_POST_EXIT:
    case EXEC_STOP:
    case EXEC_PURPOSES:
        break;
    }
}

/* Facts of one service in its present life. */
static void apply_service(struct supervisor *s, const struct event *e)
{
    size_t i = e->service;
    struct life *life = &s->service[i].life;

    switch (e->type) {
    case EVENT_SPAWNED:
        start_spawned(s, i);
        break;
    case EVENT_SPAWN_FAILED:
        spawn_failed(s, i, e);
        break;
    case EVENT_EXITED:
        if (life->leader_alive) {
            life->exit_code = e->exit.code;
            life->exit_signal = e->exit.signo;
            life_leader_gone(s, i);
        }
        break;
    case EVENT_LOOKED:
        life->facts = e->facts;
        life->look_pending = false;
        life->looked_c = s->counted;
        drain_count(s, i);
        if (!life->leader_alive && life->facts.members > 0 && !life->remains_told && !life->killed) {
            life->remains_told = true;
            tell(s, i, STORY_REMAINS, life->facts.members, 0, 0);
        }
        break;
    case EVENT_READY:
        if (!e->by_notify || start_heeds_notify(s, i))
            start_ready(s, i);
        break;
    case EVENT_EXTEND:
        ladder_extend(s, i, e->ms);
        break;
    case EVENT_EXEC_DONE:
        exec_done(s, i, e);
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_SIGNAL:
    case EVENT_REQUEST:
    case EVENT_OBSERVE:
    case EVENT_HOOK_DONE:
    case EVENT_ORPHANS:
    case EVENT_COUNT:
        break;
    }
}

static void apply(struct supervisor *s, const struct event *e)
{
    switch (e->type) {
    case EVENT_START:
        s->started = true;
        break;
    case EVENT_SIGNAL:
        signals_take(s, e->signal.signo, e->signal.sender);
        break;
    case EVENT_REQUEST:
        request_take(s, e);
        break;
    case EVENT_OBSERVE:
        drain_observe(s);
        break;
    case EVENT_HOOK_DONE:
        s->hooks_running &= (uint8_t)~(1u << e->hook.hook);
        if (!e->hook.ok)
            tell(s, NO_SERVICE, STORY_HOOK_FAILED, e->hook.hook, 0, 0);
        break;
    case EVENT_ORPHANS:
        s->orphans = e->count;
        s->orphans_known = true;
        s->orphans_asked = false;
        break;
    case EVENT_TIMER:
    case EVENT_COUNT:
        return;
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
    case EVENT_EXITED:
    case EVENT_LOOKED:
    case EVENT_READY:
    case EVENT_EXTEND:
    case EVENT_EXEC_DONE:
        /* the one place where stale events end */
        if (e->service < s->spec->count &&
            e->generation == s->service[e->service].generation &&
            (s->alive & SET_OF(e->service))) {
            ask_again(s, SET_OF(e->service));
            apply_service(s, e);
        }
        return;
    }
    s->changed = true; /* it may concern any of them */
}

static void advance_service(struct supervisor *s, size_t i)
{
    if (s->alive & SET_OF(i)) {
        if (life_over(s, i)) {
            life_end(s, i);
            return;
        }
        if (s->service[i].life.post_exit_begun)
            return; /* nothing of it is left to be told anything */
        drain_look(s, i);
    }
    switch (s->service[i].state) {
    case STATE_WAITING:
        start_wait(s, i);
        break;
    case STATE_BACKOFF:
        start_backoff(s, i);
        break;
    case STATE_STARTING:
    case STATE_READY:
    case STATE_QUIET:
        if (!s->service[i].life.ready)
            start_watch(s, i);
        ladder_consider(s, i); /* first: what is stopped at once needs no quiet */
        if (s->service[i].state != STATE_STOPPING)
            drain_advance(s, i);
        break;
    case STATE_STOPPING:
        ladder_advance(s, i);
        break;
    case STATE_DONE:
    case STATE_FAILED:
    case STATE_COUNT:
        break;
    }
}

static bool has_something_new(const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    return (s->again & SET_OF(i)) || s->now >= v->next_real || s->counted >= v->next_counted;
}

static void ask(struct supervisor *s, size_t i)
{
    s->next_real = s->next_counted = NEVER;
    s->again &= ~SET_OF(i);
    advance_service(s, i);
    s->service[i].next_real = s->next_real;
    s->service[i].next_counted = s->next_counted;
}

/* A service is asked when something has changed that all may look at (in this pass or before it), or
 * something of its own, or an instant that it waits for has come: else it would say nothing, as when
 * it was asked last. What it waits for counts all the same. */
static void ask_services(struct supervisor *s, bool all)
{
    int64_t real = s->next_real, counted = s->next_counted;

    for (size_t n = 0; n < s->spec->count; n++) {
        size_t i = s->spec->start_order[n];

        if (s->down & SET_OF(i))
            continue;
        if (all || s->changed || has_something_new(s, i))
            ask(s, i);
        real = time_min(real, s->service[i].next_real);
        counted = time_min(counted, s->service[i].next_counted);
    }
    s->next_real = real;
    s->next_counted = counted;
}

static void advance(struct supervisor *s)
{
    int passes = 0;

    do {
        bool all = s->changed;

        s->changed = false;
        s->next_real = s->next_counted = NEVER;
        signals_advance(s);
        clock_advance(s);
        start_give_up(s);
        ask_services(s, all);
        start_global(s);
        drain_global(s);
        exit_advance(s);
    } while (s->changed && !s->exiting && ++passes < PASSES_MAX);
    if (passes == PASSES_MAX)
        s->out->dropped++; /* a rule that never rests is a bug; an invariant names it */
    s->wake = s->next_real;
    if (s->next_counted != NEVER)
        s->wake = time_min(s->wake, s->now + time_min(s->next_counted - s->counted, COUNTED_WAKE));
}

/* Whoever outlives its KILL holds up nobody any more: is_needed() turns, and nobody is woken up. */
static void note_survivors(struct supervisor *s, int64_t passed)
{
    for (service_set rest = s->killed; rest; rest &= rest - 1) {
        int64_t lived = s->counted - s->service[__builtin_ctzll(rest)].life.step_c;

        if (lived >= SURVIVOR_AFTER && lived - passed < SURVIVOR_AFTER)
            s->changed = true;
    }
}

static void pass_time(struct supervisor *s, int64_t now)
{
    int64_t gap = time_max(now - s->now, 0);
    int64_t planned = s->wake == NEVER ? gap : time_min(gap, time_max(s->wake - s->now, 0));
    int64_t counted = planned + time_min(gap - planned, DELAY_COUNTED);

    s->now += gap;
    s->counted += counted;
    if (gap > counted)
        clock_jumped(s, gap - counted);
    note_survivors(s, counted);
}

void step(struct supervisor *s, const struct event *e, struct actions *out)
{
    out->count = 0;
    out->dropped = 0;
    if (s->exiting)
        return;
    s->out = out;
    pass_time(s, e->now);
    apply(s, e);
    advance(s);
    s->out = NULL;
    if (s->exiting)
        s->wake = NEVER;
}

int64_t next_deadline(const struct supervisor *s)
{
    return s->wake;
}

enum phase supervisor_phase(const struct supervisor *s)
{
    if (s->ask >= ASK_STOP)
        return PHASE_STOPPING;
    if (s->ask >= ASK_DRAIN)
        return s->drained ? PHASE_DRAINED : PHASE_DRAINING;
    return s->was_ready ? PHASE_RUNNING : PHASE_STARTING;
}
