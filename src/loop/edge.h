/* Inside the loop: what its files share. Nobody outside src/loop includes this.
 *
 * What happens becomes an event (edge_feed), step() turns it into actions, and
 * carry.c carries them out. What that brings about is again an event, queued: step()
 * is never called from within carrying out an action. */
#ifndef LASTCALL_LOOP_EDGE_H
#define LASTCALL_LOOP_EDGE_H

#include <ev.h>

#include "core/event_log.h"
#include "core/evidence.h"
#include "core/supervisor.h"
#include "loop/journal.h"
#include "loop/run.h"
#include "sys/manager.h"
#include "sys/proc.h"
#include "sys/threads.h"
#include "text/json_events.h"
#include "text/status.h"

enum {
    EDGE_QUEUE = 4096,       /* events that wait; one step brings ACTIONS_MAX at most */
    EDGE_SIDES = 128,        /* commands on the side at one time */
    EDGE_SIDE_OUTPUT = 64,   /* `BUSY TOTAL` */
    EDGE_THREADS = 2048      /* threads in one look */
};

struct edge;

/* A process of a service, as the last look found it. */
struct member {
    int32_t pid;
    uint64_t start;
    uint64_t caught;         /* SigCgt */
    bool caught_known;
    int stat;                /* its /proc/PID/stat; -1: not open */
    bool untitled;           /* its title could not be read, and is asked for again */
    struct threads *threads; /* NULL: its threads are not watched; malloc'ed */
};

/* What the edge knows of a service: pids live here and nowhere else. */
struct child {
    struct edge *edge;
    uint8_t service;
    uint32_t generation;
    int32_t leader;          /* 0: none */
    int32_t session;         /* the leader's pid also when it is gone; 0: no life */
    int32_t failed;          /* could not be executed, and is about to end; 0: none */
    int result;              /* of spawn_start(); -1: none */
    ev_io result_watch;
    int notify;              /* socket; -1: none */
    ev_io notify_watch;
    ev_timer notify_again;   /* not read before, where too much waits to be closed */
    char *notify_path;
    const char **environment; /* malloc'ed array, strings not ours but the last */
    struct evidence *evidence;
    struct member member[EVIDENCE_PROCS_MAX];
    uint32_t members;
    bool complete;           /* member[] is all there is */
    int64_t scanned;         /* counted; NEVER: not in this life */
    uint8_t unrunnable;      /* bit per enum exec_purpose: said why, and it has not run since */
    ev_timer probe_timer;
    ev_io probe_watch;
    int probe;               /* socket of the present attempt; -1: none */
    bool probe_sent;
    bool probe_v6;           /* where `localhost` is looked for next */
    bool has_exit;           /* the last end of a main process */
    uint8_t exit_code, exit_signal;
    struct exit_count *exits; /* of all lives; malloc'ed */
    size_t exit_kinds;
    int64_t memory;          /* bytes, at edge.memory_at; -1: unknown */
};

/* A command on the side. */
struct side {
    struct edge *edge;
    int32_t pid;             /* 0: free */
    bool is_hook;
    const char *shown;       /* of its command; the spec's */
    enum hook hook;
    enum exec_purpose purpose;
    uint8_t service;
    uint32_t generation;
    int64_t began;           /* counted */
    bool abandoned;          /* nobody waits for it any more */
    int result;              /* of spawn_start() */
    int output;              /* -1: not read */
    ev_io output_watch;
    ev_timer timeout;
    size_t length;
    char text[EDGE_SIDE_OUTPUT];
};

struct server;

