/* Every order of events in small worlds, on the real core.
 *
 * A world has one to three services, time in whole seconds, and an environment
 * that may do at each moment whatever its budgets allow: a process ends, a job
 * begins, a look is answered, an operator asks, a second passes. search.c goes
 * through all that can come of it, breadth first, and keeps no state twice; so the
 * path to the first thing that is wrong is a shortest one.
 *
 * What is checked: the invariants after each step, and model.c's own truth (which
 * jobs ran, what lived), which the core cannot see. */
#ifndef LASTCALL_EXPLORE_H
#define LASTCALL_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/invariants.h"
#include "core/supervisor.h"

enum { PARTS = 3, STIMULI = 4, CHOICES_MAX = 64 };

/* How a service may behave: how often each can happen in a world. */
struct manner {
    uint8_t jobs;        /* it takes one while it is not quiet */
    uint8_t ends;        /* its leader ends with 1, unasked or when told to stop */
    uint8_t leaves;      /* and a child of it lives on */
    uint8_t swallows;    /* a stop that comes while it boots is not heard */
    uint8_t spawn_fails;
    uint8_t exec_fails;
    uint8_t late;        /* a look takes a second more, or does not know what is idle */
    bool boots;          /* takes a while to hear signals; until then TERM ends it */
    bool never_ready;    /* no probe succeeds */
    bool stays;          /* only KILL ends it */
    bool outlives;       /* not even that */
};

/* What comes from outside. */
struct stimulus {
    struct event event;
    uint8_t times;
};

struct world {
    const char *name;
    struct spec spec;
    struct manner manner[PARTS];
    struct stimulus stimulus[STIMULI];
    uint8_t stimuli;
    uint8_t orphans;     /* processes of nobody, that only KILL ends */
    uint8_t pauses;      /* the container stands still for half a minute */
    uint8_t run;         /* s; by then the first stimulus has come */
    uint8_t horizon;     /* s; further it is not followed */
};

/* The truth about one service. */
struct part {
    bool spawning, leader, remains; /* what there is of it */
    bool deaf;           /* it boots and hears nothing yet */
    bool woke;           /* since this second: too soon for a job */
    bool quiet;          /* takes no more jobs */
    bool told;           /* its leader got a stop that it heard */
    bool told_deaf;      /* got one, and may have missed it */
    bool missed;         /* missed one, and hears by now */
    bool stop_sent, remains_told;
    bool killed;
    bool begun;          /* its ladder has begun */
    int64_t begun_at;
    bool job;
    bool probed;
    bool looks;          /* a look is to be answered */
    uint8_t exec[EXEC_PURPOSES]; /* s that it may take still; 0: does not run */
    uint8_t jobs, ends, leaves, swallows, spawn_fails, exec_fails, late; /* what is left of the budgets */
};

/* All of one moment; compared as bytes, without the slots of services that are not there. */
struct model {
    int64_t now;
    int64_t deadline;    /* as the platform counts it */
    uint8_t left[STIMULI];
    uint8_t pauses;
    uint8_t orphans;
    bool orphans_asked;
    bool hurried;        /* less time than the spec says: a pause, a nearer deadline */
    bool cut_off;        /* a KILL, or a stop that handed back */
    bool failed;         /* something ended with another code than 0, or could not start */
    uint8_t hook[HOOK_COUNT];
    struct part part[PARTS];
};

struct moment {
    struct model model;
    struct invariants watch;
    struct supervisor supervisor;
};

enum choice_kind {
    TIME_PASSES,
    STANDS_STILL,
    COMES_FROM_OUTSIDE, /* which: of the stimuli */
    IS_SPAWNED,
    CANNOT_SPAWN,
    HAS_BOOTED,
    MISSES_THE_STOP,
    ENDS,               /* which: 0 ends with 0, 1 with 1, 2 leaves a child behind, 3 by KILL */
    REMAINS_END,
    TAKES_A_JOB,
    FINISHES_A_JOB,
    IS_LOOKED_AT,
    IS_SEEN_LATE,       /* what is idle looks busy still */
    BECOMES_READY,
    COMMAND_ENDS,       /* which: purpose */
    COMMAND_FAILS,
    HOOK_ENDS,          /* which: hook */
    ORPHANS_ARE_COUNTED
};

struct choice {
    uint8_t kind, part, which;
};

/* worlds.c. False: there are not so many. */
bool world_make(struct world *w, unsigned number);

/* model.c. All of them return NULL, or what is wrong, a constant. */
const char *model_begin(const struct world *w, struct moment *m);
uint32_t model_choices(const struct world *w, const struct moment *m, struct choice *out);
const char *model_take(const struct world *w, struct moment *m, const struct choice *c);
/* A path is told, event by event, by whoever sets this. */
extern bool model_verbose;

/* search.c */
struct outcome {
    uint64_t states, steps;
    uint64_t ended;      /* states in which lastcall had left */
    uint64_t cut;        /* and those at the horizon */
    uint32_t depth;
    const char *wrong;
};
/* False: no memory. At most so many states are visited; more is `wrong` too. */
bool search(const struct world *w, uint64_t states_max, struct outcome *out);

#endif
