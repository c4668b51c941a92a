/* From waiting to ready. */
#include "core/rules.h"

#define READY_AGAIN (1 * SECOND)
#define READY_EXEC_TIMEOUT (5 * SECOND) /* SPEC 2: a command on the side */

/* Is everything there that this is `after`? A sidecar that ended well enough or
 * failed does not hold up the rest: it is never essential. */
enum readiness { NOT_YET, ALL_THERE, NEVER_THERE };

static enum readiness of_dependency(const struct supervisor *s, size_t i, size_t d)
{
    const struct service *dep = &s->service[d];
    bool named = s->spec->service[i].after & SET_OF(d);

    switch (dep->state) {
    case STATE_READY:
    case STATE_QUIET:
        return dep->life.ready && !dep->life.exit_known && s->spec->service[d].kind == KIND_SERVICE ? ALL_THERE
                                                                                                      : NOT_YET;
    case STATE_DONE:
        if (dep->ever_ready || !named)
            return ALL_THERE;
        return dep->held ? NOT_YET : NEVER_THERE; /* an operator may start it again */
    case STATE_FAILED:
        return named ? NEVER_THERE : ALL_THERE;
    case STATE_WAITING:
    case STATE_STARTING:
    case STATE_STOPPING:
    case STATE_BACKOFF:
    case STATE_COUNT:
        break;
    }
    return NOT_YET;
}

static enum readiness of_dependencies(struct supervisor *s, size_t i, size_t *failed)
{
    enum readiness all = ALL_THERE;

    for (service_set rest = s->spec->start_after[i]; rest; rest &= rest - 1) {
        size_t d = (size_t)__builtin_ctzll(rest);
        enum readiness r = of_dependency(s, i, d);

        if (r == NEVER_THERE) {
            *failed = d;
            return r;
        }
        if (r == NOT_YET)
            all = NOT_YET;
    }
    return all;
}

static void begin(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];

    life_begin(s, i);
    enter(s, i, STATE_STARTING);
    if (spec->pre_start.argv == NULL) {
        start_spawn(s, i);
        return;
    }
    s->service[i].life.stage = START_PRE;
    exec_begin(s, i, EXEC_PRE_START, spec->ready_timeout);
}

void start_spawn(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    life->stage = START_SPAWNING;
    life->leader_alive = true;
    life->facts.members = 1;
    life->spawned_c = s->counted;
    life->spawned_at = s->now;
    emit(s, ACT_SPAWN, i);
}

/* Its end, for the exit code: its own last one, if it was in its pause, else that of
 * what it is after. */
static void never_comes(struct supervisor *s, size_t i, size_t failed)
{
    struct service *v = &s->service[i];

    if (v->state == STATE_BACKOFF)
        life_stays_over(s, i);
    if (v->end == END_BY_ITSELF)
        return;
    v->end = END_BY_ITSELF;
    v->end_code = s->service[failed].end_code > 0 ? s->service[failed].end_code : 1;
}

/* What is after something that has failed fails too. */
static void begin_or_fail(struct supervisor *s, size_t i)
{
    size_t failed = 0;

    if (s->ask >= ASK_DRAIN && !life_comes_back(s, i))
        return; /* the shutdown began in this pass: given up in the next */
    switch (of_dependencies(s, i, &failed)) {
    case ALL_THERE:
        begin(s, i);
        break;
    case NEVER_THERE:
        tell(s, i, STORY_DEPENDENCY_FAILED, (int64_t)failed, 0, 0);
        never_comes(s, i, failed);
        enter(s, i, STATE_FAILED);
        if (s->spec->service[i].essential && !s->clock)
            clock_ask(s, ASK_NOW, CAUSE_ESSENTIAL, (uint8_t)i);
        break;
    case NOT_YET:
        break;
    }
}

void start_give_up(struct supervisor *s)
{
    if (s->ask < ASK_DRAIN)
        return;
    for (service_set rest = spec_all(s->spec) & ~s->down; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);
        bool alive = s->alive & SET_OF(i);

        if ((alive && s->service[i].life.stage != START_PRE) || life_comes_back(s, i))
            continue;
        if (alive)
            life_end(s, i); /* nothing of it ever ran */
        else if (s->service[i].state == STATE_BACKOFF)
            life_stays_over(s, i);
        else
            enter(s, i, STATE_DONE);
    }
}

void start_wait(struct supervisor *s, size_t i)
{
    if (s->started)
        begin_or_fail(s, i);
}

void start_backoff(struct supervisor *s, size_t i)
{
    if (due_counted(s, s->service[i].backoff_end_c))
        begin_or_fail(s, i);
}

