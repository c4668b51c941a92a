/* The processes of one life of a service, and what signals do to them. */
#include <signal.h>

#include "sim/sim.h"

static struct process *add(struct sim *sim, struct child *c, enum role role, int32_t parent)
{
    struct process *p = &c->process[c->count++];

    p->lives = true;
    p->role = role;
    p->pid = sim->next_pid++;
    p->parent = parent;
    p->start = (uint64_t)sim->now;
    p->token++;
    p->ends_at = p->frozen_at = p->killed_at = NEVER;
    p->quiet_pending = false;
    p->code = p->signo = 0;
    p->sidekiq.boot_at = 0;
    return p;
}

static void plan_end(struct sim *sim, size_t i, struct process *p, int64_t at, uint8_t code,
                     uint8_t signo)
{
    struct happening *h;

    if (at >= p->ends_at)
        return;
    p->ends_at = at;
    p->code = code;
    p->signo = signo;
    h = queue_add(&sim->queue, at);
    *h = (struct happening){ .kind = HAPPENS_EXIT, .service = (uint8_t)i,
                             .index = (uint8_t)(p - sim->child[i].process),
                             .generation = sim->child[i].generation, .token = ++p->token };
}

static void add_sidekiq(struct sim *sim, size_t i, int32_t parent)
{
    const struct manner *m = &sim->manner[i];
    struct process *p = add(sim, &sim->child[i], ROLE_SIDEKIQ, parent);

    p->sidekiq = m->template;
    p->sidekiq.dice = &sim->dice;
    sidekiq_init(&p->sidekiq, sim->child[i].ready_at);
    if (percent(&sim->dice, m->forks)) {
        struct process *f = add(sim, &sim->child[i], ROLE_FORK, p->pid);

        f->sidekiq.boot_at = p->sidekiq.launch_at + between(&sim->dice, 0, 30 * SECOND);
        f->fork_title = (int32_t)below(&sim->dice, 3);
        plan_end(sim, i, f, f->sidekiq.boot_at + between(&sim->dice, 100, 60 * SECOND), 0, 0);
    }
}

static void begin_jobs(struct sim *sim, struct child *c, int64_t high)
{
    for (int j = 0; j < JOBS; j++) {
        c->job_begins[j] = c->ready_at + between(&sim->dice, 0, 5 * SECOND);
        c->job_ends[j] = c->job_begins[j] + between(&sim->dice, 100, high);
    }
}

static void plan_freeze(struct sim *sim, size_t i)
{
    int64_t at = sim->now + between(&sim->dice, 0, 90 * SECOND);
    struct happening *h = queue_add(&sim->queue, at);

    *h = (struct happening){ .kind = HAPPENS_FREEZE, .service = (uint8_t)i,
                             .generation = sim->child[i].generation };
    h = queue_add(&sim->queue, at + between(&sim->dice, 100, 30 * SECOND));
    *h = (struct happening){ .kind = HAPPENS_THAW, .service = (uint8_t)i,
                             .generation = sim->child[i].generation };
}

void child_spawn(struct sim *sim, size_t i)
{
    const struct manner *m = &sim->manner[i];
    struct child *c = &sim->child[i];
    struct dice *d = &sim->dice;
    struct process *leader;

    evidence_init(driver_evidence(i), &sim->spec.service[i]);
    c->spawned = true;
    c->ready_at = sim->now + between(d, m->boot_low, m->boot_high);
    if (percent(d, m->spawn_fails)) {
        struct event *e = &edge_later(sim, i, sim->now + between(d, 1, 30),
                                      EVENT_SPAWN_FAILED)->event;
        e->spawn.missing = m->missing;
        e->spawn.transient = m->transient;
        e->spawn.stage = m->transient ? SPAWN_FORK : SPAWN_EXEC;
        c->start_failed = c->leader_gone = c->by_itself = true;
        c->exit_code = m->missing ? 127 : 126;
        return;
    }
    edge_later(sim, i, sim->now + between(d, 1, 20), EVENT_SPAWNED);
    if (!m->sidekiq || m->shell)
        add(sim, c, m->shell ? ROLE_SHELL : ROLE_PLAIN, 1);
    if (m->sidekiq)
        add_sidekiq(sim, i, m->shell ? c->process[0].pid : 1);
    if (m->two)
        add_sidekiq(sim, i, c->process[0].pid);
    leader = &c->process[0];
    if (!m->sidekiq && percent(d, m->remains))
        add(sim, c, ROLE_PLAIN, leader->pid);
    if (percent(d, m->dies))
        plan_end(sim, i, leader, sim->now + between(d, m->dies_low, m->dies_high), m->dies_code, 0);
    if (percent(d, m->freezes))
        plan_freeze(sim, i);
    if (!m->sidekiq)
        begin_jobs(sim, c, m->job_high);
    if (!m->never_ready && percent(d, 80))
        edge_later(sim, i, c->ready_at, EVENT_READY)->event.by_notify = true;
    if (sim->spec.service[i].inflight.kind == INFLIGHT_NOTIFY) {
        struct happening *h = queue_add(&sim->queue, c->ready_at);
        *h = (struct happening){ .kind = HAPPENS_SAYS, .service = (uint8_t)i,
                                 .generation = c->generation };
    }
}

