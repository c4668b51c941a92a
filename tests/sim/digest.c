/* What the core decided, all of it, as one number: of two cores that give the same for the same
 * worlds none decides anything in another way. Fields are taken one by one, as what lies between
 * them has no value. */
#include "sim/sim.h"

static void add(struct sim *sim, int64_t value)
{
    uint64_t h = (sim->digest ^ (uint64_t)value) * UINT64_C(0xff51afd7ed558ccd);

    sim->digest = h ^ h >> 32;
}

static void add_action(struct sim *sim, const struct action *a)
{
    add(sim, a->type);
    add(sim, a->service);
    add(sim, a->generation);
    switch (a->type) {
    case ACT_SIGNAL:
    case ACT_QUIET:
    case ACT_ORPHANS:
        add(sim, a->signal.signo);
        add(sim, a->signal.target);
        add(sim, a->signal.stop);
        break;
    case ACT_EXEC:
    case ACT_EXEC_END:
        add(sim, a->exec.purpose);
        add(sim, a->exec.step);
        add(sim, a->exec.ms);
        break;
    case ACT_HOOK:
        add(sim, a->hook.hook);
        add(sim, a->hook.ms);
        break;
    case ACT_REPLY:
        add(sim, a->reply.token);
        add(sim, a->reply.verdict);
        break;
    case ACT_STORY:
        add(sim, a->story.id);
        add(sim, a->story.a);
        add(sim, a->story.b);
        add(sim, a->story.c);
        break;
    case ACT_EXIT:
        add(sim, a->code);
        break;
    case ACT_SPAWN:
    case ACT_LOOK:
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
}

void digest_step(struct sim *sim, const struct event *e)
{
    add(sim, e->type);
    add(sim, e->now);
    for (uint32_t k = 0; k < sim->actions.count; k++)
        add_action(sim, &sim->actions.list[k]);
    add(sim, next_deadline(&sim->supervisor));
    for (size_t i = 0; i < sim->spec.count; i++)
        add(sim, supervisor_waits_for(&sim->supervisor, i));
    add(sim, supervisor_phase(&sim->supervisor));
    add(sim, supervisor_drain_outcome(&sim->supervisor));
}