/* True if it became ready just now. What has been too late stays that. */
static bool become_ready(struct supervisor *s, size_t i)
{
    struct service *v = &s->service[i];

    if (v->life.ready || v->life.start_failed || v->life.stage < START_SPAWNING)
        return false;
    v->life.ready = true;
    v->life.ready_c = s->counted;
    v->ever_ready = v->ever_ready || s->spec->service[i].kind == KIND_SERVICE;
    s->changed = true;
    if (v->state != STATE_STARTING)
        return false;
    enter(s, i, STATE_READY);
    emit(s, ACT_PROBE_END, i);
    return true;
}

void start_ready(struct supervisor *s, size_t i)
{
    if (become_ready(s, i) && s->spec->service[i].ready.kind != READY_STARTED)
        tell(s, i, STORY_READY, s->counted - s->service[i].life.spawned_c, 0, 0);
}

/* What can be seen without a probe of its own; the others come as EVENT_READY. */
static bool seen_ready(const struct supervisor *s, size_t i)
{
    const struct facts *facts = &s->service[i].life.facts;

    if (s->spec->service[i].kind == KIND_TASK)
        return true; /* it runs; what is after it waits for its end */
    switch (s->spec->service[i].ready.kind) {
    case READY_STARTED:
        return true;
    case READY_TITLE:
    case READY_NOTIFY_OR_TITLE:
        return facts->titled;
    case READY_PUMA:
        return facts->titled && facts->major >= 0 && facts->major < 6;
    case READY_NOTIFY:
    case READY_TCP:
    case READY_UNIX:
    case READY_HTTP:
    case READY_FILE:
    case READY_EXEC:
        break;
    }
    return false;
}

bool start_heeds_notify(const struct supervisor *s, size_t i)
{
    enum ready_kind kind = s->spec->service[i].ready.kind;

    return kind == READY_NOTIFY || kind == READY_NOTIFY_OR_TITLE || kind == READY_PUMA;
}

/* Not ready in time: that start has failed, unless it runs and only the profile asked. */
static void too_late(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;
    bool counts_as_ready = life->stage == START_RUNNING && !spec->ready.by_user;

    tell(s, i, STORY_READY_TIMEOUT, spec->ready_timeout, counts_as_ready, 0);
    if (counts_as_ready) {
        become_ready(s, i);
        return;
    }
    life->start_failed = true;
    life->ask = ASK_STOP;
    life->ask_c = s->counted;
    life->ask_latest = time_add(s->now, s->spec->deadline);
    s->changed = true;
}

static bool needs_probe(enum ready_kind kind)
{
    return kind == READY_TCP || kind == READY_UNIX || kind == READY_HTTP || kind == READY_FILE;
}

void start_spawned(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    if (life->stage != START_SPAWNING)
        return;
    life->stage = START_RUNNING;
    tell(s, i, STORY_STARTED, s->service[i].generation, 0, 0);
    if (!life->ready && s->spec->service[i].kind == KIND_SERVICE &&
        needs_probe(s->spec->service[i].ready.kind))
        emit(s, ACT_PROBE, i);
}

/* An `exec:` readiness is asked again and again. */
static void ask_ready(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    if (s->spec->service[i].ready.kind != READY_EXEC || exec_runs(s, i, EXEC_READY) ||
        !due_counted(s, life->ask_ready_c))
        return;
    life->ask_ready_c = time_add(s->counted, READY_AGAIN);
    exec_begin(s, i, EXEC_READY, READY_EXEC_TIMEOUT);
}

void start_watch(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;

    if (life->stage == START_PRE && life->ask >= ASK_STOP) {
        life->exit_known = true; /* nothing of it ever ran */
        s->changed = true;
        return;
    }
    if (life->stage < START_SPAWNING || life->start_failed)
        return;
    if (life->stage == START_RUNNING && seen_ready(s, i)) {
        start_ready(s, i);
        return;
    }
    if (life->stage == START_RUNNING)
        ask_ready(s, i);
    if (asked_of(s, i) == ASK_RUN && due_counted(s, time_add(life->spawned_c, spec->ready_timeout)))
        too_late(s, i);
}

bool supervisor_service_ready(const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    if (s->spec->service[i].kind == KIND_TASK)
        return v->ever_ready;
    return v->life.ready && !v->life.exit_known && v->life.ask == ASK_RUN;
}

size_t supervisor_unready(const struct supervisor *s)
{
    size_t i = 0;

    while (i < s->spec->count && (!s->spec->service[i].essential || supervisor_service_ready(s, i)))
        i++;
    return i;
}

bool supervisor_ready(const struct supervisor *s)
{
    return s->started && !supervisor_shutting_down(s) && supervisor_unready(s) == s->spec->count;
}

void start_global(struct supervisor *s)
{
    if (s->was_ready || !supervisor_ready(s))
        return;
    s->was_ready = true;
    hook_begin(s, HOOK_READY);
}