static int64_t own_time(const struct sim *sim, const struct process *p)
{
    return time_min(sim->now, time_min(p->frozen_at, p->killed_at));
}

static bool appeared(const struct sim *sim, const struct process *p)
{
    return p->lives && (p->role != ROLE_FORK || p->sidekiq.boot_at <= sim->now);
}

static void thaw(struct sim *sim, struct process *p)
{
    if (p->frozen_at == NEVER)
        return;
    if (p->role == ROLE_SIDEKIQ)
        sidekiq_shift(&p->sidekiq, sim->now, sim->now - p->frozen_at);
    p->frozen_at = NEVER;
    if (p->quiet_pending)
        sidekiq_quiet(&p->sidekiq, sim->now);
    p->quiet_pending = false;
}

static void signal_sidekiq(struct sim *sim, size_t i, struct process *p, int signo)
{
    struct sidekiq *k = &p->sidekiq;

    if (signo == SIGTSTP) {
        if (k->boot_at > sim->now)
            return; /* discarded: a session of its own */
        if (p->frozen_at != NEVER)
            p->quiet_pending = true;
        else
            sidekiq_quiet(k, sim->now);
    } else if (k->boot_at > sim->now && signo == SIGTERM &&
               percent(&sim->dice, sim->manner[i].swallows)) {
        return; /* as Ruby does now and then */
    } else if (k->boot_at > sim->now || (signo != SIGTERM && signo != SIGINT)) {
        plan_end(sim, i, p, sim->now + between(&sim->dice, 1, 10), 0, (uint8_t)signo);
    } else if (k->term_at == NEVER) {
        plan_end(sim, i, p, sidekiq_term(k, sim->now), 0, 0);
    }
}

void child_quiet(struct sim *sim, size_t i)
{
    struct child *c = &sim->child[i];

    if (c->quiet_at == NEVER) /* heeded after a while */
        c->quiet_at = sim->now + between(&sim->dice, 0, 2500);
}

static void signal_plain(struct sim *sim, size_t i, struct process *p, int signo)
{
    const struct manner *m = &sim->manner[i];
    int64_t end = sim->now + between(&sim->dice, m->end_low, m->end_high);
    bool graceful = percent(&sim->dice, 60);

    if (signo == sim->spec.service[i].quiet.signo) {
        child_quiet(sim, i);
        return;
    }
    if ((signo == SIGTERM && m->ignores_term) || (signo == SIGQUIT && m->ignores_quit) ||
        (signo != SIGTERM && signo != SIGQUIT && signo != SIGINT))
        return;
    plan_end(sim, i, p, end, graceful ? m->end_code : 0, graceful ? 0 : (uint8_t)signo);
}

/* EXTEND_TIMEOUT_USEC, on time or late. */
static void ask_for_time(struct sim *sim, size_t i)
{
    struct dice *d = &sim->dice;
    int64_t at = sim->now;

    for (uint32_t n = 1 + below(d, 4); n > 0; n--) {
        at += between(d, 0, 40 * SECOND);
        edge_later(sim, i, at, EVENT_EXTEND)->event.ms = percent(d, 5) ? NEVER : between(d, 1, 120 * SECOND);
    }
}

