#include "scenario.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "unit/action_words.h"
#include "unit/twin.h"

#define BEGIN INT64_C(1000000) /* the monotonic clock when a scenario begins */

enum { TIMERS_AT_ONCE = 1000, TOKEN = 77 };

struct world *world_new(int64_t deadline_s)
{
    static struct world w;

    memset(&w, 0, sizeof(w));
    w.spec.deadline = deadline_s == 0 ? NEVER : deadline_s * SECOND;
    w.spec.margin = NEVER;
    w.spec.hooks.timeout = 5 * SECOND;
    return &w;
}

static struct service_spec *add(struct world *w, const char *name, enum service_kind kind,
                                enum profile profile)
{
    struct service_spec *s = &w->spec.service[w->spec.count];

    w->major[w->spec.count++] = profile == PROFILE_PUMA ? 5 : 7;
    service_spec_init(s, name, kind);
    profile_apply(s, profile, 0);
    return s;
}

struct service_spec *world_add(struct world *w, const char *name, enum profile profile)
{
    return add(w, name, KIND_SERVICE, profile);
}

struct service_spec *world_add_task(struct world *w, const char *name)
{
    return add(w, name, KIND_TASK, PROFILE_GENERIC);
}

void world_finish(struct world *w, bool single)
{
    service_set cycle = 0;

    assert_int_equal(spec_finish(&w->spec, &cycle), 0);
    w->spec.single = single;
    signals_default(&w->spec);
    supervisor_init(&w->s, &w->spec, BEGIN, 7);
    invariants_init(&w->watch, &w->s);
}

void world_boots_on(struct world *w, size_t service)
{
    w->boots[service] = false;
    w->facts[service].stop_missed = /* as evidence tells it: by the traps of its quiet */
        w->s.service[service].life.ladder_begun && w->spec.service[service].quiet.signo > 0;
}

void world_show(struct world *w, enum story story)
{
    w->shown[story] = true;
}

/* --- what comes out ----------------------------------------------------- */

static void __attribute__((format(printf, 2, 3))) say(struct world *w, const char *format, ...)
{
    size_t used = strlen(w->text);
    va_list args;

    if (used > 0 && used + 2 < sizeof(w->text)) {
        memcpy(w->text + used, "; ", 3);
        used += 2;
    }
    va_start(args, format);
    vsnprintf(w->text + used, sizeof(w->text) - used, format, args);
    va_end(args);
}

static const char *story_text(enum story id)
{
    static const char *const names[STORY_COUNT] = {
#define X(story, name) [story] = name,
        STORIES(X)
#undef X
    };
    return names[id];
}

static void say_story(struct world *w, const struct action *a, const char *name)
{
    if (a->story.id == STORY_STOP)
        say(w, "stop %s: %s", name, stop_reason_name((enum stop_reason)a->story.a));
    else if (a->story.id == STORY_WAITING)
        say(w, "waiting %s: %s", name, wait_reason_name((enum wait_reason)a->story.a));
    else
        say(w, "%s %s", story_text(a->story.id), name);
}

static void queue(struct world *w, struct event e)
{
    if (w->recorded)
        return;
    assert_true(w->queued < QUEUE_SIZE);
    w->queue[w->queued++] = e;
}

static struct event of(const struct world *w, size_t i, enum event_type type)
{
    return (struct event){ .type = type, .service = (uint8_t)i,
                           .generation = w->s.service[i].generation };
}

