/* Between the core and the world: carries actions out, makes events. */
#include <signal.h>
#include <string.h>

#include "sim/sim.h"

struct happening *edge_later(struct sim *sim, size_t service, int64_t at, enum event_type type)
{
    struct happening *h = queue_add(&sim->queue, at);
    uint32_t generation = service < WORLD_SERVICES ? sim->child[service].generation : 0;

    h->kind = HAPPENS_EVENT;
    h->stale = false;
    h->service = (uint8_t)service;
    h->generation = generation;
    memset(&h->event, 0, sizeof(h->event));
    h->event.type = type;
    h->event.service = (uint8_t)service;
    h->event.generation = generation;
    return h;
}

static void feed_facts(struct sim *sim, size_t i)
{
    struct event *e = &edge_later(sim, i, sim->now, EVENT_LOOKED)->event;

    evidence_facts(driver_evidence(i), sim->supervisor.counted, &e->facts);
}

/* Mostly at once. */
static void carry_look(struct sim *sim, size_t i)
{
    if (!percent(&sim->dice, sim->manner[i].late_looks)) {
        child_look(sim, i);
        feed_facts(sim, i);
        return;
    }
    *queue_add(&sim->queue, sim->now + between(&sim->dice, 1, 2000)) =
        (struct happening){ .kind = HAPPENS_LOOK, .service = (uint8_t)i,
                            .generation = sim->child[i].generation };
}

static uint8_t index_of(const struct child *c, int32_t pid)
{
    for (uint8_t k = 0; k < c->count; k++)
        if (c->process[k].pid == pid)
            return k;
    return PROCS;
}

static void send_to(struct sim *sim, size_t i, int32_t pid, int signo, bool stop)
{
    uint8_t index = index_of(&sim->child[i], pid);

    if (index == PROCS)
        return;
    if (stop)
        child_signal(sim, i, index, SIGCONT);
    child_signal(sim, i, index, signo);
}

/* What comes after the end of its leader has not ended it. */
static void note_signal(struct child *c, int signo)
{
    if (!c->leader_gone)
        c->signals |= UINT64_C(1) << (signo - 1);
}

static void carry_signal(struct sim *sim, const struct action *a)
{
    size_t i = a->service;
    struct child *c = &sim->child[i];
    int32_t pids[EVIDENCE_PROCS_MAX];
    int32_t leader = c->count > 0 && c->process[0].lives ? c->process[0].pid : 0;
    uint32_t n;

    if (a->signal.stop || a->signal.target >= TARGET_ALL)
        judge_stop(sim, i, a->signal.signo);
    else if (a->signal.signo != SIGTSTP && a->signal.signo != SIGCONT)
        c->kill_asked = true;
    note_signal(c, a->signal.signo);
    if (a->signal.target >= TARGET_ALL) {
        for (uint8_t k = 0; k < c->count; k++)
            child_signal(sim, i, k, SIGKILL);
        return;
    }
    n = evidence_stop_targets(driver_evidence(i), leader, a->signal.stop, pids);
    for (uint32_t k = 0; k < n; k++) {
        send_to(sim, i, pids[k], a->signal.signo, a->signal.stop);
        if (a->signal.stop)
            evidence_told(driver_evidence(i), pids[k], sim->supervisor.counted);
    }
}

static void carry_quiet(struct sim *sim, const struct action *a)
{
    size_t i = a->service;
    struct evidence *e = driver_evidence(i);
    int32_t pids[EVIDENCE_PROCS_MAX];
    uint32_t n = 0;

    sim->child[i].quieted = sim->child[i].quieted || a->signal.signo > 0;
    child_look(sim, i);
    if (a->signal.signo > 0)
        n = evidence_quiet_targets(e, pids);
    else if (sim->spec.service[i].quiet.signo == 0)
        child_quiet(sim, i);
    for (uint32_t k = 0; k < n; k++) {
        send_to(sim, i, pids[k], a->signal.signo, false);
        evidence_told(e, pids[k], sim->supervisor.counted);
    }
    if (a->signal.signo > 0)
        note_signal(&sim->child[i], a->signal.signo);
    evidence_quiet_began(e, sim->supervisor.counted);
    feed_facts(sim, i);
}