void child_signal(struct sim *sim, size_t i, uint8_t index, int signo)
{
    struct process *p = &sim->child[i].process[index];

    if (!appeared(sim, p))
        return;
    if (signo == SIGCONT) {
        thaw(sim, p);
        return;
    }
    if (signo == SIGKILL) {
        p->killed_at = time_min(p->killed_at, sim->now); /* from then on it takes no job */
        if (!sim->manner[i].immortal)
            plan_end(sim, i, p, sim->now + between(&sim->dice, 0, 20), 0, SIGKILL);
        return;
    }
    if (percent(&sim->dice, sim->manner[i].extends))
        ask_for_time(sim, i);
    switch (p->role) {
    case ROLE_SIDEKIQ:
        signal_sidekiq(sim, i, p, signo);
        break;
    case ROLE_PLAIN:
        signal_plain(sim, i, p, signo);
        break;
    case ROLE_SHELL:
    case ROLE_FORK:
        if (signo == SIGTERM || signo == SIGINT || signo == SIGQUIT)
            plan_end(sim, i, p, sim->now + between(&sim->dice, 1, 10), 0, (uint8_t)signo);
        break;
    }
}

static bool sidekiq_lives(const struct child *c)
{
    for (uint8_t k = 0; k < c->count; k++)
        if (c->process[k].lives && c->process[k].role == ROLE_SIDEKIQ)
            return true;
    return false;
}

/* What becomes of the others when one of them has gone. */
static void leave_behind(struct sim *sim, size_t i, const struct process *gone)
{
    const struct manner *m = &sim->manner[i];
    struct child *c = &sim->child[i];

    for (uint8_t k = 0; k < c->count; k++) {
        struct process *p = &c->process[k];

        if (!p->lives)
            continue;
        if (p->role == ROLE_FORK && p->parent == gone->pid && !appeared(sim, p))
            p->lives = false;
        if (p->parent == gone->pid)
            p->parent = 1;
        if (p->role == ROLE_PLAIN && k > 0 && gone == &c->process[0])
            plan_end(sim, i, p, sim->now + between(&sim->dice, m->remains_low, m->remains_high), 0,
                     0);
    }
    if (gone->role == ROLE_SIDEKIQ && c->process[0].role == ROLE_SHELL && !sidekiq_lives(c) &&
        c->process[0].lives)
        plan_end(sim, i, &c->process[0], sim->now + between(&sim->dice, 1, 20), gone->code, 0);
}

void child_exit(struct sim *sim, size_t i, uint8_t index)
{
    struct child *c = &sim->child[i];
    struct process *p = &c->process[index];

    if (p->role == ROLE_SIDEKIQ) {
        int32_t busy = sidekiq_busy(&p->sidekiq, own_time(sim, p));

        sidekiq_gone(&p->sidekiq, own_time(sim, p), p->signo != 0 || p->sidekiq.term_at == NEVER);
        judge_gone(sim, i, index, busy);
    }
    p->lives = false;
    leave_behind(sim, i, p);
    if (index > 0)
        return;
    c->leader_gone = true;
    c->by_itself = !c->told;
    c->exit_code = p->code;
    c->exit_signal = p->signo;
}

uint8_t child_living(const struct child *c)
{
    uint8_t n = 0;

    for (uint8_t k = 0; k < c->count; k++)
        n = (uint8_t)(n + c->process[k].lives);
    return n;
}

static int32_t busy_of_plain(struct sim *sim, struct child *c, int64_t high)
{
    int32_t busy = 0;

    for (int j = 0; j < JOBS; j++) {
        while (c->job_ends[j] <= sim->now) {
            int64_t begins = c->job_ends[j] + between(&sim->dice, 500, 5000);
            bool more = begins < c->quiet_at;

            c->job_begins[j] = more ? begins : NEVER;
            c->job_ends[j] = more ? begins + between(&sim->dice, 100, high) : NEVER;
        }
        if (c->job_begins[j] > sim->now && c->job_begins[j] >= c->quiet_at)
            c->job_begins[j] = c->job_ends[j] = NEVER;
        busy += c->job_begins[j] <= sim->now;
    }
    return busy;
}

int32_t child_busy(struct sim *sim, size_t i)
{
    struct child *c = &sim->child[i];
    int32_t busy = 0;

    if (!sim->manner[i].sidekiq)
        return c->count > 0 && c->process[0].lives
                   ? busy_of_plain(sim, c, sim->manner[i].job_high)
                   : 0;
    for (uint8_t k = 0; k < c->count; k++)
        if (c->process[k].lives && c->process[k].role == ROLE_SIDEKIQ)
            busy += sidekiq_busy(&c->process[k].sidekiq, own_time(sim, &c->process[k]));
    return busy;
}

