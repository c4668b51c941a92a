/* The one clock of a shutdown: it starts once, its deadline only comes nearer,
 * the global ask only rises. And the plan that follows from it. */
#include "core/budget.h"
#include "core/rules.h"

#define EXTEND_EVERY (10 * SECOND)
#define EXTEND_BY (30 * SECOND) /* longer: one message may be lost */

/* The margin when a deadline comes later than the spec: SPEC 2, `margin`. Where there was no deadline it may not be
 * known yet. */
static int64_t margin_for(const struct supervisor *s, int64_t ms)
{
    int64_t margin = s->spec->deadline == NEVER && s->margin == 0 ? 2 * SECOND : s->margin;

    return time_min(margin, ms / 10);
}

/* Not one that makes room for its next life, whose ladder is still to come. */
static bool in_its_ladder(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return (s->alive & SET_OF(i)) && life->ladder_begun &&
           !((life->clearing || life->restart_wanted) && life_comes_back(s, i));
}

/* How much of a wait of its ladder is over. A patient first wait begins to count at
 * the latest moment. */
static int64_t elapsed(const struct supervisor *s, size_t i, size_t step)
{
    const struct service *v = &s->service[i];

    if (!in_its_ladder(s, i) || step != v->life.step)
        return 0;
    if (v->life.patient && step == 0)
        return v->latest == NEVER ? 0 : time_max(s->now - v->latest, 0);
    return s->counted - v->life.step_c;
}

/* A verb on it alone may have begun its linger before. */
static int64_t linger_left(const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    int64_t whole = s->spec->service[i].linger;

    if (v->linger_end_c != NEVER)
        return time_max(v->linger_end_c - s->counted, 0);
    if ((s->alive & SET_OF(i)) && v->life.ask >= ASK_STOP)
        return time_max(time_add(v->life.ask_c, whole) - s->counted, 0);
    return whole;
}

/* From a drain on nothing new is started: what waits, is in its pause or its pre_start is given up. */
static bool will_not_start(const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    bool not_yet = v->state == STATE_WAITING || v->state == STATE_BACKOFF ||
                   ((s->alive & SET_OF(i)) && v->life.stage == START_PRE);

    return s->ask >= ASK_DRAIN && not_yet && !life_comes_back(s, i);
}

static void row_of(struct budget_row *row, const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    budget_row_init(row, &s->spec->service[i]);
    row->down = (s->down & SET_OF(i)) || will_not_start(s, i);
    row->linger = linger_left(s, i);
    row->tail = v->tail;
    for (size_t k = 0; k < row->count; k++)
        row->wait[k] = v->wait[k];
    if (!in_its_ladder(s, i))
        return;
    row->linger = 0;
    row->first = v->life.step;
    row->wait[row->first] = time_max(row->wait[row->first] - elapsed(s, i, row->first), 0);
}

/* latest becomes the moment at which its whole ladder would have had to begin. */
static void take_row(struct supervisor *s, size_t i, const struct budget_row *row)
{
    struct service *v = &s->service[i];
    int64_t before = 0, after = 0, spent = 0;
    int64_t linger = in_its_ladder(s, i) ? 0 : linger_left(s, i);

    for (size_t k = 0; k < row->first; k++)
        spent = time_add(spent, v->wait[k]);
    for (size_t k = row->first; k < row->count; k++) {
        int64_t wait = row->wait[k];

        wait = time_min(time_add(wait, elapsed(s, i, k)), v->wait[k]);
        spent = time_add(spent, wait - row->wait[k]);
        before = time_add(before, v->wait[k]);
        after = time_add(after, wait);
        v->wait[k] = wait;
    }
    v->tail = row->tail;
    if (v->linger_end_c == NEVER || !in_its_ladder(s, i)) /* its stop may be taken back */
        v->linger_end_c = time_add(s->counted, row->linger);
    v->latest = time_sub(s->deadline_at, time_add(s->margin, time_add(row->chain, spent)));
    if (row->linger < linger)
        tell(s, i, STORY_LINGER_SHRUNK, linger, row->linger, 0);
    if (after < before) /* neither of what is down: that is left alone */
        tell(s, i, STORY_SHRUNK, before, after, row->jobs);
}

/* fit: shrink what does not fit; else only the latest moments are found anew. */
static void plan(struct supervisor *s, bool fit)
{
    struct budget b;
    int64_t left = time_sub(s->deadline_at, s->now);

    for (size_t i = 0; i < s->spec->count; i++)
        row_of(&b.row[i], s, i);
    if (fit)
        budget_fit(&b, s->spec, time_sub(left, s->margin), budget_linger_cap(time_max(left, 0)));
    else
        budget_chains(&b, s->spec);
    for (size_t i = 0; i < s->spec->count; i++)
        take_row(s, i, &b.row[i]);
    s->planned_down = s->down;
    s->changed = true;
}

bool clock_plan_is_stale(const struct supervisor *s)
{
    return s->deadline_at != NEVER && s->planned_down != s->down;
}

