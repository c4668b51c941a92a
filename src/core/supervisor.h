/* The supervisor: all that is decided, as one flat value.
 *
 * step() is the only way it changes. It makes no system call, reads no clock
 * and allocates nothing, so that a run can be simulated, replayed and searched.
 *
 * States of a service, and what each does not mean:
 *   waiting   not started, or to be started again; something it is `after` may be missing
 *   starting  its start was begun (pre_start, spawn, or it runs and is not ready);
 *             it may have taken work already: ready is reached once a life
 *   ready     ready was reached; its jobs are unknown to this state
 *   quiet     it was told to take no new work; not that it has none
 *   stopping  its ladder has begun; not that anybody obeyed
 *   backoff   nothing of it lives; it will be started again
 *   done      nothing of it lives and nothing will start it, but for an operator
 *   failed    as done, and what is after it fails too
 *
 * Three things never mixed: the state of a service, the ask (how much is asked
 * of it, which only rises), and the cause (why). */
#ifndef LASTCALL_CORE_SUPERVISOR_H
#define LASTCALL_CORE_SUPERVISOR_H

#include "core/event.h"
#include "core/spec.h"

#define STATES(X)                  \
    X(STATE_WAITING, "waiting")    \
    X(STATE_STARTING, "starting")  \
    X(STATE_READY, "ready")        \
    X(STATE_QUIET, "quiet")        \
    X(STATE_STOPPING, "stopping")  \
    X(STATE_BACKOFF, "backoff")    \
    X(STATE_DONE, "done")          \
    X(STATE_FAILED, "failed")

enum service_state {
#define X(id, name) id,
    STATES(X)
#undef X
        STATE_COUNT
};

#define ASKS(X)              \
    X(ASK_RUN, "run")        \
    X(ASK_DRAIN, "drain")    \
    X(ASK_STOP, "stop")      \
    X(ASK_NOW, "now")        \
    X(ASK_KILL, "kill")

enum ask {
#define X(id, name) id,
    ASKS(X)
#undef X
};

#define CAUSES(X)                                    \
    X(CAUSE_NONE, "none")                            \
    X(CAUSE_SIGNAL, "signal")                        \
    X(CAUSE_PRESTOP, "prestop")                      \
    X(CAUSE_COMMAND, "command")                      \
    X(CAUSE_DEADLINE, "deadline")                    \
    X(CAUSE_ESSENTIAL, "end of an essential service") \
    X(CAUSE_FINISHED, "nothing left to run")

enum cause {
#define X(id, name) id,
    CAUSES(X)
#undef X
};

#define PHASES(X)                  \
    X(PHASE_STARTING, "starting")  \
    X(PHASE_RUNNING, "running")    \
    X(PHASE_DRAINING, "draining")  \
    X(PHASE_DRAINED, "drained")    \
    X(PHASE_STOPPING, "stopping")

enum phase {
#define X(id, name) id,
    PHASES(X)
#undef X
};

/* What a start is at. */
enum start_stage { START_NONE, START_PRE, START_SPAWNING, START_RUNNING };

/* Times ending in _c are counted time: a jump of the clock counts 2 s at most
 * (docs/architecture.md, time that counts); the others are real. */

/* One incarnation of a service: begins empty, ends when its processes are gone. */
struct life {
    enum start_stage stage;
    bool leader_alive;
    bool ready;
    bool start_failed;       /* not ready in time, or its pre_start or its exec failed */
    bool transient;          /* the fork failed; tried again whatever `restart` says */
    bool clearing;           /* the leader ended by itself; what it left is being stopped */
    bool post_exit_begun;
    bool exit_known;
    bool ended_itself;       /* the leader was gone before anybody told it to stop */
    uint8_t exit_code, exit_signal; /* of the leader, once it is gone */
    uint8_t exec_running;    /* bit per enum exec_purpose */
    uint8_t exec_failing;    /* the last of its kind failed; told once */
    uint64_t signals_sent;   /* bit n-1: lastcall sent signal n to it */
    int64_t over_c;          /* when nothing of it was left; NEVER */
    bool ended_by_us;        /* by one of those: what is sent after its end was not the cause */
    int64_t spawned_c, spawned_at;
    int64_t ready_c;         /* NEVER until ready */
    int64_t ask_ready_c;     /* when an `exec:` readiness is asked next */
    struct facts facts;
    int64_t look_c;          /* the last look that was asked for; NEVER: none yet */
    bool look_pending;
    int64_t looked_c;        /* when .facts came */
    int64_t inflight_c;      /* the last inflight command; NEVER: none yet */
    int64_t reading_c;       /* when the last that has ended began; NEVER: none yet */

