/* Looks at the processes of one service, put together by hand: what evidence.c is told in its tests. */
#ifndef LASTCALL_TESTS_UNIT_LOOKS_H
#define LASTCALL_TESTS_UNIT_LOOKS_H

#include "core/evidence.h"
#include "scenario.h"

#define LOOK_CLOCK 1000000 /* when looks are taken, in the unit of start times: long after threads() started */
#define PID 100
#define UNKNOWN (-1)

extern struct evidence e;
extern struct look_thread threads[]; /* of the next look, in the order of thread() */

/* Nothing is known yet of a service with a profile; or with an inflight, and a quiet where it has one. */
void begin(enum profile profile);
void begin_with(enum inflight_kind kind, int quiet);

/* 5 processors and the title that says so, then the quiet at `now`. */
void begin_sidekiq(int16_t major, int64_t now);

/* A process of the next look: readable, with its traps set. */
struct look_proc *see(int32_t pid, int32_t parent);
struct look_proc *titled(struct look_proc *p, int16_t major, int32_t busy, int32_t total);
struct look_proc *stopping(struct look_proc *p);
struct look_proc *swarm(struct look_proc *p); /* its title is sidekiqswarm's */

/* One more thread; its start time is its id, so that reuse can be told. */
struct look_proc *thread(struct look_proc *p, int32_t tid, bool processor);
/* And one that started so long (ms) before the look. */
struct look_proc *started(struct look_proc *p, int64_t ago, int32_t tid, bool processor);
/* Of Sidekiq's own: its heartbeat, its scheduler. */
struct look_proc *loop(struct look_proc *p, int64_t ago, int32_t tid);
struct look_proc *processors(struct look_proc *p, int32_t first, int32_t count);

/* The look, of what was seen since the last. */
void look(int64_t now);
void look_as(int64_t now, bool complete);

/* Tells each that can take it. */
void quiet_at(int64_t now);

/* A stop, while the leader lives: to that process alone. */
void assert_stop_goes_to(int32_t pid);

struct facts facts(int64_t now);
const char *work(int64_t now);
#define assert_work(now, expected) assert_string_equal(work(now), expected)

#endif
