/* A Sidekiq, as the real ones are: it is asked what it looks like at
 * a moment, and has then lived until that moment. */
#include "sim/sim.h"

#define BRPOP (2 * SECOND)          /* an idle thread ends so long after the quiet */
#define STARTUP (4 * SECOND)        /* from traps to threads, with hooks, at most */
#define AT_LAUNCH (20)              /* within it all threads are there, and jobs may raise and be followed by others */
#define FIRST_SIGNAL (1500)         /* from its threads to its first signal, at most */
#define COMPUTES (2 * SECOND)       /* jobs that compute keep it from a signal, at most */
#define HAND_BACK_EARLY (500)       /* before its -t is over */
#define GONE_SOON (300)
#define GONE_LATE (3300)            /* Ruby up to 3.2 keeps an ended thread */
#define GONE_ONCE_IT_RUNS (2)
#define LENT (60 * SECOND)          /* or gives its id to a thread of another name */

void sidekiq_init(struct sidekiq *k, int64_t boot_at)
{
    int64_t launch_at = boot_at + (percent(k->dice, 70) ? 0 : between(k->dice, 0, STARTUP));

    k->boot_at = boot_at;
    k->launch_at = launch_at;
    k->reads_at = launch_at + (percent(k->dice, 50) ? 1 : between(k->dice, 1, FIRST_SIGNAL));
    k->quiet_waits = false;
    k->quiet_at = k->term_at = k->hand_back_at = NEVER;
    k->beat_at = launch_at + between(k->dice, 5, 100);
    k->titled = k->title_stopping = false;
    k->title_busy = 0;
    k->words_at = NEVER;
    k->next_tid = 1000;
    k->ghosts = 0;
    k->done = k->interrupted = k->lost = 0;
    for (uint32_t n = 0; n < k->threads; n++)
        k->thread[n] = (struct sidekiq_thread){
            .tid = k->next_tid++, .start = (uint64_t)launch_at / 10, .visible_from = launch_at + AT_LAUNCH,
            .busy_until = NEVER, .next = launch_at + (percent(k->dice, 50) ? between(k->dice, 1, AT_LAUNCH)
                                                                          : AT_LAUNCH + between(k->dice, 0, k->gap_high)) };
}

/* A thread that looks like a processor for a while, and works for nobody; or its id is lent to another. */
static void haunt(struct sidekiq *k, int32_t tid, uint64_t start, int64_t until, bool lent)
{
    if (k->ghosts < GHOSTS)
        k->ghost[k->ghosts++] = (struct ghost){ tid, start, until, lent };
}

static void leave_ghost(struct sidekiq *k, const struct sidekiq_thread *t, int64_t at)
{
    bool lent = k->old_ruby && percent(k->dice, k->lends);

    haunt(k, t->tid, t->start, at + between(k->dice, 0, lent ? LENT : k->old_ruby ? GONE_LATE : GONE_SOON), lent);
}

static void end_thread(struct sidekiq *k, struct sidekiq_thread *t, int64_t at)
{
    t->ended = true;
    t->busy_until = t->next = NEVER;
    leave_ghost(k, t, at);
}

static void begin_job(struct sidekiq *k, struct sidekiq_thread *t, int64_t at)
{
    int64_t length = between(k->dice, k->job_low, k->job_high);

    t->busy_until = at + length;
    t->next = NEVER;
    t->raises = percent(k->dice, k->raise_percent);
    if (t->raises && percent(k->dice, 30))
        t->busy_until = at + between(k->dice, 1, AT_LAUNCH); /* at once */
    t->renamed = percent(k->dice, k->rename_percent);
    if (percent(k->dice, k->native_percent))
        haunt(k, k->next_tid++, (uint64_t)at / 10, t->busy_until + between(k->dice, 0, 60 * SECOND), false);
}

static void end_job(struct sidekiq *k, struct sidekiq_thread *t)
{
    int64_t at = t->busy_until;

    k->done++;
    t->renamed = false;
    if (k->quiet_at <= at) {
        end_thread(k, t, at);
        return;
    }
    t->busy_until = NEVER;
    if (t->raises) { /* its thread ends and a new one takes its place */
        leave_ghost(k, t, at);
        t->tid = k->next_tid++;
        t->start = (uint64_t)at / 10;
        t->visible_from = at + between(k->dice, 0, 50);
    }
    t->next = at + 60 + between(k->dice, 0, k->gap_high);
}

static void fetch(struct sidekiq *k, struct sidekiq_thread *t)
{
    if (k->quiet_at <= t->next)
        end_thread(k, t, t->next);
    else
        begin_job(k, t, t->next);
}

static int32_t count_busy(const struct sidekiq *k)
{
    int32_t busy = 0;

    for (uint32_t n = 0; n < k->threads; n++)
        busy += k->thread[n].busy_until != NEVER;
    return busy;
}

static void beat(struct sidekiq *k)
{
    k->counted_busy = count_busy(k);
    k->words_at = k->beat_at + between(k->dice, 0, k->titled ? 3000 : 50);
    k->beat_at += (k->major < 7 ? 5 : 10) * SECOND + between(k->dice, 0, 800);
}

/* First comes the count, then the Redis calls of the beat, and then the words. */
static void write_title(struct sidekiq *k)
{
    k->titled = true;
    k->title_busy = k->counted_busy;
    k->title_stopping = k->quiet_at <= k->words_at;
    k->words_at = NEVER;
}

