/* What is kept of the looks: who is there, who works, who was told. */
#include <string.h>

#include "core/evidence.h"

/* A signal is read so soon: jobs that compute keep Sidekiq from it for 2 s (docs/performance.md), its launch from its
 * first title and threads on for less. */
#define READ_WITHIN (4 * SECOND)
/* Who had neither a Sidekiq's title nor threads so short ago is launching: looks come every 250 ms
 * then. */
#define LAUNCHES (1 * SECOND)
/* Ruby up to 3.2 shows an ended thread for 3.3 s. */
#define ENDED_SHOWN (4 * SECOND)
/* A clock tick of the kernel's start times: USER_HZ is 100 everywhere. */
#define TICK (SECOND / 100)
/* Sidekiq starts its processors at once: within 20 ms (docs/performance.md), or some hundred where the machine is busy. */
#define AT_ONCE (250)

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

static bool lists(const struct look_proc *seen, const struct noted_thread *note)
{
    for (uint32_t k = 0; k < seen->threads; k++)
        if (seen->thread[k].tid == note->tid && seen->thread[k].start == note->start)
            return true;
    return false;
}

static bool is_noted(const struct evidence_proc *p, const struct look_thread *thread)
{
    for (uint32_t k = 0; k < p->noted; k++)
        if (p->note[k].tid == thread->tid && p->note[k].start == thread->start)
            return true;
    return false;
}

static void note_thread(struct evidence_proc *p, const struct look_thread *thread)
{
    if (is_noted(p, thread))
        return;
    if (p->noted == EVIDENCE_THREADS_MAX) {
        p->overflow = true;
        return;
    }
    p->note[p->noted++] = (struct noted_thread){ thread->tid, thread->start };
    if (p->first == 0 || thread->start < p->first)
        p->first = thread->start;
}

/* Not noted, as its first job renamed it before a look found it. But an application's own may look so, too; the main
 * thread is none. */
static bool may_be_processor(const struct evidence_proc *p, const struct look_thread *t)
{
    return p->first > 0 && t->start + AT_ONCE / TICK >= p->first && t->tid != p->pid && !t->loop && !is_noted(p, t);
}

/* One that raised is shown for a while, and may stand for the one in its place, if that is not noted. But one of
 * those that came since has started after the first. */
static bool has_joined(const struct evidence_proc *p, const struct look_proc *seen)
{
    for (uint32_t k = 0; k < seen->threads; k++) {
        const struct look_thread *t = &seen->thread[k];

        if (t->start + ENDED_SHOWN / TICK > p->untold_clock &&
            (may_be_processor(p, t) || (is_noted(p, t) && t->start > p->first + AT_ONCE / TICK)))
            return true;
    }
    return false;
}

/* Ruby up to 3.2 gives an ended thread's id to the next one, whose name it has then: it stands for the one in its
 * place for as long as that lives. Or a job has renamed it. */
static bool may_be_lent(const struct evidence_proc *p, const struct look_proc *seen)
{
    bool renamed = false, other = false;

    for (uint32_t k = 0; k < seen->threads; k++) {
        renamed = renamed || (!seen->thread[k].processor && is_noted(p, &seen->thread[k]));
        other = other || may_be_processor(p, &seen->thread[k]);
    }
    return renamed && other;
}

/* What is stopped reads nothing. */
static bool has_read_quiet(const struct evidence_proc *p, int64_t now)
{
    int64_t launched_at = p->bare_at == NEVER ? 0 : p->bare_at;

    return p->told && now - time_max(p->told_at, time_max(launched_at, p->still_at)) >= READ_WITHIN;
}

static void take_threads(struct evidence_proc *p, const struct look_proc *seen, uint64_t clock, int64_t now)
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < p->noted; k++)
        if (lists(seen, &p->note[k]))
            p->note[kept++] = p->note[k];
    p->noted = kept;
    for (uint32_t k = 0; k < seen->threads; k++)
        if (seen->thread[k].processor)
            note_thread(p, &seen->thread[k]);
    if (p->noted > p->most)
        p->most = p->noted;
    if (!p->told) {
        p->joined = false;
        p->untold_clock = clock;
    }
    p->lent = may_be_lent(p, seen);
    p->joined = p->joined || (!p->quiet_read && (p->lent || has_joined(p, seen)));
    p->quiet_read = has_read_quiet(p, now);
    if (p->noted > 0)
        p->gone_since = NEVER;
    else if (p->gone_since == NEVER)
        p->gone_since = now;
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
        take_threads(p, seen, clock, now);
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

/* Told while it launched: it starts all its threads before it reads that (Sidekiq's
 * launch), and the title tells their number a moment later. */
static bool has_started_all(const struct evidence_proc *p)
{
    return p->fresh && p->total > 0 && p->most == (uint32_t)p->total && !p->overflow;
}

/* Not all of them may have been noted: one ended before a look found it, or another stands for it.
 * Who works is in a title that was written well after the quiet was read: if it counts as many as
 * are noted and live, once those that had ended by then are out of sight, no other one works. */
static bool has_noted_all_that_work(const struct evidence_proc *p, int64_t now)
{
    int64_t since = now - time_max(p->stopping_at, p->busy_at);

    if (p->stopping_at == NEVER || p->busy != (int32_t)p->noted || p->overflow || p->lent)
        return false;
    if (p->fresh)
        return p->stopping_at - p->titled_at >= READ_WITHIN && since >= ENDED_SHOWN;
    return p->as_promised && since >= evidence_title_settles(p);
}

static void confirm(struct evidence *e, int64_t now)
{
    for (uint32_t k = 0; k < e->slots; k++) {
        struct evidence_proc *p = &e->proc[k];

        if (!p->used || !p->told || !p->readable)
            continue;
        p->as_promised = p->as_promised || has_started_all(p);
        p->vouched = p->vouched || has_noted_all_that_work(p, now);
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
