/* How fast the core is by itself: the events of random worlds, once more, without the worlds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/sim.h"

enum { EVENTS_MAX = 1 << 18 };

static struct event *events;
static uint32_t count;

void speed_note(const struct event *e)
{
    if (events != NULL && count < EVENTS_MAX)
        events[count++] = *e;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double again(struct sim *sim, bool checked)
{
    double began = seconds();

    supervisor_init(&sim->supervisor, &sim->spec, events[0].now, (uint32_t)sim->seed);
    invariants_init(&sim->invariants, &sim->supervisor);
    for (uint32_t k = 0; k < count; k++) {
        step(&sim->supervisor, &events[k], &sim->actions);
        if (checked && invariants_check(&sim->invariants, &sim->supervisor, &events[k], &sim->actions) != NULL)
            abort();
    }
    return seconds() - began;
}

int speed_measure(struct sim *sim, uint64_t worlds, uint64_t seed)
{
    double checked = 0, unchecked = 0;
    uint64_t steps = 0;

    events = malloc(EVENTS_MAX * sizeof(*events));
    if (events == NULL)
        return 1;
    for (uint64_t k = 0; k < worlds; k++) {
        count = 0;
        world_make(sim, seed + k);
        world_begin(sim);
        driver_run(sim);
        if (sim->spec.count < WORLD_SERVICES || count == EVENTS_MAX)
            continue;
        steps += count;
        unchecked += again(sim, false);
        checked += again(sim, true);
    }
    free(events);
    events = NULL;
    if (steps == 0)
        return 1;
    printf("%llu steps of worlds with %d services: %.0f steps/s with invariants, %.0f without\n",
           (unsigned long long)steps, WORLD_SERVICES, (double)steps / checked, (double)steps / unchecked);
    return 0;
}
