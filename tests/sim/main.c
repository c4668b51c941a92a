/* Many random worlds: the invariants after each step, the books at the end. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/sim.h"

enum { TOLD_MAX = 20, DIGEST_OF = 50 /* worlds */ };

struct totals {
    uint64_t worlds, passed, failed, steps;
    uint64_t by_platform, finished, interrupted, lost;
};

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_world(struct sim *sim, uint64_t seed, struct totals *t)
{
    world_make(sim, seed);
    world_begin(sim);
    if (sim->verbose)
        trace_world(sim);
    driver_run(sim);
    t->worlds++;
    t->steps += sim->steps;
    t->by_platform += sim->platform_killed;
    t->finished += (uint64_t)sim->books.finished;
    t->interrupted += (uint64_t)sim->books.interrupted;
    t->lost += (uint64_t)sim->books.lost;
    if (sim->wrong == NULL) {
        t->passed++;
        return;
    }
    if (t->failed++ < TOLD_MAX)
        printf("seed %" PRIu64 ": %s (step %" PRIu64 ", at %" PRId64 " ms)\n", seed, sim->wrong,
               sim->steps, sim->now);
}

/* Each world as a test; one that fails is made small before. */
static int print_scenarios(uint64_t seed, uint64_t worlds)
{
    static struct sim world, run;
    static struct record record;
    struct size before = { 0 }, after = { 0 };
    char how[200];
    uint32_t runs;

    scenario_begin_file();
    for (uint64_t k = 0; k < worlds; k++) {
        world_make(&world, seed + k);
        runs = shrink(&world, &before, &after);
        snprintf(how, sizeof(how),
                 "made small in %u runs\n * from %u services, %u stimuli, %" PRIu64 " events\n"
                 " * to %u services, %u stimuli",
                 runs, before.services, before.stimuli, before.steps, after.services,
                 after.stimuli);
        world_copy(&run, &world);
        run.record = &record;
        world_begin(&run);
        driver_run(&run);
        scenario_print(&world, &run, runs > 0 ? how : NULL);
        record_clear(&record);
    }
    scenario_end_file(seed, worlds);
    return 0;
}

static int survey(uint64_t seed, uint64_t worlds)
{
    static struct sim world;
    uint64_t simpler = 0, failed = 0, steps = 0;

    for (uint64_t k = 0; k < worlds; k++) {
        world_make(&world, seed + k);
        failed += shrink_survey(&world, &simpler, &steps);
    }
    printf("%" PRIu64 " simpler worlds of %" PRIu64 ", %" PRIu64 " steps\n", simpler, worlds, steps);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", simpler - failed, failed);
    return failed > 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: sim [--worlds N] [--seed S] [--verbose | --digest | --speed | --as-scenario | --simpler]\n"
                    "  --as-scenario  prints the world as a unit test, a failing one made small\n"
                    "  --simpler      runs what is simpler by one thing than each world\n");
    return 64;
}

int main(int argc, char **argv)
{
    static struct sim sim;
    struct totals t = { 0 };
    uint64_t worlds = 20000, seed = 1;
    bool as_scenario = false, simpler = false;
    double began = seconds(), took;
    bool speed = false;

    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--verbose") == 0)
            sim.verbose = true;
        else if (strcmp(argv[k], "--digest") == 0)
            sim.digests = true;
        else if (strcmp(argv[k], "--speed") == 0)
            speed = true;
        else if (strcmp(argv[k], "--as-scenario") == 0)
            as_scenario = true;
        else if (strcmp(argv[k], "--simpler") == 0)
            simpler = true;
        else if (strcmp(argv[k], "--worlds") == 0 && k + 1 < argc)
            worlds = strtoull(argv[++k], NULL, 10);
        else if (strcmp(argv[k], "--seed") == 0 && k + 1 < argc)
            seed = strtoull(argv[++k], NULL, 10);
        else
            return usage();
    }
    if (speed)
        return speed_measure(&sim, worlds, seed);
    if (as_scenario)
        return print_scenarios(seed, worlds);
    if (simpler)
        return survey(seed, worlds);
    for (uint64_t k = 0; k < worlds; k++) {
        run_world(&sim, seed + k, &t);
        if (sim.digests && (k + 1) % DIGEST_OF == 0) {
            printf("from %" PRIu64 " %016" PRIx64 "\n", seed + k + 1 - DIGEST_OF, sim.digest);
            sim.digest = 0;
        }
    }
    took = seconds() - began;
    if (t.failed > TOLD_MAX)
        printf("and %" PRIu64 " more\n", t.failed - TOLD_MAX);
    if (t.failed > 0)
        printf("again: %s --worlds 1 --verbose --seed N; as a unit test: --as-scenario\n", argv[0]);
    printf("jobs: %" PRIu64 " finished, %" PRIu64 " handed back, %" PRIu64
           " lost for want of time; %" PRIu64 " worlds ended by the platform\n",
           t.finished, t.interrupted, t.lost, t.by_platform);
    printf("%" PRIu64 " worlds, %" PRIu64 " steps in %.2f s of one core: %.0f steps/s\n", t.worlds,
           t.steps, took, (double)t.steps / took);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", t.passed, t.failed);
    return t.failed > 0;
}
