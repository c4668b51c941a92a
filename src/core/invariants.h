/* What must hold after every step of every run, simulated or real: the
 * invariants of docs/architecture.md, derived from the contract and not from
 * the rules, and watched from outside: events in, actions out.
 *
 * Pure, and cheap enough to stand behind each step of a simulation. */
#ifndef LASTCALL_CORE_INVARIANTS_H
#define LASTCALL_CORE_INVARIANTS_H

#include "core/supervisor.h"

/* The few things of the past that are needed, of one life of one service. */
struct invariants_service {
    uint32_t generation;
    enum ask ask;          /* the highest of its own in this life */
    bool begun;            /* this life is not over */
    bool spawned, failed, exited;
    bool clears;           /* its leader ended, and what it left has to make room */
    bool boots;            /* by the last look */
    bool quiet_told;
    bool quiet_command;    /* it has begun, where the quiet is one */
    bool told;             /* its ladder has begun */
    bool told_booting;     /* while it booted, with the first step of it */
    bool missed;           /* by the last look: the stop came before it could hear */
    bool hard;             /* the second step was reached */
    bool killed;
    bool idle_at_stop;
    uint16_t members;      /* by the last look */
    enum knowledge work;
    int64_t quiet_c;       /* when it was told last */
    int64_t latest;        /* its latest moment, as of the step before */
};

struct invariants {
    bool started, exited;
    bool clock;
    enum ask ask;
    enum ask ask_before;   /* the step under way */
    enum ask ask_then;     /* while the actions of one step are gone through */
    enum cause cause;
    int64_t deadline_at;
    int64_t kill_at;       /* deadline - margin */
    int64_t counted;       /* at the step before */
    bool extended;         /* somebody asked for more time */
    int64_t bound_c;       /* of a shutdown with an internal cause; NEVER */
    service_set alive;
    struct invariants_service service[SERVICES_MAX];
};

void invariants_init(struct invariants *watch, const struct supervisor *s);

/* Call after each step(s, e, out). NULL, or which invariant is broken, a constant. */
const char *invariants_check(struct invariants *watch, const struct supervisor *s,
                             const struct event *e, const struct actions *out);

#endif
