/* Inside the core: what the rule files (start, drain, ladder, restart, signals,
 * requests, clock, exit) share. Nobody outside src/core includes this.
 *
 * advance() in step.c calls the rules again and again until none changes
 * anything. A rule looks at facts, and at time only through due() and
 * due_counted(), which remember the nearest instant that has not come yet: so
 * the one timer can never be forgotten.
 *
 * The rules of a service are asked only when they may say something new. So
 * whoever changes what others may look at sets `changed`, as enter() does, and
 * whoever changes only what is its own, or looks at time without due(), calls
 * ask_again(), as emit() does. */
#ifndef LASTCALL_CORE_RULES_H
#define LASTCALL_CORE_RULES_H

#include "core/supervisor.h"

/* After its first KILL what still lives is given up, where no deadline says when. */
#define SURVIVOR_AFTER (5 * SECOND)

/* rules.c */
struct action *emit(struct supervisor *s, enum action_type type, size_t service);
void tell(struct supervisor *s, size_t service, enum story id, int64_t a, int64_t b, int64_t c);
void enter(struct supervisor *s, size_t service, enum service_state state);
/* One of these has not outlived its KILL: what is_needed() asks where something is not down. */
bool holds_up(const struct supervisor *s, service_set services);
/* SPEC 4, needed: what lives, or returns after its pause, is `after` it. */
bool is_needed_by_living(const struct supervisor *s, size_t service);
void exec_begin(struct supervisor *s, size_t service, enum exec_purpose purpose, int64_t ms);
void exec_end(struct supervisor *s, size_t service, enum exec_purpose purpose);

/* Begins a hook, if the spec has it. */
void hook_begin(struct supervisor *s, enum hook hook);

/* clock.c: the one clock, the deadline, the global ask. */
void clock_start(struct supervisor *s, enum cause cause, uint8_t detail);
void clock_ask(struct supervisor *s, enum ask ask, enum cause cause, uint8_t detail);
bool clock_bring_forward(struct supervisor *s, int64_t ms, enum cause cause, uint8_t detail);
void clock_jumped(struct supervisor *s, int64_t unseen);
void clock_advance(struct supervisor *s);
/* Something went down since: the latest moments are about to be found anew. */
bool clock_plan_is_stale(const struct supervisor *s);

/* start.c */
/* What is not to come back under a shutdown is down: asked before the services, as the latest moments
 * of others may become later by it. */
void start_give_up(struct supervisor *s);
void start_wait(struct supervisor *s, size_t service);
void start_backoff(struct supervisor *s, size_t service);
void start_watch(struct supervisor *s, size_t service);
void start_spawn(struct supervisor *s, size_t service);
void start_spawned(struct supervisor *s, size_t service);
void start_ready(struct supervisor *s, size_t service);
void start_global(struct supervisor *s);
bool start_heeds_notify(const struct supervisor *s, size_t service);

/* drain.c */
void drain_advance(struct supervisor *s, size_t service);
void drain_look(struct supervisor *s, size_t service);
bool drain_linger_over(struct supervisor *s, size_t service);
bool drain_boots(const struct supervisor *s, size_t service);
void drain_count(struct supervisor *s, size_t service);
void drain_global(struct supervisor *s);
void drain_observe(struct supervisor *s);
void drain_tell_quiet(struct supervisor *s, size_t service);

/* ladder.c */
void ladder_consider(struct supervisor *s, size_t service);
void ladder_advance(struct supervisor *s, size_t service);
void ladder_extend(struct supervisor *s, size_t service, int64_t ms);
bool ladder_awaits_title(const struct supervisor *s, size_t service);
bool ladder_repeats(const struct supervisor *s, size_t service);

/* restart.c */
void life_begin(struct supervisor *s, size_t service);
void life_leader_gone(struct supervisor *s, size_t service);
bool life_comes_back(const struct supervisor *s, size_t service);
bool life_used_its_timeout(const struct supervisor *s, size_t service);
bool life_over(const struct supervisor *s, size_t service);
void life_end(struct supervisor *s, size_t service);
void life_record(struct supervisor *s, size_t service);
void life_stays_over(struct supervisor *s, size_t service);

/* signals.c and requests.c */
void signals_take(struct supervisor *s, uint8_t signo, int32_t sender);
void signals_advance(struct supervisor *s);
void request_take(struct supervisor *s, const struct event *e);
void service_signal(struct supervisor *s, size_t service, uint8_t signo);
void service_quiet(struct supervisor *s, size_t service);

/* exit.c */
void exit_advance(struct supervisor *s);
void exit_books(struct supervisor *s, size_t service);

/* ---- what every rule asks again and again: a third of the time of a step, if it is called ---- */

/* While counted time is waited for, wake up so often (see DELAY_COUNTED in step.c). */
#define COUNTED_WAKE (1 * SECOND)

/* Has this real instant come? */
static inline bool due(struct supervisor *s, int64_t at)
{
    if (s->now >= at)
        return true;
    s->next_real = time_min(s->next_real, at);
    return false;
}

/* And this counted one? */
static inline bool due_counted(struct supervisor *s, int64_t at_c)
{
    if (s->counted >= at_c)
        return true;
    s->next_counted = time_min(s->next_counted, at_c);
    return false;
}

/* At the next step, whatever it brings, and in this one if their turn is still to come. */
static inline void ask_again(struct supervisor *s, service_set services)
{
    s->again |= services;
}

/* The higher of the global ask and the service's own. */
static inline enum ask asked_of(const struct supervisor *s, size_t service)
{
    enum ask own = s->service[service].life.ask;
    return own > s->ask ? own : s->ask;
}

static inline bool is_internal(enum cause cause)
{
    return cause == CAUSE_ESSENTIAL || cause == CAUSE_FINISHED;
}

static inline bool exec_runs(const struct supervisor *s, size_t service, enum exec_purpose purpose)
{
    return s->service[service].life.exec_running & (1u << purpose);
}

/* Something lives, or is about to, that must be down before this may stop. */
static inline bool is_needed(const struct supervisor *s, size_t service)
{
    service_set rest = s->spec->stop_first[service] & ~s->down;

    return rest != 0 && holds_up(s, rest);
}

static inline bool drain_idle(const struct supervisor *s, size_t i)
{
    return s->service[i].life.facts.work == WORK_IDLE;
}

/* Only one signal at a time is safe: a Sidekiq before 7.0, or whose version is not
 * known (see SIGNALS_APART in ladder.c). Its TERM makes it quiet as well. */
static inline bool drain_one_signal(const struct supervisor *s, size_t i)
{
    return s->spec->service[i].profile == PROFILE_SIDEKIQ &&
           s->service[i].life.facts.major < 7;
}

#endif
