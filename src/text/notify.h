/* Datagrams of sd_notify(3), and what lastcall adds to them: lines of KEY=VALUE. */
#ifndef LASTCALL_TEXT_NOTIFY_H
#define LASTCALL_TEXT_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NOTIFY_BUSY_MAX = 1000000,                   /* larger counts are not believed */
    NOTIFY_EXTEND_MAX = 7 * 24 * 60 * 60 * 1000  /* ms; longer is cut to this */
};

struct notify_message {
    bool ready;           /* READY=1 */
    bool stopping;        /* STOPPING=1 */
    bool watchdog;        /* WATCHDOG=1 */
    bool extend;          /* EXTEND_TIMEOUT_USEC=, rounded up to ms */
    int64_t extend_ms;
    bool has_busy;        /* X_LASTCALL_BUSY= */
    int32_t busy;
    bool has_total;       /* X_LASTCALL_TOTAL=, unless it is less than busy */
    int32_t total;
    bool has_status;      /* STATUS= of Puma */
    int32_t status_busy;  /* -1: it does not tell, as while a worker boots */
    int32_t status_total;
};

/* Never fails: lines that are unknown or make no sense are passed over, of a key that
 * comes twice the last counts. NULs end lines too. */
void notify_parse(const char *bytes, size_t n, struct notify_message *out);

#endif
