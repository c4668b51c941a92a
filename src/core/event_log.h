/* The event log: every event that step() took and every action that it gave, the last
 * two thousand of them. Numbered from 0 on, so that a reader knows what it has missed. */
#ifndef LASTCALL_CORE_EVENT_LOG_H
#define LASTCALL_CORE_EVENT_LOG_H

#include "core/event.h"

enum { EVENT_LOG_SIZE = 2048 }; /* 160 KiB; one busy Sidekiq in a drain makes 8 a second */

struct logged {
    bool is_action;
    union {
        struct event event;
        struct action action;
    };
    int64_t at; /* CLOCK_MONOTONIC, ms; of an action: of the event that it answers */
};

/* Zeroed: empty. */
struct event_log {
    uint64_t next; /* the number that the next entry gets */
    struct logged entry[EVENT_LOG_SIZE];
};

void event_log_event(struct event_log *log, const struct event *e);
void event_log_actions(struct event_log *log, const struct actions *out, int64_t at);

/* The oldest number that is still there; log->next where nothing is. */
uint64_t event_log_first(const struct event_log *log);

/* NULL: it is gone, or has not come. */
const struct logged *event_log_get(const struct event_log *log, uint64_t number);

#endif