static void go_quiet(struct sidekiq *k, int64_t now, uint32_t popped_percent)
{
    k->quiet_waits = false;
    k->quiet_at = now;
    for (uint32_t n = 0; n < k->threads; n++) {
        struct sidekiq_thread *t = &k->thread[n];

        if (t->busy_until != NEVER)
            continue;
        t->next = now + between(k->dice, 0, BRPOP);
        if (percent(k->dice, popped_percent)) { /* popped an instant before: still runs */
            begin_job(k, t, now);
            t->renamed = false; /* not at once */
        }
    }
}

void sidekiq_advance(struct sidekiq *k, int64_t now)
{
    for (;;) {
        struct sidekiq_thread *first = NULL;
        int64_t quiet = k->quiet_waits ? k->reads_at : NEVER;
        int64_t at = time_min(quiet, time_min(k->beat_at, k->words_at));

        for (uint32_t n = 0; n < k->threads; n++) {
            struct sidekiq_thread *t = &k->thread[n];
            int64_t next = time_min(t->busy_until, t->next);

            if (next < at) {
                at = next;
                first = t;
            }
        }
        if (at > now || at >= k->hand_back_at)
            break;
        if (first == NULL && at == quiet)
            go_quiet(k, at, 50);
        else if (first == NULL && at == k->words_at)
            write_title(k);
        else if (first == NULL)
            beat(k);
        else if (first->busy_until != NEVER)
            end_job(k, first);
        else
            fetch(k, first);
    }
    for (uint32_t n = 0; n < k->ghosts;)
        if (k->ghost[n].until <= now)
            k->ghost[n] = k->ghost[--k->ghosts];
        else
            n++;
}

void sidekiq_quiet(struct sidekiq *k, int64_t now)
{
    sidekiq_advance(k, now);
    if (k->quiet_at != NEVER)
        return;
    if (k->computes)
        k->reads_at = time_max(k->reads_at, now + between(k->dice, 0, COMPUTES));
    if (now < k->reads_at)
        k->quiet_waits = true;
    else
        go_quiet(k, now, 5);
}

int64_t sidekiq_term(struct sidekiq *k, int64_t now)
{
    int64_t last;

    sidekiq_quiet(k, now);
    now = last = time_max(now, k->reads_at);
    sidekiq_advance(k, now);
    k->term_at = now;
    for (uint32_t n = 0; n < k->threads; n++)
        if (k->thread[n].busy_until != NEVER)
            last = time_max(last, k->thread[n].busy_until);
    if (last < now + k->timeout - HAND_BACK_EARLY)
        return last + between(k->dice, 50, 900);
    k->hand_back_at = now + time_max(k->timeout - HAND_BACK_EARLY, 0);
    return now + k->timeout + between(k->dice, 30, 2500);
}

void sidekiq_shift(struct sidekiq *k, int64_t now, int64_t ms)
{
    k->reads_at = time_add(k->reads_at, ms);
    k->beat_at = time_add(k->beat_at, ms);
    k->words_at = time_add(k->words_at, ms);
    for (uint32_t n = 0; n < k->threads; n++) {
        k->thread[n].busy_until = time_add(k->thread[n].busy_until, ms);
        k->thread[n].next = time_add(k->thread[n].next, ms);
    }
    /* an ended thread's 3 s are of the monotonic clock: it is gone as soon as it runs */
    for (uint32_t n = 0; n < k->ghosts; n++)
        k->ghost[n].until = time_max(k->ghost[n].until, now + GONE_ONCE_IT_RUNS);
}

void sidekiq_pause(struct sidekiq *k, int64_t at, int64_t ms)
{
    sidekiq_shift(k, at + ms, ms);
    if (k->launch_at > at)
        k->launch_at += ms;
    /* its -t is of the monotonic clock, which goes on */
    if (k->hand_back_at != NEVER)
        k->hand_back_at = time_max(k->hand_back_at, at + ms);
    if (k->quiet_at != NEVER && k->quiet_at > at)
        k->quiet_at += ms;
    for (uint32_t n = 0; n < k->threads; n++)
        k->thread[n].visible_from += ms;
}

int32_t sidekiq_busy(struct sidekiq *k, int64_t now)
{
    sidekiq_advance(k, now);
    return count_busy(k);
}

void sidekiq_gone(struct sidekiq *k, int64_t now, bool killed)
{
    int32_t busy = sidekiq_busy(k, now);

    if (killed && now < k->hand_back_at)
        k->lost += busy;
    else
        k->interrupted += busy;
}

uint32_t sidekiq_threads(const struct sidekiq *k, int64_t now, struct look_thread *list)
{
    uint32_t count = 0;

    list[count++] = (struct look_thread){ .tid = 997, .start = 1 }; /* the main thread */
    if (k->launch_at <= now)
        for (int32_t tid = 998; tid <= 999; tid++) /* heartbeat, scheduler */
            list[count++] = (struct look_thread){ .tid = tid, .start = (uint64_t)k->launch_at / 10, .loop = true };
    for (uint32_t n = 0; n < k->threads; n++) {
        const struct sidekiq_thread *t = &k->thread[n];

        if (!t->ended && t->visible_from <= now)
            list[count++] = (struct look_thread){ .tid = t->tid, .start = t->start, .processor = !t->renamed };
    }
    for (uint32_t n = 0; n < k->ghosts; n++)
        list[count++] = (struct look_thread){ .tid = k->ghost[n].tid, .start = k->ghost[n].start,
                                                .processor = !k->ghost[n].lent };
    return count;
}
