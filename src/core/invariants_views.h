/* Inside the invariants: what both of their files ask of a supervisor. Nobody else
 * includes this. Written from the contract, so not shared with the rules. */
#ifndef LASTCALL_CORE_INVARIANTS_VIEWS_H
#define LASTCALL_CORE_INVARIANTS_VIEWS_H

#include "core/invariants.h"

#define OUTLIVES_KILL (5 * SECOND)
#define SIGNALS_APART (5 * SECOND)

/* The invariants about one action, and what the watch learns from it. invariants_actions.c */
const char *invariants_action(struct invariants *watch, const struct supervisor *s,
                              const struct action *a);

static inline bool has(service_set set, size_t i)
{
    return set & SET_OF(i);
}

static inline bool is_internal_cause(enum cause cause)
{
    return cause == CAUSE_ESSENTIAL || cause == CAUSE_FINISHED;
}

/* A life is over when its start failed or its leader and all that it left are gone. */
static inline bool is_over(const struct invariants_service *w)
{
    return !w->spawned || w->failed || (w->exited && w->members == 0);
}

/* Somebody who must be down before this lives, or comes back at once. */
static inline bool needed_by_living(const struct invariants *watch, const struct supervisor *s,
                                    size_t i)
{
    service_set others = s->spec->stop_first[i];

    if (others & (watch->alive | s->alive))
        return true;
    for (service_set rest = others; rest; rest &= rest - 1)
        if (s->service[__builtin_ctzll(rest)].state == STATE_BACKOFF)
            return true;
    return false;
}

/* Something that must be down before it is not, and has not outlived a KILL either. */
static inline bool must_wait(const struct supervisor *s, size_t i)
{
    for (service_set rest = s->spec->stop_first[i] & ~s->down; rest; rest &= rest - 1) {
        size_t other = (size_t)__builtin_ctzll(rest);
        const struct life *life = &s->service[other].life;

        if (!has(s->alive, other) || !life->killed || life->post_exit_begun ||
            s->counted - life->step_c < OUTLIVES_KILL)
            return true;
    }
    return false;
}

/* A Sidekiq that two signals close together may kill: its TERM is its quiet as well,
 * and comes a while after a TSTP that it may not have read. */
static inline bool one_signal(const struct supervisor *s, size_t i)
{
    return s->spec->service[i].profile == PROFILE_SIDEKIQ && s->service[i].life.facts.major < 7;
}

/* A quiet that is a command comes to its end before the stop, unless it was tried before, or
 * even KILL does not end it. */
static inline bool first_quiet_command_runs(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return (life->exec_running & (1u << EXEC_QUIET)) && life->quiet_c == life->quiet_first_c &&
           s->counted < life->quiet_c + 5 * SECOND + 1 * SECOND;
}

static inline bool bounded(const struct supervisor *s, size_t i)
{
    return s->deadline_at != NEVER || s->service[i].life.ask_latest != NEVER;
}

#endif
