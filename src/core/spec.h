/* What a run consists of: services and tasks, and the settings of lastcall
 * itself, as SPEC sections 2 and 3 give them.
 *
 * A spec is built once (from the command line or a config file),
 * finished by spec_finish(), and never changes afterwards. Its strings belong
 * to whoever built it and must outlive it. Durations are milliseconds. */
#ifndef LASTCALL_CORE_SPEC_H
#define LASTCALL_CORE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/time.h"

enum {
    SERVICES_MAX = 64,     /* so that a set of services is one uint64_t */
    SERVICE_NAME_MAX = 63, /* bytes */
    LADDER_STEPS_MAX = 8,  /* as the user may write; KILL is added behind them */
    SIGNALS_MAX = 65,      /* 1..64, as the kernel numbers them */
    SIGNAL_STEPS_MAX = 256 /* steps of all sequences together */
};

typedef uint64_t service_set; /* bit i: the service at index i */

#define SET_OF(i) ((service_set)1 << (i))

/* One list gives the enum and the names; the rows themselves are profile.c. */
#define PROFILES(X)                \
    X(GENERIC, "generic")          \
    X(PUMA, "puma")                \
    X(SIDEKIQ, "sidekiq")          \
    X(NGINX, "nginx")              \
    X(FLUENT_BIT, "fluent-bit")    \
    X(RESQUE, "resque")            \
    X(SHORYUKEN, "shoryuken")      \
    X(FAKTORY, "faktory")          \
    X(KARAFKA, "karafka")          \
    X(SOLID_QUEUE, "solid_queue")  \
    X(GOOD_JOB, "good_job")        \
    X(DELAYED_JOB, "delayed_job")  \
    X(QUE, "que")                  \
    X(CELERY, "celery")

enum profile {
#define X(id, name) PROFILE_##id,
    PROFILES(X)
#undef X
        PROFILE_COUNT
};

enum service_kind { KIND_SERVICE, KIND_TASK };

#define RESTARTS(X)                    \
    X(RESTART_NEVER, "never")          \
    X(RESTART_ON_FAILURE, "on-failure") \
    X(RESTART_ALWAYS, "always")

enum restart {
#define X(id, name) id,
    RESTARTS(X)
#undef X
};

/* How readiness is recognised. The last two are what the profiles of Sidekiq
 * and Puma ask for; no user writes them. */
enum ready_kind {
    READY_STARTED,
    READY_NOTIFY,
    READY_TCP,
    READY_UNIX,
    READY_HTTP,
    READY_FILE,
    READY_EXEC,
    READY_TITLE,
    READY_NOTIFY_OR_TITLE, /* Sidekiq: whichever comes first */
    READY_PUMA             /* its title says: from 6 on notify, else started */
};

enum inflight_kind {
    INFLIGHT_NONE,
    INFLIGHT_SIDEKIQ,
    INFLIGHT_NOTIFY,
    INFLIGHT_EXEC,
    INFLIGHT_PUMA /* informative: shown, never waited for */
};

/* A command as it is executed, and as it stands in the file before ${...} is
 * replaced, which is the only form that may be shown. argv ends with NULL. */
struct command {
    const char *text;
    const char *const *argv;
};

#define READY_HTTP_PREFIX "http://" /* with which the target of READY_HTTP begins */

struct ready_spec {
    enum ready_kind kind;
    const char *target;   /* HOST:PORT, PATH or URL of tcp, unix, http, file */
    struct command exec;  /* READY_EXEC */
    bool by_user;         /* else only the profile asked for it */
};

/* signo > 0: that signal; otherwise the command where there is one, else none. */
struct quiet_spec {
    int signo;
    struct command exec;
};

struct inflight_spec {
    enum inflight_kind kind;
    struct command exec;
};

/* signo > 0: send it; 0: run exec. Then wait so long for the end. */
struct ladder_step {
    int signo;
    struct command exec;
    int64_t wait;
};

/* What to do so that a service ends. The last step is always KILL; whoever
 * builds a ladder appends it with ladder_finish(). */
struct ladder {
    struct ladder_step step[LADDER_STEPS_MAX + 1];
    uint8_t count;
    bool by_user; /* carried out as written: no patience, and KILL is meant */
};

/* Where the output of a service goes. The two in the middle are read, not carried out. */
#define LOGS(X)                \
    X(LOGS_INHERIT, "inherit") \
    X(LOGS_PREFIX, "prefix")   \
    X(LOGS_JSON, "json")       \
    X(LOGS_NULL, "null")       \
    X(LOGS_FILE, "file:PATH")

enum logs {
#define X(id, name) id,
    LOGS(X)
#undef X
};

struct logs_spec {
    enum logs kind;
    const char *path; /* LOGS_FILE */
};

/* What a process of the service starts with; the core has no use for it. */
struct process_spec {
    const char *directory;          /* NULL: lastcall's */
    int32_t umask;                  /* -1: lastcall's */
    const char *const *environment; /* NAME=VALUE over lastcall's, then NULL; NULL: none */
    struct logs_spec logs;
};

struct service_spec {
    char name[SERVICE_NAME_MAX + 1];
    enum service_kind kind;
    enum profile profile;
    struct command command;
    service_set after;
    bool sidecar;
    bool essential;
    enum restart restart;
    int64_t backoff_first, backoff_max;
    uint16_t restart_limit;
    int64_t restart_window; /* a life that was ready for so long resets the count */
    uint64_t success_codes[4];  /* bit n of word n/64: exit code n */
    uint64_t success_signals;   /* bit n-1: signal n */
    struct ready_spec ready;
    int64_t ready_timeout;
    struct quiet_spec quiet;
    struct inflight_spec inflight;
    int64_t linger;
    struct ladder stop;
    int64_t sidekiq_timeout; /* its -t, for the 75 of SPEC 5; 0: no Sidekiq */
    struct command pre_start, post_exit; /* argv NULL: none */
    struct process_spec process;
};

