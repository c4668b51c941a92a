/* What is kept of the looks: who is there, who works, who was told. Of its threads: evidence_threads.c. */
#include <string.h>

#include "core/evidence.h"

/* Who had neither a Sidekiq's title nor threads so short ago is launching: looks come every 250 ms
 * then. */
#define LAUNCHES (1 * SECOND)

void evidence_init(struct evidence *e, const struct service_spec *s)
{
    e->inflight = s->inflight.kind;
    e->quiet_signal = s->quiet.signo > 0;
    e->complete = e->ever_recognised = e->stop_sent = e->exec_ok = false;
    e->quiet_at = e->titles_at = NEVER;
    e->slots = 0;
    e->exec_busy = e->exec_total = e->status_busy = e->status_total = -1;
}

static struct evidence_proc *find(struct evidence *e, int32_t pid)
{
    for (uint32_t k = 0; k < e->slots; k++)
        if (e->proc[k].used && e->proc[k].pid == pid)
            return &e->proc[k];
    return NULL;
}

static struct evidence_proc *add(struct evidence *e, const struct look_proc *seen)
{
    uint32_t k = 0;
    struct evidence_proc *p;

    while (k < e->slots && e->proc[k].used)
        k++;
    if (k == EVIDENCE_PROCS_MAX)
        return NULL;
    if (k == e->slots)
        e->slots++;
    p = &e->proc[k];
    memset(p, 0, offsetof(struct evidence_proc, note));
    p->used = true;
    p->pid = seen->pid;
    p->start = seen->start;
    p->stop_told = e->stop_sent && seen->pid == e->stop_leader;
    p->major = -1;
    p->busy = p->total = p->said_busy = p->said_total = -1;
    p->zero_since = p->gone_since = p->said_at = p->said_zero_since = NEVER;
    p->bare_at = p->titled_at = p->stopping_at = NEVER;
    return p;
}

static void take_title(struct evidence_proc *p, const struct look_title *title, int64_t now)
{
    p->title_at = now;
    p->swarm = title->swarm;
    p->titled = title->sidekiq || title->puma;
    if (title->major >= 0)
        p->major = title->major;
    if (title->busy != p->busy)
        p->busy_at = now;
    p->busy = title->busy;
    p->stopping = title->stopping;
    if (title->sidekiq)
        p->titled_at = time_min(p->titled_at, now);
    p->stopping_at = title->stopping ? time_min(p->stopping_at, now) : NEVER;
    if (title->total > 0)
        p->total = title->total;
    if (!title->sidekiq || !title->stopping || title->busy != 0)
        p->zero_since = NEVER;
    else if (p->zero_since == NEVER)
        p->zero_since = now;
}

static void take_proc(struct evidence *e, const struct look_proc *seen, uint64_t clock, int64_t now)
{
    struct evidence_proc *p = find(e, seen->pid);

    if (p != NULL && p->start != seen->start) { /* the pid was given to another */
        p->used = false;
        p = NULL;
    }
    if (p == NULL)
        p = add(e, seen);
    if (p == NULL) {
        e->complete = false;
        return;
    }
    p->seen = true;
    p->parent = seen->parent;
    p->stopped = seen->stopped;
    p->readable = seen->readable;
    if (!seen->readable || seen->stopped) { /* what stands still proves nothing */
        p->zero_since = p->gone_since = NEVER;
        p->busy_at = now;
    }
    if (seen->stopped)
        p->still_at = now;
    if (!seen->readable)
        return;
    p->catches = e->quiet_signal && seen->catches_quiet;
    if (seen->title.read)
        take_title(p, &seen->title, now);
    if (e->inflight == INFLIGHT_SIDEKIQ && !seen->stopped)
        evidence_take_threads(p, seen, clock, now);
    if (seen->title.read && p->titled_at == NEVER && p->most == 0)
        p->bare_at = now;
    p->sidekiq = !p->swarm && (seen->title.sidekiq || p->noted > 0 || p->catches || p->recognised);
}

/* A job's forks inherit title and traps, and their threads the names. */
static bool has_recognised_ancestor(struct evidence *e, const struct evidence_proc *p)
{
    const struct evidence_proc *up = find(e, p->parent);

    for (int depth = 0; up != NULL && up != p && depth < EVIDENCE_PROCS_MAX; depth++) {
        if (up->sidekiq || up->descends)
            return true;
        up = find(e, up->parent);
    }
    return false;
}

/* A sidekiqswarm parent has traps before it has its title: taken for a Sidekiq until
 * then, it makes its children look like a job's forks. */
static void recognise_swarms(struct evidence *e)
{
    bool mistaken = false;

    for (uint32_t k = 0; k < e->slots; k++)
        mistaken = mistaken || (e->proc[k].used && e->proc[k].swarm && e->proc[k].recognised);
    if (!mistaken)
        return;
    e->ever_recognised = false;
    for (uint32_t k = 0; k < e->slots; k++)
        e->proc[k].recognised = e->proc[k].descends = false;
}

static void recognise(struct evidence *e)
{
    recognise_swarms(e);
    for (uint32_t k = 0; k < e->slots; k++) {
        struct evidence_proc *p = &e->proc[k];

        if (!p->used || p->recognised)
            continue;
        if (has_recognised_ancestor(e, p))
            p->descends = true;
        p->recognised = p->sidekiq && !p->descends;
        if (p->recognised)
            e->ever_recognised = true;
    }
}

/* Told before its first title and its first thread, or in the moment of them. An application may
 * overwrite the title for as long as it likes: to have none is not enough. */
