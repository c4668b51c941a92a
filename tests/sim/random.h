/* A small generator of its own, so that a seed means the same world everywhere. */
#ifndef LASTCALL_SIM_RANDOM_H
#define LASTCALL_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint32_t roll(struct dice *d) /* splitmix64 */
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

/* 0 .. n-1 */
static inline uint32_t below(struct dice *d, uint32_t n)
{
    return (uint32_t)((uint64_t)roll(d) * n >> 32);
}

static inline bool percent(struct dice *d, uint32_t p)
{
    return below(d, 100) < p;
}

/* low .. high, both included */
static inline int64_t between(struct dice *d, int64_t low, int64_t high)
{
    return low + below(d, (uint32_t)(high - low + 1));
}

#endif
