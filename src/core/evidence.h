/* What is known of one life of one service: its processes, who of them is a
 * Sidekiq, who was told to be quiet, and whether work is in flight.
 *
 * Pure: looks at /proc and datagrams go in as values, facts come out. The rules
 * and where they come from are in docs/architecture.md, "When is a worker idle?".
 * `now` is counted time in ms (struct supervisor, counted) throughout: a paused
 * container must not make evidence older than it is. */
#ifndef LASTCALL_CORE_EVIDENCE_H
#define LASTCALL_CORE_EVIDENCE_H

#include "core/facts.h"
#include "core/spec.h"

/* What was said longer ago is unknown: a sender repeats at least every 10 s. */
#define EVIDENCE_SAID_STALE (15 * SECOND)

enum {
    EVIDENCE_PROCS_MAX = 128,  /* more: nothing is concluded from them */
    EVIDENCE_THREADS_MAX = 256 /* noted per process; more: the title decides */
};

/* One thread as the kernel shows it. */
struct look_thread {
    int32_t tid;
    uint64_t start;    /* clock ticks since boot: with tid, an identity */
    bool processor;    /* its name is a Sidekiq processor's */
    bool loop;         /* its name is that of Sidekiq's heartbeat or scheduler */
};

/* A title that was parsed, or nothing of the kind. */
struct look_title {
    bool read;         /* the title was looked at in this look */
    bool sidekiq;      /* it is a Sidekiq's: `sidekiq V TAG [N of M busy]` */
    bool swarm;        /* a sidekiqswarm parent */
    bool puma;
    bool stopping;
    int16_t major;     /* -1 unknown */
    int32_t busy, total; /* -1 unknown */
};

struct look_proc {
    int32_t pid, parent;
    uint64_t start;
    bool zombie;
    bool stopped;      /* state T or t: it cannot answer */
    bool readable;     /* status and threads could be read */
    bool catches_quiet; /* SigCgt has the bit of the service's quiet */
    struct look_title title;
    uint32_t threads;  /* how many at .thread */
    const struct look_thread *thread;
};

/* One look at all processes of a service, the leader first if it lives. Threads
 * are read for services with inflight `sidekiq` only. */
struct look {
    uint64_t clock; /* when it was taken, in the unit of .start */
    uint32_t count;
    const struct look_proc *proc;
    bool complete; /* false: not everything that belongs to it could be listed */
};

struct noted_thread {
    int32_t tid;
    uint64_t start;
};

struct evidence_proc {
    bool used;
    int32_t pid;
    uint64_t start;
    int32_t parent;
    bool seen;             /* in the present look */
    bool readable, stopped;
    bool catches;          /* the quiet's signal */
    bool sidekiq;          /* has a Sidekiq's title or threads, or catches its quiet */
    bool recognised;       /* and no ancestor of it is one: it does the service's work */
    bool descends;         /* an ancestor was recognised: a job's fork, for ever */
    bool swarm;            /* a sidekiqswarm parent: gets TERM alone, never the quiet */
    bool titled;
    bool told;             /* got the quiet */
    bool confirmed;        /* it was told, and its effect was seen */
    bool fresh;            /* was told while it launched: it reads that after it has started its threads */
    bool quiet_read;       /* so long ago that it has read it */
    bool as_promised;      /* as many were noted as its title says, when it was told or, fresh, later */
    bool joined;           /* but one may be missing, and one that had raised stand for it */
    bool lent;             /* a noted one has another name, and there is another that may be in its place */
    bool vouched;          /* a later title counts as many as are noted */
    bool stop_told;        /* got the present stop signal */
    bool stop_caught;      /* and caught its quiet by then, so its traps were set */
    bool overflow;         /* more threads than can be noted */
    bool stopping;         /* by its title */
    int16_t major;
    int32_t busy, total;   /* by its title; -1 unknown */
    int64_t told_at;
    int64_t still_at;      /* when it was last seen to be stopped; 0 */
    int64_t title_at;      /* when its title was last read */
    int64_t bare_at;       /* when it was last seen to have no Sidekiq's title yet, nor threads; NEVER */
    int64_t titled_at;     /* when it was first seen to be a Sidekiq's; NEVER */
    int64_t stopping_at;   /* since when it says `stopping`; NEVER */
    int64_t busy_at;       /* since when it says the same busy count, and could have said another */
    int64_t zero_since;    /* title: `stopping` and 0 busy without a break since; NEVER */
    int64_t gone_since;    /* threads: none of the noted lives since; NEVER */
    /* X_LASTCALL_BUSY of this process */
    int32_t said_busy, said_total; /* -1: never said */
    int64_t said_at, said_zero_since;
    uint32_t most;         /* noted at once in its life */
    uint32_t noted;
    uint64_t first;        /* when the first of all of them started */
    uint64_t untold_clock; /* of the last look before it was told, in the unit of .start */
    struct noted_thread note[EVIDENCE_THREADS_MAX];
};

