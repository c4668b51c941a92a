/* What an `exec:` inflight command prints: `BUSY` or `BUSY TOTAL` (SPEC 2). */
#ifndef LASTCALL_TEXT_READING_H
#define LASTCALL_TEXT_READING_H

#include <stddef.h>
#include <stdint.h>

/* The n bytes of its output; spaces and line ends around are passed over. 0, with
 * *total -1 if it names none; -1: anything else, or BUSY above TOTAL. */
int reading_parse(const char *bytes, size_t n, int32_t *busy, int32_t *total);

#endif
