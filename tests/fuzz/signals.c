/* Signals by name, and [signals], a `KEY = VALUE` a line: what is taken fits into the table and is
 * the same when it is written and read again; what is refused changes nothing. */
#include <ctype.h>
#include <inttypes.h>
#include <signal.h>

#include "fuzz/fuzz.h"
#include "text/config_signals.h"
#include "text/signame.h"

enum { ERROR_SIZE = 320 };

static const char *const services[] = { "worker", "web", "cron" };

static void make_spec(struct spec *spec)
{
    service_set cycle;

    *spec = (struct spec){ .deadline = NEVER, .margin = NEVER };
    for (size_t k = 0; k < sizeof(services) / sizeof(services[0]); k++)
        service_spec_init(&spec->service[spec->count++], services[k], KIND_SERVICE);
    require(spec_finish(spec, &cycle) == 0, "they wait for each other");
}

static void check_name(const char *name)
{
    int n = signal_number(name);
    char other[64];

    require(n >= 0 && n < SIGNALS_MAX, "a number that is none");
    require(strcmp(signal_name(n), "?") != 0 || n == 0, "a signal without a name");
    require(n == 0 || signal_number(signal_name(n)) == n, "its name is another's");
    if (strlen(name) + 4 > sizeof(other) || isdigit((unsigned char)*name))
        return;
    strcpy(other, name);
    for (char *at = other; *at != '\0'; at++)
        *at = (char)(islower((unsigned char)*at) ? toupper((unsigned char)*at) : tolower((unsigned char)*at));
    require(signal_number(other) == n, "another in the other case");
    snprintf(other, sizeof(other), "SIG%s", name);
    require(strncasecmp(name, "SIG", 3) == 0 || signal_number(other) == n, "another with SIG before it");
}

static void check_step(const struct spec *spec, const struct signal_step *s)
{
    require(s->kind == SIGNAL_STEP_SEND || s->kind == SIGNAL_STEP_WAIT || s->kind == SIGNAL_STEP_DEADLINE ||
            s->kind == SIGNAL_STEP_SHUTDOWN || s->kind == SIGNAL_STEP_DRAIN || s->kind == SIGNAL_STEP_RELOAD ||
            s->kind == SIGNAL_STEP_IGNORE, "a step that nobody can write");
    require(s->service < spec->count, "a service that is not there");
    require(s->kind != SIGNAL_STEP_SEND || (s->signo > 0 && s->signo < SIGNALS_MAX), "a signal that is none");
    require(s->ms >= 0 && s->ms < NEVER, "a time that is none");
    require(s->kind != SIGNAL_STEP_DEADLINE || s->ms >= SECOND, "a deadline that nobody can keep");
}

/* The steps of a sequence as they would be written. */
static void write_sequence(const struct spec *spec, const struct signal_sequence *q, char *to)
{
    for (size_t k = 0; k < q->count; k++) {
        const struct signal_step *s = &spec->signal_step[q->first + k];

        if (s->kind == SIGNAL_STEP_SEND)
            to += sprintf(to, "%s:%s", services[s->service], signal_name(s->signo));
        else if (s->kind == SIGNAL_STEP_WAIT || s->kind == SIGNAL_STEP_DEADLINE)
            to += sprintf(to, "%s:%" PRId64 "ms", s->kind == SIGNAL_STEP_WAIT ? "wait" : "deadline", s->ms);
        else
            to += sprintf(to, "%s", s->kind == SIGNAL_STEP_SHUTDOWN ? "shutdown"
                                    : s->kind == SIGNAL_STEP_DRAIN  ? "drain"
                                    : s->kind == SIGNAL_STEP_RELOAD ? "reload"
                                                                    : "ignore");
        to += sprintf(to, k + 1 < q->count ? ", " : "");
    }
}

static void check_written(const struct spec *spec, int signo)
{
    static char text[SIGNAL_STEPS_MAX * (SERVICE_NAME_MAX + 40)];
    static struct spec again;
    const struct signal_sequence *q = &spec->signal[signo], *p = &again.signal[signo];
    char error[ERROR_SIZE];

    make_spec(&again);
    write_sequence(spec, q, text);
    require(config_signal(&again, signal_name(signo), text, error, sizeof(error)) == 0, "what was written is refused");
    require(p->count == q->count, "other steps");
    for (size_t k = 0; k < q->count; k++) {
        const struct signal_step *s = &spec->signal_step[q->first + k], *t = &again.signal_step[p->first + k];

        require(s->kind == t->kind && s->service == t->service && s->ms == t->ms, "another step");
        require(s->kind != SIGNAL_STEP_SEND || s->signo == t->signo, "another signal");
    }
}

static void check_sequence(struct spec *spec, const char *key, const char *value)
{
    char error[ERROR_SIZE] = "";
    int signo = signal_number(key), r;
    struct signal_sequence before = spec->signal[signo];

    memset(error, 'x', sizeof(error));
    r = config_signal(spec, key, value, error, sizeof(error));
    require(r == 0 || r == -1, "neither read nor refused");
    if (r != 0) {
        require(memchr(error, '\0', sizeof(error)) != NULL && error[0] != '\0', "refused without a word");
        require(memcmp(&spec->signal[signo], &before, sizeof(before)) == 0, "refused, and changed");
        return;
    }
    require(signo > 0 && signo != SIGKILL && signo != SIGSTOP && signo != SIGCHLD && before.count == 0,
            "a signal that cannot have a meaning");
    require(spec->signal[signo].count > 0, "taken, and it does nothing");
    for (size_t k = 0; k < spec->signal[signo].count; k++)
        check_step(spec, &spec->signal_step[spec->signal[signo].first + k]);
    check_written(spec, signo);
}

/* With the defaults behind them all sequences are in the table. */
static void check_table(struct spec *spec)
{
    signals_default(spec);
    require(spec->signal_steps <= SIGNAL_STEPS_MAX, "more steps than fit");
    for (size_t signo = 0; signo < SIGNALS_MAX; signo++)
        require(spec->signal[signo].first + spec->signal[signo].count <= spec->signal_steps, "a step beyond the end");
    require(spec->signal[SIGTERM].count > 0 && spec->signal[SIGINT].count > 0, "nothing ends it");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct spec spec;
    char *line;

    make_spec(&spec);
    for (; (line = next_line(&data, &size)) != NULL; free(line)) {
        char *sign = strchr(line, '='), *value = sign == NULL ? line + strlen(line) : sign + 1, *end = sign;

        for (; end != NULL && end > line && end[-1] == ' '; end--)
            ;
        if (end != NULL)
            *end = '\0';
        check_name(line);
        check_sequence(&spec, line, value);
    }
    check_table(&spec);
    return 0;
}
