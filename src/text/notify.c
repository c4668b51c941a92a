#include "text/notify.h"

#include <string.h>

#include "text/number.h"

static bool skip(const char **at, const char *end, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(end - *at) < n || memcmp(*at, text, n) != 0)
        return false;
    *at += n;
    return true;
}

static void read_flag(const char *at, const char *end, bool *out)
{
    *out = end - at == 1 && *at == '1';
}

static void read_count(const char *at, const char *end, bool *has, int32_t *out)
{
    uint64_t n;
    if (!number_read(&at, end, NOTIFY_BUSY_MAX, &n) || at != end)
        return;
    *has = true;
    *out = (int32_t)n;
}

static void read_extend(const char *at, const char *end, struct notify_message *out)
{
    uint64_t us;
    if (!number_read(&at, end, UINT64_MAX, &us) || at != end)
        return;
    uint64_t ms = us / 1000 + (us % 1000 != 0);
    out->extend = true;
    out->extend_ms = ms < NOTIFY_EXTEND_MAX ? (int64_t)ms : NOTIFY_EXTEND_MAX;
}

/* `{ RUNNING/MAX threads, AVAILABLE available, BACKLOG backlog }` at *at. Busy are
 * those that are not available: the first number counts threads that exist. */
static bool puma_threads(const char **at, const char *end, struct notify_message *out)
{
    uint64_t running, max, available;
    if (!skip(at, end, "{ ") || !number_read(at, end, NOTIFY_BUSY_MAX, &running) ||
        !skip(at, end, "/") || !number_read(at, end, NOTIFY_BUSY_MAX, &max) ||
        !skip(at, end, " threads, ") || !number_read(at, end, max, &available) ||
        !skip(at, end, " available, "))
        return false;
    if (out->status_total > NOTIFY_BUSY_MAX - (int32_t)max)
        return false;
    out->status_busy += (int32_t)(max - available);
    out->status_total += (int32_t)max;
    return true;
}

/* Puma 6 and later: `Puma V: worker: {...}`, or in cluster mode
 * `Puma V: cluster: 2/2, worker_status: [{...},{...}]`. A worker that has not reported
 * yet leaves the numbers out of its braces, and then nothing is known of the whole. */
static void puma_status(const char *at, const char *end, struct notify_message *out)
{
    out->has_status = true;
    out->status_busy = out->status_total = 0;
    bool known = false;
    while ((at = memchr(at, '{', (size_t)(end - at))) != NULL) {
        known = puma_threads(&at, end, out);
        if (!known)
            break;
    }
    if (!known)
        out->status_busy = out->status_total = -1;
}

static void line_parse(const char *at, const char *end, struct notify_message *out)
{
    if (skip(&at, end, "READY="))
        read_flag(at, end, &out->ready);
    else if (skip(&at, end, "STOPPING="))
        read_flag(at, end, &out->stopping);
    else if (skip(&at, end, "WATCHDOG="))
        read_flag(at, end, &out->watchdog);
    else if (skip(&at, end, "EXTEND_TIMEOUT_USEC="))
        read_extend(at, end, out);
    else if (skip(&at, end, "X_LASTCALL_BUSY="))
        read_count(at, end, &out->has_busy, &out->busy);
    else if (skip(&at, end, "X_LASTCALL_TOTAL="))
        read_count(at, end, &out->has_total, &out->total);
    else if (skip(&at, end, "STATUS=Puma "))
        puma_status(at, end, out);
}

void notify_parse(const char *bytes, size_t n, struct notify_message *out)
{
    *out = (struct notify_message){.status_busy = -1, .status_total = -1};
    const char *line = bytes, *end = bytes + n;
    for (const char *p = bytes; p <= end; p++)
        if (p == end || *p == '\n' || *p == '\0') {
            line_parse(line, p, out);
            line = p + 1;
        }
    if (out->has_total && out->has_busy && out->total < out->busy)
        out->has_total = false;
}
