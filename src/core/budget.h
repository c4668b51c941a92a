/* How the time until the deadline is shared out: SPEC section 4, hand back and
 * too little time.
 *
 * A row a service. need = what its ladder waits (and its post_exit); chain = its
 * need and the longest chain of what must stop after it. The latest moment of a
 * service's ladder is so long before the end of the room as its chain is. All in
 * milliseconds, integer arithmetic, no overflow. */
#ifndef LASTCALL_CORE_BUDGET_H
#define LASTCALL_CORE_BUDGET_H

#include "core/spec.h"

struct budget_row {
    /* in: what there is still to wait; out: what of it fits */
    int64_t wait[LADDER_STEPS_MAX + 1];
    int64_t linger; /* 0 once its ladder has begun */
    int64_t tail;   /* for its post_exit; also out */
    uint8_t first;  /* the step that it is at */
    uint8_t count;  /* steps of its ladder */
    bool jobs;      /* shrinks last */
    bool down;      /* needs no time any more */
    bool over;      /* a task: whenever something that is after it lives, it has ended */
    /* out */
    int64_t chain;
};

struct budget {
    struct budget_row row[SERVICES_MAX];
    bool shrunk;  /* some wait is shorter than it went in */
};

/* A row as the spec gives it, nothing of it begun. */
void budget_row_init(struct budget_row *row, const struct service_spec *s);

/* Shares out `room`, the time from now to deadline - margin; a linger that does not fit keeps
 * at most linger_cap. room NEVER: everything fits. A negative room is none. */
void budget_fit(struct budget *b, const struct spec *spec, int64_t room, int64_t linger_cap);

/* Only makes the chains of the waits as they are. */
void budget_chains(struct budget *b, const struct spec *spec);

/* The budget of a shutdown from its first moment, when all is up that can be up at once. */
void budget_of_spec(struct budget *b, const struct spec *spec);

/* What its post_exit may take. */
int64_t budget_tail(const struct service_spec *s);

/* What linger keeps of a time to the deadline. */
int64_t budget_linger_cap(int64_t deadline);

#endif
