/* Worlds that many scenarios begin with, and what their tests ask of them. */
#ifndef LASTCALL_TESTS_UNIT_WORLDS_H
#define LASTCALL_TESTS_UNIT_WORLDS_H

#include "scenario.h"

enum { A, B, C }; /* services as the tests add them */

extern const struct command some_command;

/* A Puma, and beside it a Sidekiq with two jobs: `web` and `worker`; they have started. */
struct world *web_and_worker(int64_t deadline_s);

/* `a`, and `b` beside it; the test still adds what it wants, and begins. */
struct world *a_and_b(int64_t deadline_s, enum profile a, enum profile b);

/* The same, and neither is ever restarted: its end is its last. */
struct world *a_and_b_once(int64_t deadline_s, enum profile a, enum profile b);

void assert_state(const struct world *w, size_t i, enum service_state state);

/* Its latest moment, in ms since the clock of the shutdown began. */
int64_t latest_of(const struct world *w, size_t i);

#endif