static void look(struct world *w, size_t i)
{
    struct event e = of(w, i, EVENT_LOOKED);
    struct facts *f = &w->facts[i];

    if (w->mute[i])
        return;
    if (f->members > 0) {
        bool catches = w->spec.service[i].quiet.signo > 0 && !w->boots[i];
        bool worker = spec_is_worker(&w->spec.service[i]);

        f->booting = w->boots[i];
        f->titled = f->capacity_reached = !w->boots[i];
        f->major = w->boots[i] ? -1 : w->major[i];
        f->untold = catches && !f->quiet_told;
        f->quiet_seen = f->quiet_told && worker && !w->deaf[i];
        f->unconfirmed = f->quiet_told && worker && w->deaf[i];
        f->work = !worker || !f->quiet_seen || w->jobs[i] < 0 ? WORK_UNKNOWN
                  : w->jobs[i] > 0                            ? WORK_BUSY
                                                              : WORK_IDLE;
        f->busy = worker ? w->jobs[i] : -1;
        f->busy_exact = true;
        f->total = worker ? 5 : -1;
    } else {
        f->work = w->spec.service[i].inflight.kind == INFLIGHT_NONE ? WORK_UNKNOWN : WORK_IDLE;
        f->busy = f->total = -1;
        f->quiet_told = f->booting = false;
        f->untold = f->unconfirmed = 0;
    }
    e.facts = *f;
    queue(w, e);
}

static void take_spawn(struct world *w, size_t i)
{
    w->facts[i] = (struct facts){ .members = 1, .busy = -1, .total = -1, .major = -1 };
    if (!w->slow_spawn[i])
        queue(w, of(w, i, EVENT_SPAWNED));
}

static void take_quiet(struct world *w, size_t i)
{
    if (w->facts[i].members > 0 && !w->boots[i])
        w->facts[i].quiet_told = true;
    look(w, i);
}

static void take_orphans(struct world *w)
{
    struct event e = { .type = EVENT_ORPHANS, .service = NO_SERVICE };

    e.count = w->orphans;
    queue(w, e);
}

static void take_exit(struct world *w, const struct action *a)
{
    assert_false(w->exited);
    w->exited = true;
    w->code = a->code;
}

/* What boots is told again with each look: counted, and not in the rows. */
static bool is_repeat(struct world *w, const struct action *a)
{
    size_t i = a->service;

    if (a->type != ACT_SIGNAL || !a->signal.stop || i >= w->spec.count)
        return false;
    if (w->boots[i] && w->said[i] == a->signal.signo && w->said_to[i] == w->s.service[i].generation) {
        w->repeats[i]++;
        return true;
    }
    w->said[i] = a->signal.signo;
    w->said_to[i] = w->s.service[i].generation;
    return false;
}

