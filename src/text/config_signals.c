#include "text/config_signals.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "text/ascii.h"
#include "text/duration.h"
#include "text/nearest.h"
#include "text/signame.h"

enum { STEP_SIZE = SERVICE_NAME_MAX + 40 }; /* SERVICE:RTMIN+30 and more */

static const struct {
    const char *word;
    enum signal_step_kind kind;
} words[] = { { "shutdown", SIGNAL_STEP_SHUTDOWN }, { "drain", SIGNAL_STEP_DRAIN },
              { "reload", SIGNAL_STEP_RELOAD },     { "ignore", SIGNAL_STEP_IGNORE } };

/* The step at *text, up to its comma, without the blanks around it; false: it is empty or too long. */
static bool next_step(const char **text, char out[STEP_SIZE])
{
    const char *from = *text, *to = from + strcspn(from, ",");

    *text = to;
    while (from < to && ascii_is_space(*from))
        from++;
    while (from < to && ascii_is_space(to[-1]))
        to--;
    if (from == to || to - from >= STEP_SIZE)
        return false;
    memcpy(out, from, (size_t)(to - from));
    out[to - from] = '\0';
    return true;
}

static int read_service(const struct spec *spec, const char *name, struct signal_step *out,
                        char *error, size_t size)
{
    const char *names[SERVICES_MAX], *meant;

    for (uint8_t i = 0; i < spec->count; i++) {
        names[i] = spec->service[i].name;
        if (strcmp(name, names[i]) == 0) {
            out->service = i;
            return 0;
        }
    }
    meant = nearest_word(name, names, spec->count);
    snprintf(error, size, "there is no service '%s'%s%s%s; a step is SERVICE, SERVICE:SIGNAL, wait:5s, "
             "deadline:90s, shutdown, drain, reload or ignore", name,
             meant != NULL ? " (did you mean " : "", meant != NULL ? meant : "",
             meant != NULL ? "?)" : "");
    return -1;
}

static int read_step(const struct spec *spec, char *step, int signo, struct signal_step *out,
                     char *error, size_t size)
{
    char *behind = strchr(step, ':');

    *out = (struct signal_step){ .kind = SIGNAL_STEP_SEND, .signo = (uint8_t)signo };
    for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
        if (strcmp(step, words[k].word) == 0) {
            out->kind = words[k].kind;
            return 0;
        }
    if (behind == NULL)
        return read_service(spec, step, out, error, size);
    *behind++ = '\0';
    if (strcmp(step, "wait") == 0 || strcmp(step, "deadline") == 0) {
        out->kind = *step == 'w' ? SIGNAL_STEP_WAIT : SIGNAL_STEP_DEADLINE;
        if (duration_parse(behind, &out->ms) == 0 &&
            (out->kind == SIGNAL_STEP_WAIT || out->ms >= 1 * SECOND))
            return 0;
        snprintf(error, size, "'%s:%s': expected a duration such as 5s%s", step, behind,
                 out->kind == SIGNAL_STEP_WAIT ? "" : ", of at least 1s");
        return -1;
    }
    out->signo = (uint8_t)signal_number(behind);
    if (out->signo == 0) {
        snprintf(error, size, "'%s:%s': there is no signal '%s'", step, behind, behind);
        return -1;
    }
    return read_service(spec, step, out, error, size);
}

/* The steps that signals_default() needs behind these. */
enum { DEFAULT_STEPS = SIGNALS_MAX };

int config_signal(struct spec *spec, const char *name, const char *text, char *error, size_t size)
{
    int signo = signal_number(name);
    struct signal_sequence sequence = { .first = spec->signal_steps };

    if (signo == 0 || signo == SIGKILL || signo == SIGSTOP || signo == SIGCHLD ||
        ascii_is_digit(*name)) {
        snprintf(error, size, signo == 0 || ascii_is_digit(*name)
                                  ? "there is no signal '%.40s'; expected a name such as USR2"
                                  : "%.40s cannot be given a meaning", name);
        return -1;
    }
    if (spec->signal[signo].count > 0) {
        snprintf(error, size, "a second time");
        return -1;
    }
    do {
        char step[STEP_SIZE];

        if (!next_step(&text, step)) {
            snprintf(error, size, "a step is empty or too long; expected such as web:USR2, wait:5s");
            return -1;
        }
        if (spec->signal_steps == SIGNAL_STEPS_MAX - DEFAULT_STEPS) {
            snprintf(error, size, "more than %d steps in all", SIGNAL_STEPS_MAX - DEFAULT_STEPS);
            return -1;
        }
        if (read_step(spec, step, signo, &spec->signal_step[spec->signal_steps], error, size) != 0)
            return -1;
        spec->signal_steps++;
        sequence.count++;
    } while (*text++ == ',');
    spec->signal[signo] = sequence;
    return 0;
}
