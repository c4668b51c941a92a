/* Reading /proc. Nothing here allocates, and every look copes with processes that
 * go away meanwhile.
 *
 * Two kinds of look: proc_scan() over all of /proc, to learn who there is (seldom;
 * its cost grows with the machine if the PID namespace is shared), and the
 * proc_read_*() of one known pid (often). Its threads: threads.h.
 *
 * `proc` is what proc_open() returned. Where a function says "-1 and errno":
 *   ESRCH          it is gone
 *   EACCES, EPERM  it is there but cannot be read (hidepid, another user)
 *   others         as EMFILE: nothing is known of it, which is not "gone"
 */
#ifndef LASTCALL_SYS_PROC_H
#define LASTCALL_SYS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A process as /proc/PID/stat shows it. */
struct proc_entry {
    int32_t pid, parent;
    int32_t group, session;
    uint64_t start; /* clock ticks since boot; with the pid, an identity */
    bool zombie;    /* has ended; a main thread that ended before others has not */
    bool stopped;   /* by a signal or a tracer */
    bool marked;    /* scratch of members.h */
    bool told;      /* of members_told(); a scan says false */
};

/* All processes, in ascending order of pids. The array is the caller's. */
struct proc_table {
    struct proc_entry *entry;
    size_t size;   /* room in entry */
    size_t count;
    bool complete; /* false: there was no room or no time for all, or some cannot be read */
};

/* Opens /proc for all that follows; close-on-exec, the caller's to close. -1 and
 * errno, as EXDEV where nothing is mounted there, or the /proc of another PID namespace. */
int proc_open(void);

/* Fills table->entry, but stops at `until` (clock_monotonic_ms()): where processes are
 * forked faster than they are listed, /proc has no end. 0; -1 and errno: nothing is
 * known, table->count is 0. */
int proc_scan(int proc, struct proc_table *table, int64_t until);

/* One process. 0; -1 and errno. */
int proc_read(int proc, int32_t pid, struct proc_entry *entry);

/* The same of one that is looked at again and again: through a file that stays open in *held (-1: none
 * yet), below half of RLIMIT_NOFILE; the caller's to close. It is of this process for ever, whoever
 * gets its pid later. */
int proc_read_held(int proc, int32_t pid, int *held, struct proc_entry *entry);

/* The signals that it catches, bit n-1 for signal n. 0; -1 and errno. */
int proc_read_signals(int proc, int32_t pid, uint64_t *caught);

/* Its resident memory, in bytes. 0; -1 and errno. */
int proc_read_memory(int proc, int32_t pid, int64_t *bytes);

/* Its command line or title, NULs between the words and behind, none added; close-on-exec. Nothing but
 * title_reader.h should read it: that takes the other process's memory lock, and may have to wait for it for ever.
 * (environ, maps and smaps take it as well, what is read here does not.) -1 and errno. */
int proc_open_title(int proc, int32_t pid);

#endif
