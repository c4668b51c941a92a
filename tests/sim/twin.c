/* Does the core leave out nobody who has something to say? It asks at each step only the services to
 * whom something is new (ask_services() in step.c). A twin of it that is told the same asks all of
 * them at every step, and must decide the same, to the end of the world. */
#include "sim/sim.h"

enum { TWIN_IN = 4 }; /* one world of so many: it doubles the time */

static struct actions actions;

static bool has_twin(const struct sim *sim)
{
    return sim->seed % TWIN_IN == 0;
}

void twin_begin(struct sim *sim)
{
    if (has_twin(sim))
        supervisor_init(&sim->twin, &sim->spec, sim->now, (uint32_t)sim->seed);
}

void twin_step(struct sim *sim, const struct event *e)
{
    if (!has_twin(sim))
        return;
    sim->twin.again = ~(service_set)0;
    step(&sim->twin, e, &actions);
    if (digest_of(0, &sim->twin, e, &actions) != digest_of(0, &sim->supervisor, e, &sim->actions) &&
        sim->wrong == NULL)
        sim->wrong = "a service was not asked that had something to say";
}
