#include "worlds.h"

static const char *const some_argv[] = { "true", NULL };
const struct command some_command = { "true", some_argv };

struct world *web_and_worker(int64_t deadline_s)
{
    struct world *w = world_new(deadline_s);
    const struct row rows[] = { { 0, starts(), "spawn web; spawn worker" } };

    world_add(w, "web", PROFILE_PUMA);
    world_add(w, "worker", PROFILE_SIDEKIQ);
    w->jobs[B] = 2;
    world_finish(w, false);
    PLAY(w, rows);
    return w;
}

struct world *a_and_b(int64_t deadline_s, enum profile a, enum profile b)
{
    struct world *w = world_new(deadline_s);

    world_add(w, "a", a);
    world_add(w, "b", b);
    return w;
}

struct world *a_and_b_once(int64_t deadline_s, enum profile a, enum profile b)
{
    struct world *w = a_and_b(deadline_s, a, b);

    w->spec.service[A].restart = w->spec.service[B].restart = RESTART_NEVER;
    return w;
}

void assert_state(const struct world *w, size_t i, enum service_state state)
{
    assert_string_equal(state_name(w->s.service[i].state), state_name(state));
}

int64_t latest_of(const struct world *w, size_t i)
{
    return w->s.service[i].latest - w->s.clock_at;
}
