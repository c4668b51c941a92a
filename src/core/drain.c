/* From quiet to idle: SPEC section 4, quiet and wait. */
#include "core/rules.h"

#define QUIET_AGAIN (2 * SECOND)   /* SPEC 4: where its effect can be seen */
#define QUIET_TAKERS (250)         /* a process that can take it only now gets it soon */
#define LOOK_OFTEN (250)           /* how soon an idle worker is seen to be: a look costs 30 us (docs/performance.md) */
#define LOOK_LONG (500)            /* nor does a quarter of a second matter after a minute */
#define DRAIN_IS_LONG (1 * MINUTE)
#define LOOK_SELDOM (2 * SECOND)
#define LOOK_BOOT (1 * SECOND)
#define LOOK_LATE (10 * SECOND)    /* for a capacity that is not reached for long */
#define BOOT_IS_LONG (2 * MINUTE)
#define INFLIGHT_AGAIN (2 * SECOND)
#define EXEC_TIMEOUT (5 * SECOND)  /* SPEC 2: a command on the side */
#define BUSY_APART (1 * SECOND)    /* an application may say another number all the time */
#define OBSERVED_FRESH (1 * SECOND) /* a look is not taken anew for who asks */
#define READING_FRESH (10 * SECOND) /* nor a command run, which costs more */
#define STORY_AGAIN (30 * SECOND)  /* SPEC 4: the log tells what is waited for */

/* As soon as no thread is left that may have a job, often again. Told by when the last look was, not by the present
 * time, it turns with a look only. */
static int64_t look_interval_draining(const struct life *life)
{
    if (life->facts.work == WORK_IDLE)
        return LOOK_SELDOM;
    if (life->facts.unended > 0 && life->look_c - life->quiet_first_c >= DRAIN_IS_LONG)
        return LOOK_LONG;
    return LOOK_OFTEN;
}

/* How often the processes are looked at; 0: not at all. */
static int64_t look_interval(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;
    bool sidekiq = spec->inflight.kind == INFLIGHT_SIDEKIQ;

    if (life->stage < START_SPAWNING)
        return 0;
    if (life->ladder_begun && ladder_repeats(s, i)) /* also behind a shell that is gone */
        return LOOK_OFTEN;
    if (!life->leader_alive)
        return LOOK_BOOT;
    if (life->ladder_begun)
        return spec_is_worker(spec) || ladder_awaits_title(s, i) ? LOOK_BOOT : 0;
    if (asked_of(s, i) >= ASK_DRAIN) {
        if (spec_is_worker(spec))
            return look_interval_draining(life);
        return spec->quiet.signo > 0 ? LOOK_SELDOM : 0;
    }
    if (!life->ready && (spec->ready.kind == READY_TITLE || spec->ready.kind == READY_PUMA ||
                         spec->ready.kind == READY_NOTIFY_OR_TITLE))
        return LOOK_OFTEN;
    if (!sidekiq || life->facts.capacity_reached)
        return 0;
    ask_again(s, SET_OF(i)); /* the interval turns with time */
    return s->counted - life->spawned_c < BOOT_IS_LONG ? LOOK_BOOT : LOOK_LATE;
}

void drain_look(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    int64_t interval = look_interval(s, i);

    if (interval == 0 || life->look_pending)
        return;
    if (life->look_c != NEVER && !due_counted(s, time_add(life->look_c, interval)))
        return;
    life->look_c = s->counted;
    life->look_pending = true;
    emit(s, ACT_LOOK, i);
}

static bool is_observable(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return (s->alive & SET_OF(i)) && life->stage == START_RUNNING && !life->post_exit_begun &&
           s->spec->service[i].inflight.kind != INFLIGHT_NONE;
}

static bool look_is_stale(const struct supervisor *s, size_t i, int64_t counted)
{
    const struct life *life = &s->service[i].life;

    return is_observable(s, i) && !life->look_pending && counted - life->looked_c >= OBSERVED_FRESH;
}

static bool reading_is_stale(const struct supervisor *s, size_t i, int64_t counted)
{
    const struct life *life = &s->service[i].life;

    return is_observable(s, i) && s->spec->service[i].inflight.kind == INFLIGHT_EXEC && life->ready &&
           !exec_runs(s, i, EXEC_INFLIGHT) &&
           (life->inflight_c == NEVER || counted - life->inflight_c >= READING_FRESH);
}

bool supervisor_wants_observe(const struct supervisor *s, int64_t now)
{
    int64_t counted = s->counted + time_max(now - s->now, 0);

    for (size_t i = 0; i < s->spec->count; i++)
        if (look_is_stale(s, i, counted) || reading_is_stale(s, i, counted))
            return true;
    return false;
}