/* One step of what a signal to lastcall does. */
enum signal_step_kind {
    SIGNAL_STEP_SEND,      /* signo to the service */
    SIGNAL_STEP_QUIET,     /* the service's quiet (TSTP in the -- form) */
    SIGNAL_STEP_WAIT,      /* ms */
    SIGNAL_STEP_DEADLINE,  /* ms */
    SIGNAL_STEP_SHUTDOWN,
    SIGNAL_STEP_INTERRUPT, /* INT: each further one asks for more */
    SIGNAL_STEP_DRAIN,
    SIGNAL_STEP_RELOAD,
    SIGNAL_STEP_IGNORE
};

struct signal_step {
    enum signal_step_kind kind;
    uint8_t service;
    uint8_t signo;
    int64_t ms;
};

struct signal_sequence {
    uint16_t first;
    uint16_t count; /* 0: ignored, and logged */
};

#define HOOKS(X)                   \
    X(HOOK_READY, "on_ready")      \
    X(HOOK_DRAIN, "on_drain")      \
    X(HOOK_DRAINED, "on_drained")  \
    X(HOOK_EXIT, "on_exit")

enum hook {
#define X(id, name) id,
    HOOKS(X)
#undef X
        HOOK_COUNT
};

struct hook_spec {
    struct command on_ready, on_drain, on_drained, on_exit;
    int64_t timeout;
};

struct spec {
    uint8_t count; /* of services and tasks; slots above are unused */
    struct service_spec service[SERVICES_MAX];
    bool single;      /* the `--` form: one service */
    int64_t deadline; /* NEVER: none */
    int64_t margin;   /* NEVER until spec_finish(): the default of SPEC 2 */
    struct signal_sequence signal[SIGNALS_MAX];
    uint16_t signal_steps;
    struct signal_step signal_step[SIGNAL_STEPS_MAX];
    struct hook_spec hooks;

    /* made by spec_finish() */
    uint8_t start_order[SERVICES_MAX];         /* what is needed comes first */
    service_set start_after[SERVICES_MAX];     /* `after`, and the sidecars for the rest */
    service_set stop_first[SERVICES_MAX];      /* all that must be down before it may stop */
};

/* The command of a hook; its argv is NULL where there is none. */
const struct command *hook_command(const struct hook_spec *hooks, enum hook hook);

/* A service spec with every default of SPEC 2 and no profile applied. */
void service_spec_init(struct service_spec *s, const char *name, enum service_kind kind);

/* Sets what the profile's row in SPEC 3 gives. web_linger is `[lastcall] linger`. */
void profile_apply(struct service_spec *s, enum profile profile, int64_t web_linger);
const char *profile_name(enum profile profile);

/* What is lost when a program gets this signal in the middle of its work; NULL: nothing that is
 * known. Of Sidekiq from 6.0 on, Puma and nginx, read in their sources. */
const char *profile_signal_harm(enum profile profile, int signo);

/* TERM (n+5)s, KILL: the ladder that belongs to a Sidekiq with `-t n` (seconds). */
void ladder_for_sidekiq(struct ladder *l, int64_t seconds);

/* Appends the KILL that is always last, unless it is there. */
void ladder_finish(struct ladder *l);

/* The step with which Sidekiq begins to stop: TERM or INT. 0 where there is none. */
size_t ladder_step_of_term(const struct ladder *l);

/* The `-t` in seconds that lastcall gives a Sidekiq that has none: 25, or what
 * fits into its wait for TERM under the spec's deadline; at least 1, as Sidekiq
 * refuses 0. The spec must be finished. */
int64_t spec_sidekiq_timeout(const struct spec *spec, size_t service);

/* Fills in the derived part and the margin. 0, or -1 if the services named in
 * *cycle wait for each other. */
int spec_finish(struct spec *spec, service_set *cycle);

/* The default table of SPEC 2. In the `--` form everything else is forwarded. */
void signals_default(struct spec *spec);

/* All services of it. */
static inline service_set spec_all(const struct spec *spec)
{
    return spec->count == SERVICES_MAX ? ~(service_set)0 : SET_OF(spec->count) - 1;
}

/* A worker is a service whose jobs can be seen; Puma's view is informative only. */
static inline bool spec_is_worker(const struct service_spec *s)
{
    return s->inflight.kind != INFLIGHT_NONE && s->inflight.kind != INFLIGHT_PUMA;
}

/* `sidekiq` and every row below `fluent-bit` in SPEC 3. */
static inline bool spec_is_job_profile(const struct service_spec *s)
{
    return s->profile == PROFILE_SIDEKIQ || s->profile > PROFILE_FLUENT_BIT;
}

/* Nothing but a datagram tells when it is ready, or how much it has to do. */
static inline bool spec_needs_notify(const struct service_spec *s)
{
    return s->ready.kind == READY_NOTIFY || s->ready.kind == READY_PUMA || s->inflight.kind == INFLIGHT_NOTIFY;
}

static inline bool spec_has_quiet(const struct service_spec *s)
{
    return s->quiet.signo > 0 || s->quiet.exec.argv != NULL;
}

/* Work that may be under way but that nobody can see: SPEC 4, patience. */
static inline bool spec_may_hold_unseen_work(const struct service_spec *s)
{
    if (s->inflight.kind != INFLIGHT_NONE)
        return false;
    return spec_is_job_profile(s) || (s->profile == PROFILE_GENERIC && !s->sidecar);
}

#endif