static void carry_exec(struct sim *sim, const struct action *a)
{
    size_t i = a->service;
    const struct manner *m = &sim->manner[i];
    struct child *c = &sim->child[i];
    int64_t takes = between(&sim->dice, m->exec_low, m->exec_high);
    bool ok = !percent(&sim->dice, m->exec_fails) && takes <= a->exec.ms;
    struct happening *h = queue_add(&sim->queue, sim->now + time_min(takes, a->exec.ms));

    *h = (struct happening){ .kind = HAPPENS_EXEC_DONE, .service = (uint8_t)i,
                             .index = (uint8_t)a->exec.purpose, .ok = ok,
                             .generation = a->generation,
                             .token = ++c->exec_token[a->exec.purpose] };
    c->exec_began[a->exec.purpose] = sim->supervisor.counted;
    if (a->exec.purpose == EXEC_QUIET && ok)
        child_quiet(sim, i);
    if (a->exec.purpose == EXEC_STOP) {
        judge_stop(sim, i, 0);
        child_signal(sim, i, 0, SIGTERM);
    }
}

static void carry_orphans(struct sim *sim, const struct action *a)
{
    struct happening *h = edge_later(sim, NO_SERVICE, sim->now, EVENT_ORPHANS);

    if (a->signal.signo == SIGKILL)
        sim->orphans = 0;
    else if (sim->orphans > 0)
        sim->orphans -= below(&sim->dice, sim->orphans + 1) / (a->signal.signo == 0 ? 8 : 1);
    h->event.count = sim->orphans;
}