/* How busy a service is that nobody drains: looked at when somebody asks, not all the time. */
void drain_observe(struct supervisor *s)
{
    for (size_t i = 0; i < s->spec->count; i++) {
        struct life *life = &s->service[i].life;

        if (look_is_stale(s, i, s->counted)) {
            life->look_c = s->counted;
            life->look_pending = true;
            emit(s, ACT_LOOK, i);
        }
        if (reading_is_stale(s, i, s->counted)) {
            life->inflight_c = s->counted;
            exec_begin(s, i, EXEC_INFLIGHT, EXEC_TIMEOUT);
        }
    }
}

static void say_quiet(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    if (!life->quiet_said)
        tell(s, i, STORY_QUIET, s->spec->service[i].quiet.signo, 0, 0);
    life->quiet_said = true;
}

void drain_tell_quiet(struct supervisor *s, size_t i)
{
    const struct quiet_spec *quiet = &s->spec->service[i].quiet;
    struct life *life = &s->service[i].life;

    if (!life->quiet_begun) {
        life->quiet_begun = true;
        life->quiet_first_c = s->counted;
    }
    if (quiet->signo == 0 || !life->facts.booting)
        say_quiet(s, i); /* else nobody can take it yet */
    life->quiet_c = s->counted;
    if (quiet->signo == 0) {
        exec_begin(s, i, EXEC_QUIET, EXEC_TIMEOUT);
        return;
    }
    life->signals_sent |= (uint64_t)1 << (quiet->signo - 1);
    emit(s, ACT_QUIET, i)->signal.signo = (uint8_t)quiet->signo;
    life->look_c = s->counted; /* it looks first, and tells what it saw */
    life->look_pending = true;
}

static void quiet_advance(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;
    int64_t pause = NEVER;

    if (life->stage < START_SPAWNING)
        return;
    if (!spec_has_quiet(spec)) {
        if (life->quiet_begun)
            return;
        life->quiet_begun = true;
        ask_again(s, SET_OF(i));
        if (spec_is_worker(spec))
            emit(s, ACT_QUIET, i); /* nobody is told; from here on evidence counts */
        return;
    }
    if (!life->quiet_begun) {
        drain_tell_quiet(s, i);
        return;
    }
    if (life->facts.quiet_told)
        say_quiet(s, i);
    if (life->facts.quiet_seen && !life->quiet_done) {
        life->quiet_done = true;
        tell(s, i, STORY_QUIET_SEEN, s->counted - life->quiet_first_c, 0, 0);
    }
    if (spec->quiet.signo == 0)
        pause = life->quiet_done || exec_runs(s, i, EXEC_QUIET) ? NEVER : QUIET_AGAIN;
    else if (life->facts.untold > 0 && !life->look_pending)
        pause = QUIET_TAKERS;
    else if (life->facts.unconfirmed > 0 && !life->look_pending && !drain_one_signal(s, i))
        pause = QUIET_AGAIN;
    if (pause != NEVER && due_counted(s, life->quiet_c + pause))
        drain_tell_quiet(s, i);
}

/* An `exec:` inflight is asked again and again; the edge keeps the reading. */
static void inflight_advance(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;

    if (spec->inflight.kind != INFLIGHT_EXEC || exec_runs(s, i, EXEC_INFLIGHT))
        return;
    if (life->inflight_c != NEVER && !due_counted(s, life->inflight_c + INFLIGHT_AGAIN))
        return;
    life->inflight_c = s->counted;
    exec_begin(s, i, EXEC_INFLIGHT, EXEC_TIMEOUT);
}

static void tell_busy(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    const struct facts *facts = &life->facts;

    if (life->quiet_begun && !facts->busy_exact)
        return; /* a title from before the quiet would mislead */
    if (facts->busy >= 0 && (facts->busy != life->told_busy || facts->total != life->told_total) &&
        (facts->work == WORK_IDLE || due_counted(s, time_add(life->told_busy_c, BUSY_APART)))) {
        life->told_busy_c = s->counted;
        life->told_busy = facts->busy;
        life->told_total = facts->total;
        tell(s, i, STORY_BUSY, facts->busy, facts->total, 0);
    }
    if (facts->work == WORK_IDLE && !life->idle_told) {
        life->idle_told = true;
        tell(s, i, STORY_IDLE, s->counted - life->ask_c, 0, 0);
    }
}

/* For the last line of the log: how many jobs were in flight after the quiet, and how
 * many still are. Also while its ladder runs. */
void drain_count(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    const struct facts *facts = &life->facts;

    if (!(life->quiet_begun || life->ladder_begun) || facts->busy < 0)
        return;
    life->jobs_before = life->jobs_left;
    life->jobs_left = facts->busy_exact || facts->unended < 0 ? facts->busy : facts->unended;
    if (facts->busy_exact && facts->busy > life->jobs_seen)
        life->jobs_seen = facts->busy;
}