static void take(struct world *w, const struct action *a)
{
    size_t i = a->service;
    const char *name = i < w->spec.count ? w->spec.service[i].name : "all";
    char words[128];

    if (!is_repeat(w, a) && action_words(a, name, words, sizeof(words)))
        say(w, "%s", words);
    switch (a->type) {
    case ACT_SPAWN:
        take_spawn(w, i);
        break;
    case ACT_SIGNAL:
        w->signal = *a;
        if (a->signal.stop)
            w->facts[i].stop_missed = false;
        break;
    case ACT_QUIET:
        take_quiet(w, i);
        break;
    case ACT_LOOK:
        w->looks[i]++;
        look(w, i);
        break;
    case ACT_EXEC:
        w->exec[a->exec.purpose] = *a;
        break;
    case ACT_HOOK:
        w->hook[a->hook.hook] = *a;
        break;
    case ACT_ORPHANS:
        take_orphans(w);
        break;
    case ACT_REPLY:
        assert_int_equal(a->reply.token, TOKEN);
        w->verdict = a->reply.verdict;
        break;
    case ACT_STORY:
        w->story[a->story.id] = *a;
        w->stories[a->story.id]++;
        if (w->shown[a->story.id])
            say_story(w, a, name);
        break;
    case ACT_EXIT:
        take_exit(w, a);
        break;
    case ACT_PROBE:
    case ACT_PROBE_END:
        w->probed[i] = a->type == ACT_PROBE;
        break;
    case ACT_EXEC_END:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
}

/* --- what goes in ------------------------------------------------------- */

/* What is none of the services is left alone. */
static void check_unused(const struct world *w)
{
    static const struct service unused;

    if (w->spec.count < SERVICES_MAX)
        assert_memory_equal(&w->s.service[w->spec.count], &unused, sizeof(unused));
}

static void feed_one(struct world *w, struct event e)
{
    const char *broken;

    e.now = BEGIN + w->now;
    twin_before(&w->s);
    step(&w->s, &e, &w->out);
    check_unused(w);
    assert_null(w->s.out);
    broken = invariants_check(&w->watch, &w->s, &e, &w->out);
    if (broken == NULL)
        broken = twin_after(&w->s, &e, &w->out);
    if (broken != NULL)
        fail_msg("at %.3f s, after %s: %s", (double)w->now / 1000, event_name(e.type), broken);
    for (uint32_t k = 0; k < w->out.count; k++)
        take(w, &w->out.list[k]);
}

static void feed(struct world *w, struct event e)
{
    w->queued = 0;
    feed_one(w, e);
    for (size_t k = 0; k < w->queued && !w->exited; k++)
        feed_one(w, w->queue[k]);
}

static int64_t next_timer(const struct world *w)
{
    int64_t at = w->exited ? NEVER : next_deadline(&w->s);

    return at == NEVER ? NEVER : time_max(at - BEGIN, w->now);
}

static void fire(struct world *w, int64_t at)
{
    w->now = at;
    feed(w, (struct event){ .type = EVENT_TIMER, .service = NO_SERVICE });
}

/* Everything due at `at` and not before. */
static void settle(struct world *w)
{
    int fired = 0;

    while (next_timer(w) <= w->now) {
        if (++fired > TIMERS_AT_ONCE)
            fail_msg("at %.3f s the timer never rests", (double)w->now / 1000);
        fire(w, w->now);
    }
}

static void pass_until(struct world *w, int64_t at, size_t row)
{
    while (next_timer(w) < at) {
        fire(w, next_timer(w));
        if (w->text[0] != '\0')
            fail_msg("before row %zu, unexpected at %.3f s: %s", row, (double)w->now / 1000,
                     w->text);
    }
}

static void deliver(struct world *w, const struct happening *what)
{
    struct event e = what->event;

    if (e.service < w->spec.count)
        e.generation = w->s.service[e.service].generation - what->late;
    if (e.type == EVENT_LOOKED && e.service < w->spec.count)
        w->told[e.service] = e.facts;
    else if (e.type == EVENT_ORPHANS)
        w->orphans = e.count;
    feed(w, e);
}

/* The leader's end comes with a last look, which tells what remains of it. */
static void end_leader(struct world *w, const struct happening *what)
{
    struct facts *f = &w->facts[what->event.service];

    f->members = (uint16_t)what->number;
    f->work = WORK_UNKNOWN;
    deliver(w, what);
}

static void look_now(struct world *w, size_t i)
{
    w->queued = 0;
    look(w, i);
    if (w->queued > 0)
        feed(w, w->queue[0]);
}

static void happen(struct world *w, const struct happening *what)
{
    size_t i = what->event.service;

    switch (what->kind) {
    case TIME_PASSES:
        break;
    case TIME_JUMPS:
        fire(w, w->now);
        break;
    case EVENT_COMES:
        deliver(w, what);
        break;
    case JOBS_CHANGE:
        w->jobs[i] = what->number;
        look_now(w, i);
        break;
    case BOOTED:
        world_boots_on(w, i);
        look_now(w, i);
        break;
    case LEADER_ENDS:
        end_leader(w, what);
        break;
    case REMAINS_CHANGE:
        w->facts[i].members = (uint16_t)what->number;
        look_now(w, i);
        break;
    case ORPHANS_CHANGE:
        w->orphans = (uint32_t)what->number;
        break;
    case STANDS_STILL:
        w->now += what->number;
        break;
    }
}

static void check_row(const struct world *w, const struct row *row, size_t n)
{
    if (strcmp(w->text, row->expected) != 0)
        fail_msg("row %zu at %.3f s:\n  expected: %s\n  came out: %s", n, row->at, row->expected,
                 w->text);
}

void world_play(struct world *w, const struct row *rows, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        int64_t at = (int64_t)llround(rows[n].at * 1000);

        w->text[0] = '\0';
        if (rows[n].what.kind != TIME_JUMPS)
            pass_until(w, at, n);
        w->now = at;
        happen(w, &rows[n].what);
        settle(w);
        check_row(w, &rows[n], n);
    }
}

