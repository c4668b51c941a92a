/* One world, told: what it is, and each event with what the core made of it. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/sim.h"

static void print_set(const char *what, service_set set)
{
    if (set == 0)
        return;
    printf(" %s", what);
    for (; set; set &= set - 1)
        printf(" s%d", __builtin_ctzll(set));
}

static void print_time(int64_t ms)
{
    if (ms == NEVER)
        printf("none");
    else
        printf("%" PRId64 ".%03ds", ms / 1000, (int)(ms % 1000));
}

static void print_service(const struct sim *sim, size_t i)
{
    const struct service_spec *s = &sim->spec.service[i];
    const struct manner *m = &sim->manner[i];

    printf("  s%zu %s%s%s%s inflight=%d quiet=%d ready=%d restart=%d stop%s", i,
           s->kind == KIND_TASK ? "task " : "", profile_name(s->profile),
           s->sidecar ? " sidecar" : "", s->essential ? " essential" : "", s->inflight.kind,
           s->quiet.signo, s->ready.kind, s->restart, s->stop.by_user ? " by user" : "");
    for (size_t k = 0; k < s->stop.count; k++) {
        printf(" %d/", s->stop.step[k].signo);
        print_time(s->stop.step[k].wait);
    }
    printf(" linger=");
    print_time(s->linger);
    print_set("after", s->after);
    printf("%s%s%s%s%s%s\n", m->shell ? " shell" : "", m->two ? " two" : "",
           m->ignores_term ? " ignores-TERM" : "", m->immortal ? " immortal" : "",
           m->unreadable ? " unreadable" : "", m->never_ready ? " never-ready" : "");
}

void trace_world(const struct sim *sim)
{
    printf("world %" PRIu64 ": deadline ", sim->seed);
    print_time(sim->spec.deadline);
    printf(" margin ");
    print_time(sim->spec.margin);
    printf("\n");
    for (size_t i = 0; i < sim->spec.count; i++)
        print_service(sim, i);
}

void trace_event(const struct sim *sim, const struct event *e)
{
    print_time(e->now);
    printf(" %s", event_name(e->type));
    if (e->service < WORLD_SERVICES)
        printf(" s%d#%u", e->service, e->generation);
    switch (e->type) {
    case EVENT_SIGNAL:
        printf(" %d", e->signal.signo);
        break;
    case EVENT_REQUEST:
        printf(" %s %" PRId64, request_name(e->request.verb), e->request.ms);
        break;
    case EVENT_EXITED:
        printf(" code %d signal %d", e->exit.code, e->exit.signo);
        break;
    case EVENT_LOOKED:
        printf(" members=%d work=%d busy=%d/%d told=%d seen=%d boots=%d (in truth %d)",
               e->facts.members, e->facts.work, e->facts.busy, e->facts.total,
               e->facts.quiet_told, e->facts.quiet_seen, e->facts.booting,
               child_glance(sim, e->service));
        break;
    case EVENT_EXEC_DONE:
        printf(" purpose %d %s", e->exec.purpose, e->exec.ok ? "ok" : "failed");
        break;
    case EVENT_ORPHANS:
        printf(" %u", e->count);
        break;
    case EVENT_START:
    case EVENT_TIMER:
    case EVENT_OBSERVE:
    case EVENT_SPAWNED:
    case EVENT_SPAWN_FAILED:
    case EVENT_READY:
    case EVENT_EXTEND:
    case EVENT_HOOK_DONE:
    case EVENT_COUNT:
        break;
    }
    printf("\n");
}

static void print_action(const struct action *a)
{
    printf("    %s", action_name(a->type));
    if (a->service < SERVICES_MAX)
        printf(" s%d#%u", a->service, a->generation);
    if (a->type == ACT_SIGNAL || a->type == ACT_QUIET || a->type == ACT_ORPHANS)
        printf(" signal %d%s", a->signal.signo, a->signal.stop ? " stop" : "");
    else if (a->type == ACT_EXEC)
        printf(" purpose %d for %" PRId64, a->exec.purpose, a->exec.ms);
    else if (a->type == ACT_STORY)
        printf(" %d: %" PRId64 " %" PRId64 " %" PRId64, a->story.id, a->story.a, a->story.b,
               a->story.c);
    else if (a->type == ACT_REPLY)
        printf(" %s", verdict_text(a->reply.verdict));
    else if (a->type == ACT_EXIT)
        printf(" %d", a->code);
    printf("\n");
}

void trace_actions(const struct sim *sim)
{
    for (uint32_t k = 0; k < sim->actions.count; k++)
        print_action(&sim->actions.list[k]);
}
