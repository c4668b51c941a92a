/* Reads titles without waiting for them for longer than one can.
 *
 * A read of /proc/PID/cmdline takes the memory lock of that process. Where one of its threads calls mmap() on a
 * dead file server it holds that lock for ever, and who reads sleeps as long. So a thread reads: one, started
 * with the first title, which stays (the next start may fail). One that gets no answer is left to itself, and
 * the next title starts another; it ends as soon as it is answered. */
#ifndef LASTCALL_SYS_TITLE_READER_H
#define LASTCALL_SYS_TITLE_READER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    TITLE_SIZE = 8192,       /* longer ones are cut */
    TITLE_READERS_MOST = 8   /* threads; with so many without an answer no title is read */
};

/* Reads from fd, which is proc_open_title()'s for this pid with this start time, and closed also where it fails.
 * Waits for *patience ms at most (and 400 for a thread that gets no processor), and takes from that what it waited.
 * Returns the length, 0 for a zombie; -1 and errno as in proc.h, and EAGAIN: there is no answer in time, none yet to
 * what was asked of this process before, no patience, or no thread. To be called by one thread only. */
ssize_t title_read(int fd, int32_t pid, uint64_t start, char title[TITLE_SIZE], int64_t *patience);

#endif