void world_begin(struct world *w, const char *expected)
{
    const struct row rows[] = { { 0, starts(), expected } };

    world_finish(w, false);
    w->s.random = 0;
    PLAY(w, rows);
}

/* --- what was recorded -------------------------------------------------- */

/* The timer, and once more what was last told of all that it wants to be looked at. */
static void tick(struct world *w)
{
    struct event again[SERVICES_MAX];
    size_t count = 0;

    feed_one(w, (struct event){ .type = EVENT_TIMER, .service = NO_SERVICE });
    for (uint32_t k = 0; k < w->out.count && count < SERVICES_MAX; k++) {
        const struct action *a = &w->out.list[k];

        if (a->type == ACT_LOOK) {
            again[count] = of(w, a->service, EVENT_LOOKED);
            again[count++].facts = w->told[a->service];
        } else if (a->type == ACT_ORPHANS) {
            again[count] = (struct event){ .type = EVENT_ORPHANS, .service = NO_SERVICE };
            again[count++].count = w->orphans;
        }
    }
    for (size_t k = 0; k < count; k++)
        feed_one(w, again[k]);
}

/* An event comes before a timer that is due in the same moment. */
static void tick_until(struct world *w, const struct row *row, size_t n)
{
    int64_t at = llround(row->at * 1000);

    for (;;) {
        int64_t due = next_deadline(&w->s);
        int64_t now = due == NEVER ? NEVER : time_max(due - BEGIN, w->now);

        if (due == NEVER || (row->what.kind == TIME_PASSES ? now : due - BEGIN) >= at)
            break;
        w->now = now;
        tick(w);
        if (w->text[0] != '\0')
            fail_msg("before row %zu, unexpected at %.3f s: %s", n, (double)now / 1000, w->text);
    }
    w->now = at;
}

void world_replay(struct world *w, const struct row *rows, size_t count)
{
    w->recorded = true;
    for (size_t n = 0; n < count; n++) {
        w->text[0] = '\0';
        tick_until(w, &rows[n], n);
        if (rows[n].what.kind == TIME_PASSES)
            fire(w, w->now);
        else
            happen(w, &rows[n].what);
        check_row(w, &rows[n], n);
    }
}

/* --- what happens ------------------------------------------------------- */

struct happening comes(struct event e)
{
    return (struct happening){ .kind = EVENT_COMES, .event = e };
}

static struct happening changes(enum happening_kind kind, uint8_t service, int32_t number)
{
    return (struct happening){ .kind = kind, .event.service = service, .number = number };
}

struct happening time_passes(void)
{
    return (struct happening){ .kind = TIME_PASSES };
}

struct happening time_jumps(void)
{
    return (struct happening){ .kind = TIME_JUMPS };
}

struct happening starts(void)
{
    return comes((struct event){ .type = EVENT_START, .service = NO_SERVICE });
}

struct happening gets(uint8_t signo)
{
    struct event e = { .type = EVENT_SIGNAL, .service = NO_SERVICE };

    e.signal.signo = signo;
    return comes(e);
}

static struct event request(enum request_verb verb, uint8_t service)
{
    struct event e = { .type = EVENT_REQUEST, .service = service };

    e.request.verb = verb;
    e.request.token = TOKEN;
    return e;
}

struct happening asks(enum request_verb verb)
{
    return comes(request(verb, NO_SERVICE));
}

