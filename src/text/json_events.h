/* The event log as JSON lines, both ways: the first tells the spec and the seed, each
 * further one an event or an action. What a replay needs is in it, and no secret: of
 * commands it says only that there are some. */
#ifndef LASTCALL_TEXT_JSON_EVENTS_H
#define LASTCALL_TEXT_JSON_EVENTS_H

#include "core/event_log.h"

/* What the first line says. */
struct events_head {
    const char *version;     /* of lastcall; not read back */
    int64_t at;              /* CLOCK_MONOTONIC when the supervisor began, ms */
    int64_t since_1970;      /* and the wall clock then, ms */
    uint32_t seed;           /* of supervisor_init() */
    const struct spec *spec; /* finished */
};

/* Lines without their ends, malloc'ed; NULL: out of memory. */
char *json_events_head(const struct events_head *head);
char *json_events_entry(const struct events_head *head, uint64_t number, const struct logged *l);

/* A line in place of `missed` entries that were overwritten before they could be told. */
char *json_events_gap(uint64_t missed);

enum events_line { EVENTS_BAD, EVENTS_HEAD, EVENTS_ENTRY, EVENTS_GAP };

/* Reads a line back. EVENTS_HEAD fills head (not .spec) and *spec, which still lacks
 * spec_finish(); EVENTS_ENTRY fills *l with the services of head->spec. EVENTS_BAD: *error
 * says why (static). Whatever it gives keeps within the bounds that step() relies on. */
enum events_line json_events_read(const char *text, size_t n, struct events_head *head,
                                  struct spec *spec, struct logged *l, const char **error);

#endif
