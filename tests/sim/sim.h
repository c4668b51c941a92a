/* A random world: a spec, children that behave badly, and what befalls them.
 *
 *   world.c    makes a world of a seed
 *   queue.c    what will happen, in order of time
 *   sidekiq.c  a Sidekiq: threads, jobs, titles
 *   child.c    the processes of one life of a service
 *   edge.c     carries actions out upon them, and makes events of what happens
 *   judge.c    knows the truth, and says what was wrong
 *   driver.c   runs a world to its end
 *   trace.c    tells it
 *   record.c   keeps what happened in it
 *   scenario.c prints it as a scenario test
 *   shrink.c   makes one that fails small
 *   main.c     many worlds
 */
#ifndef LASTCALL_SIM_SIM_H
#define LASTCALL_SIM_SIM_H

#include "core/evidence.h"
#include "core/invariants.h"
#include "core/supervisor.h"
#include "sim/random.h"

enum {
    WORLD_SERVICES = 8,
    PROCS = 6,       /* of one service: leader, Sidekiqs, forks, remains */
    THREADS = 10,    /* of a Sidekiq */
    GHOSTS = 12,     /* threads that are no workers and look like one */
    JOBS = 3,        /* of a worker that is no Sidekiq */
    STIMULI = 16,
    QUEUE = 512,
    STEPS_MAX = 3000000 /* of one world */
};

/* --- queue.c --- */

enum happening_kind {
    HAPPENS_EVENT,    /* .event goes to the core as it is */
    HAPPENS_EXIT,     /* process .index ends, if .token is still its */
    HAPPENS_EXEC_DONE,
    HAPPENS_LOOK,     /* a look that was asked for is taken */
    HAPPENS_SAYS,     /* a busy count by datagram */
    HAPPENS_FREEZE,   /* state T */
    HAPPENS_THAW,
    HAPPENS_STIMULUS, /* number .index */
    HAPPENS_PLATFORM_KILL
};

struct happening {
    enum happening_kind kind;
    uint8_t service;
    uint8_t index;
    bool ok;
    bool stale;          /* an event that only counts if its life is over */
    uint32_t generation;
    uint32_t token;
    struct event event;
};

struct queue_entry {
    int64_t at;
    uint32_t order;
    uint32_t slot;
};

struct queue {
    uint32_t count, order, free_count;
    bool overflow;
    struct queue_entry heap[QUEUE];
    uint32_t free[QUEUE];
    struct happening slot[QUEUE];
};

void queue_init(struct queue *q);
/* A place for what happens then; fill it in. Never NULL. */
struct happening *queue_add(struct queue *q, int64_t at);
int64_t queue_next(const struct queue *q); /* NEVER when empty */
struct happening queue_take(struct queue *q);

/* --- sidekiq.c --- */

struct sidekiq_thread {
    int32_t tid;
    uint64_t start;
    int64_t visible_from;
    int64_t busy_until;  /* NEVER: idle */
    int64_t next;        /* when idle: it fetches; quiet: it ends */
    bool renamed, raises, ended;
};

struct ghost {
    int32_t tid;
    uint64_t start;
    int64_t until;
    bool lent;           /* under another name */
};

struct sidekiq {
    struct dice *dice;
    int16_t major;
    bool old_ruby, computes;
    uint8_t threads;
    int64_t timeout;      /* its -t, ms */
    int64_t job_low, job_high, gap_high;
    uint8_t raise_percent, rename_percent, native_percent;
    uint8_t lends;        /* percent of its ended threads: the id goes to another */
    int64_t boot_at;      /* traps from then on */
    int64_t launch_at;    /* threads from then on */
    int64_t reads_at;     /* a signal, not before */
    bool quiet_waits;     /* for that */
    int64_t quiet_at;     /* NEVER */
    int64_t term_at;      /* NEVER */
    int64_t hand_back_at; /* NEVER before TERM */
    int64_t beat_at;
    bool titled, title_stopping;
    int32_t title_busy, counted_busy;
    int64_t words_at;     /* of the present beat; NEVER: they are there */
    int32_t next_tid;
    struct sidekiq_thread thread[THREADS];
    uint32_t ghosts;
    struct ghost ghost[GHOSTS];
    int32_t done, interrupted, lost;
};

void sidekiq_init(struct sidekiq *k, int64_t boot_at);
void sidekiq_advance(struct sidekiq *k, int64_t now);
void sidekiq_quiet(struct sidekiq *k, int64_t now);
/* TERM; returns when it will have ended. */
int64_t sidekiq_term(struct sidekiq *k, int64_t now);
void sidekiq_shift(struct sidekiq *k, int64_t now, int64_t ms); /* it stood still so long, until now */
/* The whole container did, from `at` on. */
void sidekiq_pause(struct sidekiq *k, int64_t at, int64_t ms);
int32_t sidekiq_busy(struct sidekiq *k, int64_t now);
/* Its end: what was in flight was handed back, or lost. */
void sidekiq_gone(struct sidekiq *k, int64_t now, bool killed);
uint32_t sidekiq_threads(const struct sidekiq *k, int64_t now, struct look_thread *list);

