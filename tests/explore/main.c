/* explore [--world N] [--most STATES]: one world, or all of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explore/explore.h"

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int usage(void)
{
    fprintf(stderr, "usage: explore [--count | --world N] [--most STATES]\n");
    return 64;
}

static bool explore(const struct world *w, uint64_t most)
{
    struct outcome out;
    double began = seconds();

    if (!search(w, most, &out)) {
        printf("%s: no memory after %" PRIu64 " states\n", w->name, out.states);
        return false;
    }
    printf("%s %s: %" PRIu64 " states, depth %" PRIu32 ", %" PRIu64 " steps, %" PRIu64 " ends, %" PRIu64
           " cut at %d s, %.1f s\n", out.wrong == NULL ? "ok" : "not ok", w->name, out.states, out.depth,
           out.steps, out.ended, out.cut, w->horizon, seconds() - began);
    if (out.wrong != NULL)
        printf("   %s\n", out.wrong);
    fflush(stdout);
    return out.wrong == NULL;
}

int main(int argc, char **argv)
{
    static struct world w;
    uint64_t most = 20000000;
    int only = -1, passed = 0, failed = 0;
    bool count = false;

    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--count") == 0)
            count = true;
        else if (strcmp(argv[k], "--world") == 0 && k + 1 < argc)
            only = atoi(argv[++k]);
        else if (strcmp(argv[k], "--most") == 0 && k + 1 < argc)
            most = strtoull(argv[++k], NULL, 10);
        else
            return usage();
    }
    for (unsigned n = 0; world_make(&w, n); n++) {
        if (count)
            passed++;
        else if (only < 0 || (unsigned)only == n)
            explore(&w, most) ? passed++ : failed++;
    }
    printf(count ? "%d\n" : "%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
