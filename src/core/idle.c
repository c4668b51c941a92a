/* When is a worker idle? A false "idle" loses hours of somebody's work, a slow
 * one costs seconds. Idle by threads or by title suffices; neither may err early.
 *
 * Threads: a quiet Sidekiq ends each processor thread as soon as it has no job.
 * What counts is the thread's identity (id and start time), noted while it had a
 * processor's name: a job may rename its thread. When they are trusted: evidence.c.
 *
 * Title: rewritten every 5 s (6.x) or 10 s (7.0 on), and stale in between; so
 * `stopping` and 0 busy count only after a beat and 5 s of both. */
#include "core/evidence.h"

/* None alive must be seen for so long: a job that raises ends its thread, and the
 * one that takes its place may not be there yet. */
#define GONE_FOR (200)
/* Idle threads end within Redis' 2 s; Ruby up to 3.2 keeps an ended one for 3 s. */
#define SETTLED (3 * SECOND)
#define SETTLED_OLD (6 * SECOND)
#define SAID_ZERO_FOR (3 * SECOND)
#define EXEC_AFTER (3 * SECOND)

#define TITLES_AGAIN (1 * SECOND)
#define TITLES_SELDOM (2 * SECOND) /* reading one costs as much as two looks without (docs/performance.md) */

static bool idle_by_title(const struct evidence_proc *p)
{
    return p->zero_since != NEVER && p->title_at - p->zero_since >= evidence_title_settles(p);
}

static bool tells_by_threads(const struct evidence_proc *p)
{
    return evidence_trusts_threads(p) && !p->overflow;
}

static enum knowledge work_of_sidekiq(const struct evidence_proc *p, int64_t now)
{
    if (!p->readable || p->stopped || !p->confirmed)
        return WORK_UNKNOWN;
    if (idle_by_title(p))
        return WORK_IDLE;
    if (tells_by_threads(p)) /* NEVER: one of them lives */
        return now - p->gone_since >= GONE_FOR ? WORK_IDLE : WORK_BUSY;
    return p->busy > 0 ? WORK_BUSY : WORK_UNKNOWN;
}

/* They say what there is to know before the title does. Where that says that no job is left and threads live, a job's
 * own may have inherited a processor's name: then it decides. */
static bool threads_suffice(const struct evidence_proc *p)
{
    return p->descends ||
           (p->recognised && p->confirmed && p->quiet_read && tells_by_threads(p) && p->zero_since == NEVER);
}

bool evidence_wants_titles(const struct evidence *e, int64_t now)
{
    int64_t again = TITLES_SELDOM;

    for (uint32_t k = 0; k < e->slots; k++)
        if (e->proc[k].used && !threads_suffice(&e->proc[k]))
            again = TITLES_AGAIN;
    return e->quiet_at == NEVER || e->titles_at == NEVER || now - e->titles_at >= again;
}

static enum knowledge both(enum knowledge a, enum knowledge b)
{
    if (a == WORK_UNKNOWN || b == WORK_UNKNOWN)
        return WORK_UNKNOWN;
    return a == WORK_BUSY || b == WORK_BUSY ? WORK_BUSY : WORK_IDLE;
}

static int32_t sum(int32_t a, int32_t b)
{
    if (a < 0 || b < 0)
        return -1;
    return a > INT32_MAX - b ? INT32_MAX : a + b;
}

/* Its busy count as people should see it: threads once idle ones had time to end,
 * else the title, which is stale unless it says `stopping`. */
static int32_t shown_busy(const struct evidence_proc *p, int64_t now, bool *exact)
{
    int64_t settled = p->major >= 7 ? SETTLED : SETTLED_OLD;

    if (p->confirmed && evidence_trusts_threads(p) && (p->noted == 0 || now - p->told_at >= settled))
        return (int32_t)p->noted;
    *exact = *exact && p->stopping;
    return p->busy;
}

static void facts_of_sidekiqs(const struct evidence *e, int64_t now, struct facts *out)
{
    uint32_t living = 0;
    enum knowledge work = WORK_IDLE;

    out->busy = out->total = out->unended = 0;
    out->quiet_seen = out->busy_exact = true;
    for (uint32_t k = 0; k < e->slots; k++) {
        const struct evidence_proc *p = &e->proc[k];

        if (!p->used || !p->recognised)
            continue;
        living++;
        work = both(work, work_of_sidekiq(p, now));
        out->busy = sum(out->busy, shown_busy(p, now, &out->busy_exact));
        out->unended = sum(out->unended, evidence_trusts_threads(p) ? (int32_t)p->noted : -1);
        out->total = sum(out->total, p->total);
        out->quiet_seen = out->quiet_seen && p->confirmed;
        out->capacity_reached = out->capacity_reached || (p->total > 0 && p->most >= (uint32_t)p->total);
    }
    if (living == 0) {
        out->busy = out->total = out->unended = -1;
        out->quiet_seen = out->busy_exact = false;
        work = e->ever_recognised ? WORK_IDLE : WORK_UNKNOWN;
    }
    out->work = e->complete ? work : WORK_UNKNOWN;
}

