/* What processes say of themselves: titles, names of threads, their stat and status. */
#include "core/evidence.h"
#include "fuzz/fuzz.h"
#include "text/proc_text.h"
#include "text/thread_name.h"
#include "text/title.h"

static void check_title(const char *bytes, size_t size)
{
    struct look_title t;

    title_parse(bytes, size, &t);
    require(t.read, "not read");
    require(t.major >= -1, "a version below 0");
    require((t.busy >= 0) == (t.total >= 0), "one count without the other");
    require(t.busy < 0 || (t.busy <= t.total && t.total > 0), "more busy than there are");
    require(t.busy < 0 || t.sidekiq, "counts of no Sidekiq");
    require(!t.stopping || t.sidekiq, "stopping, and no Sidekiq");
    require(!t.sidekiq || (size >= 11 && memcmp(bytes, "sidekiq ", 8) == 0), "a Sidekiq that does not say so");
}

static void check_proc(const char *bytes, size_t size)
{
    struct proc_stat stat;
    struct proc_status status;

    if (proc_stat_parse(bytes, size, &stat) == 0)
        require(memchr(stat.comm, '\0', sizeof(stat.comm)) != NULL && stat.pid >= 0, "a name without an end");
    if (proc_status_parse(bytes, size, &status) == 0)
        require(status.state != '\0', "no state");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = bytes_of(data, size);

    check_title(bytes, size);
    check_proc(bytes, size);
    if (thread_is_processor(bytes, size))
        require(size >= 9 && (memcmp(bytes, "processor", 9) == 0 || memcmp(bytes, "sidekiq.", 8) == 0), "a thread of no Sidekiq");
    free(bytes);
    return 0;
}
