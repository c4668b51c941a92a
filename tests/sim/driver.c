/* Runs one world to its end, with the invariants after each step. */
#include <string.h>

#include "sim/sim.h"
#include "unit/digest.h"
#include "unit/twin.h"

#define STEPS_AT_ONCE 2000 /* without time going on: it would never */

enum { TWIN_IN = 4 }; /* one world of so many: it doubles the time */

struct evidence *driver_evidence(size_t service)
{
    static struct evidence evidence[WORLD_SERVICES];

    return &evidence[service];
}

/* Records that the contract is about lives: when one is over, and the clock. */
static void after_step(struct sim *sim, bool had_clock, service_set had_alive)
{
    const struct supervisor *s = &sim->supervisor;

    if (!had_clock && s->clock) {
        sim->clock_c = s->counted;
        sim->deadline = time_min(sim->deadline, time_add(sim->now, sim->spec.deadline));
        for (service_set rest = had_alive; rest; rest &= rest - 1)
            sim->uneven = sim->uneven || sim->child[__builtin_ctzll(rest)].told;
    }
    if (sim->deadline_steps && s->deadline_at < sim->deadline) {
        sim->deadline = s->deadline_at; /* the user's sequence says so */
        sim->hurried = true;
    }
    for (service_set rest = had_alive; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);

        if (!(s->alive & SET_OF(i)) || s->service[i].life.post_exit_begun)
            sim->child[i].ended_at = time_min(sim->child[i].ended_at, sim->now);
    }
    for (service_set rest = had_alive & ~s->alive; rest; rest &= rest - 1) {
        struct child *c = &sim->child[__builtin_ctzll(rest)];

        c->over = true;
        c->over_at = sim->now;
        if (c->spawned && child_living(c) > 0 && sim->wrong == NULL)
            sim->wrong = "a service was called over while processes of it live";
    }
}

static void feed(struct sim *sim, struct event *e)
{
    bool had_clock = sim->supervisor.clock;
    service_set had_alive = sim->supervisor.alive;
    bool with_twin = sim->seed % TWIN_IN == 0;
    const char *broken;

    e->now = sim->now;
    if (sim->verbose)
        trace_event(sim, e);
    speed_note(e);
    if (sim->record != NULL)
        record_event(sim, e);
    judge_event(sim, e);
    if (with_twin)
        twin_before(&sim->supervisor);
    step(&sim->supervisor, e, &sim->actions);
    sim->steps++;
    if (sim->digests)
        sim->digest = digest_of(sim->digest, &sim->supervisor, e, &sim->actions);
    after_step(sim, had_clock, had_alive);
    if (sim->verbose)
        trace_actions(sim);
    if (sim->record != NULL)
        record_actions(sim);
    broken = invariants_check(&sim->invariants, &sim->supervisor, e, &sim->actions);
    if (broken == NULL && with_twin)
        broken = twin_after(&sim->supervisor, e, &sim->actions);
    if (broken != NULL && sim->wrong == NULL) {
        sim->wrong = broken;
        sim->invariant = true;
    }
    edge_carry_out(sim);
}

/* The container stands still, and the clock goes on. */
static void pause_for(struct sim *sim, int64_t ms)
{
    if (sim->record != NULL)
        record_pause(sim, ms);
    sim->now += ms;
    sim->hurried = sim->paused = true;
    for (uint32_t k = 0; k < sim->queue.count; k++)
        sim->queue.heap[k].at += ms; /* which keeps their order */
    for (size_t i = 0; i < sim->spec.count; i++) {
        struct child *c = &sim->child[i];

        c->ready_at += ms;
        for (int j = 0; j < JOBS; j++) {
            c->job_begins[j] = time_add(c->job_begins[j], ms);
            c->job_ends[j] = time_add(c->job_ends[j], ms);
        }
        for (uint8_t k = 0; k < c->count; k++) {
            struct process *p = &c->process[k];

            p->ends_at = time_add(p->ends_at, ms);
            p->frozen_at = time_add(p->frozen_at, ms);
            p->sidekiq.boot_at += ms;
            if (p->role == ROLE_SIDEKIQ)
                sidekiq_pause(&p->sidekiq, sim->now - ms, ms);
        }
    }
}