    /* asks of its own: the verbs, its ready_timeout, what it left behind */
    enum ask ask;
    bool by_verb;
    bool restart_wanted;     /* a verb's: stop, then start again */
    int64_t ask_c;           /* when its ask, or the global one, rose to drain */
    int64_t ask_latest;      /* real; begin the ladder then, work or no work */

    /* quiet */
    bool quiet_begun;
    bool quiet_said;         /* in the log: somebody got it */
    bool quiet_done;         /* its command succeeded, or its effect was seen */
    int64_t quiet_c;         /* the last time it was told */
    int64_t quiet_first_c;

    /* ladder */
    bool ladder_begun;
    bool forced;             /* for lack of time, with work in flight or unknown */
    bool patient;            /* the first wait lasts until latest + wait */
    bool killed;             /* KILL was sent while something of it lived */
    bool killed_remains;     /* and its leader was gone by then */
    bool kill_left;          /* KILL is left to the platform; said once */
    enum stop_reason stop_reason;
    uint8_t step;
    int64_t step_c;          /* when the present step began */
    int64_t said_c;          /* and when its signal was sent last */
    int64_t extended_c;      /* EXTEND_TIMEOUT_USEC: until when it goes on */
    int64_t late_c;          /* when the first heard late of the present step; NEVER: nobody */
    int64_t missed_c;        /* and who had swallowed it */
    int64_t late_end_c;      /* until when it goes on for those */
    int64_t stop_c;
    int64_t term_c;          /* when its ladder sent TERM, or INT: Sidekiq's -t runs; NEVER: not yet */
    int64_t kill_c;          /* the last KILL */

    /* the story and its books */
    bool idle_told, remains_told;
    int32_t told_busy, told_total;
    int64_t told_busy_c;
    int64_t told_c;          /* the last line about waiting */
    int32_t jobs_seen;       /* most that were in flight after the quiet; -1 none seen */
    int32_t jobs_left;       /* in flight when it was last looked at; -1 unknown */
    int32_t jobs_before;     /* and at the look before that: a process that is being
                                killed loses its threads one by one */
};

/* How its final life ended, for the exit code. */
enum end_kind {
    END_NONE,          /* not ended, or with success */
    END_BY_ITSELF,     /* its own final end, and no success */
    END_WHEN_ASKED     /* told to stop, ended with a code that is no success */
};

struct service {
    enum service_state state;
    uint32_t generation;     /* 0: never started; events of others are stale */
    int64_t next_real, next_counted; /* the nearest that its rules wait for; NEVER */
    struct life life;
    bool held;               /* stopped by a verb: an end that ends nothing else */
    bool quiet_asked;        /* before it was started: it begins quiet */
    bool ever_ready;

    /* restarts */
    uint16_t restarts;       /* in a row */
    uint32_t restarts_total;
    int64_t backoff_end_c;

    /* the plan, made when the clock starts and when the deadline moves */
    int64_t wait[LADDER_STEPS_MAX + 1];
    int64_t tail;            /* for its post_exit, behind its ladder */
    int64_t linger_end_c;
    int64_t latest;          /* real; its ladder must begin; NEVER without deadline */

    /* how it ended */
    enum end_kind end;
    uint8_t end_code;        /* code, or 128+signal */
    bool end_killed;
    bool end_handed_back;
};

struct supervisor {
    const struct spec *spec; /* not ours; unchanged while we live */
    int64_t now;             /* of the last event */
    int64_t counted;         /* counted time */
    uint32_t random;         /* of the jitter */

    enum ask ask;
    enum cause cause;
    uint8_t cause_detail;    /* signal number or service index */
    bool clock;              /* the one clock runs */
    bool platform;           /* a signal or a prestop asked: somebody else will kill */
    bool started;            /* EVENT_START was seen */
    bool was_ready;          /* all essential services were ready once */
    bool drained;
    bool drain_failed;       /* before it was drained a stop began that jobs did not allow */
    int64_t clock_at;        /* when it began */
    int64_t deadline_at;     /* real; NEVER: none */
    int64_t margin;

