/* What a seed means: services, how they behave, and what befalls them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/sim.h"

static const char *const argv[] = { "true", NULL };
static const struct command command = { "true", argv };

static enum profile pick_profile(struct dice *d)
{
    if (percent(d, 40))
        return PROFILE_SIDEKIQ;
    if (percent(d, 40))
        return PROFILE_GENERIC;
    return (enum profile)below(d, PROFILE_COUNT);
}

static void make_ladder(struct dice *d, struct service_spec *s)
{
    static const int signals[] = { SIGTERM, SIGTERM, SIGQUIT, SIGINT, 0, SIGKILL };
    struct ladder *l = &s->stop;
    uint32_t steps = 1 + below(d, 3);

    *l = (struct ladder){ .by_user = true };
    for (uint32_t k = 0; k < steps; k++) {
        int signo = signals[below(d, k == 0 ? 5 : 6)];

        l->step[l->count++] = (struct ladder_step){ .signo = signo, .exec = command,
                                                    .wait = between(d, 0, 40) * SECOND };
        if (signo == SIGKILL)
            break;
    }
    ladder_finish(l);
}

static void make_ready(struct dice *d, struct service_spec *s)
{
    static const enum ready_kind kinds[] = { READY_STARTED, READY_STARTED, READY_NOTIFY, READY_TCP,
                                             READY_EXEC };

    if (percent(d, s->profile == PROFILE_GENERIC ? 50 : 90))
        return;
    s->ready = (struct ready_spec){ .kind = kinds[below(d, 5)], .exec = command, .by_user = true };
    s->ready_timeout = between(d, 2, 60) * SECOND;
}

static void make_work(struct dice *d, struct service_spec *s)
{
    static const int64_t timeouts[] = { 25, 25, 25, 4, 8, 60 };

    if (s->profile == PROFILE_SIDEKIQ) {
        int64_t t = timeouts[below(d, 6)];

        s->sidekiq_timeout = t * SECOND;
        ladder_for_sidekiq(&s->stop, t);
        return;
    }
    if (s->profile != PROFILE_GENERIC)
        return;
    if (percent(d, 25))
        s->quiet = percent(d, 50) ? (struct quiet_spec){ .signo = SIGUSR2 }
                                  : (struct quiet_spec){ .exec = command };
    if (percent(d, 30))
        s->inflight = (struct inflight_spec){
            .kind = percent(d, 50) ? INFLIGHT_NOTIFY : INFLIGHT_EXEC, .exec = command };
}

static void make_service(struct sim *sim, size_t i, int64_t web_linger)
{
    struct dice *d = &sim->dice;
    struct service_spec *s = &sim->spec.service[i];
    char name[8];

    snprintf(name, sizeof(name), "s%zu", i);
    service_spec_init(s, name, percent(d, 12) ? KIND_TASK : KIND_SERVICE);
    profile_apply(s, s->kind == KIND_TASK ? PROFILE_GENERIC : pick_profile(d), web_linger);
    s->command = command;
    s->restart = (enum restart)below(d, 3);
    s->backoff_first = between(d, 1, 20) * 100;
    s->backoff_max = s->backoff_first * between(d, 1, 10);
    s->restart_limit = (uint16_t)below(d, 6);
    s->restart_window = between(d, 5, 60) * SECOND;
    s->essential = percent(d, 70);
    if (percent(d, 10))
        s->success_codes[0] |= 4;
    if (s->kind == KIND_SERVICE) {
        make_work(d, s);
        make_ready(d, s);
        s->sidecar = s->sidecar || percent(d, 10);
    }
    if (percent(d, 8))
        s->linger = between(d, 1, 20) * SECOND;
    if (percent(d, 25))
        make_ladder(d, s);
    if (percent(d, 10))
        s->pre_start = command;
    if (percent(d, 10))
        s->post_exit = command;
    if (s->sidecar)
        s->essential = false;
    for (size_t k = 0; k < i; k++)
        if (percent(d, 25) && (!s->sidecar || sim->spec.service[k].sidecar))
            s->after |= SET_OF(k);
}

static void make_template(struct dice *d, struct manner *m, const struct service_spec *s)
{
    static const int16_t majors[] = { 6, 7, 7, 8 };
    static const uint8_t threads[] = { 1, 2, 3, 5, 5, THREADS };
    static const int64_t longest[] = { 500, 3000, 20000, 20000, 60000, 400000 };
    struct sidekiq *k = &m->template;
    bool hard = percent(d, 5); /* all at once that makes threads stand for each other */

    k->major = majors[below(d, 4)];
    k->old_ruby = hard || percent(d, 30);
    k->lends = percent(d, 20) ? (uint8_t)below(d, 100) : 0;
    k->computes = hard || percent(d, 15);
    k->threads = threads[below(d, 6)];
    k->timeout = s->sidekiq_timeout;
    k->job_high = longest[below(d, 6)];
    k->job_low = percent(d, 50) ? 100 : k->job_high / 2;
    k->gap_high = percent(d, 50) ? 100 : between(d, 1, 60) * SECOND;
    k->raise_percent = hard || percent(d, 30) ? (uint8_t)below(d, 100) : 0;
    /* Where jobs rename their threads or raise, one that was never looked at under its first name is not noted, and a
     * native one that is no processor may be counted in its place. Rare, and accepted: not both here. */
    k->rename_percent = hard || percent(d, 20) ? (uint8_t)below(d, 100) : 0;
    k->native_percent = k->rename_percent == 0 && k->raise_percent == 0 && percent(d, 10) ? (uint8_t)below(d, 30) : 0;
}

