/* Defaults of SPEC section 2, and what follows from a spec as a whole. */
#include <signal.h>
#include <string.h>

#include "core/budget.h"
#include "core/spec.h"

enum {
    RTMIN_KERNEL = 34, /* SIGRTMIN as glibc has it; there it is a function call */
    SIDEKIQ_TIMEOUT_DEFAULT = 25, /* seconds; Sidekiq from 6.0 on */
    SIDEKIQ_TIMEOUT_SLACK = 5     /* seconds between its -t and KILL: SPEC 3 */
};

void service_spec_init(struct service_spec *s, const char *name, enum service_kind kind)
{
    size_t length = strlen(name);

    *s = (struct service_spec){
        .kind = kind,
        .essential = true,
        .restart = RESTART_ON_FAILURE,
        .backoff_first = 1 * SECOND,
        .backoff_max = 30 * SECOND,
        .restart_limit = 5,
        .restart_window = 60 * SECOND,
        .success_codes = { 1 }, /* exit code 0 */
        .ready_timeout = 5 * MINUTE,
        .process = { .umask = -1 },
    };
    if (length > SERVICE_NAME_MAX)
        length = SERVICE_NAME_MAX;
    memcpy(s->name, name, length);
}

void ladder_finish(struct ladder *l)
{
    if (l->count > 0 && l->step[l->count - 1].signo == SIGKILL)
        l->step[l->count - 1].wait = 0; /* nothing comes after it */
    else
        l->step[l->count++] = (struct ladder_step){ .signo = SIGKILL };
}

void ladder_for_sidekiq(struct ladder *l, int64_t seconds)
{
    *l = (struct ladder){ .count = 1 };
    l->step[0] = (struct ladder_step){ .signo = SIGTERM,
                                       .wait = (seconds + SIDEKIQ_TIMEOUT_SLACK) * SECOND };
    ladder_finish(l);
}

size_t ladder_step_of_term(const struct ladder *l)
{
    for (size_t k = 0; k < l->count; k++)
        if (l->step[k].signo == SIGTERM || l->step[k].signo == SIGINT)
            return k;
    return 0;
}

int64_t spec_sidekiq_timeout(const struct spec *spec, size_t service)
{
    struct budget b;
    int64_t fits;

    budget_of_spec(&b, spec);
    fits = b.row[service].wait[ladder_step_of_term(&spec->service[service].stop)] / SECOND - SIDEKIQ_TIMEOUT_SLACK;
    if (fits > SIDEKIQ_TIMEOUT_DEFAULT)
        fits = SIDEKIQ_TIMEOUT_DEFAULT;
    return fits < 1 ? 1 : fits;
}

/* Kahn's algorithm, lowest index first, so that the order is the file's where
 * nothing else decides. */
static int order_services(struct spec *spec, service_set *cycle)
{
    service_set all = spec_all(spec);
    service_set placed = 0;
    size_t n = 0;

    while (placed != all) {
        size_t i;
        for (i = 0; i < spec->count; i++)
            if (!(placed & SET_OF(i)) && !(spec->start_after[i] & ~placed))
                break;
        if (i == spec->count) {
            *cycle = all & ~placed;
            return -1;
        }
        placed |= SET_OF(i);
        spec->start_order[n++] = (uint8_t)i;
    }
    return 0;
}

/* What is after something that is after this waits for this too, also where the one between
 * them is a task that has long ended: Redis, the task that migrates, the Sidekiq after it. */
static void stop_before(struct spec *spec)
{
    memset(spec->stop_first, 0, sizeof(spec->stop_first));
    for (size_t n = spec->count; n-- > 0;) {
        size_t i = spec->start_order[n];

        for (service_set rest = spec->start_after[i]; rest; rest &= rest - 1)
            spec->stop_first[__builtin_ctzll(rest)] |= SET_OF(i) | spec->stop_first[i];
    }
}

int spec_finish(struct spec *spec, service_set *cycle)
{
    service_set sidecars = 0;

    for (size_t i = 0; i < spec->count; i++)
        if (spec->service[i].sidecar)
            sidecars |= SET_OF(i);
    for (size_t i = 0; i < spec->count; i++) {
        spec->start_after[i] = spec->service[i].after;
        if (!spec->service[i].sidecar)
            spec->start_after[i] |= sidecars;
    }
    if (spec->margin == NEVER)
        spec->margin = spec->deadline == NEVER ? 0 : time_min(2 * SECOND, spec->deadline / 10);
    if (order_services(spec, cycle) < 0)
        return -1;
    stop_before(spec);
    return 0;
}

static void set_sequence(struct spec *spec, int signo, struct signal_step one)
{
    spec->signal[signo] = (struct signal_sequence){ .first = spec->signal_steps, .count = 1 };
    spec->signal_step[spec->signal_steps++] = one;
}

/* In the `--` form everything that is not a word to lastcall goes to the command. */
static void forward_the_rest(struct spec *spec)
{
    for (int signo = 1; signo < SIGNALS_MAX; signo++) {
        struct signal_step forward = { .kind = SIGNAL_STEP_SEND, .signo = (uint8_t)signo };

        if (signo == SIGKILL || signo == SIGSTOP || signo == SIGCHLD || spec->signal[signo].count)
            continue;
        if (signo == SIGTSTP && spec->service[0].quiet.signo == SIGTSTP)
            forward.kind = SIGNAL_STEP_QUIET;
        set_sequence(spec, signo, forward);
    }
}

void signals_default(struct spec *spec)
{
    static const uint8_t shutdown[] = { SIGTERM, SIGQUIT, SIGPWR, RTMIN_KERNEL + 3 };

    for (size_t i = 0; i < sizeof(shutdown); i++)
        if (!spec->signal[shutdown[i]].count)
            set_sequence(spec, shutdown[i],
                         (struct signal_step){ .kind = SIGNAL_STEP_SHUTDOWN });
    if (!spec->signal[SIGINT].count)
        set_sequence(spec, SIGINT, (struct signal_step){ .kind = SIGNAL_STEP_INTERRUPT });
    if (spec->single) {
        forward_the_rest(spec);
        return;
    }
    if (!spec->signal[SIGHUP].count)
        set_sequence(spec, SIGHUP, (struct signal_step){ .kind = SIGNAL_STEP_RELOAD });
    if (!spec->signal[SIGTSTP].count)
        set_sequence(spec, SIGTSTP, (struct signal_step){ .kind = SIGNAL_STEP_DRAIN });
}

const struct command *hook_command(const struct hook_spec *hooks, enum hook hook)
{
    switch (hook) {
    case HOOK_READY:
        return &hooks->on_ready;
    case HOOK_DRAIN:
        return &hooks->on_drain;
    case HOOK_DRAINED:
        return &hooks->on_drained;
    case HOOK_EXIT:
        return &hooks->on_exit;
    case HOOK_COUNT:
        break;
    }
    return NULL;
}
