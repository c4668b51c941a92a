/* What may happen next in a world, and what comes of it. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "explore/explore.h"
#include "unit/twin.h"

#define TICK (1 * SECOND)
#define STILL (30 * SECOND)
enum { COMMAND_TAKES = 2 }; /* s at most, as its timeout allows */

bool model_verbose;

static const char *const told[] = {
    [TIME_PASSES] = "time passes", [STANDS_STILL] = "the container stands still",
    [COMES_FROM_OUTSIDE] = "from outside", [IS_SPAWNED] = "is spawned",
    [CANNOT_SPAWN] = "cannot be spawned", [HAS_BOOTED] = "has booted",
    [MISSES_THE_STOP] = "misses its stop", [ENDS] = "ends", [REMAINS_END] = "its remains end",
    [TAKES_A_JOB] = "takes a job", [FINISHES_A_JOB] = "finishes its job",
    [IS_LOOKED_AT] = "is looked at", [IS_SEEN_LATE] = "is looked at, and seen late",
    [BECOMES_READY] = "becomes ready", [COMMAND_ENDS] = "its command succeeds",
    [COMMAND_FAILS] = "its command fails", [HOOK_ENDS] = "a hook ends",
    [ORPHANS_ARE_COUNTED] = "orphans are counted",
};

static bool lives(const struct part *p)
{
    return p->leader || p->remains;
}

/* ---- the judge: what the core cannot see -------------------------------- */

/* Its ladder, and those of what stops after it and is not down. */
static int64_t chain(const struct spec *spec, size_t i, service_set down)
{
    int64_t longest = 0, own = spec->service[i].post_exit.argv != NULL ? 5 * SECOND : 0;

    for (size_t k = 0; k < spec->service[i].stop.count; k++)
        own = time_add(own, spec->service[i].stop.step[k].wait);
    for (service_set rest = spec->start_after[i]; rest; rest &= rest - 1)
        longest = time_max(longest, chain(spec, (size_t)__builtin_ctzll(rest), down));
    return down & SET_OF(i) ? longest : time_add(own, longest);
}

/* There was no more time, or somebody asked for it. */
static bool may_interrupt(const struct world *w, const struct moment *m, size_t i)
{
    const struct supervisor *s = &m->supervisor;
    const struct life *life = &s->service[i].life;
    int64_t early = 0;

    if (s->ask >= ASK_NOW || m->model.deadline == NEVER || m->model.hurried || !m->model.part[i].leader)
        return true;
    if (life->ask > s->ask && life->ask >= ASK_STOP)
        return s->now >= life->ask_latest;
    if (w->spec.service[i].profile == PROFILE_SIDEKIQ && life->facts.major < 7)
        early = 5 * SECOND; /* its TERM is its quiet as well */
    return s->now >= m->model.deadline - w->spec.margin - chain(&w->spec, i, 0) - early;
}

/* It is not told to end so that it may be started again. */
static bool is_final(const struct moment *m, size_t i)
{
    return m->supervisor.ask >= ASK_STOP && !m->supervisor.service[i].life.clearing;
}

/* For the lingers and ladders of all, and nobody took any of it. */
static bool time_was_enough(const struct world *w, const struct moment *m, size_t i)
{
    int64_t left = m->model.deadline - w->spec.margin - m->supervisor.clock_at;

    if (m->model.hurried || m->model.deadline == NEVER)
        return false;
    for (size_t k = 0; k < w->spec.count; k++)
        if (w->spec.service[k].linger + chain(&w->spec, k, 0) > left)
            return false;
    return m->model.part[i].swallows == w->manner[i].swallows; /* else its stop came twice */
}

/* After what had to be left for it and for what stops after it. */
static bool stopped_too_late(const struct world *w, const struct moment *m, size_t i)
{
    bool told_once = w->spec.service[i].profile == PROFILE_SIDEKIQ; /* its TERM may be held back a while */

    return !told_once && time_was_enough(w, m, i) && m->supervisor.ask < ASK_NOW &&
           m->supervisor.service[i].life.stop_reason == STOP_LATEST &&
           m->supervisor.service[i].life.ask < ASK_STOP &&
           m->model.now > m->model.deadline - w->spec.margin - chain(&w->spec, i, m->supervisor.down);
}

/* By the last KILL, though its ladder was to have its time. */
static bool killed_too_soon(const struct world *w, const struct moment *m, size_t i)
{
    const struct part *p = &m->model.part[i];

    return p->leader && !p->killed && time_was_enough(w, m, i) &&
           m->model.now >= m->model.deadline - w->spec.margin &&
           m->model.now < p->begun_at + w->spec.service[i].stop.step[0].wait;
}