static void make_manner(struct dice *d, struct manner *m, const struct service_spec *s)
{
    static const uint8_t codes[] = { 0, 1, 2, 3, 77 };
    bool task = s->kind == KIND_TASK;
    bool slow = percent(d, 10);

    *m = (struct manner){ 0 };
    m->sidekiq = s->profile == PROFILE_SIDEKIQ;
    m->shell = m->sidekiq && percent(d, 20);
    m->two = m->shell && percent(d, 40);
    m->spawn_fails = percent(d, 4) ? (uint8_t)below(d, 101) : 0;
    m->missing = percent(d, 50);
    m->transient = percent(d, 50);
    m->boot_low = slow ? 5 * SECOND : 10;
    m->boot_high = slow ? 60 * SECOND : 3 * SECOND;
    m->never_ready = percent(d, 4);
    m->dies = task ? 95 : percent(d, 12) ? (uint8_t)between(d, 10, 100) : 0;
    m->dies_low = percent(d, 20) ? 1 : 1 * SECOND;
    m->dies_high = between(d, 1, task ? 30 : 200) * SECOND;
    m->dies_code = codes[task && percent(d, 80) ? 0 : below(d, 5)];
    m->ignores_term = percent(d, 10);
    m->ignores_quit = percent(d, 20);
    m->immortal = percent(d, 1);
    m->end_low = percent(d, 80) ? 1 : 500;
    m->end_high = m->end_low + (percent(d, 80) ? 500 : 50 * SECOND);
    m->end_code = codes[percent(d, 70) ? 0 : below(d, 5)];
    m->remains = percent(d, 15) ? (uint8_t)between(d, 10, 100) : 0;
    m->remains_low = 1;
    m->remains_high = percent(d, 50) ? 500 : 60 * SECOND;
    m->freezes = m->sidekiq && percent(d, 10) ? 70 : 0;
    m->forks = m->sidekiq && percent(d, 15) ? 80 : 0;
    m->unreadable = percent(d, 3);
    m->swallows = m->sidekiq && !m->unreadable && percent(d, 15) ? 60 : 0; /* else nobody could know */
    m->late_looks = percent(d, 10) ? (uint8_t)below(d, 60) : 0;
    m->exec_low = 1;
    m->exec_high = percent(d, 80) ? 300 : 7 * SECOND;
    m->exec_fails = percent(d, 15) ? (uint8_t)below(d, 101) : 0;
    m->job_high = percent(d, 50) ? 1000 : 60 * SECOND;
    m->lies = percent(d, 10) ? (uint8_t)below(d, 101) : 0;
    m->extends = percent(d, 10) ? (uint8_t)below(d, 101) : 0;
    make_template(d, m, s);
}

static int64_t pick_deadline(struct dice *d)
{
    uint32_t kind = below(d, 100);

    if (kind < 15)
        return NEVER;
    if (kind < 35)
        return between(d, 1000, 20000);
    return between(d, kind < 75 ? 30 : 180, kind < 75 ? 180 : 1200) * SECOND;
}

