#include "text/ladder.h"

#include <signal.h>
#include <string.h>

#include "text/ascii.h"
#include "text/command.h"
#include "text/duration.h"
#include "text/signame.h"

/* A piece of the value: not NUL-terminated. */
struct piece {
    const char *s;
    size_t n;
};

static struct piece trimmed(const char *s, const char *end)
{
    while (s < end && ascii_is_space(*s))
        s++;
    while (s < end && ascii_is_space(end[-1]))
        end--;
    return (struct piece){s, (size_t)(end - s)};
}

/* The comma that ends the step at s, or the end of the string. */
static const char *step_end(const char *s)
{
    char quote = '\0';
    for (; *s != '\0' && (quote != '\0' || *s != ','); s++) {
        if (*s == '\\' && quote != '\'' && s[1] != '\0')
            s++;
        else if (*s == quote)
            quote = '\0';
        else if (quote == '\0' && (*s == '"' || *s == '\''))
            quote = *s;
    }
    return s;
}

/* Cuts the last word off *step; false if there is one word only. */
static bool cut_last_word(struct piece *step, struct piece *word)
{
    size_t at = step->n;
    while (at > 0 && !ascii_is_space(step->s[at - 1]))
        at--;
    if (at == 0)
        return false;
    *word = (struct piece){step->s + at, step->n - at};
    *step = trimmed(step->s, step->s + at);
    return true;
}

enum { SHORT_WORD = 32 }; /* longer than any signal's name and any sane duration */

static bool copy_word(struct piece word, char out[SHORT_WORD])
{
    if (word.n >= SHORT_WORD)
        return false;
    memcpy(out, word.s, word.n);
    out[word.n] = '\0';
    return true;
}

static bool wait_of(struct piece word, int64_t *wait)
{
    char text[SHORT_WORD];
    return copy_word(word, text) && duration_parse(text, wait) == 0;
}

static int signal_of(struct piece word)
{
    char text[SHORT_WORD];
    return copy_word(word, text) ? signal_number(text) : 0;
}

/* The command of step n in what may be shown. Where a variable stands for several steps, or for one and
 * its wait, there is none such: all of it. */
static struct piece shown_command(const char *shown, unsigned n)
{
    const struct piece all = {shown, strlen(shown)};
    const char *end = step_end(shown);
    for (unsigned k = 0; k < n; k++) {
        if (*end == '\0')
            return all;
        shown = end + 1;
        end = step_end(shown);
    }
    struct piece step = trimmed(shown, end), wait;
    if (!command_is_exec(step.s, step.n) || !cut_last_word(&step, &wait))
        return all;
    size_t prefix = strlen(COMMAND_EXEC);
    return trimmed(step.s + prefix, step.s + step.n);
}

/* shown: of all steps; n: which it is. */
static int exec_step(struct piece step, const char *shown, unsigned n, struct arena *a, struct ladder_step *out,
                     const char **error)
{
    struct piece word;
    if (!cut_last_word(&step, &word) || !wait_of(word, &out->wait)) {
        *error = "a step needs a wait behind its command, as in exec:COMMAND 10s";
        return -1;
    }
    if (shown != NULL) {
        struct piece command = shown_command(shown, n);
        shown = arena_strndup(a, command.s, command.n);
        if (shown == NULL) {
            *error = "too long";
            return -1;
        }
    }
    size_t prefix = strlen(COMMAND_EXEC);
    return command_parse(step.s + prefix, step.n - prefix, shown, a, &out->exec, error);
}

static int signal_step(struct piece step, struct ladder_step *out, const char **error)
{
    struct piece word;
    bool waits = cut_last_word(&step, &word);
    out->signo = signal_of(step);
    if (out->signo == 0) {
        *error = "expected steps such as TERM 30s, exec:COMMAND 10s, KILL";
        return -1;
    }
    if (waits && !wait_of(word, &out->wait)) {
        *error = "a wait is a duration, as in TERM 30s";
        return -1;
    }
    if (!waits && out->signo != SIGKILL) {
        *error = "a step needs a wait, as in TERM 30s; only KILL goes without";
        return -1;
    }
    if (out->signo == SIGKILL)
        out->wait = 0;
    return 0;
}

static int one_step(struct piece step, const char *shown, struct arena *a, struct ladder *l,
                    const char **error)
{
    if (step.n == 0) {
        *error = "a step is empty: expected steps such as TERM 30s, KILL";
        return -1;
    }
    if (l->count > 0 && l->step[l->count - 1].signo == SIGKILL) {
        *error = "nothing can come after KILL";
        return -1;
    }
    if (l->count == LADDER_STEPS_MAX) {
        *error = "a ladder has at most 8 steps";
        return -1;
    }
    struct ladder_step *out = &l->step[l->count++];
    if (command_is_exec(step.s, step.n))
        return exec_step(step, shown, l->count - 1u, a, out, error);
    return signal_step(step, out, error);
}

int ladder_parse(const char *text, const char *shown, struct arena *a, struct ladder *out,
                 const char **error)
{
    struct ladder l = {.by_user = true};
    for (;;) {
        const char *end = step_end(text);
        if (one_step(trimmed(text, end), shown, a, &l, error) != 0)
            return -1;
        if (*end == '\0')
            break;
        text = end + 1;
    }
    *out = l;
    return 0;
}
