/* Makes a world that fails small: one thing after another is made simpler, and stays so where the
 * world still fails in the same way. What is drawn while it runs changes with each of them, so
 * each is tried with several dice. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim/sim.h"

enum {
    RUNS_MAX = 5000,
    ALL_STEPS_MAX = 20000000, /* of all runs together: some ways to fail are long */
    LONGER = 100,   /* than the world was */
    DICE = 6,       /* for each simpler world */
    LAST_DICE = 500 /* for fewer events, at the end */
};

enum change { SAME, SIMPLER, NO_MORE };

/* Makes the k-th thing of a kind simpler. */
typedef enum change simplification(struct sim *w, size_t k);

static enum change simpler(bool changed)
{
    return changed ? SIMPLER : SAME;
}

/* --- what is left out --------------------------------------------------- */

static void drop_stimulus(struct sim *w, size_t k)
{
    w->stimuli--;
    memmove(&w->stimulus[k], &w->stimulus[k + 1], (w->stimuli - k) * sizeof(w->stimulus[0]));
}

static enum change fewer_stimuli(struct sim *w, size_t k)
{
    if (k + w->ends >= w->stimuli)
        return NO_MORE;
    drop_stimulus(w, k);
    return SIMPLER;
}

static service_set without(service_set set, size_t i)
{
    return (set & (SET_OF(i) - 1)) | (set >> (i + 1) << i);
}

static enum change fewer_services(struct sim *w, size_t i)
{
    struct spec *spec = &w->spec;

    if (i >= spec->count || spec->count == 1)
        return NO_MORE;
    spec->count--;
    memmove(&spec->service[i], &spec->service[i + 1], (spec->count - i) * sizeof(spec->service[0]));
    memmove(&w->manner[i], &w->manner[i + 1], (spec->count - i) * sizeof(w->manner[0]));
    for (size_t k = 0; k < spec->count; k++) {
        spec->service[k].after = without(spec->service[k].after, i);
        snprintf(spec->service[k].name, sizeof(spec->service[k].name), "s%zu", k);
    }
    for (uint16_t k = 0; k < spec->signal_steps; k++)
        if (spec->signal_step[k].service >= i && spec->signal_step[k].service > 0)
            spec->signal_step[k].service--;
    for (size_t k = w->stimuli; k-- > 0;)
        if (w->stimulus[k].service == i)
            drop_stimulus(w, k);
        else if (w->stimulus[k].service > i && w->stimulus[k].service != NO_SERVICE)
            w->stimulus[k].service--;
    return SIMPLER;
}

static enum change plainer_spec(struct sim *w, size_t k)
{
    struct spec *spec = &w->spec;
    bool is;

    switch (k) {
    case 0:
        is = spec->hooks.on_drain.argv == NULL;
        spec->hooks = (struct hook_spec){ .timeout = 5 * SECOND };
        return simpler(!is);
    case 1:
        is = spec->signal_steps == 0;
        memset(spec->signal, 0, sizeof(spec->signal));
        spec->signal_steps = 0;
        w->deadline_steps = false;
        return simpler(!is);
    case 2:
        is = spec->single;
        spec->single = false;
        return simpler(is);
    case 3:
        is = spec->margin == NEVER;
        spec->margin = NEVER;
        return simpler(!is);
    case 4:
        is = w->adopted == 0;
        w->adopted = 0;
        return simpler(!is);
    default:
        return NO_MORE;
    }
}

/* --- services ----------------------------------------------------------- */

struct field {
    size_t offset, size;
};

#define FIELD(type, name) { offsetof(type, name), sizeof(((type *)0)->name) }
#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static bool clear(void *of, const struct field *f)
{
    char *byte = (char *)of + f->offset;
    bool changed = false;

    for (size_t k = 0; k < f->size; k++)
        changed = changed || byte[k] != 0;
    memset(byte, 0, f->size);
    return changed;
}

static const struct field spec_fields[] = {
    FIELD(struct service_spec, after), FIELD(struct service_spec, pre_start),
    FIELD(struct service_spec, post_exit), FIELD(struct service_spec, linger),
};

/* What its profile gives. */
static struct service_spec defaults(const struct service_spec *s)
{
    struct service_spec plain;