static void stimulate(struct sim *sim, const struct stimulus *what)
{
    struct event e = { .service = what->service };

    switch (what->kind) {
    case STIMULUS_SIGNAL:
        e.type = EVENT_SIGNAL;
        e.service = NO_SERVICE;
        e.signal.signo = what->signo;
        break;
    case STIMULUS_REQUEST:
        e.type = EVENT_REQUEST;
        e.request.verb = what->verb;
        e.request.signo = what->signo;
        e.request.ms = what->ms;
        break;
    case STIMULUS_OBSERVE:
        e.type = EVENT_OBSERVE;
        *queue_add(&sim->queue, sim->now + what->ms) =
            (struct happening){ .kind = HAPPENS_STIMULUS, .service = NO_SERVICE,
                                .index = (uint8_t)(what - sim->stimulus) };
        break;
    case STIMULUS_PAUSE:
        pause_for(sim, what->ms);
        return;
    }
    feed(sim, &e);
}

static void take_next(struct sim *sim)
{
    int64_t next = queue_next(&sim->queue);
    int64_t timer = next_deadline(&sim->supervisor);
    struct event e = { .type = EVENT_TIMER, .service = NO_SERVICE };
    struct happening h;

    if (timer < next) {
        sim->now = time_max(sim->now, timer);
        feed(sim, &e);
        return;
    }
    h = queue_take(&sim->queue);
    sim->now = time_max(sim->now, next);
    if (h.kind == HAPPENS_STIMULUS)
        stimulate(sim, &sim->stimulus[h.index]);
    else if (h.kind == HAPPENS_PLATFORM_KILL)
        sim->platform_killed = true;
    else if (edge_event_of(sim, &h, &e))
        feed(sim, &e);
}

static void begin(struct sim *sim)
{
    struct event start = { .type = EVENT_START, .service = NO_SERVICE };

    queue_init(&sim->queue);
    /* whole, so that no world depends on the one before it */
    for (size_t i = 0; i < sim->spec.count; i++) {
        memset(&sim->child[i], 0, sizeof(sim->child[i]));
        sim->child[i].over_at = sim->child[i].ended_at = NEVER;
    }
    supervisor_init(&sim->supervisor, &sim->spec, sim->now, (uint32_t)sim->seed);
    invariants_init(&sim->invariants, &sim->supervisor);
    if (sim->stimuli > 0 && sim->stimulus[0].at == 0)
        stimulate(sim, &sim->stimulus[0]);
    if (!sim->exited)
        feed(sim, &start);
    for (uint8_t k = 0; k < sim->stimuli; k++) {
        if (sim->stimulus[k].at == 0)
            continue;
        *queue_add(&sim->queue, sim->now + sim->stimulus[k].at) =
            (struct happening){ .kind = HAPPENS_STIMULUS, .index = k, .service = NO_SERVICE };
    }
    if (sim->platform_kill != NEVER)
        *queue_add(&sim->queue, sim->now + sim->platform_kill) =
            (struct happening){ .kind = HAPPENS_PLATFORM_KILL, .service = NO_SERVICE };
}

void driver_run(struct sim *sim)
{
    int64_t at = 0;
    uint64_t since = 0;

    begin(sim);
    while (!sim->exited && !sim->platform_killed && sim->wrong == NULL) {
        if (sim->now != at) {
            at = sim->now;
            since = sim->steps;
        }
        if (sim->steps > sim->patience || sim->steps - since > STEPS_AT_ONCE ||
            sim->queue.overflow) {
            sim->wrong = sim->queue.overflow           ? "the simulation's queue is full"
                         : sim->steps > sim->patience ? "it goes on without end"
                                                       : "it makes steps without end";
            break;
        }
        if (queue_next(&sim->queue) == NEVER && next_deadline(&sim->supervisor) == NEVER)
            break; /* nothing can happen any more: the judge will say what that means */
        take_next(sim);
    }
    if (sim->wrong == NULL)
        judge_end(sim);
}
