#include "looks.h"

#include <string.h>

struct evidence e;
struct look_thread threads[4096];
static struct look_proc procs[EVIDENCE_PROCS_MAX + 10];
static uint32_t used_threads, used_procs;

void begin(enum profile profile)
{
    struct service_spec s;

    memset(&e, 0, sizeof(e));
    service_spec_init(&s, "worker", KIND_SERVICE);
    profile_apply(&s, profile, 0);
    evidence_init(&e, &s);
    used_threads = used_procs = 0;
}

void begin_with(enum inflight_kind kind, int quiet)
{
    struct service_spec s;

    memset(&e, 0, sizeof(e));
    service_spec_init(&s, "worker", KIND_SERVICE);
    profile_apply(&s, PROFILE_GENERIC, 0);
    s.inflight.kind = kind;
    s.quiet.signo = quiet;
    evidence_init(&e, &s);
    used_threads = used_procs = 0;
}

struct look_proc *see(int32_t pid, int32_t parent)
{
    struct look_proc *p = &procs[used_procs++];

    *p = (struct look_proc){ .pid = pid, .parent = parent, .start = (uint64_t)pid, .readable = true,
                             .catches_quiet = true, .thread = &threads[used_threads] };
    p->title.major = -1;
    p->title.busy = p->title.total = UNKNOWN;
    return p;
}

struct look_proc *titled(struct look_proc *p, int16_t major, int32_t busy, int32_t total)
{
    p->title = (struct look_title){ .read = true, .sidekiq = true, .major = major, .busy = busy,
                                    .total = total };
    return p;
}

struct look_proc *stopping(struct look_proc *p)
{
    p->title.stopping = true;
    return p;
}

struct look_proc *swarm(struct look_proc *p)
{
    p->title = (struct look_title){ .read = true, .swarm = true, .major = UNKNOWN, .busy = UNKNOWN, .total = UNKNOWN };
    return p;
}

struct look_proc *thread(struct look_proc *p, int32_t tid, bool processor)
{
    threads[used_threads++] =
        (struct look_thread){ .tid = tid, .start = (uint64_t)tid, .processor = processor };
    p->threads++;
    return p;
}

struct look_proc *started(struct look_proc *p, int64_t ago, int32_t tid, bool processor)
{
    thread(p, tid, processor);
    threads[used_threads - 1].start = LOOK_CLOCK - (uint64_t)ago / 10;
    return p;
}

struct look_proc *loop(struct look_proc *p, int64_t ago, int32_t tid)
{
    started(p, ago, tid, false);
    threads[used_threads - 1].loop = true;
    return p;
}

struct look_proc *processors(struct look_proc *p, int32_t first, int32_t count)
{
    for (int32_t k = 0; k < count; k++)
        thread(p, first + k, true);
    return p;
}

void look_as(int64_t now, bool complete)
{
    struct look l = { .clock = LOOK_CLOCK, .count = used_procs, .proc = procs, .complete = complete };

    evidence_look(&e, &l, now);
    used_threads = used_procs = 0;
}

void look(int64_t now)
{
    look_as(now, true);
}

struct facts facts(int64_t now)
{
    struct facts f;

    evidence_facts(&e, now, &f);
    return f;
}

const char *work(int64_t now)
{
    switch (facts(now).work) {
    case WORK_UNKNOWN:
        return "unknown";
    case WORK_BUSY:
        return "busy";
    case WORK_IDLE:
        break;
    }
    return "idle";
}

void quiet_at(int64_t now)
{
    int32_t pids[EVIDENCE_PROCS_MAX];
    uint32_t n = evidence_quiet_targets(&e, pids);

    for (uint32_t k = 0; k < n; k++)
        evidence_told(&e, pids[k], now);
    evidence_quiet_began(&e, now);
}

void assert_stop_goes_to(int32_t pid)
{
    int32_t pids[EVIDENCE_PROCS_MAX];

    assert_int_equal(evidence_stop_targets(&e, PID, true, pids), 1);
    assert_int_equal(pids[0], pid);
}

void begin_sidekiq(int16_t major, int64_t now)
{
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), major, 0, 5), 1, 5);
    look(now);
    quiet_at(now);
}