    uint8_t interrupts;
    int64_t interrupt_at;

    /* sequences of signals under way: bit signo-1, the step that is next, when */
    uint64_t sequences;
    uint16_t sequence_step[SIGNALS_MAX];
    int64_t sequence_c[SIGNALS_MAX];

    service_set down;        /* nothing of it lives and nothing is about to */
    service_set planned_down; /* as it was when the plan was made */
    service_set alive;       /* a start was begun and its processes are not all gone */
    service_set killed;      /* got KILL in its last life */

    /* the end */
    bool orphans_asked;      /* a count was asked for and has not come */
    bool orphans_known;
    uint32_t orphans;
    uint8_t orphans_signal;  /* the last that they got; 0: none yet */
    int64_t orphans_c;       /* when they got it */
    int64_t orphans_look_c;
    bool exit_hook_begun;
    uint8_t hooks_running; /* a bit each: 1 << hook */
    int64_t hooks_end_c;   /* then they are waited for no more */
    bool exiting;            /* ACT_EXIT was given; nothing follows */
    uint8_t exit_code;
    int32_t jobs_finished, jobs_handed_back, jobs_killed;

    struct service service[SERVICES_MAX];

    bool changed;            /* what any service may look at, since this pass of advance() began */
    service_set again;       /* to be asked at the next step, whatever it brings */
    int64_t next_real, next_counted; /* as in struct service: of the rules that are being asked */
    int64_t wake;            /* see next_deadline() */
    struct actions *out;     /* of the step under way; NULL between steps */
};

/* seed: of the jitter of restarts, any number. The spec must be finished. */
void supervisor_init(struct supervisor *s, const struct spec *spec, int64_t now, uint32_t seed);

/* Takes in one event and writes what is to be done to *out, which it empties first. */
void step(struct supervisor *s, const struct event *e, struct actions *out);

/* The instant (real ms) at which EVENT_TIMER is due; NEVER if nothing is. */
int64_t next_deadline(const struct supervisor *s);

/* Views for status, metrics and the story. */
enum phase supervisor_phase(const struct supervisor *s);
enum wait_reason supervisor_waits_for(const struct supervisor *s, size_t service);
bool supervisor_shutting_down(const struct supervisor *s); /* the clock runs */
bool supervisor_ready(const struct supervisor *s); /* /readyz */
/* A task is ready when it has succeeded once; what is asked to end is not. */
bool supervisor_service_ready(const struct supervisor *s, size_t service);
/* The first essential service that is not; spec->count: all are. */
size_t supervisor_unready(const struct supervisor *s);
/* What `prestop` waits for. DRAIN_FAILED: jobs are handed back, or were. */
enum drain_outcome { DRAIN_PENDING, DRAIN_DONE, DRAIN_FAILED };
enum drain_outcome supervisor_drain_outcome(const struct supervisor *s);
/* ms until the deadline, 0 when it has passed; NEVER without one or before the clock runs. */
int64_t supervisor_remaining(const struct supervisor *s);
/* How long the deadline is, ms: once the clock runs, as long as it has become. NEVER: none. */
int64_t supervisor_deadline(const struct supervisor *s);
/* Is there something to be looked at for who asks at `now` (real ms) how busy the services are? If
 * not, EVENT_OBSERVE would change nothing, and need not fill the event log. */
bool supervisor_wants_observe(const struct supervisor *s, int64_t now);
/* For how many ms more a manager outside is to be patient (EXTEND_TIMEOUT_USEC), when it was last
 * told at `told_at` (real ms; NEVER: not yet); 0: nothing is to be said now. */
int64_t supervisor_extension(const struct supervisor *s, int64_t told_at);

const char *event_name(enum event_type t);
const char *action_name(enum action_type t);
const char *state_name(enum service_state st);
const char *ask_name(enum ask a);
const char *cause_name(enum cause c);
const char *phase_name(enum phase p);
const char *wait_reason_name(enum wait_reason w);
const char *stop_reason_name(enum stop_reason r);
const char *verdict_text(enum verdict v);
const char *request_name(enum request_verb v);
const char *hook_name(enum hook h);

#endif
