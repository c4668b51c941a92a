/* Events go into step(), actions come out. Both are small values: no pointers
 * into anything that could be gone when they are looked at. */
#ifndef LASTCALL_CORE_EVENT_H
#define LASTCALL_CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/facts.h"
#include "core/spec.h"

enum { NO_SERVICE = 0xff };

#define EVENTS(X)                                                          \
    X(EVENT_START, "start")           /* once, first: begin what may begin */ \
    X(EVENT_TIMER, "timer")           /* next_deadline() has come */          \
    X(EVENT_SIGNAL, "signal")         /* lastcall got .signal */              \
    X(EVENT_REQUEST, "request")       /* a client asks for .request */        \
    X(EVENT_OBSERVE, "observe")       /* somebody wants to know how busy the services are */ \
    X(EVENT_SPAWNED, "spawned")       /* the exec succeeded */                \
    X(EVENT_SPAWN_FAILED, "spawn_failed") /* .error; nothing runs */          \
    X(EVENT_EXITED, "exited")         /* the leader; .exit */                 \
    X(EVENT_LOOKED, "looked")         /* .facts about the processes */        \
    X(EVENT_READY, "ready")           /* a probe succeeded, or .by_notify: READY=1 came */           \
    X(EVENT_EXTEND, "extend")         /* EXTEND_TIMEOUT_USEC; .ms */          \
    X(EVENT_EXEC_DONE, "exec_done")   /* a command on the side; .exec */      \
    X(EVENT_HOOK_DONE, "hook_done")   /* .hook */                             \
    X(EVENT_ORPHANS, "orphans")       /* .count adopted processes live */

enum event_type {
#define X(id, name) id,
    EVENTS(X)
#undef X
        EVENT_COUNT
};

/* What a client can ask for. */
#define REQUESTS(X)                      \
    X(REQUEST_PRESTOP, "prestop")        \
    X(REQUEST_DRAIN, "drain")            \
    X(REQUEST_SHUTDOWN, "shutdown")      \
    X(REQUEST_SHUTDOWN_NOW, "shutdown now") \
    X(REQUEST_DEADLINE, "deadline")      \
    X(REQUEST_RELOAD, "reload")          \
    X(REQUEST_QUIET, "quiet")            \
    X(REQUEST_STOP, "stop")              \
    X(REQUEST_START, "start")            \
    X(REQUEST_RESTART, "restart")        \
    X(REQUEST_SIGNAL, "signal")

enum request_verb {
#define X(id, name) id,
    REQUESTS(X)
#undef X
};

/* Commands that run beside a service; one of each at a time. */
enum exec_purpose {
    EXEC_PRE_START,
    EXEC_POST_EXIT,
    EXEC_READY,
    EXEC_QUIET,
    EXEC_INFLIGHT,
    EXEC_STOP,
    EXEC_PURPOSES
};

/* The stage of a start that failed: exec gives 126 or 127, a fork without
 * memory or processes to be had is tried again. */
enum spawn_stage { SPAWN_FORK, SPAWN_LOGS, SPAWN_DIRECTORY, SPAWN_SETUP, SPAWN_EXEC };

struct event {
    enum event_type type;
    uint8_t service;     /* index, or NO_SERVICE */
    uint32_t generation; /* of the service; others than the present are dropped */
    int64_t now;         /* CLOCK_MONOTONIC, ms */
    union {
        struct { uint8_t signo; int32_t sender; } signal;
        struct { enum request_verb verb; uint8_t signo; uint32_t token; int64_t ms; } request;
        struct { enum spawn_stage stage; bool missing; bool transient; int32_t error; } spawn;
        struct { uint8_t code; uint8_t signo; } exit; /* signo 0: exited with code */
        struct facts facts;
        struct { enum exec_purpose purpose; bool ok; } exec;
        struct { enum hook hook; bool ok; } hook;
        bool by_notify;
        int64_t ms;
        uint32_t count;
    };
};

