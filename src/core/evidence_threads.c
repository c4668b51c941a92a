/* The threads of a Sidekiq: which of them are processors, and when those that are noted are all of them. */
#include "core/evidence.h"

/* A signal is read so soon: jobs that compute keep Sidekiq from it for 2 s (docs/performance.md), its launch from its
 * first title and threads on for less. */
#define READ_WITHIN (4 * SECOND)
/* Ruby up to 3.2 shows an ended thread for 3.3 s. */
#define ENDED_SHOWN (4 * SECOND)
/* A clock tick of the kernel's start times: USER_HZ is 100 everywhere. */
#define TICK (SECOND / 100)
/* Sidekiq starts its processors at once: within 20 ms (docs/performance.md), or some hundred where the machine is busy.
 * But on a fast one Ruby's own threads, of the first milliseconds, are no older than that. */
#define AT_ONCE (250)
#define AT_ONCE_LEAST (20)

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

/* In ticks: how long before the first that is noted another may have started. No more than half of the boot. */
static uint64_t at_once(const struct evidence_proc *p)
{
    int64_t half = ((int64_t)p->first - (int64_t)p->start) / 2;

    return (uint64_t)time_max(time_min(half, AT_ONCE / TICK), AT_ONCE_LEAST / TICK);
}

/* Not noted, as its first job renamed it before a look found it. But an application's own may look so, too; the main
 * thread is none. */
static bool may_be_processor(const struct evidence_proc *p, const struct look_thread *t)
{
    return p->first > 0 && t->start + at_once(p) >= p->first && t->tid != p->pid && !t->loop && !is_noted(p, t);
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

void evidence_take_threads(struct evidence_proc *p, const struct look_proc *seen, uint64_t clock, int64_t now)
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

void evidence_weigh_threads(struct evidence_proc *p, int64_t now)
{
    p->as_promised = p->as_promised || has_started_all(p);
    p->vouched = p->vouched || has_noted_all_that_work(p, now);
}