    service_spec_init(&plain, s->name, s->kind);
    profile_apply(&plain, s->profile, 0);
    if (s->profile == PROFILE_SIDEKIQ)
        ladder_for_sidekiq(&plain.stop, s->sidekiq_timeout / SECOND);
    plain.sidekiq_timeout = s->sidekiq_timeout;
    plain.command = s->command;
    return plain;
}

static bool be_generic(struct service_spec *s, struct manner *m)
{
    if (s->profile == PROFILE_GENERIC)
        return false;
    profile_apply(s, PROFILE_GENERIC, 0);
    s->sidekiq_timeout = 0;
    m->sidekiq = m->shell = m->two = false;
    m->freezes = m->forks = m->swallows = 0;
    return true;
}

static bool shorter_timeout(struct service_spec *s, struct manner *m)
{
    if (s->profile != PROFILE_SIDEKIQ || s->sidekiq_timeout <= 4 * SECOND)
        return false;
    s->sidekiq_timeout = m->template.timeout = 4 * SECOND;
    if (!s->stop.by_user)
        ladder_for_sidekiq(&s->stop, 4);
    return true;
}

enum { PLAINER_SERVICES = 13 + LENGTH(spec_fields) };

static bool plainer_service(struct service_spec *s, struct manner *m, size_t k);

static bool all_plain_spec(struct service_spec *s, struct manner *m)
{
    bool changed = false;

    for (size_t k = 2; k < PLAINER_SERVICES; k++)
        changed = plainer_service(s, m, k) || changed;
    return changed;
}

static bool plainer_service(struct service_spec *s, struct manner *m, size_t k)
{
    const struct service_spec plain = defaults(s);
    const struct service_spec before = *s;

    switch (k) {
    case 0:
        return be_generic(s, m);
    case 1:
        return all_plain_spec(s, m);
    case 2:
        s->kind = KIND_SERVICE;
        return before.kind != s->kind;
    case 3:
        s->sidecar = plain.sidecar;
        return before.sidecar != s->sidecar;
    case 4:
        s->essential = !s->sidecar;
        return before.essential != s->essential;
    case 5:
        s->backoff_first = plain.backoff_first;
        s->backoff_max = plain.backoff_max;
        return before.backoff_first != s->backoff_first || before.backoff_max != s->backoff_max;
    case 6:
        s->restart = plain.restart;
        s->restart_limit = plain.restart_limit;
        s->restart_window = plain.restart_window;
        return before.restart != s->restart || before.restart_limit != s->restart_limit ||
               before.restart_window != s->restart_window;
    case 7:
        s->success_codes[0] = plain.success_codes[0];
        return before.success_codes[0] != s->success_codes[0];
    case 8:
        s->ready = plain.ready;
        s->ready_timeout = plain.ready_timeout;
        return before.ready.by_user || before.ready_timeout != s->ready_timeout;
    case 9:
        s->quiet = plain.quiet;
        return before.quiet.signo != s->quiet.signo || before.quiet.exec.argv != NULL;
    case 10:
        s->inflight = plain.inflight;
        return before.inflight.kind != s->inflight.kind;
    case 11:
        s->stop = plain.stop;
        return before.stop.by_user;
    case 12:
        return shorter_timeout(s, m);
    default:
        return clear(s, &spec_fields[k - 13]);
    }
}

static enum change plainer_services(struct sim *w, size_t k)
{
    size_t i = k / PLAINER_SERVICES;

    if (i >= w->spec.count)
        return NO_MORE;
    return simpler(plainer_service(&w->spec.service[i], &w->manner[i], k % PLAINER_SERVICES));
}

/* A step of a ladder that the user wrote; not its last, the KILL. */
static enum change shorter_ladders(struct sim *w, size_t k)
{
    size_t i = k / LADDER_STEPS_MAX, n = k % LADDER_STEPS_MAX;
    struct ladder *l;

    if (i >= w->spec.count)
        return NO_MORE;
    l = &w->spec.service[i].stop;
    if (!l->by_user || n + 1u >= l->count || l->count <= 2)
        return SAME;
    l->count--;
    memmove(&l->step[n], &l->step[n + 1], (l->count - n) * sizeof(l->step[0]));
    return SIMPLER;
}

/* --- manners ------------------------------------------------------------ */

