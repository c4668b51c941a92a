/* What a signal to lastcall does: SPEC 2, [signals]. */
#include <signal.h>

#include "core/rules.h"

#define INTERRUPTS_APART (1 * SECOND) /* SPEC 2: INTs within 1 s count once */

void service_signal(struct supervisor *s, size_t i, uint8_t signo)
{
    struct life *life = &s->service[i].life;
    struct action *a;

    if (!(s->alive & SET_OF(i)) || life->stage < START_SPAWNING || signo == 0 ||
        signo >= SIGNALS_MAX)
        return;
    life->signals_sent |= (uint64_t)1 << (signo - 1);
    tell(s, i, STORY_FORWARD, signo, 0, 0);
    a = emit(s, ACT_SIGNAL, i);
    a->signal.signo = signo;
    a->signal.target = TARGET_WORKERS;
}

void service_quiet(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    if (!(s->alive & SET_OF(i))) {
        s->service[i].quiet_asked = true;
        return;
    }
    if (life->ask >= ASK_DRAIN)
        return;
    life->ask = ASK_DRAIN;
    if (s->ask < ASK_DRAIN)
        life->ask_c = s->counted;
}

static void interrupt(struct supervisor *s)
{
    static const enum ask asks[] = { ASK_STOP, ASK_NOW, ASK_KILL };

    if (s->interrupts > 0 && s->now - s->interrupt_at < INTERRUPTS_APART)
        return;
    s->interrupt_at = s->now;
    clock_ask(s, asks[s->interrupts], CAUSE_SIGNAL, SIGINT);
    if (s->interrupts < 2)
        s->interrupts++;
}

/* False: a wait was begun, the next step is due later. */
static bool run_step(struct supervisor *s, uint8_t signo, const struct signal_step *step)
{
    switch (step->kind) {
    case SIGNAL_STEP_SEND:
        service_signal(s, step->service, step->signo);
        break;
    case SIGNAL_STEP_QUIET:
        service_quiet(s, step->service);
        break;
    case SIGNAL_STEP_WAIT:
        s->sequence_c[signo] = time_add(s->counted, step->ms);
        return false;
    case SIGNAL_STEP_DEADLINE:
        clock_bring_forward(s, time_max(step->ms, 1 * SECOND), CAUSE_SIGNAL, signo);
        break;
    case SIGNAL_STEP_SHUTDOWN:
        clock_ask(s, ASK_STOP, CAUSE_SIGNAL, signo);
        break;
    case SIGNAL_STEP_INTERRUPT:
        interrupt(s);
        break;
    case SIGNAL_STEP_DRAIN:
        clock_ask(s, ASK_DRAIN, CAUSE_SIGNAL, signo);
        break;
    case SIGNAL_STEP_RELOAD:
        if (s->clock)
            tell(s, NO_SERVICE, STORY_REFUSED, REQUEST_RELOAD, VERDICT_SHUTTING_DOWN, 0);
        else
            emit(s, ACT_RELOAD, NO_SERVICE);
        break;
    case SIGNAL_STEP_IGNORE:
        break;
    }
    return true;
}

static void run_sequence(struct supervisor *s, uint8_t signo)
{
    const struct signal_sequence *sequence = &s->spec->signal[signo];
    uint64_t bit = (uint64_t)1 << (signo - 1);

    while (s->sequence_step[signo] < sequence->count) {
        const struct signal_step *step =
            &s->spec->signal_step[sequence->first + s->sequence_step[signo]];

        s->sequence_step[signo]++;
        if (!run_step(s, signo, step)) {
            s->sequences |= bit;
            return;
        }
    }
    s->sequences &= ~bit;
}

static bool ends_everything(const struct spec *spec, const struct signal_sequence *sequence)
{
    for (size_t k = 0; k < sequence->count; k++) {
        enum signal_step_kind kind = spec->signal_step[sequence->first + k].kind;
        if (kind == SIGNAL_STEP_SHUTDOWN || kind == SIGNAL_STEP_DRAIN)
            return true;
    }
    return false;
}

void signals_take(struct supervisor *s, uint8_t signo, int32_t sender)
{
    const struct signal_sequence *sequence = &s->spec->signal[signo];

    if (signo == 0 || signo >= SIGNALS_MAX)
        return;
    tell(s, NO_SERVICE, sequence->count > 0 ? STORY_SIGNAL : STORY_SIGNAL_IGNORED, signo, sender,
         0);
    if (s->sequences >> (signo - 1) & 1)
        return; /* a sequence under way is not begun again */
    s->sequence_step[signo] = 0;
    run_sequence(s, signo);
    if (ends_everything(s->spec, sequence))
        clock_start(s, CAUSE_SIGNAL, signo); /* also where it waits before its shutdown */
}

void signals_advance(struct supervisor *s)
{
    for (uint64_t rest = s->sequences; rest; rest &= rest - 1) {
        uint8_t signo = (uint8_t)(__builtin_ctzll(rest) + 1);

        if (due_counted(s, s->sequence_c[signo])) {
            run_sequence(s, signo);
            ask_again(s, spec_all(s->spec)); /* who will kill may have changed */
        }
    }
}
