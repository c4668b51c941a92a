/* Datagrams of sd_notify(3), and what an inflight command prints: counts keep within their bounds,
 * and a line is the same whatever stands around it. */
#include "core/time.h"
#include "fuzz/fuzz.h"
#include "text/notify.h"
#include "text/reading.h"

static struct notify_message read_message(const char *bytes, size_t n)
{
    char *exact = copy_bytes(bytes, n);
    struct notify_message m;

    notify_parse(exact, n, &m);
    free(exact);
    return m;
}

static bool same(const struct notify_message *a, const struct notify_message *b)
{
    return a->ready == b->ready && a->stopping == b->stopping && a->watchdog == b->watchdog &&
           a->extend == b->extend && a->extend_ms == b->extend_ms && a->has_busy == b->has_busy &&
           a->busy == b->busy && a->has_total == b->has_total && a->total == b->total &&
           a->has_status == b->has_status && a->status_busy == b->status_busy && a->status_total == b->status_total;
}

static void check_bounds(const struct notify_message *m)
{
    require(m->busy >= 0 && m->busy <= NOTIFY_BUSY_MAX && (m->has_busy || m->busy == 0), "a busy count that is none");
    require(m->total >= 0 && m->total <= NOTIFY_BUSY_MAX, "a total that is none");
    require(!m->has_busy || !m->has_total || m->busy <= m->total, "more busy than there are");
    require(m->extend_ms >= 0 && m->extend_ms <= NOTIFY_EXTEND_MAX && (m->extend || m->extend_ms == 0),
            "patience without end");
    require((m->status_busy < 0) == (m->status_total < 0) && m->status_busy >= -1, "half a status");
    require(m->status_busy <= m->status_total && m->status_total <= NOTIFY_BUSY_MAX, "more busy than there are");
    require(m->has_status || m->status_busy == -1, "a status from nowhere");
}

/* NULs end lines too, and lines that nobody knows change nothing. */
static void check_lines(const char *bytes, size_t n, const struct notify_message *m)
{
    static const char unknown[] = "\nX_LASTCALL=1\nREADY =1\n\nBARRIER=1\nSTATUS=fine";
    char *other = malloc(n + sizeof(unknown));
    struct notify_message again;

    require(other != NULL, "no memory");
    for (size_t k = 0; k < n; k++)
        other[k] = bytes[k] == '\0' ? '\n' : bytes[k];
    again = read_message(other, n);
    require(same(m, &again), "a NUL that is no line end");
    memcpy(other + n, unknown, sizeof(unknown) - 1);
    again = read_message(other, n + sizeof(unknown) - 1);
    require(same(m, &again), "an unknown line that means something");
    free(other);
}

/* What comes last counts, whatever was before. */
static void check_last(const char *bytes, size_t n)
{
    static const char more[] = "\nX_LASTCALL_BUSY=3\nREADY=1\nX_LASTCALL_TOTAL=7\nEXTEND_TIMEOUT_USEC=1500\n"
                               "STATUS=Puma 6.6.0: worker: { 1/5 threads, 4 available, 0 backlog }";
    char *longer = malloc(n + sizeof(more));
    struct notify_message m;

    require(longer != NULL, "no memory");
    if (n > 0)
        memcpy(longer, bytes, n);
    memcpy(longer + n, more, sizeof(more) - 1);
    m = read_message(longer, n + sizeof(more) - 1);
    require(m.ready && m.has_busy && m.busy == 3 && m.has_total && m.total == 7, "a count that was said is lost");
    require(m.extend && m.extend_ms == 2, "a patience that was asked for is lost");
    require(m.status_busy == 1 && m.status_total == 5, "a status that was said is lost");
    free(longer);
}

static void check_reading(const char *bytes, size_t n)
{
    char *exact = copy_bytes(bytes, n), text[64];
    int32_t busy = -7, total = -7, busy_again, total_again;
    int r = reading_parse(exact, n, &busy, &total);

    free(exact);
    require(r == 0 || r == -1, "neither read nor refused");
    if (r != 0)
        return;
    require(busy >= 0 && (total == -1 || total >= busy), "more busy than there are");
    n = (size_t)snprintf(text, sizeof(text), total < 0 ? "%d" : "%d %d", busy, total);
    require(reading_parse(text, n, &busy_again, &total_again) == 0 && busy_again == busy && total_again == total,
            "not the same again");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct notify_message m = read_message(bytes, size);

    check_bounds(&m);
    check_lines(bytes, size, &m);
    check_last(bytes, size);
    check_reading(bytes, size);
    return 0;
}
