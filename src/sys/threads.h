/* The threads of one process, looked at again and again.
 *
 * A Sidekiq is looked at every 250 ms for hours. Opening a file a thread each time
 * costs three times what reading costs, so the files stay open; and as an open file
 * belongs to that one thread for ever, a tid that was given to another is no danger.
 * Files are held only below half of RLIMIT_NOFILE, so that spawning has descriptors
 * left; threads beyond are read the dear way, and so is a process whose own directory
 * would be one of them. */
#ifndef LASTCALL_SYS_THREADS_H
#define LASTCALL_SYS_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    THREADS_MAX = 512,
    THREAD_NAME_SIZE = 16 /* cut by the kernel; with its NUL */
};

struct thread_seen {
    int32_t tid;
    uint64_t start; /* clock ticks since boot; with the tid, an identity */
    char name[THREAD_NAME_SIZE];
};

struct thread_held {
    int32_t tid;
    uint64_t start;
    int file;       /* its `comm` */
    uint32_t round; /* the look that last listed it */
};

/* The caller keeps it; fields are private. */
struct threads {
    int task; /* /proc/PID/task; -1: opened for each look */
    int proc;
    int32_t pid;
    int file_limit;
    uint32_t round;
    size_t count;
    struct thread_held held[THREADS_MAX];
};

/* Begins to look at the threads of `pid`; `proc` of proc_open(), needed as long as *t.
 * 0; -1 and errno as in proc.h, *t needs no closing then. */
int threads_open(struct threads *t, int proc, int32_t pid);

/* One look: writes the living threads to `out`, at most `max`. Returns how many; -1
 * and errno as in proc.h (ESRCH: the process is gone, or is another one now). The caller
 * has just seen that pid is still this process: its directory may have to be opened anew.
 * *whole: these are all of them. False if there are more than `max` (or than about
 * 1000), if one could not be read, or if threads came and went so fast that some may
 * have been missed: then nothing may be concluded from a thread's absence. */
ssize_t threads_look(struct threads *t, struct thread_seen *out, size_t max, bool *whole);

void threads_close(struct threads *t);

#endif
