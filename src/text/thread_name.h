/* Is a thread one of those that run Sidekiq's jobs? Judged by its name as the kernel
 * shows it, cut at 15 bytes.
 *
 * Sidekiq 6 names them `processor`. From 7.0 every thread's name begins with `sidekiq.`,
 * and a processor's is `sidekiq.CAPSULE/processor`, which is always cut: `sidekiq.default`,
 * `sidekiq.sch/pro`. So a shorter name (`sidekiq.leader`) is none; one that shows a slash
 * is one if what follows begins the word `processor`; one that shows seven bytes of a
 * capsule and no slash is one unless those bytes begin the name of another thread, as in
 * `sidekiq.schedul(er)` and `sidekiq.heartbe(at)`. A capsule of such a name cannot be told
 * apart and is not counted: then the count does not reach the capacity, and the title
 * decides. Where another is counted in the place of one that is not, core/evidence.c doubts them. */
#ifndef LASTCALL_TEXT_THREAD_NAME_H
#define LASTCALL_TEXT_THREAD_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* name: the bytes of /proc/PID/task/TID/comm, with or without the line end, up to n or
 * a NUL. */
bool thread_is_processor(const char *name, size_t n);

/* Sidekiq's heartbeat or scheduler, which start a moment before its processors. */
bool thread_is_sidekiq_loop(const char *name, size_t n);

#endif
