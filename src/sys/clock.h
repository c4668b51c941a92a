/* The two clocks: one to decide by, one to write into the log. */
#ifndef LASTCALL_SYS_CLOCK_H
#define LASTCALL_SYS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in milliseconds. Cannot fail. */
int64_t clock_monotonic_ms(void);

/* CLOCK_REALTIME, which may jump: for log lines only. */
void clock_wall(struct timespec *now);

#endif