static const struct field manner_fields[] = {
    FIELD(struct manner, spawn_fails), FIELD(struct manner, missing),
    FIELD(struct manner, transient), FIELD(struct manner, never_ready),
    FIELD(struct manner, dies), FIELD(struct manner, dies_code), FIELD(struct manner, swallows),
    FIELD(struct manner, ignores_term), FIELD(struct manner, ignores_quit),
    FIELD(struct manner, immortal), FIELD(struct manner, end_code), FIELD(struct manner, remains),
    FIELD(struct manner, freezes), FIELD(struct manner, forks), FIELD(struct manner, unreadable),
    FIELD(struct manner, late_looks), FIELD(struct manner, exec_fails), FIELD(struct manner, lies),
    FIELD(struct manner, extends),
    FIELD(struct manner, two), FIELD(struct manner, template.old_ruby), FIELD(struct manner, template.computes),
    FIELD(struct manner, template.raise_percent), FIELD(struct manner, template.rename_percent),
    FIELD(struct manner, template.native_percent), FIELD(struct manner, template.lends),
};

/* Chances that may as well be certain: then no dice decide. */
static const size_t chances[] = {
    offsetof(struct manner, spawn_fails), offsetof(struct manner, dies),
    offsetof(struct manner, remains), offsetof(struct manner, exec_fails),
    offsetof(struct manner, lies), offsetof(struct manner, forks),
};

/* The shortest and the longest of what is drawn. */
static const struct { size_t low, high; } spans[] = {
    { offsetof(struct manner, boot_low), offsetof(struct manner, boot_high) },
    { offsetof(struct manner, dies_low), offsetof(struct manner, dies_high) },
    { offsetof(struct manner, end_low), offsetof(struct manner, end_high) },
    { offsetof(struct manner, remains_low), offsetof(struct manner, remains_high) },
    { offsetof(struct manner, exec_low), offsetof(struct manner, exec_high) },
    { offsetof(struct manner, template.job_low), offsetof(struct manner, template.job_high) },
};

static int64_t *time_at(void *of, size_t offset)
{
    return (int64_t *)(void *)((char *)of + offset);
}

static bool all_plain(struct manner *m)
{
    bool changed = false;

    for (size_t k = 0; k < LENGTH(manner_fields); k++)
        changed = clear(m, &manner_fields[k]) || changed;
    return changed;
}

/* What was drawn from a span is then always its shortest, or its longest. */
static bool narrow(struct manner *m, size_t span, bool to_low)
{
    int64_t *low = time_at(m, spans[span].low), *high = time_at(m, spans[span].high);

    if (*low == *high)
        return false;
    *(to_low ? high : low) = *(to_low ? low : high);
    return true;
}

static bool certain(struct manner *m, size_t chance)
{
    uint8_t *percent = (uint8_t *)m + chances[chance];

    if (*percent == 0 || *percent == 100)
        return false;
    *percent = 100;
    return true;
}

static bool fewer_threads(struct manner *m)
{
    if (!m->sidekiq || m->template.threads <= 1)
        return false;
    m->template.threads = 1;
    return true;
}

static bool no_shell(struct manner *m)
{
    bool had = m->shell;

    m->shell = m->two = false;
    return had;
}

enum {
    M_FIELDS = 3,
    M_CHANCES = M_FIELDS + LENGTH(manner_fields),
    M_SPANS = M_CHANCES + LENGTH(chances),
    PLAINER_MANNERS = M_SPANS + 2 * LENGTH(spans)
};

static enum change plainer_manners(struct sim *w, size_t n)
{
    struct manner *m = &w->manner[n / PLAINER_MANNERS];
    size_t k = n % PLAINER_MANNERS;

    if (n / PLAINER_MANNERS >= w->spec.count)
        return NO_MORE;
    if (k == 0)
        return simpler(all_plain(m));
    if (k == 1)
        return simpler(fewer_threads(m));
    if (k == 2)
        return simpler(no_shell(m));
    if (k < M_CHANCES)
        return simpler(clear(m, &manner_fields[k - M_FIELDS]));
    if (k < M_SPANS)
        return simpler(certain(m, k - M_CHANCES));
    return simpler(narrow(m, (k - M_SPANS) / 2, (k - M_SPANS) % 2 == 0));
}

