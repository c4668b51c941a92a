/* What a process says of itself in /proc/PID/cmdline.
 *
 * Sidekiq writes, at each beat, `sidekiq 7.3.2 TAG [2 of 5 busy] stopping`: PROCTITLES
 * of its launcher joined by spaces. TAG may be empty, which leaves two spaces, or hold
 * anything, such as `[0 of 9 busy]`, so the last such bracket counts; gems append
 * words, so `stopping` is any word after it. Puma writes `puma 6.6.0 (tcp://...) [app]`,
 * its cluster workers `puma: cluster worker 0: 123 [app]`. NULs or spaces fill up what
 * the old argv took. As long as there are NULs between words it is a plain argv: no
 * title, whatever the words are. */
#ifndef LASTCALL_TEXT_TITLE_H
#define LASTCALL_TEXT_TITLE_H

#include <stddef.h>

#include "core/evidence.h"

/* Never fails: what cannot be read stays false or -1 (.read is set always).
 *
 * sidekiq: begins with `sidekiq D.D` and has an `[N of M busy]`. Where N > M, M is 0
 * or a number is out of range, busy and total are unknown; an earlier bracket is part
 * of the tag and never taken instead.
 * swarm: begins with `sidekiqswarm`, or a word of the plain argv has that base name.
 * puma: the version gives major; a cluster worker has none. */
void title_parse(const char *bytes, size_t n, struct look_title *out);

#endif