static void carry_out(struct sim *sim, const struct action *a)
{
    size_t i = a->service;
    struct child *c = i < WORLD_SERVICES ? &sim->child[i] : NULL;

    switch (a->type) {
    case ACT_SPAWN:
        child_spawn(sim, i);
        break;
    case ACT_SIGNAL:
        carry_signal(sim, a);
        break;
    case ACT_QUIET:
        carry_quiet(sim, a);
        break;
    case ACT_LOOK:
        carry_look(sim, i);
        break;
    case ACT_PROBE:
        if (!sim->manner[i].never_ready)
            edge_later(sim, i, time_max(sim->now, c->ready_at), EVENT_READY);
        break;
    case ACT_EXEC:
        carry_exec(sim, a);
        break;
    case ACT_EXEC_END:
        c->exec_token[a->exec.purpose]++;
        break;
    case ACT_HOOK: {
        int64_t at = sim->now + time_min(between(&sim->dice, 1, 6000), a->hook.ms);
        struct event *e = &edge_later(sim, NO_SERVICE, at, EVENT_HOOK_DONE)->event;
        e->hook.hook = a->hook.hook;
        e->hook.ok = percent(&sim->dice, 80);
        break;
    }
    case ACT_ORPHANS:
        carry_orphans(sim, a);
        break;
    case ACT_REPLY:
        sim->replies++;
        break;
    case ACT_EXIT:
        sim->exited = true;
        sim->exit_code = a->code;
        break;
    case ACT_STORY:
        if (a->story.id == STORY_STOP_MISSED)
            judge_taken_back(sim, i);
        else if (a->story.id == STORY_STOP_AGAIN)
            judge_stop_again(sim, i);
        break;
    case ACT_PROBE_END:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
}

static void begin_life(struct child *c, uint32_t generation)
{
    uint32_t tokens[EXEC_PURPOSES];

    memcpy(tokens, c->exec_token, sizeof(tokens));
    for (uint8_t k = 0; k < c->count; k++)
        c->process[k].lives = false;
    c->generation = generation;
    c->count = 0;
    c->spawned = c->over = c->told = c->forced = c->leader_gone = false;
    c->quieted = c->by_itself = c->start_failed = c->kill_asked = c->killed_remains = c->pause_cut = false;
    c->exit_code = c->exit_signal = 0;
    c->signals = 0;
    c->missed_until = 0;
    c->quiet_at = c->told_at = c->term_at = c->over_at = c->ended_at = c->kill_at = c->idle_at = NEVER;
    memcpy(c->exec_token, tokens, sizeof(tokens));
}

void edge_carry_out(struct sim *sim)
{
    for (uint32_t k = 0; k < sim->actions.count; k++) {
        const struct action *a = &sim->actions.list[k];

        if (a->service < WORLD_SERVICES && a->generation > sim->child[a->service].generation)
            begin_life(&sim->child[a->service], a->generation);
        carry_out(sim, a);
    }
}

static bool exec_done(struct sim *sim, const struct happening *h, struct event *e)
{
    struct child *c = &sim->child[h->service];
    enum exec_purpose purpose = h->index;

    if (h->token != c->exec_token[purpose])
        return false;
    if (purpose == EXEC_INFLIGHT) {
        int32_t busy = child_busy(sim, h->service);

        busy += percent(&sim->dice, sim->manner[h->service].lies);
        evidence_exec(driver_evidence(h->service), h->ok, busy, JOBS, c->exec_began[purpose]);
    }
    if (purpose == EXEC_PRE_START && !h->ok) {
        c->start_failed = c->by_itself = true;
        c->exit_code = 1;
    }
    *e = (struct event){ .type = EVENT_EXEC_DONE, .service = h->service,
                         .generation = h->generation };
    e->exec.purpose = purpose;
    e->exec.ok = h->ok;
    return true;
}

/* What is told once more, perhaps when another life has begun. */
static void add_stale(struct sim *sim, size_t i)
{
    int64_t at = sim->now + between(&sim->dice, 1500, 20 * SECOND);

    edge_later(sim, i, at, percent(&sim->dice, 50) ? EVENT_EXITED : EVENT_LOOKED)->stale = true;
}

bool edge_event_of(struct sim *sim, const struct happening *h, struct event *e)
{
    struct child *c = &sim->child[h->service < WORLD_SERVICES ? h->service : 0];

    if (h->kind == HAPPENS_EVENT) {
        *e = h->event;
        if (h->stale && c->generation == h->generation)
            return false;
        if (e->type == EVENT_READY && h->service < WORLD_SERVICES &&
            (c->generation != h->generation || c->leader_gone))
            return false;
        return true;
    }
    if (h->generation != c->generation)
        return false;
    switch (h->kind) {
    case HAPPENS_EXIT:
        if (h->token != c->process[h->index].token)
            return false;
        child_exit(sim, h->service, h->index);
        if (percent(&sim->dice, 10))
            add_stale(sim, h->service);
        *e = (struct event){ .type = EVENT_EXITED, .service = h->service,
                             .generation = h->generation };
        e->exit.code = c->process[h->index].code;
        e->exit.signo = c->process[h->index].signo;
        return h->index == 0;
    case HAPPENS_EXEC_DONE:
        return exec_done(sim, h, e);
    case HAPPENS_SAYS:
        if (c->count == 0 || !c->process[0].lives)
            return false;
        if (driver_evidence(h->service)->slots == 0)
            child_look(sim, h->service); /* whose is this datagram? */
        child_say(sim, h->service);
        *e = (struct event){ .type = EVENT_LOOKED, .service = h->service,
                             .generation = h->generation };
        evidence_facts(driver_evidence(h->service), sim->supervisor.counted, &e->facts);
        return true;
    case HAPPENS_LOOK:
        child_look(sim, h->service);
        *e = (struct event){ .type = EVENT_LOOKED, .service = h->service,
                             .generation = h->generation };
        evidence_facts(driver_evidence(h->service), sim->supervisor.counted, &e->facts);
        return true;
    case HAPPENS_FREEZE:
    case HAPPENS_THAW:
        child_freeze(sim, h->service, h->kind == HAPPENS_FREEZE);
        return false;
    case HAPPENS_EVENT:
    case HAPPENS_STIMULUS:
    case HAPPENS_PLATFORM_KILL:
        break;
    }
    return false;
}
