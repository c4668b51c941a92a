/* Sending signals: to single pids only, never to -1 or a group.
 *
 * Why plain pids are safe enough: a pid is not given to another process before it
 * was reaped. Children and adopted ones are ours to reap, and we do it in the same
 * thread; deeper descendants are reaped by their parents, so that between the look
 * that listed one and the signal its number would have to come round in the time of
 * a few system calls. So: list, then signal at once. */
#ifndef LASTCALL_SYS_KILL_H
#define LASTCALL_SYS_KILL_H

#include <stddef.h>
#include <stdint.h>

#include "sys/proc.h"

/* 0; -1 and errno (ESRCH: it is gone). Numbers below 2 and our own pid are refused
 * with EINVAL. A zombie takes any signal and does nothing. */
int signal_process(int32_t pid, int signo);

/* The signal to each of the processes just listed that is no zombie. Returns how
 * many got it. What they fork meanwhile is not among them: for KILL list and send
 * again until none is left. */
size_t signal_members(const struct proc_entry *entry, size_t count, int signo);

#endif
