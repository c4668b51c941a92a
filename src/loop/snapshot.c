/* What status and metrics tell, at this moment. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/server.h"
#include "sys/clock.h"

#define MEMORY_FRESH (1 * SECOND)

static void take_jobs(const struct edge *edge, size_t i, struct service_status *out)
{
    const struct service_spec *spec = &edge->spec->service[i];
    const struct life *life = &edge->supervisor.service[i].life;

    out->worker = spec_is_worker(spec) || spec_is_job_profile(spec);
    out->busy = out->total = -1;
    out->observed_age_ms = out->quiet = -1;
    if (!out->up)
        return;
    out->quiet = life->facts.quiet_told || life->quiet_done;
    if (spec->inflight.kind == INFLIGHT_NONE || life->looked_c == 0)
        return;
    out->busy = life->facts.busy;
    out->total = life->facts.total;
    out->observable = spec_is_worker(spec) && (out->busy >= 0 || life->facts.work != WORK_UNKNOWN);
    if (out->busy >= 0 || out->total >= 0)
        out->observed_age_ms = edge->supervisor.counted -
                               (spec->inflight.kind == INFLIGHT_EXEC ? life->reading_c : life->looked_c);
}

static void take_service(struct edge *edge, size_t i, int64_t now, struct service_status *out)
{
    const struct supervisor *s = &edge->supervisor;
    const struct service_spec *spec = &edge->spec->service[i];
    const struct service *v = &s->service[i];
    const struct child *c = &edge->child[i];
    enum wait_reason waits_for = supervisor_waits_for(s, i);

    *out = (struct service_status){
        .name = spec->name,
        .kind = spec->kind == KIND_TASK ? "task" : "service",
        .profile = profile_name(spec->profile),
        .state = state_name(v->state),
        .waits_for = waits_for == WAIT_NOTHING ? NULL : wait_reason_name(waits_for),
        .pid = c->leader,
        .uptime_ms = -1,
        .restarts = v->restarts_total,
        .has_exit = c->has_exit,
        .exit_code = c->exit_code,
        .exit_signal = c->exit_signal,
        .up = (s->alive & SET_OF(i)) && v->life.stage == START_RUNNING,
        .ready = supervisor_service_ready(s, i),
        .memory = -1,
        .exits = c->exits,
        .exit_kinds = c->exit_kinds,
    };
    if (out->up) {
        out->memory = c->memory;
        out->uptime_ms = now - v->life.spawned_at;
        /* not by the wall clock of now: slewed, it would tell of restarts that were none */
        out->started_at = (double)(edge->began.since_1970 + v->life.spawned_at - edge->began.at) / 1000.0;
    }
    take_jobs(edge, i, out);
}

/* All of /proc, and a file for each process: not anew for everybody who asks. */
static void refresh_memory(struct edge *edge, int64_t now)
{
    int64_t until = look_until(edge);
    bool known;

    if (edge->memory_at != NEVER && now - edge->memory_at < MEMORY_FRESH)
        return;
    known = edge->proc >= 0 && look_table(edge) == 0;
    for (size_t i = 0; i < edge->spec->count; i++)
        edge->child[i].memory = known ? look_memory(&edge->child[i], until) : -1;
    edge->memory_at = clock_monotonic_ms();
}

void snapshot_take(struct edge *edge, struct status *out, bool memory)
{
    const struct supervisor *s = &edge->supervisor;
    int64_t now = clock_monotonic_ms();

    *out = (struct status){
        .version = edge->options->version,
        .phase = phase_name(supervisor_phase(s)),
        .cause = s->clock ? cause_name(s->cause) : NULL,
        .pid = getpid(),
        .started_at_ms = edge->began.since_1970,
        .uptime_ms = now - edge->began.at,
        .deadline_ms = supervisor_deadline(s),
        .remaining_ms = s->deadline_at == NEVER ? NEVER : supervisor_remaining(s),
        .count = edge->spec->count,
        .orphans_reaped = edge->orphans_reaped,
    };
    if (memory)
        refresh_memory(edge, now);
    memcpy(out->signals, edge->signals_got, sizeof(out->signals));
    for (size_t i = 0; i < out->count; i++)
        take_service(edge, i, now, &out->service[i]);
}