static bool is_of_platform(enum cause cause)
{
    return cause == CAUSE_SIGNAL || cause == CAUSE_PRESTOP;
}

void clock_start(struct supervisor *s, enum cause cause, uint8_t detail)
{
    if (s->clock)
        return;
    s->clock = true;
    s->clock_at = s->now;
    s->cause = cause;
    s->cause_detail = detail;
    s->platform = is_of_platform(cause);
    s->deadline_at = time_add(s->now, s->spec->deadline);
    plan(s, true);
}

/* The ask first: it says who needs no time in the plan. The one before. */
static enum ask raise_ask(struct supervisor *s, enum ask ask, enum cause cause, uint8_t detail)
{
    enum ask before = s->ask;

    if (ask > before)
        s->ask = ask;
    clock_start(s, cause, detail);
    s->platform = s->platform || is_of_platform(cause);
    return before;
}

static void tell_ask(struct supervisor *s, enum ask before, enum cause cause, uint8_t detail)
{
    enum ask ask = s->ask;
    bool first = before == ASK_RUN;

    if (ask == before)
        return;
    s->changed = true;
    if (first)
        tell(s, NO_SERVICE, STORY_SHUTDOWN, cause, ask, supervisor_remaining(s));
    else
        tell(s, NO_SERVICE, STORY_ASK, cause, ask, detail);
    if (!first)
        return;
    for (size_t i = 0; i < s->spec->count; i++)
        if (s->service[i].life.ask == ASK_RUN)
            s->service[i].life.ask_c = s->counted;
    hook_begin(s, HOOK_DRAIN);
}

void clock_ask(struct supervisor *s, enum ask ask, enum cause cause, uint8_t detail)
{
    tell_ask(s, raise_ask(s, ask, cause, detail), cause, detail);
}

bool clock_bring_forward(struct supervisor *s, int64_t ms, enum cause cause, uint8_t detail)
{
    int64_t at, kill_at;
    enum ask before;
    bool moved;

    if (ms < 1 * SECOND)
        return false;
    at = time_add(s->now, ms);
    before = raise_ask(s, ASK_DRAIN, cause, detail);
    moved = at < s->deadline_at;
    if (moved) {
        /* a smaller margin must not make the last KILL later than it was */
        kill_at = time_min(at - margin_for(s, ms), time_sub(s->deadline_at, s->margin));
        s->deadline_at = at;
        s->margin = at - kill_at;
        plan(s, true);
    }
    tell(s, NO_SERVICE, STORY_DEADLINE, supervisor_remaining(s), moved, 0);
    tell_ask(s, before, cause, detail);
    return true;
}

/* The deadline counts a jump in full, the waits do not: they shrink as when the
 * deadline is brought forward. */
void clock_jumped(struct supervisor *s, int64_t unseen)
{
    if (!s->clock)
        return;
    tell(s, NO_SERVICE, STORY_CLOCK_JUMP, unseen, 0, 0);
    plan(s, true);
}

static int64_t count_alive(const struct supervisor *s)
{
    int64_t n = 0;

    for (service_set rest = s->alive; rest; rest &= rest - 1)
        n++;
    return n;
}

/* A sequence that waits before its `shutdown` or `drain` may hold up nothing: when the first ladder must
 * begin, all drain, so that each begins in time; when the end has come, the ask rises by itself. */
void clock_advance(struct supervisor *s)
{
    if (s->deadline_at == NEVER)
        return; /* also before the clock has started */
    if (clock_plan_is_stale(s))
        plan(s, false); /* what is down gives its time to what stops before it */
    if (s->ask < ASK_DRAIN)
        for (size_t i = 0; i < s->spec->count; i++)
            if (!(s->down & SET_OF(i)) && due(s, s->service[i].latest))
                clock_ask(s, ASK_DRAIN, s->cause, s->cause_detail);
    if (s->ask < ASK_KILL && due(s, time_sub(s->deadline_at, s->margin))) {
        tell(s, NO_SERVICE, STORY_DEADLINE_KILL, count_alive(s), 0, 0);
        clock_ask(s, ASK_KILL, CAUSE_DEADLINE, 0);
    }
}

int64_t supervisor_remaining(const struct supervisor *s)
{
    return s->clock ? time_max(time_sub(s->deadline_at, s->now), 0) : NEVER;
}

int64_t supervisor_deadline(const struct supervisor *s)
{
    return s->clock ? time_sub(s->deadline_at, s->clock_at) : s->spec->deadline;
}

bool supervisor_shutting_down(const struct supervisor *s)
{
    return s->clock; /* which the first ask starts */
}

int64_t supervisor_extension(const struct supervisor *s, int64_t told_at)
{
    int64_t left = supervisor_remaining(s);

    if (s->ask < ASK_DRAIN || left == NEVER)
        return 0;
    if (told_at != NEVER && s->now - told_at < EXTEND_EVERY)
        return 0;
    return time_min(left, EXTEND_BY);
}