static bool launches(const struct evidence_proc *p, int64_t now)
{
    if (p->titled_at == NEVER && p->most == 0)
        return true;
    return (p->titled_at == NEVER || p->titled_at == now) && p->bare_at != NEVER &&
           now - p->bare_at <= LAUNCHES;
}

static void confirm(struct evidence *e, int64_t now)
{
    for (uint32_t k = 0; k < e->slots; k++) {
        struct evidence_proc *p = &e->proc[k];

        if (!p->used || !p->told || !p->readable)
            continue;
        evidence_weigh_threads(p, now);
        if (p->stopping || (evidence_trusts_threads(p) && p->noted < (uint32_t)p->total))
            p->confirmed = true;
    }
}

void evidence_look(struct evidence *e, const struct look *look, int64_t now)
{
    e->complete = look->complete;
    for (uint32_t k = 0; k < e->slots; k++)
        e->proc[k].seen = false;
    for (uint32_t k = 0; k < look->count; k++) {
        if (look->proc[k].zombie)
            continue;
        take_proc(e, &look->proc[k], look->clock, now);
        if (look->proc[k].title.read)
            e->titles_at = now;
    }
    recognise(e); /* before the dead leave: a fork may have lost its parent just now */
    for (uint32_t k = 0; k < e->slots; k++)
        if (!e->proc[k].seen)
            e->proc[k].used = false;
    while (e->slots > 0 && !e->proc[e->slots - 1].used)
        e->slots--;
    confirm(e, now);
}

uint32_t evidence_quiet_targets(const struct evidence *e, int32_t *pids)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < e->slots; k++) {
        const struct evidence_proc *p = &e->proc[k];
        bool again = e->inflight == INFLIGHT_SIDEKIQ && !p->confirmed;

        if (p->used && p->recognised && p->catches && (!p->told || again))
            pids[n++] = p->pid;
    }
    return n;
}

void evidence_told(struct evidence *e, int32_t pid, int64_t now)
{
    struct evidence_proc *p = find(e, pid);

    if (p == NULL || p->told)
        return;
    if (e->quiet_signal && !p->catches)
        return; /* a stop that came before its traps: it may have missed that */
    p->told = true;
    p->told_at = now;
    p->fresh = launches(p, now) && p->readable && !p->stopped;
    p->as_promised = p->total > 0 && p->noted == (uint32_t)p->total && !p->overflow && p->readable && !p->stopped;
}

void evidence_quiet_began(struct evidence *e, int64_t now)
{
    bool told = !e->quiet_signal;

    for (uint32_t k = 0; k < e->slots && !told; k++)
        told = e->proc[k].used && e->proc[k].told;
    if (told && e->quiet_at == NEVER)
        e->quiet_at = now;
}

/* The first kind of which somebody lives. */
static uint32_t pick_targets(const struct evidence *e, int32_t leader, int32_t *pids)
{
    uint32_t n = 0;

    for (uint32_t k = 0; k < e->slots; k++)
        if (e->proc[k].used && e->proc[k].swarm)
            pids[n++] = e->proc[k].pid;
    if (n > 0)
        return n;
    if (e->inflight == INFLIGHT_SIDEKIQ)
        for (uint32_t k = 0; k < e->slots; k++)
            if (e->proc[k].used && e->proc[k].recognised)
                pids[n++] = e->proc[k].pid;
    if (n > 0)
        return n;
    if (leader > 0) {
        pids[0] = leader;
        return 1;
    }
    for (uint32_t k = 0; k < e->slots; k++)
        if (e->proc[k].used)
            pids[n++] = e->proc[k].pid;
    return n;
}

uint32_t evidence_stop_targets(struct evidence *e, int32_t leader, bool stop, int32_t *pids)
{
    uint32_t n = pick_targets(e, leader, pids);

    if (!stop)
        return n;
    e->stop_sent = true;
    e->stop_leader = n == 1 && pids[0] == leader ? leader : 0;
    for (uint32_t k = 0; k < e->slots; k++)
        e->proc[k].stop_told = false;
    for (uint32_t k = 0; k < n; k++) {
        struct evidence_proc *p = find(e, pids[k]);
        if (p == NULL)
            continue;
        p->stop_told = true;
        p->stop_caught = p->catches;
    }
    return n;
}

void evidence_stop_withheld(struct evidence *e)
{
    e->stop_sent = true;
    for (uint32_t k = 0; k < e->slots; k++) {
        e->proc[k].stop_told = true;
        e->proc[k].stop_caught = false;
    }
}

void evidence_said(struct evidence *e, int32_t pid, int32_t busy, int32_t total, int64_t now)
{
    struct evidence_proc *p = find(e, pid);

    if (p == NULL)
        return;
    if (busy > 0)
        p->said_zero_since = NEVER;
    else if (p->said_zero_since == NEVER || p->said_zero_since < e->quiet_at ||
             now - p->said_at > EVIDENCE_SAID_STALE)
        p->said_zero_since = now;
    p->said_busy = busy;
    if (total >= 0)
        p->said_total = total;
    p->said_at = now;
}

void evidence_exec(struct evidence *e, bool ok, int32_t busy, int32_t total, int64_t began)
{
    e->exec_ok = ok;
    e->exec_busy = busy;
    e->exec_total = total;
    e->exec_began = began;
}

void evidence_status(struct evidence *e, int32_t busy, int32_t total)
{
    e->status_busy = busy;
    e->status_total = total;
}
