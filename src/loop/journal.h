/* lastcall's own log lines, on stderr: text, or a JSON object a line.
 *
 * Never blocks: the descriptor of stderr is shared with others, so it is not set
 * non-blocking but opened once more; where that cannot be done, a small process
 * writes in our stead. Lines that find no room in the buffer are dropped and counted. */
#ifndef LASTCALL_LOOP_JOURNAL_H
#define LASTCALL_LOOP_JOURNAL_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sys/signals.h"
#include "text/story.h"

enum { JOURNAL_BUFFER = 64 * 1024 };

enum journal_sink { JOURNAL_NOWHERE, JOURNAL_FILE, JOURNAL_SOCKET };

struct journal {
    struct ev_loop *loop;
    ev_io writable;
    enum journal_sink sink;
    int fd;
    int32_t writer; /* pid of the process that writes in our stead; 0: none */
    int source;     /* what it reads, kept for its successor; -1: none */
    const struct signals_before *before;
    bool json;
    enum story_level level; /* lines above it are not written */
    uint64_t dropped;       /* lines since the last that was written */
    size_t start, length;   /* what waits in buffer */
    char buffer[JOURNAL_BUFFER];
};

/* Never fails: without a stderr lines go nowhere. `before`: for the writer process; the caller keeps it. */
void journal_open(struct journal *j, struct ev_loop *loop, const struct signals_before *before);

/* One line without its end. service: whose it is, for JSON; NULL: lastcall's own. */
void journal_line(struct journal *j, enum story_level level, const char *service,
                  const char *line);

/* j->writer was reaped. killed: by KILL, as a kill(-1) does; another one takes its place, and
 * writes what it has left unread. */
void journal_writer_ended(struct journal *j, bool killed);

/* Writes what still can be written without waiting longer than wait_ms, and closes. */
void journal_close(struct journal *j, int wait_ms);

#endif
