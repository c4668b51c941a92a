/* What status and metrics tell of a running lastcall: one value that the loop fills in,
 * that /status turns into JSON (json_status.h) and a client back again, and that /metrics
 * shows (metrics.h). The strings belong to whoever filled it in. */
#ifndef LASTCALL_TEXT_STATUS_H
#define LASTCALL_TEXT_STATUS_H

#include "core/supervisor.h"

/* How often processes of a service ended so: by a signal, or with a code. */
struct exit_count {
    uint8_t code, signal; /* signal 0: by itself, with the code */
    uint64_t count;
};

struct service_status {
    const char *name, *kind, *profile, *state;
    const char *waits_for;   /* NULL: nothing */
    int32_t pid;             /* of the main process; 0: none */
    int64_t uptime_ms;       /* of this life; -1: it has none */
    uint32_t restarts;       /* since lastcall began */
    int32_t busy, total;     /* -1: unknown */
    int quiet;               /* 1: it was told to take no new work; -1: unknown */
    int64_t observed_age_ms; /* of busy and total; -1: never */
    bool has_exit;           /* its last end */
    uint8_t exit_code, exit_signal;

    /* for metrics alone */
    bool up, ready;
    bool worker;             /* it has jobs, seen or not */
    bool observable;         /* and they can be seen */
    int64_t memory;          /* resident, bytes; -1: unknown */
    double started_at;       /* seconds since 1970; 0: it has no life */
    const struct exit_count *exits;
    size_t exit_kinds;
};

struct status {
    const char *version, *phase, *cause; /* cause NULL: no shutdown has begun */
    int32_t pid;
    int64_t started_at_ms;   /* since 1970 */
    int64_t uptime_ms;
    int64_t deadline_ms;     /* NEVER: none */
    int64_t remaining_ms;    /* NEVER: none, or no shutdown has begun */
    size_t count;
    struct service_status service[SERVICES_MAX];

    /* for metrics alone */
    uint64_t orphans_reaped;
    uint64_t signals[SIGNALS_MAX];
};

#endif
