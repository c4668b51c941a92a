/* Threads for what may never come back: nobody waits for their end. */
#ifndef LASTCALL_SYS_DETACHED_H
#define LASTCALL_SYS_DETACHED_H

#include <stddef.h>

/* Starts one, with `room` bytes of stack beyond the least that a thread may have. All signals that are
 * blocked in the caller are in it. 0, or an errno: no thread. */
int detached_start(void *(*work)(void *), void *argument, size_t room);

#endif
