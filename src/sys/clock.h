/* The two clocks: one to decide by, one to write into the log. */
#ifndef LASTCALL_SYS_CLOCK_H
#define LASTCALL_SYS_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in milliseconds. Cannot fail. */
int64_t clock_monotonic_ms(void);

/* CLOCK_BOOTTIME in clock ticks, as the start times in /proc/PID/stat. */
uint64_t clock_boot_ticks(void);

/* CLOCK_REALTIME in milliseconds since 1970, which may jump: only to be shown. */
int64_t clock_wall_ms(void);

#endif