/* --- child.c --- */

enum role { ROLE_PLAIN, ROLE_SHELL, ROLE_SIDEKIQ, ROLE_FORK };

struct process {
    bool lives;
    enum role role;
    int32_t pid, parent;
    uint64_t start;
    uint32_t token;      /* of the end that is planned */
    int64_t ends_at;     /* NEVER: not planned */
    int64_t frozen_at;   /* NEVER: not stopped */
    int64_t killed_at;   /* NEVER: it got no KILL */
    bool quiet_pending;  /* TSTP while it stood still */
    uint8_t code, signo; /* how it will have ended */
    struct sidekiq sidekiq;
    int32_t fork_title;  /* ROLE_FORK: the busy count in its inherited title */
};

/* How the processes of one service behave, in all its lives. */
struct manner {
    bool sidekiq, shell, two;      /* a Sidekiq; behind a shell; two of them */
    uint8_t spawn_fails;           /* percent */
    bool missing, transient;       /* ENOENT, EAGAIN */
    int64_t boot_low, boot_high;   /* until ready, or until the traps */
    bool never_ready;
    uint8_t dies;                  /* percent of the lives that end by themselves */
    int64_t dies_low, dies_high;
    uint8_t dies_code;
    uint8_t swallows;              /* percent: a Sidekiq swallows TERM while it boots */
    bool ignores_term, ignores_quit, immortal;
    int64_t end_low, end_high;     /* from the stop signal to the end */
    uint8_t end_code;              /* after it was told */
    uint8_t remains;               /* percent: the leader leaves a process behind */
    int64_t remains_low, remains_high;
    uint8_t freezes, forks;        /* percent */
    bool unreadable;
    uint8_t late_looks;            /* percent */
    int64_t exec_low, exec_high;
    int64_t job_high;              /* of a worker that is no Sidekiq */
    uint8_t exec_fails, lies;      /* percent */
    uint8_t extends;               /* percent of its signals: it asks for more time, again and again */
    struct sidekiq template;
};

struct child {
    uint32_t generation;
    uint8_t count;
    struct process process[PROCS];
    bool spawned, over;
    int64_t ready_at;
    /* a worker that is no Sidekiq */
    int64_t job_begins[JOBS], job_ends[JOBS];
    int64_t quiet_at;
    /* what the judge wants to know */
    bool quieted, told, forced, leader_gone, by_itself, start_failed;
    bool kill_asked;        /* a client sent it a signal that kills */
    bool killed_remains;
    bool pause_cut;                /* an operator stopped it between two lives */
    uint8_t exit_code, exit_signal;
    uint64_t signals;       /* that lastcall sent while its leader lived */
    int64_t told_at, term_at, over_at, kill_at, idle_at;
    int64_t ended_at;       /* its processes were gone; over_at: and its post_exit too */
    int64_t missed_until;   /* a stop that it swallowed while it booted; 0: none */
    uint32_t exec_token[EXEC_PURPOSES];
    int64_t exec_began[EXEC_PURPOSES];
};

struct sim;
void child_spawn(struct sim *sim, size_t service);
void child_signal(struct sim *sim, size_t service, uint8_t index, int signo);
void child_exit(struct sim *sim, size_t service, uint8_t index);
void child_quiet(struct sim *sim, size_t service); /* one that is no Sidekiq */
uint8_t child_living(const struct child *c);
int32_t child_busy(struct sim *sim, size_t service);
/* As far as it has been lived: for the trace, which must not change a world. */
int32_t child_glance(const struct sim *sim, size_t service);
void child_say(struct sim *sim, size_t service);
void child_freeze(struct sim *sim, size_t service, bool thaw);
/* Looks at it as /proc would show it; false: the look cannot be taken. */
void child_look(struct sim *sim, size_t service);

/* --- world.c --- */

enum stimulus_kind {
    STIMULUS_SIGNAL,
    STIMULUS_REQUEST,
    STIMULUS_OBSERVE, /* status and metrics are asked for, again every .ms */
    STIMULUS_PAUSE /* the container stands still for .ms */
};

struct stimulus {
    int64_t at;
    enum stimulus_kind kind;
    enum request_verb verb;
    uint8_t service, signo;
    int64_t ms;
};