#define ACTIONS(X)                                                           \
    X(ACT_SPAWN, "spawn")          /* a new generation's main process */     \
    X(ACT_SIGNAL, "signal")        /* .signal to .target */                  \
    X(ACT_QUIET, "quiet")          /* looks, .signal (0: none) to each that can take it */ \
    X(ACT_LOOK, "look")            /* at the service's processes; EVENT_LOOKED answers */ \
    X(ACT_PROBE, "probe")          /* begin to watch for readiness */        \
    X(ACT_PROBE_END, "probe_end")                                            \
    X(ACT_EXEC, "exec")            /* .purpose, killed after .ms */          \
    X(ACT_EXEC_END, "exec_end")    /* kill what runs for .purpose */         \
    X(ACT_HOOK, "hook")            /* .hook, killed after .ms */             \
    X(ACT_ORPHANS, "orphans")      /* .signal (0: only count) to orphans; EVENT_ORPHANS answers */ \
    X(ACT_RELOAD, "reload")                                                  \
    X(ACT_REPLY, "reply")          /* .verdict to the request .token */      \
    X(ACT_STORY, "story")          /* a line of the log */                   \
    X(ACT_EXIT, "exit")            /* .code; the last action there is */

enum action_type {
#define X(id, name) id,
    ACTIONS(X)
#undef X
        ACTION_COUNT
};

/* Whom a signal is for. */
enum signal_target {
    TARGET_LEADER,  /* the leader alone */
    TARGET_WORKERS, /* the processes that do the service's work: the Sidekiqs where some
                       were recognised, else the leader, else all that remain */
    TARGET_BOOTING, /* the same, of a service that boots. Where one has set its traps since the look that found it
                       booting, nobody gets it: it would be heard once jobs have begun, and cut them off */
    TARGET_ALL,     /* every process of the service */
    TARGET_EVERYTHING /* the same, and the end of all has come: where its processes cannot
                         be listed, whatever else there is may go with them */
};

/* The answer to a request: 202, 404, 400, or 409 with the reason. */
#define VERDICTS(X)                                                            \
    X(VERDICT_ACCEPTED, "accepted")                                            \
    X(VERDICT_UNKNOWN, "there is no such service")                             \
    X(VERDICT_SHUTTING_DOWN, "a shutdown is under way")                        \
    X(VERDICT_NEEDED, "a living service needs it")                             \
    X(VERDICT_NOT_RUNNING, "it is not running")                                \
    X(VERDICT_RUNNING, "it is running already")                                \
    X(VERDICT_NO_QUIET, "it has no quiet")                                     \
    X(VERDICT_OUT_OF_RANGE, "the deadline is less than 1s away, or has passed")

enum verdict {
#define X(id, text) id,
    VERDICTS(X)
#undef X
};

/* Lines of the story; text/story.c words them. a, b, c are what the list says. */
#define STORIES(X)                                                             \
    X(STORY_STATE, "state")                /* enum service_state before, after */ \
    X(STORY_STARTED, "started")            /* generation */                    \
    X(STORY_READY, "ready")                /* ms since start */                \
    X(STORY_READY_TIMEOUT, "ready_timeout") /* ms; 1: counts as ready */       \
    X(STORY_SPAWN_FAILED, "spawn_failed")  /* stage, errno */                  \
    X(STORY_PRE_START_FAILED, "pre_start_failed")                              \
    X(STORY_EXITED, "exited")              /* code, signal, 1: asked for */    \
    X(STORY_REMAINS, "remains")            /* processes left behind the leader */ \
    X(STORY_BACKOFF, "backoff")            /* ms, restarts in a row, limit */  \
    X(STORY_FAILED, "failed")              /* restarts in a row */             \
    X(STORY_DEPENDENCY_FAILED, "dependency_failed") /* index of the failed */  \
    X(STORY_SIGNAL, "signal")              /* signo, sender */                 \
    X(STORY_SIGNAL_IGNORED, "signal_ignored") /* signo, sender */              \
    X(STORY_FORWARD, "forward")            /* signo */                         \
    X(STORY_SHUTDOWN, "shutdown")          /* cause, ask, ms to the deadline or NEVER */ \
    X(STORY_ASK, "ask")                    /* cause, new ask, signal or service */ \
    X(STORY_DEADLINE, "deadline")          /* ms from now, 1: moved, 0: was earlier */ \
    X(STORY_SHRUNK, "shrunk")              /* ms of its ladder before, now; 1: it has jobs */ \
    X(STORY_LINGER_SHRUNK, "linger_shrunk") /* ms before, ms after */           \
    X(STORY_CLOCK_JUMP, "clock_jump")      /* ms that passed unseen */         \
    X(STORY_QUIET, "quiet")                /* signo or 0: command */           \
    X(STORY_QUIET_SEEN, "quiet_seen")      /* ms since the first quiet */      \
    X(STORY_BUSY, "busy")                  /* busy or -1, total or -1 */       \
    X(STORY_WAITING, "waiting")            /* enum wait_reason, ms so far, busy or -1 */ \
    X(STORY_IDLE, "idle")                  /* ms waited */                     \
    X(STORY_STOP, "stop")                  /* enum stop_reason, signo or 0: command, ms of the wait or NEVER */ \
    X(STORY_STOP_STEP, "stop_step")        /* signo or 0, ms waited before, ms of the wait or NEVER */ \
    X(STORY_STOP_AGAIN, "stop_again")      /* signo: the first came before it could hear */ \
    X(STORY_STOP_MISSED, "stop_missed")    /* signo: so, and it may have work by now */ \
    X(STORY_KILL_LEFT, "kill_left")        /* KILL is left to the platform */  \
    X(STORY_STOPPED, "stopped")            /* ms since its stop began, code, signal */ \
    X(STORY_DRAINED, "drained")            /* ms since the clock started */    \
    X(STORY_ORPHANS, "orphans")            /* count, signo */                  \
    X(STORY_DEADLINE_KILL, "deadline_kill") /* services alive */               \
    X(STORY_SURVIVED, "survived")          /* lives after KILL; processes */   \
    X(STORY_REFUSED, "refused")            /* verb, verdict */                 \
    X(STORY_EXEC_FAILED, "exec_failed")    /* enum exec_purpose */             \
    X(STORY_HOOK_FAILED, "hook_failed")    /* enum hook */                     \
    X(STORY_DONE, "done")                  /* ms of the shutdown, ms of the deadline or NEVER, exit code */ \
    X(STORY_BOOKS, "books")                /* jobs finished, handed back, killed; with STORY_DONE */