static const char *judge_stop(const struct world *w, struct moment *m, size_t i)
{
    const struct life *life = &m->supervisor.service[i].life;
    struct part *p = &m->model.part[i];
    bool first = !p->begun;

    p->begun = true;
    if (first)
        p->begun_at = m->model.now;
    if (life->stop_reason == STOP_LATEST) {
        m->model.failed = true; /* what is not known to be idle counts as cut off */
        m->model.cut_off = m->model.cut_off || (p->job && is_final(m, i));
    }
    if (first && stopped_too_late(w, m, i))
        return "truth: it was told to stop after its latest moment";
    if (!first || !p->job)
        return NULL;
    if (life->stop_reason == STOP_IDLE)
        return "truth: it was called idle and has a job";
    return may_interrupt(w, m, i) ? NULL : "truth: a job was interrupted, and there was time";
}

static const char *judge_exit(const struct world *w, const struct moment *m, uint8_t code)
{
    for (size_t i = 0; i < w->spec.count; i++)
        if (lives(&m->model.part[i]) &&
            !(m->model.part[i].killed && (w->manner[i].outlives || m->model.hurried)))
            return "truth: lastcall left while a process of a service lived";
    if (m->model.now > m->model.deadline)
        return "truth: lastcall left after the deadline";
    if (code != 0 && !m->model.cut_off && !m->model.failed)
        return "truth: all went well, and the exit code is not 0";
    if (code == 0 && m->model.cut_off && !w->spec.single) /* there the command's own code is first */
        return "truth: work was cut off, and the exit code is 0";
    return NULL;
}

/* ---- what lastcall does --------------------------------------------------- */

static uint8_t seconds_for(int64_t ms)
{
    int64_t s = ms / TICK;

    return (uint8_t)(s >= COMMAND_TAKES ? COMMAND_TAKES : s + 1);
}

static const char *take_signal(const struct world *w, struct moment *m, const struct action *a)
{
    struct part *p = &m->model.part[a->service];
    const char *wrong;

    if (!a->signal.stop && a->signal.target < TARGET_ALL)
        return NULL; /* forwarded; nobody here heeds it */
    wrong = judge_stop(w, m, a->service);
    if (a->signal.signo == SIGKILL) {
        if (wrong == NULL && killed_too_soon(w, m, a->service))
            wrong = "truth: the deadline killed it before its first wait was over";
        p->killed = true;
        m->model.cut_off = m->model.cut_off || (lives(p) && is_final(m, a->service));
        m->model.failed = true; /* also where its end was not known yet */
        return wrong;
    }
    p->stop_sent = true;
    p->missed = p->told_deaf = false;
    if (p->leader && p->deaf)
        p->told_deaf = true;
    else if (p->leader)
        p->told = p->quiet = true;
    else
        p->remains_told = p->remains;
    return wrong;
}

static void take_quiet(const struct world *w, struct part *p, const struct action *a)
{
    bool by_command = w->spec.service[a->service].quiet.exec.argv != NULL;

    if (p->leader && !p->deaf && !by_command)
        p->quiet = true;
    p->looks = a->signal.signo > 0 || p->looks;
}

static const char *take_spawn(const struct world *w, struct moment *m, size_t i)
{
    struct part *p = &m->model.part[i];
    struct part fresh = { .spawning = true, .deaf = w->manner[i].boots, .jobs = p->jobs, .ends = p->ends,
                          .leaves = p->leaves, .swallows = p->swallows, .spawn_fails = p->spawn_fails,
                          .exec_fails = p->exec_fails, .late = p->late };

    if (lives(p) && !w->manner[i].outlives)
        return "truth: started anew while processes of its former life live";
    *p = fresh;
    return NULL;
}

