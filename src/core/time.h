/* Time in the core: int64_t milliseconds, saturating, so that no sum of
 * durations can overflow and "never" stays never.
 *
 * Instants are CLOCK_MONOTONIC milliseconds given from outside; the core reads
 * no clock. */
#ifndef LASTCALL_CORE_TIME_H
#define LASTCALL_CORE_TIME_H

#include <stdint.h>

#define NEVER INT64_MAX /* an instant that does not come, a wait without end */

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* at + delta; NEVER absorbs, and a sum past the range is NEVER. delta >= 0. */
static inline int64_t time_add(int64_t at, int64_t delta)
{
    if (at == NEVER || delta == NEVER || at > NEVER - delta)
        return NEVER;
    return at + delta;
}

/* at - delta, both >= 0; NEVER stays NEVER; may be negative, which is "past". */
static inline int64_t time_sub(int64_t at, int64_t delta)
{
    return at == NEVER ? NEVER : at - delta;
}

static inline int64_t time_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t time_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

#endif
