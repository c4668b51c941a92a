/* Datagrams of sd_notify: whatever they say, counts and times keep within their bounds. */
#include "fuzz/fuzz.h"
#include "text/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = bytes_of(data, size);
    struct notify_message m;

    notify_parse(bytes, size, &m);
    require(!m.has_busy || (m.busy >= 0 && m.busy <= NOTIFY_BUSY_MAX), "a busy that is none");
    require(!m.has_total || (m.total >= 0 && m.total <= NOTIFY_BUSY_MAX), "a total that is none");
    require(!m.has_total || !m.has_busy || m.busy <= m.total, "more busy than there are");
    require(!m.extend || (m.extend_ms >= 0 && m.extend_ms <= NOTIFY_EXTEND_MAX), "longer than may be");
    require(!m.has_status || (m.status_busy >= -1 && m.status_total >= -1), "a status that is none");
    require(size >= 7 || !m.ready, "ready, and nobody said so");
    free(bytes);
    return 0;
}
