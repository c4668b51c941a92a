/* The one place that reaps while services run: our children, and those we adopted. */
#ifndef LASTCALL_SYS_REAP_H
#define LASTCALL_SYS_REAP_H

#include <stdbool.h>
#include <stdint.h>

/* Of signaled, stopped and continued at most one is true; none: it exited. Only
 * an exited or signaled process is gone, and its pid free to be used again. */
struct reaped {
    int32_t pid;
    bool signaled;
    bool stopped;       /* job control, as Ctrl-Z: it lives */
    bool continued;     /* it lives again */
    int code_or_signal; /* exit code, or the signal that ended or stopped it; 0: continued */
};

/* Takes one child that changed; never blocks. job_control: stopped and continued
 * ones too. 1: *r is one; 0: none left. Call it until 0, as one SIGCHLD may stand
 * for many. */
int reap_next(struct reaped *r, bool job_control);

/* There is no child, living or not yet reaped. Of who adopts orphans nothing lives then: every
 * descendant has a living parent that is one too, or is a child. */
bool reap_childless(void);

#endif
