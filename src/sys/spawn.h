/* Starting a child: fork, a few settings, exec.
 *
 * Whether the exec succeeded is told later and through a pipe, because PID 1 must
 * not wait for it: a directory or a log file on a dead NFS server can hold a child
 * for ever. */
#ifndef LASTCALL_SYS_SPAWN_H
#define LASTCALL_SYS_SPAWN_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/signals.h"

enum spawn_session {
    SPAWN_SESSION,          /* a session of its own */
    SPAWN_FOREGROUND_GROUP, /* a process group of its own, in front on the terminal on fd 0 */
    SPAWN_GROUP             /* a process group of its own */
};

struct spawn_options {
    const char *const *argv;  /* at least one word, then NULL */
    const char *const *envp;  /* then NULL; its PATH is the one that is searched */
    const char *directory;    /* NULL: ours */
    int umask;                /* -1: ours */
    bool no_input;            /* its stdin is /dev/null; else ours */
    int out, err;             /* become its stdout and stderr; -1: ours. Any number, even 1 for err */
    const char *log;          /* a file that is added to, made if need be, as our user and with our
                                 directory and umask: becomes both in their stead; NULL: none */
    enum spawn_session session;
    const struct signals_before *before; /* what it gets back */
};

struct spawned {
    int32_t pid;
    int result; /* read end for spawn_result(), close-on-exec; the caller closes it */
};

/* Where a start failed. */
enum spawn_at {
    SPAWN_AT_FORK,      /* pipe, memory, fork itself */
    SPAWN_AT_SESSION,   /* setsid, setpgid, the terminal */
    SPAWN_AT_LOG,
    SPAWN_AT_STREAMS,
    SPAWN_AT_DIRECTORY,
    SPAWN_AT_SIGNALS,
    SPAWN_AT_EXEC
};

struct spawn_error {
    enum spawn_at at;
    int error; /* errno; at the exec as execvp(3) gives it, see below */
};

/* Starts the child. 0; -1 and errno: there is none, the stage is SPAWN_AT_FORK.
 *
 * A first word without a slash is searched in the PATH of envp as execvp(3) does
 * (/bin:/usr/bin if it has none): ENOENT if nowhere, EACCES if somewhere but not
 * executable. A file that the kernel takes for no program goes to /bin/sh; without
 * a /bin/sh that is ENOEXEC. All our descriptors must be close-on-exec; those that
 * lastcall itself inherited pass on. */
int spawn_start(const struct spawn_options *options, struct spawned *child);

/* What became of the exec. 1: it failed, *error says how, and the child exits by
 * itself (127 or 126) and must be reaped; 0: it succeeded, or the child was killed
 * before; -1 and errno: EAGAIN not known yet, wait until fd is readable. */
int spawn_result(int fd, struct spawn_error *error);

/* "exec", "directory" ...: for messages. */
const char *spawn_at_name(enum spawn_at at);

#endif
