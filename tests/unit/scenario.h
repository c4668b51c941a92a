/* Scenarios for the core: a world of services under a clock that the test owns.
 *
 * A test builds the spec with world_add(), then plays a table of rows: at such a
 * second this happens, and these actions come out. Between two rows nothing may
 * come out: EVENT_TIMER is fed exactly when next_deadline() says, and whatever it
 * brings must have a row. Looks, probes and log lines do not count, apart from
 * the log lines that the test asks to be shown. The invariants are checked after
 * every step.
 *
 * The world answers what an edge without ideas of its own would: a spawn succeeds,
 * a look tells .facts, the quiet reaches a process that can take it, orphans are
 * counted. Ends of processes and of commands are rows.
 *
 * What the simulation prints is another kind of table: there the world answers
 * nothing by itself, see world_replay(). */
#ifndef LASTCALL_TESTS_UNIT_SCENARIO_H
#define LASTCALL_TESTS_UNIT_SCENARIO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/invariants.h"
#include "core/supervisor.h"

enum { TEXT_SIZE = 8192, QUEUE_SIZE = 256 };

struct world {
    struct spec spec;
    struct supervisor s;
    struct invariants watch;
    int64_t now;                       /* ms since the scenario began */

    /* what a look at each service tells; ready at the first look, unless a test says so */
    struct facts facts[SERVICES_MAX];
    int32_t jobs[SERVICES_MAX];        /* in flight; -1: cannot be known */
    int16_t major[SERVICES_MAX];       /* version in the title; Puma 5, others 7 */
    bool boots[SERVICES_MAX];          /* has no title and cannot take the quiet yet */
    bool deaf[SERVICES_MAX];           /* takes the quiet, shows no effect */
    bool mute[SERVICES_MAX];           /* looks are not answered */
    bool slow_spawn[SERVICES_MAX];     /* EVENT_SPAWNED and the like are rows */
    bool probed[SERVICES_MAX];         /* a probe watches for its readiness */
    unsigned looks[SERVICES_MAX];      /* how many were asked for */
    uint8_t said[SERVICES_MAX];        /* the last signal of its ladder */
    uint32_t said_to[SERVICES_MAX];    /* and the generation that got it */
    unsigned repeats[SERVICES_MAX];    /* how often more while it booted */
    uint32_t orphans;

    bool recorded;                     /* world_replay(): nothing is answered */
    struct facts told[SERVICES_MAX];   /* there: what the last look told */

    bool shown[STORY_COUNT];           /* log lines that count as actions */
    struct action story[STORY_COUNT];  /* the last of each, and how many */
    unsigned stories[STORY_COUNT];
    enum verdict verdict;              /* of the last request */
    struct action exec[EXEC_PURPOSES]; /* the last of each */
    struct action hook[HOOK_COUNT];
    struct action signal;              /* the last */
    bool exited;
    int code;

    struct event queue[QUEUE_SIZE];
    size_t queued;
    struct actions out;
    char text[TEXT_SIZE];              /* what came out, "; " between */
};

enum happening_kind {
    TIME_PASSES,
    TIME_JUMPS,    /* and nothing ran meanwhile */
    EVENT_COMES,
    JOBS_CHANGE,
    BOOTED,
    LEADER_ENDS,
    REMAINS_CHANGE,
    ORPHANS_CHANGE,
    STANDS_STILL   /* the container, for .number ms */
};

struct happening {
    enum happening_kind kind;
    struct event event;
    int32_t number;
    uint32_t late;           /* of so many lives before the present one */
};

struct row {
    double at;               /* seconds since the scenario began */
    struct happening what;
    const char *expected;    /* "spawn web; signal worker TERM" */
};

/* An empty world; deadline in seconds, 0: none. */
struct world *world_new(int64_t deadline_s);

/* One more service with a profile's defaults. */
struct service_spec *world_add(struct world *w, const char *name, enum profile profile);
struct service_spec *world_add_task(struct world *w, const char *name);

/* Finishes the spec, with the signals of a config file or of the `--` form. */
void world_finish(struct world *w, bool single);

void world_show(struct world *w, enum story story);

/* It has set its traps, as the next look will see; a stop before that has not reached it. */
void world_boots_on(struct world *w, size_t service);

/* Finishes the spec of a config file, and starts at 0: that comes out. Pauses have no jitter. */
void world_begin(struct world *w, const char *expected);

/* Plays the rows, after those that were played before. */
void world_play(struct world *w, const struct row *rows, size_t count);
#define PLAY(w, rows) world_play((w), (rows), sizeof(rows) / sizeof((rows)[0]))

/* Plays a record of the simulation (tests/sim --as-scenario). All that the core was told is a row,
 * but for timers that brought nothing, or only looks that told the same as before. A time_passes()
 * is a timer that is due then. */
void world_replay(struct world *w, const struct row *rows, size_t count);
#define REPLAY(w, rows) world_replay((w), (rows), sizeof(rows) / sizeof((rows)[0]))

/* What happens. */
struct happening comes(struct event e);
struct happening tells(uint8_t service, struct facts facts);
struct happening stands_still(int32_t ms);
struct happening time_passes(void);
struct happening time_jumps(void);
struct happening starts(void);
struct happening gets(uint8_t signo);
struct happening asks(enum request_verb verb);
struct happening asks_deadline(int64_t ms);
struct happening asks_for(enum request_verb verb, uint8_t service);
struct happening asks_signal(uint8_t service, uint8_t signo);
struct happening ends(uint8_t service, uint8_t code);
struct happening dies(uint8_t service, uint8_t signo);
struct happening leaves(uint8_t service, uint8_t code, int32_t remains); /* the leader ends */
struct happening remains(uint8_t service, int32_t processes);
struct happening unheard(uint8_t service); /* a look: one lives that the stop has not reached */
struct happening spawned(uint8_t service);
struct happening spawn_fails(uint8_t service, enum spawn_stage stage, bool missing);
struct happening fork_fails(uint8_t service); /* for now */
struct happening booted(uint8_t service);
struct happening jobs(uint8_t service, int32_t count);
struct happening is_ready(uint8_t service);
struct happening notifies(uint8_t service);
struct happening extends(uint8_t service, int64_t ms);
struct happening did(uint8_t service, enum exec_purpose purpose, bool ok);
struct happening hook_did(enum hook hook, bool ok);
struct happening orphans(int32_t count);
struct happening late(struct happening what); /* an event of the life before */

#endif