struct edge {
    const struct run_options *options;
    const struct spec *spec;
    struct ev_loop *loop;
    ev_timer timer;
    ev_timer reap_again;
    ev_io signals;
    ev_periodic far;
    int proc;                /* /proc */
    const char **environment; /* malloc'ed array, strings not ours */
    bool adopts;             /* orphans become our children */
    bool foreground;         /* the one service has the terminal */
    char directory[128];     /* of the notify sockets; "": none could be had */
    struct proc_table table; /* its entries are malloc'ed */
    struct proc_entry *found; /* room for as many, for what is picked out of it */
    bool stepping;
    bool settles;            /* all was ready once */
    ev_timer settled;        /* and that was a moment ago */
    bool done;
    int exit_code;
    size_t queue_first, queue_count;
    struct child child[SERVICES_MAX];
    size_t sides;            /* those that are not free lie below */
    struct side side[EDGE_SIDES];
    struct event queue[EDGE_QUEUE];
    struct server *server;   /* NULL: nobody listens */
    struct manager *manager; /* NULL: none to be told */
    bool told_ready, told_stopping;
    int64_t told_jobs;
    enum phase told_phase;
    int64_t extended_at;     /* NEVER: not yet */
    struct events_head began; /* when, and what for */
    uint64_t orphans_reaped;
    int64_t memory_at;       /* NEVER: nobody has asked for it */
    uint64_t signals_got[SIGNALS_MAX]; /* how many of each */
    struct supervisor supervisor;
    struct actions actions;
    struct journal journal;
    struct event_log log;
};

/* loop.c: takes in an event; `now` is filled in here. */
void edge_feed(struct edge *edge, struct event e);
/* An event of a service's present life. */
struct event edge_event(const struct child *c, enum event_type type);
/* A line of the log that no story of the core tells. */
void edge_say(struct edge *edge, enum story_level level, const struct child *c,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* outwards.c: sd_notify, and the termination log */
void outwards_open(struct edge *edge);
void outwards_turn(struct edge *edge); /* after a step */
void outwards_last_line(const struct edge *edge, const char *line);
void outwards_close(struct edge *edge);

/* carry.c */
void carry_out(struct edge *edge, const struct action *a);

/* service.c: starting, reaping */
void service_spawn(struct child *c, uint32_t generation);
/* Reaps some, and has itself called again where there may be more. */
void service_reap(struct edge *edge);
/* What is needed as long as services run: evidence, and what commands get of lastcall's own
 * environment. 0; -1: out of memory. */
int service_memory(struct edge *edge);
/* With what is for this service alone; NULL: out of memory. */
const char *const *service_environment(struct child *c);

/* look_list.c */
int64_t look_until(const struct edge *edge); /* a scan of /proc that begins now is cut then */
int look_begin(struct edge *edge);            /* before all others; -1: out of memory */
int look_table(struct edge *edge);            /* scans /proc into edge->table, for our descendants */
void look_forget(struct child *c);            /* a new life begins */
struct member *look_member_of(struct child *c, int32_t pid, uint64_t start); /* NULL: none, or a zombie */
/* Its processes, into `entry` of EVIDENCE_PROCS_MAX, and into c->member[]; c->complete tells whether these are all.
 * scan: anew, else perhaps those known. Returns how many. */
size_t look_list(struct child *c, struct proc_entry *entry, bool scan);
/* All of them, into edge->found, which has room for every process that there is. The first
 * `told` that are there already have got a signal. */
size_t look_list_all(struct child *c, size_t told, bool *complete);
/* Resident memory of its processes, in bytes, by the last look_table(); -1: unknown, or not all
 * had been read at `until`. */
int64_t look_memory(struct child *c, int64_t until);

/* look.c */
void look_take(struct child *c, bool scan);   /* looks, and feeds EVENT_LOOKED */
void look_quiet(struct child *c, int signo);  /* looks, tells each that can take it, feeds */
void look_signal(struct child *c, int signo, enum signal_target target, bool stop);
bool look_is_member(struct child *c, int32_t pid);
size_t look_orphans(struct edge *edge, int signo); /* how many live; 1: not known. signo 0: a look */

/* side.c */
void side_begin(struct edge *edge, const struct action *a);
void side_end(struct child *c, enum exec_purpose purpose);
bool side_reaped(struct edge *edge, int32_t pid, bool ok);

/* notify.c */
void notify_open(struct child *c);
void notify_close(struct child *c);

/* probe.c */
void probe_begin(struct child *c);
void probe_end(struct child *c);

#endif
