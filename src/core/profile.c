/* The rows of SPEC section 3. */
#include <signal.h>

#include "core/spec.h"

struct profile_row {
    enum ready_kind ready;
    enum inflight_kind inflight;
    int quiet;       /* signal, 0: none */
    bool web;        /* lingers as long as `[lastcall] linger` says */
    bool sidecar;
    struct { int signo; int64_t wait; } stop[3]; /* KILL follows */
};

#define NO_STEP { 0, 0 }

static const struct profile_row rows[PROFILE_COUNT] = {
    [PROFILE_GENERIC] = { .stop = { { SIGTERM, 10 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_PUMA] = { .ready = READY_PUMA, .inflight = INFLIGHT_PUMA,
        .web = true, .stop = { { SIGTERM, 35 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_SIDEKIQ] = { .ready = READY_NOTIFY_OR_TITLE,
        .inflight = INFLIGHT_SIDEKIQ, .quiet = SIGTSTP,
        .stop = { { SIGTERM, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_NGINX] = { .web = true,
        .stop = { { SIGQUIT, 30 * SECOND }, { SIGTERM, 5 * SECOND }, NO_STEP } },
    [PROFILE_FLUENT_BIT] = { .sidecar = true,
        .stop = { { SIGTERM, 10 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_RESQUE] = { .quiet = SIGUSR2,
        .stop = { { SIGQUIT, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_SHORYUKEN] = { .quiet = SIGTSTP,
        .stop = { { SIGTERM, 15 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_FAKTORY] = { .quiet = SIGTSTP,
        .stop = { { SIGTERM, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_KARAFKA] = { .quiet = SIGTSTP,
        .stop = { { SIGTERM, 65 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_SOLID_QUEUE] = { .stop = { { SIGTERM, 10 * SECOND }, { SIGQUIT, 5 * SECOND }, NO_STEP } },
    [PROFILE_GOOD_JOB] = { .stop = { { SIGTERM, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_DELAYED_JOB] = { .stop = { { SIGTERM, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_QUE] = { .stop = { { SIGTERM, 30 * SECOND }, NO_STEP, NO_STEP } },
    [PROFILE_CELERY] = { .stop = { { SIGTERM, 30 * SECOND }, { SIGQUIT, 5 * SECOND }, NO_STEP } },
};

const char *profile_name(enum profile profile)
{
    static const char *const names[PROFILE_COUNT] = {
#define X(id, name) [PROFILE_##id] = name,
        PROFILES(X)
#undef X
    };
    return names[profile];
}

static void apply_ladder(struct ladder *l, const struct profile_row *row)
{
    *l = (struct ladder){ 0 };
    for (size_t i = 0; i < 3 && row->stop[i].signo != 0; i++)
        l->step[l->count++] =
            (struct ladder_step){ .signo = row->stop[i].signo, .wait = row->stop[i].wait };
    ladder_finish(l);
}

void profile_apply(struct service_spec *s, enum profile profile, int64_t web_linger)
{
    const struct profile_row *row = &rows[profile];

    s->profile = profile;
    s->ready = (struct ready_spec){ .kind = row->ready };
    s->quiet = (struct quiet_spec){ .signo = row->quiet };
    s->inflight = (struct inflight_spec){ .kind = row->inflight };
    s->linger = row->web ? web_linger : 0;
    s->sidecar = row->sidecar;
    if (row->sidecar)
        s->essential = false;
    apply_ladder(&s->stop, row);
}

/* What Sidekiq traps, and what the kernel does not kill it for. */
static bool sidekiq_survives(int signo)
{
    static const uint8_t kept[] = { SIGINT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP,
                                    SIGCONT, SIGCHLD, SIGURG, SIGWINCH };

    for (size_t k = 0; k < sizeof(kept); k++)
        if (kept[k] == signo)
            return true;
    return false;
}

const char *profile_signal_harm(enum profile profile, int signo)
{
    if (profile == PROFILE_SIDEKIQ && !sidekiq_survives(signo))
        return "Sidekiq dies of it, and its running jobs are lost";
    if (profile == PROFILE_PUMA && signo == SIGHUP)
        return "a Puma without stdout_redirect stops then";
    if (profile == PROFILE_NGINX && (signo == SIGTERM || signo == SIGINT))
        return "nginx cuts off its requests then; QUIT lets them finish";
    return NULL;
}