static const char *carry_out(const struct world *w, struct moment *m, const struct action *a)
{
    struct part *p = a->service < PARTS ? &m->model.part[a->service] : NULL;

    switch (a->type) {
    case ACT_SPAWN:
        return take_spawn(w, m, a->service);
    case ACT_SIGNAL:
        return take_signal(w, m, a);
    case ACT_QUIET:
        take_quiet(w, p, a);
        break;
    case ACT_LOOK:
        p->looks = true;
        break;
    case ACT_PROBE:
    case ACT_PROBE_END:
        p->probed = a->type == ACT_PROBE;
        break;
    case ACT_EXEC:
        p->exec[a->exec.purpose] = seconds_for(a->exec.ms);
        return a->exec.purpose == EXEC_STOP ? judge_stop(w, m, a->service) : NULL;
    case ACT_EXEC_END:
        p->exec[a->exec.purpose] = 0;
        break;
    case ACT_HOOK:
        m->model.hook[a->hook.hook] = seconds_for(a->hook.ms);
        break;
    case ACT_ORPHANS:
        m->model.orphans_asked = true;
        if (a->signal.signo == SIGKILL)
            m->model.orphans = 0;
        break;
    case ACT_EXIT:
        return judge_exit(w, m, a->code);
    case ACT_STORY:
        if (a->story.id == STORY_STOP_MISSED)
            p->begun = false;
        if (a->story.id == STORY_READY_TIMEOUT && a->story.b == 0)
            m->model.failed = true;
        break;
    case ACT_REPLY:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
    return NULL;
}

static void tell_actions(const struct actions *out)
{
    for (uint32_t k = 0; k < out->count; k++) {
        const struct action *a = &out->list[k];

        if (a->type == ACT_STORY)
            continue;
        printf("        -> %s", action_name(a->type));
        if (a->service < PARTS)
            printf(" s%d", a->service);
        if (a->type == ACT_SIGNAL || a->type == ACT_QUIET)
            printf(" %d", a->signal.signo);
        if (a->type == ACT_EXIT)
            printf(" %d", a->code);
        printf("\n");
    }
}

static const char *feed(const struct world *w, struct moment *m, struct event *e)
{
    static struct actions out;
    bool had_clock = m->supervisor.clock;
    uint32_t replies = 0;
    const char *wrong;

    e->now = m->model.now;
    if (e->type == EVENT_TIMER || e->type == EVENT_START || e->type == EVENT_SIGNAL ||
        e->type == EVENT_REQUEST || e->type == EVENT_HOOK_DONE || e->type == EVENT_ORPHANS)
        e->generation = 0;
    else
        e->generation = m->supervisor.service[e->service].generation;
    twin_before(&m->supervisor);
    step(&m->supervisor, e, &out);
    if (!had_clock && m->supervisor.clock)
        m->model.deadline = time_min(m->model.deadline, time_add(m->model.now, w->spec.deadline));
    if (model_verbose)
        tell_actions(&out);
    wrong = invariants_check(&m->watch, &m->supervisor, e, &out);
    if (wrong == NULL)
        wrong = twin_after(&m->supervisor, e, &out);
    for (uint32_t k = 0; k < out.count && wrong == NULL; k++) {
        wrong = carry_out(w, m, &out.list[k]);
        replies += out.list[k].type == ACT_REPLY;
    }
    if (wrong == NULL && replies != (e->type == EVENT_REQUEST))
        wrong = "truth: a request has one answer";
    return wrong;
}

/* ---- what may happen --------------------------------------------------------- */

static bool something_pends(const struct world *w, const struct model *m)
{
    for (size_t i = 0; i < w->spec.count; i++) {
        const struct part *p = &m->part[i];

        if (lives(p) || p->spawning || p->looks)
            return true;
        for (size_t k = 0; k < EXEC_PURPOSES; k++)
            if (p->exec[k] > 0)
                return true;
    }
    for (size_t k = 0; k < HOOK_COUNT; k++)
        if (m->hook[k] > 0)
            return true;
    return m->orphans_asked;
}

/* What cannot wait for another second. */
static bool time_may_pass(const struct world *w, const struct moment *m)
{
    const struct model *model = &m->model;

    if (model->now >= w->horizon * TICK || model->orphans_asked ||
        (model->now >= w->run * TICK && !m->supervisor.clock && model->left[0] == w->stimulus[0].times))
        return false;
    for (size_t k = 0; k < HOOK_COUNT; k++)
        if (model->hook[k] == 1)
            return false;
    for (size_t i = 0; i < w->spec.count; i++) {
        const struct part *p = &model->part[i];

        if (p->spawning || (p->looks && p->late == 0) || (p->killed && lives(p) && !w->manner[i].outlives))
            return false;
        for (size_t k = 0; k < EXEC_PURPOSES; k++)
            if (p->exec[k] == 1)
                return false;
    }
    return true;
}

static void add(struct choice *out, uint32_t *n, enum choice_kind kind, size_t part, size_t which)
{
    if (*n < CHOICES_MAX)
        out[(*n)++] = (struct choice){ (uint8_t)kind, (uint8_t)part, (uint8_t)which };
}

static void choices_of_leader(const struct world *w, const struct part *p, size_t i, struct choice *out,
                              uint32_t *n)
{
    bool task = w->spec.service[i].kind == KIND_TASK;

    if (p->deaf)
        add(out, n, HAS_BOOTED, i, 0);
    if (p->told_deaf && p->deaf && p->swallows > 0)
        add(out, n, MISSES_THE_STOP, i, 0);
    if (p->killed) {
        if (!w->manner[i].outlives)
            add(out, n, ENDS, i, 3);
    } else if ((p->told && !w->manner[i].stays) || p->told_deaf || task)
        add(out, n, ENDS, i, 0);
    if (!p->killed && p->ends > 0)
        add(out, n, ENDS, i, 1);
    if (!p->killed && p->leaves > 0 && (p->told || p->ends > 0))
        add(out, n, ENDS, i, 2);
    if (!p->deaf && !p->woke && !p->quiet && !p->job && p->jobs > 0)
        add(out, n, TAKES_A_JOB, i, 0);
    if (p->job)
        add(out, n, FINISHES_A_JOB, i, 0);
    if (p->probed && !p->deaf && !w->manner[i].never_ready)
        add(out, n, BECOMES_READY, i, 0);
}

static void choices_of_part(const struct world *w, const struct moment *m, size_t i, struct choice *out,
                            uint32_t *n)
{
    const struct part *p = &m->model.part[i];

    if (p->spawning) {
        add(out, n, IS_SPAWNED, i, 0);
        if (p->spawn_fails > 0)
            add(out, n, CANNOT_SPAWN, i, 0);
    }
    if (p->leader)
        choices_of_leader(w, p, i, out, n);
    if (p->remains && !w->manner[i].outlives)
        add(out, n, REMAINS_END, i, 0);
    if (p->looks && !p->spawning) {
        add(out, n, IS_LOOKED_AT, i, 0);
        if (p->late > 0 && p->leader && spec_is_worker(&w->spec.service[i]) && p->quiet && !p->job)
            add(out, n, IS_SEEN_LATE, i, 0);
    }
    for (size_t k = 0; k < EXEC_PURPOSES; k++) {
        if (p->exec[k] == 0)
            continue;
        add(out, n, COMMAND_ENDS, i, k);
        if (p->exec_fails > 0)
            add(out, n, COMMAND_FAILS, i, k);
    }
}

uint32_t model_choices(const struct world *w, const struct moment *m, struct choice *out)
{
    uint32_t n = 0;

    if (m->supervisor.exiting)
        return 0;
    for (size_t i = 0; i < w->spec.count; i++)
        choices_of_part(w, m, i, out, &n);
    for (size_t k = 0; k < HOOK_COUNT; k++)
        if (m->model.hook[k] > 0)
            add(out, &n, HOOK_ENDS, NO_SERVICE, k);
    if (m->model.orphans_asked)
        add(out, &n, ORPHANS_ARE_COUNTED, NO_SERVICE, 0);
    for (uint8_t k = 0; k < w->stimuli; k++)
        if (m->model.left[k] > 0)
            add(out, &n, COMES_FROM_OUTSIDE, w->stimulus[k].event.service, k);
    if (time_may_pass(w, m)) {
        add(out, &n, TIME_PASSES, NO_SERVICE, 0);
        if (m->model.pauses > 0)
            add(out, &n, STANDS_STILL, NO_SERVICE, 0);
    }
    return n;
}

/* ---- one of them happens --------------------------------------------------- */

/* To the next whole second; but the two instants before the deadline are exact. */
static int64_t next_instant(const struct moment *m)
{
    const struct supervisor *s = &m->supervisor;
    int64_t now = m->model.now, next = (now / TICK + 1) * TICK;
    int64_t kill_at = time_sub(s->deadline_at, s->margin);
    int64_t leave_at = time_sub(s->deadline_at, s->margin / 2);

    if (kill_at > now)
        next = time_min(next, kill_at);
    if (leave_at > now)
        next = time_min(next, leave_at);
    return next;
}

static void grow_older(const struct world *w, struct model *model)
{
    for (size_t i = 0; i < w->spec.count; i++) {
        struct part *p = &model->part[i];

        p->woke = false;
        if (p->looks)
            p->late--;
        for (size_t k = 0; k < EXEC_PURPOSES; k++)
            if (p->exec[k] > 0)
                p->exec[k]--;
    }
    for (size_t k = 0; k < HOOK_COUNT; k++)
        if (model->hook[k] > 0)
            model->hook[k]--;
}

static const char *pass(const struct world *w, struct moment *m, int64_t until)
{
    struct model *model = &m->model;
    struct event e = { .type = EVENT_TIMER, .service = NO_SERVICE };

    if (until % TICK == 0)
        grow_older(w, model);
    model->now = until;
    if (next_deadline(&m->supervisor) <= model->now)
        return feed(w, m, &e);
    return NULL;
}

static void see(const struct world *w, const struct part *p, size_t i, bool late, struct facts *out)
{
    const struct service_spec *spec = &w->spec.service[i];
    bool sidekiq = spec->inflight.kind == INFLIGHT_SIDEKIQ;
    bool worker = spec_is_worker(spec);

    *out = (struct facts){ .busy = -1, .total = -1, .unended = -1, .major = -1 };
    out->members = (uint16_t)(p->leader + p->remains);
    out->stop_unheard = p->stop_sent && !p->leader && p->remains && !p->remains_told;
    if (!p->leader) {
        out->work = sidekiq && !p->deaf ? WORK_IDLE : WORK_UNKNOWN;
        return;
    }
    out->booting = worker && p->deaf;
    out->stop_missed = p->missed;
    if (p->deaf)
        return;
    out->titled = sidekiq;
    out->major = sidekiq ? 7 : -1;
    out->untold = !p->quiet && spec->quiet.signo > 0;
    out->quiet_told = p->quiet;
    out->quiet_seen = p->quiet && sidekiq;
    if (!worker)
        return;
    out->busy = p->job || late;
    out->total = 1;
    out->busy_exact = p->quiet;
    out->capacity_reached = true;
    if (p->quiet)
        out->work = late ? WORK_UNKNOWN : p->job ? WORK_BUSY : WORK_IDLE;
}

static const char *end_leader(const struct world *w, struct moment *m, size_t i, uint8_t how)
{
    struct part *p = &m->model.part[i];
    struct event e = { .type = EVENT_EXITED, .service = (uint8_t)i };

    p->leader = p->job = p->probed = p->told_deaf = false;
    if (how == 1)
        p->ends--;
    if (how == 2)
        p->leaves--;
    p->remains = how == 2;
    if (how == 3) {
        e.exit.signo = SIGKILL;
        p->remains = false;
    }
    e.exit.code = how == 1;
    m->model.failed = m->model.failed || how == 1;
    return feed(w, m, &e);
}

static const char *end_command(const struct world *w, struct moment *m, size_t i, enum exec_purpose purpose,
                               bool ok)
{
    struct part *p = &m->model.part[i];
    struct event e = { .type = EVENT_EXEC_DONE, .service = (uint8_t)i };

    p->exec[purpose] = 0;
    if (!ok)
        p->exec_fails--;
    if (ok && purpose == EXEC_QUIET && p->leader)
        p->quiet = true;
    if (ok && purpose == EXEC_STOP && p->leader)
        p->told = p->quiet = true;
    m->model.failed = m->model.failed || (!ok && purpose == EXEC_PRE_START);
    e.exec.purpose = purpose;
    e.exec.ok = ok;
    return feed(w, m, &e);
}

static const char *come_from_outside(const struct world *w, struct moment *m, uint8_t which)
{
    struct event e = w->stimulus[which].event;

    m->model.left[which]--;
    if (e.type == EVENT_REQUEST && e.request.verb == REQUEST_DEADLINE) {
        m->model.deadline = time_min(m->model.deadline, time_add(m->model.now, e.request.ms));
        m->model.hurried = true;
    }
    return feed(w, m, &e);
}

static const char *happen(const struct world *w, struct moment *m, const struct choice *c)
{
    struct part *p = c->part < PARTS ? &m->model.part[c->part] : NULL;
    struct event e = { .service = c->part };

    switch ((enum choice_kind)c->kind) {
    case TIME_PASSES:
        return pass(w, m, next_instant(m));
    case STANDS_STILL:
        m->model.pauses--;
        m->model.hurried = true;
        m->model.deadline = NEVER; /* it cannot leave while it stands still */
        return pass(w, m, m->model.now + STILL);
    case COMES_FROM_OUTSIDE:
        return come_from_outside(w, m, c->which);
    case IS_SPAWNED:
        p->spawning = false;
        p->leader = true;
        e.type = EVENT_SPAWNED;
        return feed(w, m, &e);
    case CANNOT_SPAWN:
        p->spawning = p->looks = false;
        p->spawn_fails--;
        m->model.failed = true;
        e.type = EVENT_SPAWN_FAILED;
        e.spawn.stage = SPAWN_EXEC;
        e.spawn.missing = true;
        return feed(w, m, &e);
    case HAS_BOOTED:
        p->deaf = false;
        p->woke = true;
        if (p->told_deaf) { /* it waited for it, as a blocked signal does */
            p->told_deaf = false;
            p->told = p->quiet = true;
        }
        return NULL;
    case MISSES_THE_STOP:
        p->told_deaf = p->deaf = false;
        p->missed = p->woke = true;
        p->swallows--;
        return NULL;
    case ENDS:
        return end_leader(w, m, c->part, c->which);
    case REMAINS_END:
        p->remains = false;
        return NULL;
    case TAKES_A_JOB:
        p->job = true;
        p->jobs--;
        return NULL;
    case FINISHES_A_JOB:
        p->job = false;
        return NULL;
    case IS_LOOKED_AT:
    case IS_SEEN_LATE:
        p->looks = false;
        if (c->kind == IS_SEEN_LATE)
            p->late--;
        see(w, p, c->part, c->kind == IS_SEEN_LATE, &e.facts);
        e.type = EVENT_LOOKED;
        return feed(w, m, &e);
    case BECOMES_READY:
        p->probed = false;
        e.type = EVENT_READY;
        return feed(w, m, &e);
    case COMMAND_ENDS:
    case COMMAND_FAILS:
        return end_command(w, m, c->part, c->which, c->kind == COMMAND_ENDS);
    case HOOK_ENDS:
        m->model.hook[c->which] = 0;
        e.type = EVENT_HOOK_DONE;
        e.hook.hook = c->which;
        e.hook.ok = true;
        return feed(w, m, &e);
    case ORPHANS_ARE_COUNTED:
        m->model.orphans_asked = false;
        e.type = EVENT_ORPHANS;
        e.count = m->model.orphans;
        return feed(w, m, &e);
    }
    return NULL;
}

static void tell_choice(const struct world *w, const struct moment *m, const struct choice *c)
{
    printf("%4.1f s  ", (double)m->model.now / SECOND);
    if (c->part < PARTS)
        printf("s%d ", c->part);
    printf("%s", told[c->kind]);
    if (c->kind == COMES_FROM_OUTSIDE && w->stimulus[c->which].event.type == EVENT_SIGNAL)
        printf(": signal %d", w->stimulus[c->which].event.signal.signo);
    else if (c->kind == COMES_FROM_OUTSIDE)
        printf(": %s", request_name(w->stimulus[c->which].event.request.verb));
    else if (c->kind == ENDS)
        printf("%s", c->which == 3 ? " by KILL" : c->which == 2 ? ", and a child lives on" : c->which ? " with 1" : "");
    printf("\n");
}

const char *model_take(const struct world *w, struct moment *m, const struct choice *c)
{
    const char *wrong;

    if (model_verbose)
        tell_choice(w, m, c);
    wrong = happen(w, m, c);
    if (wrong == NULL && !m->supervisor.exiting && m->supervisor.clock && !something_pends(w, &m->model) &&
        next_deadline(&m->supervisor) == NEVER)
        wrong = "truth: nothing lives, nothing pends, and it does not leave";
    return wrong;
}

const char *model_begin(const struct world *w, struct moment *m)
{
    struct event start = { .type = EVENT_START, .service = NO_SERVICE };

    memset(m, 0, sizeof(*m));
    m->model.deadline = NEVER;
    m->model.orphans = w->orphans;
    m->model.pauses = w->pauses;
    for (size_t k = 0; k < w->stimuli; k++)
        m->model.left[k] = w->stimulus[k].times;
    for (size_t i = 0; i < w->spec.count; i++) {
        const struct manner *of = &w->manner[i];

        m->model.part[i] = (struct part){ .jobs = of->jobs, .ends = of->ends, .leaves = of->leaves,
                                          .swallows = of->swallows, .spawn_fails = of->spawn_fails,
                                          .exec_fails = of->exec_fails, .late = of->late };
    }
    supervisor_init(&m->supervisor, &w->spec, 0, 1);
    invariants_init(&m->watch, &m->supervisor);
    return feed(w, m, &start);
}