struct happening asks_deadline(int64_t ms)
{
    struct event e = request(REQUEST_DEADLINE, NO_SERVICE);

    e.request.ms = ms;
    return comes(e);
}

struct happening asks_for(enum request_verb verb, uint8_t service)
{
    return comes(request(verb, service));
}

struct happening asks_signal(uint8_t service, uint8_t signo)
{
    struct event e = request(REQUEST_SIGNAL, service);

    e.request.signo = signo;
    return comes(e);
}

static struct happening leader_ends(uint8_t service, uint8_t code, uint8_t signo, int32_t left)
{
    struct happening h = { .kind = LEADER_ENDS, .number = left };

    h.event = (struct event){ .type = EVENT_EXITED, .service = service };
    h.event.exit.code = code;
    h.event.exit.signo = signo;
    return h;
}

struct happening ends(uint8_t service, uint8_t code)
{
    return leader_ends(service, code, 0, 0);
}

struct happening dies(uint8_t service, uint8_t signo)
{
    return leader_ends(service, 0, signo, 0);
}

struct happening leaves(uint8_t service, uint8_t code, int32_t left)
{
    return leader_ends(service, code, 0, left);
}

struct happening spawned(uint8_t service)
{
    return comes((struct event){ .type = EVENT_SPAWNED, .service = service });
}

struct happening spawn_fails(uint8_t service, enum spawn_stage stage, bool missing)
{
    struct event e = { .type = EVENT_SPAWN_FAILED, .service = service };

    e.spawn.stage = stage;
    e.spawn.missing = missing;
    return comes(e);
}

struct happening fork_fails(uint8_t service)
{
    struct event e = { .type = EVENT_SPAWN_FAILED, .service = service };

    e.spawn.stage = SPAWN_FORK;
    e.spawn.transient = true;
    return comes(e);
}

struct happening booted(uint8_t service)
{
    return changes(BOOTED, service, 0);
}

struct happening jobs(uint8_t service, int32_t count)
{
    return changes(JOBS_CHANGE, service, count);
}

struct happening remains(uint8_t service, int32_t processes)
{
    return changes(REMAINS_CHANGE, service, processes);
}

struct happening unheard(uint8_t service)
{
    struct event e = { .type = EVENT_LOOKED, .service = service };

    e.facts = (struct facts){ .members = 1, .work = WORK_UNKNOWN, .busy = -1, .total = -1,
                              .unended = -1, .major = -1, .stop_unheard = true };
    return comes(e);
}

struct happening is_ready(uint8_t service)
{
    return comes((struct event){ .type = EVENT_READY, .service = service });
}

struct happening notifies(uint8_t service)
{
    return comes((struct event){ .type = EVENT_READY, .service = service, .by_notify = true });
}

struct happening extends(uint8_t service, int64_t ms)
{
    return comes((struct event){ .type = EVENT_EXTEND, .service = service, .ms = ms });
}

struct happening did(uint8_t service, enum exec_purpose purpose, bool ok)
{
    struct event e = { .type = EVENT_EXEC_DONE, .service = service };

    e.exec.purpose = purpose;
    e.exec.ok = ok;
    return comes(e);
}

struct happening hook_did(enum hook hook, bool ok)
{
    struct event e = { .type = EVENT_HOOK_DONE, .service = NO_SERVICE };

    e.hook.hook = hook;
    e.hook.ok = ok;
    return comes(e);
}

struct happening orphans(int32_t count)
{
    return changes(ORPHANS_CHANGE, NO_SERVICE, count);
}

struct happening tells(uint8_t service, struct facts facts)
{
    return comes((struct event){ .type = EVENT_LOOKED, .service = service, .facts = facts });
}

struct happening stands_still(int32_t ms)
{
    return changes(STANDS_STILL, NO_SERVICE, ms);
}

struct happening late(struct happening what)
{
    what.late++;
    return what;
}
