/* Signals: blocked from the first line of main on and read through a signalfd,
 * so that there is no handler which a child could run by accident. */
#ifndef LASTCALL_SYS_SIGNALS_H
#define LASTCALL_SYS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* What lastcall was started with, for its children. After an exec a disposition is either the
 * default or SIG_IGN, and but for SIGCHLD's lastcall leaves all of them as they are. */
struct signals_before {
    sigset_t mask;
    bool child_ignored; /* SIGCHLD was */
};

struct signal_seen {
    int signo;
    int32_t sender; /* pid; 0: the kernel, a terminal, or another PID namespace */
    bool self;      /* our own doing, as SIGPIPE from a write: not to be forwarded */
};

/* Saves the present mask and SIGCHLD's disposition in *before, blocks all 64 signals, and
 * sets SIGCHLD to its default: if it was started ignored, the kernel would reap
 * in our stead and the exit codes would be gone.
 * Returns a non-blocking close-on-exec signalfd for all of them, the caller's to
 * close; -1 and errno. Call it before there are threads. */
int signals_block(struct signals_before *before);

/* Takes one signal. 1: *seen is it; 0: none left; -1 and errno. Of SIGCHLD and
 * all others below 32 the kernel keeps one: many ends may come as one signal. */
int signals_read(int fd, struct signal_seen *seen);

/* In a child between fork and exec: the disposition and then the mask as they
 * were. What came in that window is delivered in here, and to nobody else.
 * Async-signal-safe. 0; -1 and errno. */
int signals_restore(const struct signals_before *before);

#endif