/* A sequence of the user's for TERM or QUIT. */
static void make_sequence(struct sim *sim)
{
    struct dice *d = &sim->dice;
    struct spec *spec = &sim->spec;
    struct signal_sequence *q = &spec->signal[percent(d, 70) ? SIGTERM : SIGQUIT];
    struct signal_step *step = spec->signal_step;
    uint16_t n = 0;

    step[n++] = (struct signal_step){ .kind = SIGNAL_STEP_SEND,
                                      .service = (uint8_t)below(d, spec->count), .signo = SIGUSR1 };
    step[n++] = (struct signal_step){ .kind = SIGNAL_STEP_WAIT, .ms = between(d, 0, 60000) };
    sim->deadline_steps = percent(d, 30);
    if (sim->deadline_steps)
        step[n++] = (struct signal_step){ .kind = SIGNAL_STEP_DEADLINE,
                                          .ms = between(d, 1000, 90000) };
    step[n++] = (struct signal_step){ .kind = percent(d, 30) ? SIGNAL_STEP_DRAIN
                                                             : SIGNAL_STEP_SHUTDOWN };
    *q = (struct signal_sequence){ .first = 0, .count = n };
    spec->signal_steps = n;
}

static void make_spec(struct sim *sim)
{
    struct dice *d = &sim->dice;
    struct spec *spec = &sim->spec;
    int64_t web_linger = percent(d, 50) ? between(d, 0, 15) * SECOND : 0;

    memset(spec, 0, offsetof(struct spec, service));
    memset((char *)spec + offsetof(struct spec, deadline), 0,
           sizeof(*spec) - offsetof(struct spec, deadline));
    spec->count = (uint8_t)(percent(d, 40) ? 1 : 1 + below(d, percent(d, 70) ? 4 : WORLD_SERVICES));
    spec->deadline = pick_deadline(d);
    spec->margin = NEVER;
    if (spec->deadline != NEVER && percent(d, 20))
        spec->margin = between(d, 0, spec->deadline / 10);
    for (size_t i = 0; i < spec->count; i++)
        make_service(sim, i, web_linger);
    for (size_t i = 0; i < spec->count; i++)
        make_manner(d, &sim->manner[i], &spec->service[i]);
    if (percent(d, 10))
        make_sequence(sim);
    spec->single = spec->count == 1 && percent(d, 40);
    spec->hooks.timeout = 5 * SECOND;
    if (percent(d, 15))
        spec->hooks.on_drain = spec->hooks.on_drained = spec->hooks.on_exit = spec->hooks.on_ready =
            command;
}

static struct stimulus *add(struct sim *sim, int64_t at)
{
    struct stimulus *s = &sim->stimulus[sim->stimuli < STIMULI ? sim->stimuli++ : STIMULI - 1];

    *s = (struct stimulus){ .at = at, .service = NO_SERVICE };
    return s;
}

static void add_signal(struct sim *sim, int64_t at, int signo)
{
    struct stimulus *s = add(sim, at);

    s->kind = STIMULUS_SIGNAL;
    s->signo = (uint8_t)signo;
}

static struct stimulus *add_request(struct sim *sim, int64_t at, enum request_verb verb)
{
    struct stimulus *s = add(sim, at);

    s->kind = STIMULUS_REQUEST;
    s->verb = verb;
    return s;
}

static void add_interrupts(struct sim *sim, int64_t at)
{
    uint32_t count = 1 + below(&sim->dice, 4);

    for (uint32_t k = 0; k < count; k++) {
        add_signal(sim, at, SIGINT);
        at += between(&sim->dice, 1, percent(&sim->dice, 50) ? 2000 : 40000);
    }
}