int32_t child_glance(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];
    int32_t busy = 0;

    for (int j = 0; j < JOBS && !sim->manner[i].sidekiq; j++)
        busy += c->job_begins[j] <= sim->now && sim->now < c->job_ends[j];
    for (uint8_t k = 0; k < c->count; k++) {
        const struct process *p = &c->process[k];

        for (uint32_t n = 0; p->lives && p->role == ROLE_SIDEKIQ && n < p->sidekiq.threads; n++)
            busy += p->sidekiq.thread[n].busy_until != NEVER &&
                    p->sidekiq.thread[n].busy_until > own_time(sim, p);
    }
    return busy;
}

void child_say(struct sim *sim, size_t i)
{
    struct child *c = &sim->child[i];
    int32_t busy = child_busy(sim, i);
    int64_t next = between(&sim->dice, 3 * SECOND, 9 * SECOND);
    struct happening *h;

    if (percent(&sim->dice, sim->manner[i].lies))
        busy++;
    evidence_said(driver_evidence(i), c->process[0].pid, busy, JOBS, sim->supervisor.counted);
    for (int j = 0; j < JOBS; j++) { /* and at once when a count changes */
        int64_t change = c->job_begins[j] > sim->now ? c->job_begins[j] : c->job_ends[j];
        if (change != NEVER)
            next = time_min(next, change - sim->now);
    }
    h = queue_add(&sim->queue, sim->now + time_max(next, 1));
    *h = (struct happening){ .kind = HAPPENS_SAYS, .service = (uint8_t)i,
                             .generation = c->generation };
}

void child_freeze(struct sim *sim, size_t i, bool on)
{
    struct child *c = &sim->child[i];

    for (uint8_t k = 0; k < c->count; k++) {
        struct process *p = &c->process[k];

        if (!p->lives || p->role != ROLE_SIDEKIQ || p->sidekiq.boot_at > sim->now)
            continue;
        if (!on) {
            thaw(sim, p);
        } else if (p->sidekiq.term_at == NEVER && p->frozen_at == NEVER) {
            sidekiq_advance(&p->sidekiq, sim->now);
            p->frozen_at = sim->now;
        }
    }
}

static void look_at(struct sim *sim, size_t i, struct process *p, bool titles,
                    struct look_proc *seen, struct look_thread *pool)
{
    bool signal = sim->spec.service[i].quiet.signo > 0;

    *seen = (struct look_proc){ .pid = p->pid, .parent = p->parent, .start = p->start,
                                .stopped = p->frozen_at != NEVER,
                                .readable = !sim->manner[i].unreadable, .thread = pool };
    seen->title = (struct look_title){ .read = titles, .major = -1, .busy = -1, .total = -1 };
    if (p->role == ROLE_SIDEKIQ && p->sidekiq.boot_at <= sim->now) {
        sidekiq_advance(&p->sidekiq, own_time(sim, p));
        seen->catches_quiet = signal;
        seen->threads = sidekiq_threads(&p->sidekiq, own_time(sim, p), pool);
        if (titles && p->sidekiq.titled)
            seen->title = (struct look_title){
                .read = true, .sidekiq = true, .stopping = p->sidekiq.title_stopping,
                .major = p->sidekiq.major, .busy = p->sidekiq.title_busy,
                .total = p->sidekiq.threads };
    } else if (p->role == ROLE_FORK) {
        seen->catches_quiet = signal;
        pool[0] = (struct look_thread){ .tid = p->pid, .start = p->start, .processor = true };
        seen->threads = 1;
        if (titles)
            seen->title = (struct look_title){ .read = true, .sidekiq = true, .major = 7,
                                               .busy = p->fork_title, .total = 5 };
    } else if (p->role == ROLE_PLAIN) {
        seen->catches_quiet = signal && sim->child[i].ready_at <= sim->now;
    }
}

void child_look(struct sim *sim, size_t i)
{
    struct child *c = &sim->child[i];
    struct evidence *e = driver_evidence(i);
    struct look_thread pool[PROCS][3 + THREADS + GHOSTS];
    struct look_proc seen[PROCS];
    struct look look = { .clock = (uint64_t)sim->now / 10, .proc = seen, .complete = true };
    bool titles = evidence_wants_titles(e, sim->supervisor.counted);

    for (uint8_t k = 0; k < c->count; k++)
        if (appeared(sim, &c->process[k])) {
            look_at(sim, i, &c->process[k], titles, &seen[look.count], pool[look.count]);
            look.count++;
        }
    if (percent(&sim->dice, sim->manner[i].late_looks))
        look.complete = percent(&sim->dice, 70);
    evidence_look(e, &look, sim->supervisor.counted);
}
