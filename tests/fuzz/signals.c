/* Names of signals, and the sequences of [signals]: within their bounds, or refused with a word. */
#include "core/spec.h"
#include "fuzz/fuzz.h"
#include "text/config_signals.h"
#include "text/signame.h"

static struct spec spec;

static void check_sequence(int signo)
{
    const struct signal_sequence *q = &spec.signal[signo];

    require(q->first + q->count <= spec.signal_steps && spec.signal_steps <= SIGNAL_STEPS_MAX, "steps beyond the end");
    for (uint16_t k = q->first; k < q->first + q->count; k++) {
        const struct signal_step *step = &spec.signal_step[k];

        require(step->ms >= 0 && step->ms < NEVER, "a time that is none");
        if (step->kind == SIGNAL_STEP_SEND)
            require(step->service < spec.count && step->signo >= 1 && step->signo <= 64, "sent to nobody, or nothing");
    }
}

/* The first line names the signal, the rest says what it does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size), *rest = strchr(text, '\n');
    char error[200] = "";
    int signo;

    if (rest != NULL)
        *rest++ = '\0';
    signo = signal_number(text);
    require(signo >= 0 && signo <= 64, "a number that is none");
    if (signo > 0)
        require(signal_number(signal_name(signo)) == signo, "its name is that of another");
    memset(&spec, 0, sizeof(spec));
    spec.count = 2;
    service_spec_init(&spec.service[0], "web", KIND_SERVICE);
    service_spec_init(&spec.service[1], "worker", KIND_SERVICE);
    if (config_signal(&spec, text, rest != NULL ? rest : "", error, sizeof(error)) != 0) {
        require(error[0] != '\0' && memchr(error, '\0', sizeof(error)) != NULL, "refused without a word");
    } else {
        require(signo > 0, "taken for no signal");
        check_sequence(signo);
    }
    free(text);
    return 0;
}