/* How the shutdown begins. */
static void add_cause(struct sim *sim, int64_t at)
{
    struct dice *d = &sim->dice;
    static const uint8_t kinds[] = { 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8 };

    switch (kinds[below(d, sizeof(kinds))]) {
    case 0:
        add_signal(sim, at, SIGTERM);
        if (percent(d, 30))
            add_signal(sim, at + between(d, 1, 20000), SIGTERM);
        break;
    case 1:
        add_request(sim, at, REQUEST_PRESTOP);
        add_signal(sim, at + between(d, 1, 120000), SIGTERM);
        break;
    case 2:
        add_interrupts(sim, at);
        break;
    case 3:
        add_request(sim, at, REQUEST_DRAIN);
        if (percent(d, 50))
            add_request(sim, at + between(d, 1, 60000), REQUEST_SHUTDOWN);
        break;
    case 4:
        add_request(sim, at, REQUEST_DEADLINE)->ms = between(d, 500, 120000);
        break;
    case 5:
        add_request(sim, at, REQUEST_SHUTDOWN);
        break;
    case 6:
        add_request(sim, at, REQUEST_SHUTDOWN_NOW);
        break;
    case 7:
        add_signal(sim, at, SIGTSTP);
        break;
    default:
        add_signal(sim, at, SIGQUIT);
        break;
    }
}

static void add_disturbance(struct sim *sim, int64_t before)
{
    struct dice *d = &sim->dice;
    int64_t at = between(d, 1, before);
    static const enum request_verb verbs[] = { REQUEST_STOP, REQUEST_RESTART, REQUEST_START,
                                               REQUEST_QUIET, REQUEST_SIGNAL, REQUEST_RELOAD };
    struct stimulus *s;

    switch (below(d, 8)) {
    case 0:
        s = add(sim, at);
        s->kind = STIMULUS_PAUSE;
        s->ms = between(d, 100, percent(d, 70) ? 10000 : 100000);
        break;
    case 1:
        add_request(sim, at, REQUEST_DEADLINE)->ms =
            between(d, 500, percent(d, 50) ? 20000 : 300000);
        break;
    case 2:
        add_signal(sim, at, (int)between(d, 1, 31));
        break;
    default:
        s = add_request(sim, at, verbs[below(d, 6)]);
        s->service = (uint8_t)below(d, sim->spec.count + 1u);
        s->signo = percent(d, 50) ? SIGUSR1 : SIGTERM;
        break;
    }
}

static void make_stimuli(struct sim *sim)
{
    struct dice *d = &sim->dice;
    uint32_t when = below(d, 100);
    int64_t at = when < 5 ? 0 : between(d, 1, when < 25 ? 5000 : 90000);
    uint32_t disturbances = percent(d, 40) ? 1 + below(d, 4) : 0;

    sim->stimuli = 0;
    if (percent(d, 92))
        add_cause(sim, at);
    for (uint32_t k = 0; k < disturbances; k++)
        add_disturbance(sim, at + 120000);
    if (percent(d, 20)) {
        struct stimulus *observed = add(sim, between(d, 1, 90000));

        observed->kind = STIMULUS_OBSERVE;
        observed->ms = between(d, 200, 30000);
    }
    add_signal(sim, at + 150000, SIGTERM); /* a world has to end */
    add_signal(sim, at + 160000, SIGPWR); /* whatever TERM means there */
    sim->ends = 2;
    sim->platform_kill = sim->spec.deadline == NEVER ? at + between(d, 200000, 500000) : NEVER;
}

void world_make(struct sim *sim, uint64_t seed)
{
    sim->seed = seed;
    sim->dice.state = seed * UINT64_C(0x2545f4914f6cdd1d);
    sim->began = between(&sim->dice, 1, 1000000);
    sim->adopted = percent(&sim->dice, 10) ? below(&sim->dice, 4) : 0;
    sim->deadline_steps = false;
    make_spec(sim);
    make_stimuli(sim);
}

void world_copy(struct sim *to, const struct sim *from)
{
    memcpy(to, from, offsetof(struct sim, now));
}

void world_begin(struct sim *sim)
{
    service_set cycle;

    sim->now = sim->began;
    sim->next_pid = 100;
    sim->orphans = sim->adopted;
    sim->deadline = NEVER;
    sim->uneven = false;
    sim->hurried = sim->paused = sim->by_signal = sim->exited = sim->platform_killed = false;
    sim->replies = sim->requests = 0;
    sim->steps = 0;
    sim->patience = STEPS_MAX;
    sim->wrong = NULL;
    sim->invariant = false;
    sim->books.finished = sim->books.interrupted = sim->books.lost = sim->books.crashed = 0;
    signals_default(&sim->spec);
    if (spec_finish(&sim->spec, &cycle) != 0)
        sim->wrong = "the world has a cycle";
}