struct sim {
    /* the world, until `now`: what world_make() drew, and shrink.c makes simpler */
    uint64_t seed;
    struct dice dice;      /* of what is drawn while it runs */
    int64_t began;
    uint32_t adopted;      /* orphans at first */
    struct spec spec;      /* finished when the world begins */
    struct manner manner[WORLD_SERVICES];
    bool deadline_steps;   /* a sequence of signals brings the deadline forward */
    uint32_t stimuli;
    uint32_t ends;         /* so many of them, the last, are there so that it ends */
    struct stimulus stimulus[STIMULI];
    int64_t platform_kill; /* NEVER: none */

    int64_t now;
    int64_t clock_c;       /* counted, when the clock of the shutdown started */
    uint64_t digest;       /* of all that was decided, where that is wanted */
    bool verbose, digests;
    struct record *record; /* of its events; NULL: none is kept */
    struct queue queue;
    struct supervisor supervisor;
    struct invariants invariants;
    struct actions actions;
    struct child child[WORLD_SERVICES];
    int32_t next_pid;
    uint32_t orphans;

    /* for the judge */
    int64_t deadline;      /* as the platform would see it; NEVER */
    bool hurried;          /* the deadline came nearer, or the clock jumped */
    bool uneven;           /* a ladder was under way when the clock started */
    bool paused;           /* the clock jumped */
    bool by_signal;        /* a signal or prestop was seen */
    bool exited, platform_killed;
    uint8_t exit_code;
    uint64_t steps, patience; /* no more of them than that */
    uint32_t replies, requests;
    const char *wrong;     /* NULL so far */
    bool invariant;        /* which is an invariant's, not the judge's */
    struct { int64_t finished, interrupted, lost, crashed; } books;
};

void world_make(struct sim *sim, uint64_t seed);
/* One that does what another did: only what makes it a world is copied. */
void world_copy(struct sim *to, const struct sim *from);
/* Before it runs; once only. */
void world_begin(struct sim *sim);

/* --- edge.c --- */

void edge_carry_out(struct sim *sim);
/* What happened becomes an event; false: it is nothing to the core. */
bool edge_event_of(struct sim *sim, const struct happening *h, struct event *e);
struct happening *edge_later(struct sim *sim, size_t service, int64_t at, enum event_type type);

/* --- judge.c --- */

#define JUDGE_NO_END "it did not end"

void judge_event(struct sim *sim, const struct event *e);
void judge_stop(struct sim *sim, size_t service, int signo);
void judge_stop_again(struct sim *sim, size_t service);
void judge_taken_back(struct sim *sim, size_t service);
void judge_gone(struct sim *sim, size_t service, uint8_t index, int32_t busy);
void judge_end(struct sim *sim);

/* --- record.c --- */

enum { LOOKS = WORLD_SERVICES + 1 };

struct record_entry {
    int64_t at;           /* since the world began */
    struct event event;
    uint32_t late;        /* of so many lives before the present one */
    int64_t pause;        /* no event: the container stood still for so long; 0: an event */
    char *words;          /* what came out, as a scenario words it; NULL: nothing */
    uint8_t looks;        /* that it asked for, at the services, and at the orphans */
    uint8_t look[LOOKS];
    size_t tick;          /* so many entries from here on are a timer that brought nothing new */
    bool folded;          /* part of such a one: no row */
};

struct record {
    size_t count, size;
    struct record_entry *entry;
};

void record_event(struct sim *sim, const struct event *e); /* before its step */
void record_actions(struct sim *sim);                      /* and after it */
void record_pause(struct sim *sim, int64_t ms);
void record_clear(struct record *r);
/* Folds what world_replay() of tests/unit/scenario.h does by itself; how many rows are left. */
size_t record_fold(struct record *r);

/* --- scenario.c --- */

void scenario_begin_file(void);
/* A function seed_N(): the world, and what its run recorded; how it was made small, as a comment
 * (NULL: it was not). */
void scenario_print(const struct sim *world, const struct sim *run, const char *how);
void scenario_end_file(uint64_t seed, uint64_t count);

/* --- shrink.c --- */

struct size {
    uint32_t services, stimuli; /* those that came before its end */
    uint64_t steps;
};

/* From a world that fails, not begun, to a small one that fails in the same way. Returns how many
 * were run; 0: it does not fail. */
uint32_t shrink(struct sim *world, struct size *before, struct size *after);
/* Runs each world that is simpler by one thing. Returns how many of them fail, and tells the first:
 * where the core is right, what is simpler must not be wrong. */
uint32_t shrink_survey(const struct sim *world, uint64_t *worlds, uint64_t *steps);

/* --- driver.c, trace.c --- */

void driver_run(struct sim *sim);
struct evidence *driver_evidence(size_t service);

void trace_world(const struct sim *sim);
void trace_event(const struct sim *sim, const struct event *e);
/* speed.c: keeps an event, where that is wanted; says how fast the core is by itself. 0, or 1. */
void speed_note(const struct event *e);
int speed_measure(struct sim *sim, uint64_t worlds, uint64_t seed);

void trace_actions(const struct sim *sim);

#endif