static void tell_waiting(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    enum wait_reason reason = supervisor_waits_for(s, i);

    if (reason == WAIT_LINGER)
        ask_again(s, SET_OF(i)); /* the reason turns with time */
    if (reason == WAIT_NOTHING || reason == WAIT_STOP_ASKED)
        return;
    if (!due_counted(s, time_max(life->told_c, life->ask_c) + STORY_AGAIN))
        return;
    life->told_c = s->counted;
    tell(s, i, STORY_WAITING, reason, s->counted - life->ask_c, life->facts.busy);
}

void drain_advance(struct supervisor *s, size_t i)
{
    struct service *v = &s->service[i];
    bool told;

    if (asked_of(s, i) < ASK_DRAIN || v->life.stage < START_SPAWNING)
        return;
    quiet_advance(s, i);
    inflight_advance(s, i);
    tell_busy(s, i);
    tell_waiting(s, i);
    told = v->life.facts.quiet_told || v->life.quiet_done;
    if (v->state != STATE_QUIET && told)
        enter(s, i, STATE_QUIET);
}

bool drain_linger_over(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct service *v = &s->service[i];

    if (spec->linger == 0)
        return true;
    if (s->clock)
        return due_counted(s, v->linger_end_c);
    return due_counted(s, time_add(v->life.ask_c, spec->linger)); /* a verb on it alone */
}

/* A worker that has accepted no work yet, seen just now: an older look would not know of
 * traps that were set and a job that was taken since. */
bool drain_boots(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return spec_is_worker(&s->spec->service[i]) && !life->ready && life->facts.booting &&
           !life->look_pending && life->looked_c == s->counted;
}

/* Nothing of it holds up `drained`. */
static bool is_drained(struct supervisor *s, size_t i)
{
    if (!s->service[i].life.ladder_begun && !drain_linger_over(s, i))
        return false;
    if (s->deadline_at == NEVER)
        return true; /* how long it may wait is not known: SPEC 4, without a deadline */
    if (s->spec->service[i].kind == KIND_TASK)
        return false;
    return !spec_is_worker(&s->spec->service[i]) || drain_idle(s, i);
}

/* Its stop has begun while it had work, or might have: what was waited for does not come. */
static bool gave_up(const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;

    return (s->alive & SET_OF(i)) && !drain_idle(s, i) &&
           (spec_is_worker(spec) || spec->kind == KIND_TASK) &&
           (life->stop_reason == STOP_LATEST || life->stop_reason == STOP_NOW ||
            life->stop_reason == STOP_KILL);
}

enum drain_outcome supervisor_drain_outcome(const struct supervisor *s)
{
    return s->drain_failed ? DRAIN_FAILED : s->drained ? DRAIN_DONE : DRAIN_PENDING;
}

void drain_global(struct supervisor *s)
{
    bool all = true;

    if (s->ask < ASK_DRAIN || s->drained)
        return;
    for (service_set rest = spec_all(s->spec) & ~s->down; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);

        if (!is_drained(s, i))
            all = false;
        if (gave_up(s, i))
            s->drain_failed = true;
    }
    if (!all)
        return;
    s->drained = true;
    s->changed = true;
    if (s->ask == ASK_DRAIN) /* else each stop says why it begins */
        tell(s, NO_SERVICE, STORY_DRAINED, s->now - s->clock_at, 0, 0);
    hook_begin(s, HOOK_DRAINED);
}

/* What keeps a service from its stop; the answer for logs and status. */
static enum wait_reason waits_in_drain(const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct service *v = &s->service[i];

    bool patient = supervisor_deadline(s) != NEVER; /* else no work is waited for */

    if (s->clock && s->counted < v->linger_end_c)
        return WAIT_LINGER;
    if (patient && spec->kind == KIND_TASK)
        return WAIT_TASK;
    if (patient && spec_is_worker(spec) && !drain_idle(s, i))
        return WAIT_JOBS;
    if (is_needed(s, i))
        return WAIT_OTHERS;
    return asked_of(s, i) < ASK_STOP ? WAIT_STOP_ASKED : WAIT_NOTHING;
}

enum wait_reason supervisor_waits_for(const struct supervisor *s, size_t i)
{
    switch (s->service[i].state) {
    case STATE_WAITING:
        return WAIT_DEPENDENCY;
    case STATE_BACKOFF:
        return WAIT_BACKOFF;
    case STATE_STOPPING:
        return WAIT_END;
    case STATE_STARTING:
        if (asked_of(s, i) == ASK_RUN)
            return WAIT_READY;
        return waits_in_drain(s, i);
    case STATE_READY:
    case STATE_QUIET:
        return asked_of(s, i) == ASK_RUN ? WAIT_NOTHING : waits_in_drain(s, i);
    case STATE_DONE:
    case STATE_FAILED:
    case STATE_COUNT:
        break;
    }
    return WAIT_NOTHING;
}