/* --- times -------------------------------------------------------------- */

/* The k-th time of a world; NULL: there is none. */
static int64_t *time_of_service(struct service_spec *s, struct manner *m, size_t k)
{
    static const size_t of_spec[] = {
        offsetof(struct service_spec, backoff_first), offsetof(struct service_spec, backoff_max),
        offsetof(struct service_spec, restart_window), offsetof(struct service_spec, ready_timeout),
        offsetof(struct service_spec, linger),
    };

    if (k < LENGTH(of_spec))
        return time_at(s, of_spec[k]);
    k -= LENGTH(of_spec);
    if (k < 2 * LENGTH(spans))
        return time_at(m, k % 2 == 0 ? spans[k / 2].high : spans[k / 2].low);
    k -= 2 * LENGTH(spans);
    if (k == 0)
        return &m->template.gap_high;
    if (k == 1)
        return &m->job_high;
    k -= 2;
    return s->stop.by_user && k < s->stop.count ? &s->stop.step[k].wait : NULL;
}

static int64_t *time_of_world(struct sim *w, size_t k)
{
    if (k == 0)
        return &w->spec.deadline;
    k--;
    if (k < 2 * w->stimuli)
        return k % 2 == 0 ? &w->stimulus[k / 2].at : &w->stimulus[k / 2].ms;
    k -= 2 * w->stimuli;
    for (size_t i = 0; i < w->spec.count; i++)
        for (size_t n = 0;; n++) {
            int64_t *t = time_of_service(&w->spec.service[i], &w->manner[i], n);

            if (t == NULL)
                break;
            if (k-- == 0)
                return t;
        }
    return NULL;
}

/* Low above high, or a first pause above the longest, would be no world. */
static bool in_order(const struct sim *w)
{
    for (size_t i = 0; i < w->spec.count; i++) {
        for (size_t k = 0; k < LENGTH(spans); k++)
            if (*time_at((void *)&w->manner[i], spans[k].low) >
                *time_at((void *)&w->manner[i], spans[k].high))
                return false;
        if (w->spec.service[i].backoff_first > w->spec.service[i].backoff_max)
            return false;
    }
    return true;
}

static enum change rounder_times(struct sim *w, size_t k)
{
    static const int64_t units[] = { 10 * SECOND, 1 * SECOND, 100, 10 };
    int64_t *t = time_of_world(w, k / LENGTH(units));
    int64_t unit = units[k % LENGTH(units)];

    if (t == NULL)
        return NO_MORE;
    if (*t == NEVER || *t < unit || *t % unit == 0)
        return SAME;
    *t -= *t % unit;
    return simpler(in_order(w));
}

/* What befalls it comes earlier. */
static enum change earlier_stimuli(struct sim *w, size_t k)
{
    struct stimulus *s = &w->stimulus[k];

    if (k >= w->stimuli)
        return NO_MORE;
    if (s->at <= 1 * SECOND)
        return SAME;
    s->at = time_max(s->at / 2 / SECOND, 1) * SECOND;
    return SIMPLER;
}

/* All of them, so that nothing comes in another order. */
static enum change earlier_world(struct sim *w, size_t k)
{
    int64_t first = NEVER;

    for (size_t n = 0; n < w->stimuli; n++)
        if (w->stimulus[n].at > 0)
            first = time_min(first, w->stimulus[n].at);
    if (k > 0)
        return NO_MORE;
    if (first == NEVER || first <= 1 * SECOND)
        return SAME;
    for (size_t n = 0; n < w->stimuli; n++)
        if (w->stimulus[n].at > 0)
            w->stimulus[n].at -= first - 1 * SECOND;
    w->platform_kill = time_sub(w->platform_kill, first - 1 * SECOND);
    return SIMPLER;
}

/* --- all of it ---------------------------------------------------------- */

static simplification *const simplifications[] = {
    fewer_services,  fewer_stimuli,   plainer_spec,    plainer_services, plainer_manners,
    shorter_ladders, earlier_world,   earlier_stimuli, rounder_times,
};

struct search {
    const char *wrong;
    uint32_t runs;
    uint64_t all_steps, patience;
    struct size size;           /* of the smallest */
    struct sim smallest, candidate, run;
};