enum story {
#define X(id, name) id,
    STORIES(X)
#undef X
        STORY_COUNT
};

#define WAIT_REASONS(X)                                            \
    X(WAIT_NOTHING, "nothing")                                     \
    X(WAIT_DEPENDENCY, "what it is after")                         \
    X(WAIT_READY, "ready")                                         \
    X(WAIT_LINGER, "linger")                                       \
    X(WAIT_JOBS, "jobs")                                           \
    X(WAIT_TASK, "the end of the task")                            \
    X(WAIT_OTHERS, "what must stop before it")                     \
    X(WAIT_STOP_ASKED, "a request to stop")                        \
    X(WAIT_END, "its end")                                         \
    X(WAIT_BACKOFF, "the pause before a restart")

enum wait_reason {
#define X(id, name) id,
    WAIT_REASONS(X)
#undef X
};

/* Why a ladder began. */
#define STOP_REASONS(X)                                             \
    X(STOP_NOTHING_TO_WAIT_FOR, "nothing to wait for")              \
    X(STOP_IDLE, "idle")                                            \
    X(STOP_LINGER_OVER, "lingered long enough")                     \
    X(STOP_BOOTING, "still booting, it has accepted no work")       \
    X(STOP_LATEST, "latest moment")                                 \
    X(STOP_NO_DEADLINE, "no deadline is set")                       \
    X(STOP_NOW, "no more waiting")                                  \
    X(STOP_REMAINS, "its main process is gone")                     \
    X(STOP_ASKED, "asked for")                                      \
    X(STOP_KILL, "the end")

enum stop_reason {
#define X(id, text) id,
    STOP_REASONS(X)
#undef X
};

struct action {
    enum action_type type;
    uint8_t service;
    uint32_t generation;
    union {
        struct { uint8_t signo; enum signal_target target; bool stop; } signal;
        struct { enum exec_purpose purpose; uint8_t step; int64_t ms; } exec;
        struct { enum hook hook; int64_t ms; } hook;
        struct { uint32_t token; enum verdict verdict; } reply;
        struct { enum story id; int64_t a, b, c; } story;
        uint8_t code;
    };
};

/* Bound on the actions of one step, and on how many there may be when a story is told: what is to be
 * done finds room behind them, 16 a service. */
enum { ACTIONS_MAX = 2048, STORIES_UNTIL = 1024 };

struct actions {
    uint32_t count;
    uint32_t dropped; /* stays 0; an invariant. Stories that found no room are not counted */
    struct action list[ACTIONS_MAX];
};

#endif