static void facts_of_notify(const struct evidence *e, int64_t now, struct facts *out)
{
    enum knowledge work = WORK_IDLE;
    bool any = false;

    for (uint32_t k = 0; k < e->slots; k++) {
        const struct evidence_proc *p = &e->proc[k];
        enum knowledge own = WORK_IDLE;

        if (!p->used || p->said_at == NEVER)
            continue;
        out->busy = out->busy < 0 ? p->said_busy : sum(out->busy, p->said_busy);
        out->total = out->total < 0 ? p->said_total : sum(out->total, p->said_total);
        if (e->quiet_at == NEVER || p->said_at < e->quiet_at || now - p->said_at > EVIDENCE_SAID_STALE ||
            p->stopped)
            own = WORK_UNKNOWN;
        else if (p->said_busy > 0 || now - p->said_zero_since < SAID_ZERO_FOR)
            own = WORK_BUSY;
        work = both(work, own);
        any = true;
    }
    out->busy_exact = any;
    out->work = e->complete && any ? work : WORK_UNKNOWN;
}

static void facts_of_exec(const struct evidence *e, struct facts *out)
{
    if (!e->exec_ok)
        return;
    out->busy_exact = true;
    out->busy = e->exec_busy;
    out->total = e->exec_total;
    if (e->quiet_at != NEVER && e->exec_began >= e->quiet_at + EXEC_AFTER)
        out->work = e->exec_busy > 0 ? WORK_BUSY : WORK_IDLE;
}

static void facts_of_work(const struct evidence *e, int64_t now, struct facts *out)
{
    switch (e->inflight) {
    case INFLIGHT_SIDEKIQ:
        facts_of_sidekiqs(e, now, out);
        break;
    case INFLIGHT_NOTIFY:
        facts_of_notify(e, now, out);
        break;
    case INFLIGHT_EXEC:
        facts_of_exec(e, out);
        break;
    case INFLIGHT_PUMA:
        out->busy = e->status_busy;
        out->total = e->status_total;
        break;
    case INFLIGHT_NONE:
        break;
    }
}

/* Seen, and nothing of it can have taken work. */
static bool is_booting(const struct evidence *e)
{
    bool any = false;

    for (uint32_t k = 0; k < e->slots; k++) {
        const struct evidence_proc *p = &e->proc[k];

        if (!p->used)
            continue;
        if (!p->readable || p->titled || p->noted > 0 || p->catches || p->descends ||
            p->said_at != NEVER)
            return false;
        any = true;
    }
    return any && e->complete && !e->ever_recognised &&
           e->inflight != INFLIGHT_EXEC; /* where only a command could tell */
}

static void count_proc(const struct evidence *e, const struct evidence_proc *p, struct facts *out,
                       bool *heard)
{
    bool visible = e->inflight == INFLIGHT_SIDEKIQ; /* its quiet can be confirmed */

    out->members++;
    out->titled = out->titled || p->titled;
    if (p->titled && p->major >= 0)
        out->major = p->major;
    *heard = *heard || p->stop_told;
    out->stop_missed = out->stop_missed || (p->stop_told && !p->stop_caught && p->catches);
    if (!p->recognised || !p->catches)
        return;
    out->quiet_told = out->quiet_told || p->told;
    if (!p->told)
        out->untold++;
    else if (visible && !p->confirmed)
        out->unconfirmed++;
}

void evidence_facts(const struct evidence *e, int64_t now, struct facts *out)
{
    bool heard = false;

    *out = (struct facts){ .busy = -1, .total = -1, .unended = -1, .major = -1, .work = WORK_UNKNOWN };
    for (uint32_t k = 0; k < e->slots; k++)
        if (e->proc[k].used)
            count_proc(e, &e->proc[k], out, &heard);
    if (!e->complete && out->members == 0)
        out->members = 1; /* what could not be listed may live */
    out->booting = is_booting(e);
    out->stop_unheard = e->stop_sent && !heard && out->members > 0;
    facts_of_work(e, now, out);
}