/* Large, and mostly untouched: take it from zeroed memory, one a living service. */
struct evidence {
    enum inflight_kind inflight;
    bool quiet_signal;       /* the quiet is a signal, which a process can take or not */
    bool complete;           /* the last look listed everything */
    bool ever_recognised;
    bool stop_sent;
    int32_t stop_leader;     /* the leader got the present stop signal; 0: others did */
    int64_t quiet_at;        /* when the quiet (or the drain, without one) began; NEVER */
    int64_t titles_at;       /* when titles were last read */
    uint32_t slots;          /* used ones lie below */
    /* the last reading of an `exec:` command */
    bool exec_ok;
    int32_t exec_busy, exec_total;
    int64_t exec_began;
    int32_t status_busy, status_total; /* Puma's STATUS=; -1 unknown */
    struct evidence_proc proc[EVIDENCE_PROCS_MAX];
};

/* So long after a change of what it shows, a title has been written anew for certain: every 5 s in
 * Sidekiq 5.x and 6.x, 10 s from 7.0 and where the version is unknown, and the time of its Redis calls. */
static inline int64_t evidence_title_settles(const struct evidence_proc *p)
{
    return (p->major >= 0 && p->major < 7 ? 5 * SECOND : 10 * SECOND) + 5 * SECOND;
}

/* Its threads tell the truth: those that are noted are all that may have work. */
static inline bool evidence_trusts_threads(const struct evidence_proc *p)
{
    return p->vouched || (p->as_promised && !p->joined);
}

void evidence_init(struct evidence *e, const struct service_spec *s);

/* Takes in a look. What is no longer listed is gone. */
void evidence_look(struct evidence *e, const struct look *look, int64_t now);

/* For evidence_look() alone: takes in the threads of a Sidekiq that does not stand still; `clock` is the look's. */
void evidence_take_threads(struct evidence_proc *p, const struct look_proc *seen, uint64_t clock, int64_t now);
/* For evidence_look() alone, of one that was told: do they account for all that may work? */
void evidence_weigh_threads(struct evidence_proc *p, int64_t now);

/* Should the next look read titles too? (They cost the other process a lock.) */
bool evidence_wants_titles(const struct evidence *e, int64_t now);

/* The processes that must get the quiet now: can take it, and are not confirmed.
 * Writes up to EVIDENCE_PROCS_MAX pids, returns how many. Call evidence_look()
 * immediately before, and evidence_told() after each that got it. */
uint32_t evidence_quiet_targets(const struct evidence *e, int32_t *pids);
/* It got the quiet, or a stop, which makes it quiet as well. */
void evidence_told(struct evidence *e, int32_t pid, int64_t now);

/* The quiet (or the drain, where there is none) has begun; the first call counts, and
 * of a signal only one that somebody got: nobody else has stopped taking work. */
void evidence_quiet_began(struct evidence *e, int64_t now);

/* The processes that a signal for TARGET_WORKERS goes to; leader 0: it is gone.
 * `stop`: it is a stop signal, and facts.stop_unheard tells when all that got it
 * are gone and others live; a new call forgets the earlier ones. */
uint32_t evidence_stop_targets(struct evidence *e, int32_t leader, bool stop, int32_t *pids);

/* Nobody got it, as it was for what boots, and one catches signals by now: the next look finds that it has missed it. */
void evidence_stop_withheld(struct evidence *e);

/* A datagram's busy count; total -1 if it named none. */
void evidence_said(struct evidence *e, int32_t pid, int32_t busy, int32_t total, int64_t now);

/* The outcome of an `exec:` inflight command that began at `began`. */
void evidence_exec(struct evidence *e, bool ok, int32_t busy, int32_t total, int64_t began);

/* Puma's STATUS=, for status and metrics only. */
void evidence_status(struct evidence *e, int32_t busy, int32_t total);

/* Everything above, summed up at `now`. */
void evidence_facts(const struct evidence *e, int64_t now, struct facts *out);

#endif