static bool tired(const struct search *s)
{
    return s->runs >= RUNS_MAX || s->all_steps >= ALL_STEPS_MAX;
}

/* A sidecar is after sidecars only, and never essential. */
static enum change make_simpler(struct sim *w, simplification *simplify, size_t k)
{
    enum change change = simplify(w, k);
    service_set sidecars = 0;

    for (size_t i = 0; i < w->spec.count; i++)
        if (w->spec.service[i].sidecar)
            sidecars |= SET_OF(i);
    for (service_set rest = sidecars; rest; rest &= rest - 1) {
        struct service_spec *s = &w->spec.service[__builtin_ctzll(rest)];

        s->after &= sidecars;
        s->essential = false;
    }
    return change;
}

/* Runs the candidate; does it fail in the same way? */
static bool fails(struct search *s)
{
    world_copy(&s->run, &s->candidate);
    world_begin(&s->run);
    s->run.patience = s->patience;
    driver_run(&s->run);
    s->runs++;
    s->all_steps += s->run.steps;
    return s->run.wrong != NULL && (s->wrong == NULL || strcmp(s->run.wrong, s->wrong) == 0);
}

static void take(struct search *s)
{
    world_copy(&s->smallest, &s->candidate);
    s->size = (struct size){ .services = s->run.spec.count, .steps = s->run.steps };
    for (uint32_t k = 0; k < s->run.stimuli; k++)
        s->size.stimuli += s->run.stimulus[k].at <= s->run.now - s->run.began;
}

static bool try_candidate(struct search *s)
{
    for (int k = 0; k < DICE && !tired(s); k++) {
        if (fails(s)) {
            take(s);
            return true;
        }
        roll(&s->candidate.dice);
    }
    return false;
}

static bool try_all(struct search *s, simplification *simplify)
{
    bool any = false;

    for (size_t k = 0; !tired(s); k++) {
        enum change change;

        world_copy(&s->candidate, &s->smallest);
        change = make_simpler(&s->candidate, simplify, k);
        if (change == NO_MORE)
            break;
        if (change == SIMPLER && try_candidate(s)) {
            any = true;
            k--; /* another may be there by now, or it may be simpler still */
        }
    }
    return any;
}

/* The same world, with dice that make it fail sooner. */
static void throw_dice(struct search *s)
{
    world_copy(&s->candidate, &s->smallest);
    for (int k = 0; k < LAST_DICE && !tired(s); k++) {
        roll(&s->candidate.dice);
        if (fails(s) && s->run.steps < s->size.steps)
            take(s);
    }
}

uint32_t shrink(struct sim *world, struct size *before, struct size *after)
{
    static struct search s;
    bool any = true;

    s.wrong = NULL;
    s.runs = 0;
    s.all_steps = 0;
    s.patience = STEPS_MAX;
    world_copy(&s.candidate, world);
    if (!fails(&s))
        return 0;
    take(&s);
    if (LONGER * s.size.steps < STEPS_MAX) /* without its last stimuli a world may never end */
        s.patience = LONGER * s.size.steps;
    s.wrong = s.run.wrong;
    *before = s.size;
    if (strcmp(s.wrong, JUDGE_NO_END) != 0)
        s.smallest.ends = 0;
    while (any) {
        any = false;
        for (size_t k = 0; k < LENGTH(simplifications); k++)
            any = try_all(&s, simplifications[k]) || any;
    }
    throw_dice(&s);
    *after = s.size;
    world_copy(world, &s.smallest);
    return s.runs;
}

uint32_t shrink_survey(const struct sim *world, uint64_t *worlds, uint64_t *steps)
{
    static struct search s;
    uint32_t failed = 0;

    s.wrong = NULL;
    s.patience = STEPS_MAX;
    for (size_t n = 0; n < LENGTH(simplifications); n++)
        for (size_t k = 0;; k++) {
            enum change change;

            world_copy(&s.candidate, world);
            change = make_simpler(&s.candidate, simplifications[n], k);
            if (change == NO_MORE)
                break;
            if (change == SAME)
                continue;
            if (fails(&s) && failed++ == 0)
                printf("seed %llu, simpler by %zu.%zu: %s\n", (unsigned long long)world->seed, n, k,
                       s.run.wrong);
            ++*worlds;
            *steps += s.run.steps;
        }
    return failed;
}
