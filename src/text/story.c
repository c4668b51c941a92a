#include "text/story.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "base/str.h"
#include "core/supervisor.h"
#include "core/time.h"
#include "text/duration.h"
#include "text/signame.h"

#define X(id, name) name,
static const char *const states[] = {STATES(X)};
static const char *const causes[] = {CAUSES(X)};
static const char *const stop_reasons[] = {STOP_REASONS(X)};
static const char *const wait_reasons[] = {WAIT_REASONS(X)};
static const char *const requests[] = {REQUESTS(X)};
static const char *const verdicts[] = {VERDICTS(X)};
static const char *const hooks[] = {HOOKS(X)};
#undef X
static const char *const purposes[EXEC_PURPOSES] = {
    [EXEC_PRE_START] = "pre_start", [EXEC_POST_EXIT] = "post_exit", [EXEC_READY] = "ready",
    [EXEC_QUIET] = "quiet",         [EXEC_INFLIGHT] = "inflight",   [EXEC_STOP] = "stop",
};
static const char *const stages[] = {
    [SPAWN_FORK] = "could not be started",
    [SPAWN_LOGS] = "could not be started with its log file",
    [SPAWN_DIRECTORY] = "could not be started in its directory",
    [SPAWN_SETUP] = "could not be set up",
    [SPAWN_EXEC] = "could not be executed",
};
static const char *const asks[] = {
    [ASK_RUN] = "run",
    [ASK_DRAIN] = "drain",
    [ASK_STOP] = "stop asked for",
    [ASK_NOW] = "no more waiting",
    [ASK_KILL] = "kill",
};

/* What a letter of a template stands for, of those that are names. */
static const struct names {
    char letter;
    uint8_t count;
    const char *const *name;
} names[] = {
#define LIST(letter, list) {letter, sizeof list / sizeof list[0], list}
    LIST('R', stop_reasons), LIST('W', wait_reasons), LIST('Q', requests), LIST('V', verdicts),
    LIST('H', hooks), LIST('X', purposes), LIST('G', stages), LIST('A', asks), LIST('C', causes),
    LIST('S', states),
#undef LIST
};

static const char *name_of(char letter, int64_t i)
{
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (names[k].letter == letter && i >= 0 && i < names[k].count)
            return names[k].name[i];
    return "?";
}

/* What operators meet when a program does not start. strerror() allocates and asks
 * the locale. */
static const char *error_text(int64_t error)
{
    switch (error) {
    case ENOENT: return "no such file or directory";
    case EACCES: return "permission denied";
    case EPERM: return "operation not permitted";
    case ENOEXEC: return "exec format error";
    case ENOTDIR: return "not a directory";
    case EISDIR: return "is a directory";
    case ELOOP: return "too many symbolic links";
    case ETXTBSY: return "text file busy";
    case E2BIG: return "argument list too long";
    case ENAMETOOLONG: return "file name too long";
    case ENOMEM: return "out of memory";
    case EAGAIN: return "no process can be had at present";
    case EMFILE: case ENFILE: return "too many open files";
    case EINVAL: return "invalid argument";
    case EIO: return "input/output error";
    default: return NULL;
    }
}

static const char *signal_text(int64_t signo)
{
    return signal_name(signo >= 0 && signo < SIGNALS_MAX ? (int)signo : 0);
}

static void add_error(struct str *s, int64_t error)
{
    const char *text = error_text(error);
    if (text != NULL)
        str_add(s, text);
    else
        str_addf(s, "error %" PRId64, error);
}

/* The cause, named more closely where the input tells. */
static void add_cause(struct str *s, const struct story_input *in)
{
    if (in->a == CAUSE_SIGNAL && in->signo != 0)
        str_add(s, signal_text(in->signo));
    else if (in->a == CAUSE_ESSENTIAL && in->other != NULL)
        str_addf(s, "%s has ended", in->other);
    else
        str_add(s, name_of('C', in->a));
}

/* The wait of a ladder's step; that of KILL is 0 and not worth a word. */
static void add_limit(struct str *s, int64_t wait)
{
    if (wait == NEVER) {
        str_add(s, ", without a limit");
    } else if (wait > 0) {
        str_add(s, ", up to ");
        duration_format(s, wait);
    }
}

/* How a process ended. */
static void add_end(struct str *s, int64_t code, int64_t signo)
{
    if (signo != 0)
        str_addf(s, "ended by %s", signal_text(signo));
    else
        str_addf(s, "exit code %" PRId64, code);
}

static void tell_shutdown(struct str *s, const struct story_input *in)
{
    str_add(s, in->b == ASK_DRAIN ? "drain: " : "shutdown: ");
    add_cause(s, in);
    str_add(s, in->c == NEVER ? ", no deadline" : ", deadline in ");
    if (in->c != NEVER)
        duration_format(s, in->c);
}

static void tell_ask(struct str *s, const struct story_input *in)
{
    str_addf(s, "%s: ", name_of('A', in->b));
    add_cause(s, in);
}

static void tell_busy(struct str *s, const struct story_input *in)
{
    if (in->a < 0)
        str_add(s, "busy unknown");
    else if (in->b < 0)
        str_addf(s, "%" PRId64 " busy", in->a);
    else
        str_addf(s, "%" PRId64 " of %" PRId64 " busy", in->a, in->b);
}

static void tell_waiting(struct str *s, const struct story_input *in)
{
    str_add(s, "waiting for ");
    if (in->a == WAIT_JOBS && in->c >= 0)
        str_addf(s, "%" PRId64 " job%s", in->c, in->c == 1 ? "" : "s");
    else if (in->a == WAIT_JOBS)
        str_add(s, "an unknown number of jobs");
    else if (in->a == WAIT_READY)
        str_add(s, "its readiness");
    else if (in->a == WAIT_LINGER)
        str_add(s, "the end of its linger");
    else
        str_add(s, name_of('W', in->a));
    str_add(s, " for ");
    duration_format(s, in->b);
}

static void tell_signal(struct str *s, const struct story_input *in)
{
    str_addf(s, "got %s", signal_text(in->a));
    if (in->b > 0)
        str_addf(s, " from pid %" PRId64, in->b);
    if (in->id == STORY_SIGNAL_IGNORED)
        str_add(s, ", ignored");
}

static void tell_exited(struct str *s, const struct story_input *in)
{
    add_end(s, in->a, in->b);
    str_add(s, in->c != 0 ? ", as asked" : ", by itself");
}

static void tell_stopped(struct str *s, const struct story_input *in)
{
    str_add(s, "stopped after ");
    duration_format(s, in->a);
    str_add(s, ": ");
    add_end(s, in->b, in->c);
}

static void tell_failed(struct str *s, const struct story_input *in)
{
    str_add(s, "failed");
    if (in->a > 0)
        str_addf(s, " after %" PRId64 " restart%s", in->a, in->a == 1 ? "" : "s in a row");
}

static void tell_dependency_failed(struct str *s, const struct story_input *in)
{
    str_addf(s, "failed, as %s has failed", in->other != NULL ? in->other : "what it is after");
}

static void tell_started(struct str *s, const struct story_input *in)
{
    str_add(s, "started");
    if (in->a > 1)
        str_addf(s, " again, life %" PRId64, in->a);
}

static void tell_spawn_failed(struct str *s, const struct story_input *in)
{
    if (in->other != NULL)
        str_addf(s, "'%s' ", in->other);
    str_addf(s, "%s: ", name_of('G', in->a));
    add_error(s, in->b);
    if (in->a == SPAWN_EXEC && in->b == ENOENT)
        str_add(s, " (the program, or what the first line of a script names)");
}

static void tell_shrunk(struct str *s, const struct story_input *in)
{
    str_add(s, "too little time: waits ");
    duration_format(s, in->b);
    str_add(s, " instead of ");
    duration_format(s, in->a);
    str_addf(s, "; %s", in->c != 0 ? STORY_LOSS_OF_JOBS : STORY_LOSS_OF_LADDER);
}

static void tell_ready_timeout(struct str *s, const struct story_input *in)
{
    str_add(s, "not ready after ");
    duration_format(s, in->a);
    str_add(s, in->b != 0 ? ", counts as ready" : ", this start has failed");
}

static void tell_deadline(struct str *s, const struct story_input *in)
{
    str_add(s, in->b != 0 ? "deadline brought forward to " : "deadline stays: it is earlier, ");
    duration_format(s, in->a);
    str_add(s, " from now");
}

static void tell_orphans(struct str *s, const struct story_input *in)
{
    str_addf(s, "%" PRId64 " orphan%s", in->a, in->a == 1 ? "" : "s");
    if (in->b != 0)
        str_addf(s, ": %s", signal_text(in->b));
}

/* How each story is worded: by a function, or by a template in which %a %b %c with a
 * letter stand for a value: t a duration, n a number, s a signal, m a signal or 0 for a
 * command, l the limit of a wait, e an errno, and the names above. */
static const struct wording {
    enum story_level level;
    bool pid; /* worth saying */
    const char *text;
    void (*tell)(struct str *s, const struct story_input *in);
} wordings[STORY_COUNT] = {
    [STORY_STATE] = {STORY_LEVEL_DEBUG, false, "%aS, now %bS", NULL},
    [STORY_STARTED] = {STORY_LEVEL_INFO, true, NULL, tell_started},
    [STORY_READY] = {STORY_LEVEL_INFO, false, "ready after %at", NULL},
    [STORY_READY_TIMEOUT] = {STORY_LEVEL_WARN, false, NULL, tell_ready_timeout},
    [STORY_SPAWN_FAILED] = {STORY_LEVEL_ERROR, false, NULL, tell_spawn_failed},
    [STORY_PRE_START_FAILED] = {STORY_LEVEL_ERROR, false, "pre_start failed", NULL},
    [STORY_EXITED] = {STORY_LEVEL_WARN, true, NULL, tell_exited},
    [STORY_REMAINS] = {STORY_LEVEL_WARN, false,
                       "its main process is gone, processes left: %an", NULL},
    [STORY_BACKOFF] = {STORY_LEVEL_WARN, false, "restart in %at (%bn of %cn)", NULL},
    [STORY_FAILED] = {STORY_LEVEL_ERROR, false, NULL, tell_failed},
    [STORY_DEPENDENCY_FAILED] = {STORY_LEVEL_ERROR, false, NULL, tell_dependency_failed},
    [STORY_SIGNAL] = {STORY_LEVEL_INFO, false, NULL, tell_signal},
    [STORY_SIGNAL_IGNORED] = {STORY_LEVEL_INFO, false, NULL, tell_signal},
    [STORY_FORWARD] = {STORY_LEVEL_DEBUG, false, "%as forwarded", NULL},
    [STORY_SHUTDOWN] = {STORY_LEVEL_INFO, false, NULL, tell_shutdown},
    [STORY_ASK] = {STORY_LEVEL_INFO, false, NULL, tell_ask},
    [STORY_DEADLINE] = {STORY_LEVEL_INFO, false, NULL, tell_deadline},
    [STORY_SHRUNK] = {STORY_LEVEL_WARN, false, NULL, tell_shrunk},
    [STORY_LINGER_SHRUNK] = {STORY_LEVEL_WARN, false,
                             "too little time: lingers %bt instead of %at; " STORY_LOSS_OF_LINGER, NULL},
    [STORY_CLOCK_JUMP] = {STORY_LEVEL_WARN, false, "the clock has jumped by %at", NULL},
    [STORY_QUIET] = {STORY_LEVEL_INFO, false, "quiet (%am)", NULL},
    [STORY_QUIET_SEEN] = {STORY_LEVEL_INFO, false, "is quiet after %at", NULL},
    [STORY_BUSY] = {STORY_LEVEL_INFO, false, NULL, tell_busy},
    [STORY_WAITING] = {STORY_LEVEL_INFO, true, NULL, tell_waiting},
    [STORY_IDLE] = {STORY_LEVEL_INFO, false, "idle after %at", NULL},
    [STORY_STOP] = {STORY_LEVEL_INFO, false, "stop (%bm%cl): %aR", NULL},
    [STORY_STOP_AGAIN] = {STORY_LEVEL_INFO, false, "%as again: it has booted since", NULL},
    [STORY_STOP_MISSED] = {STORY_LEVEL_INFO, false,
                           "has booted on, %as did not reach it: waiting for its jobs", NULL},
    [STORY_STOP_STEP] = {STORY_LEVEL_WARN, true, "still there after %bt: %am%cl", NULL},
    [STORY_KILL_LEFT] = {STORY_LEVEL_WARN, true,
                         "KILL is left to the platform, as there is no deadline", NULL},
    [STORY_STOPPED] = {STORY_LEVEL_INFO, false, NULL, tell_stopped},
    [STORY_DRAINED] = {STORY_LEVEL_INFO, false, "drained after %at", NULL},
    [STORY_ORPHANS] = {STORY_LEVEL_INFO, false, NULL, tell_orphans},
    [STORY_DEADLINE_KILL] = {STORY_LEVEL_ERROR, false,
                             "the time is up: KILL, services still alive: %an", NULL},
    [STORY_SURVIVED] = {STORY_LEVEL_ERROR, true, "lives on after KILL, processes: %an", NULL},
    [STORY_REFUSED] = {STORY_LEVEL_WARN, false, "%aQ refused: %bV", NULL},
    [STORY_EXEC_FAILED] = {STORY_LEVEL_WARN, false, "the command of %aX failed", NULL},
    [STORY_HOOK_FAILED] = {STORY_LEVEL_WARN, false, "hook %aH failed", NULL},
    [STORY_DONE] = {STORY_LEVEL_INFO, false, "", NULL},
    [STORY_BOOKS] = {STORY_LEVEL_INFO, false, "", NULL},
};

static void add_value(struct str *s, char letter, int64_t value)
{
    switch (letter) {
    case 't': duration_format(s, value); break;
    case 'n': str_addf(s, "%" PRId64, value); break;
    case 's': str_add(s, signal_text(value)); break;
    case 'm': str_add(s, value == 0 ? "command" : signal_text(value)); break;
    case 'l': add_limit(s, value); break;
    case 'e': add_error(s, value); break;
    default: str_add(s, name_of(letter, value)); break;
    }
}

static void expand(struct str *s, const char *text, const struct story_input *in)
{
    for (; *text != '\0'; text++) {
        if (*text != '%') {
            str_addc(s, *text);
            continue;
        }
        add_value(s, text[2], text[1] == 'a' ? in->a : text[1] == 'b' ? in->b : in->c);
        text += 2;
    }
}

size_t story_line(const struct story_input *in, char *buf, size_t size)
{
    const struct wording *w = &wordings[in->id];
    struct str s;
    str_init(&s, buf, size);
    if (w->tell == NULL && *w->text == '\0')
        return 0;
    if (in->service != NULL)
        str_add(&s, in->service);
    if (in->service != NULL && in->pid > 0 && w->pid)
        str_addf(&s, " (pid %" PRId32 ")", in->pid);
    if (in->service != NULL)
        str_add(&s, ": ");
    if (w->tell != NULL)
        w->tell(&s, in);
    else
        expand(&s, w->text, in);
    return s.len;
}

enum story_level story_level(const struct story_input *in)
{
    /* an end that was asked for, or that says success, is no cause for concern */
    if (in->id == STORY_EXITED && (in->c != 0 || (in->a == 0 && in->b == 0)))
        return STORY_LEVEL_INFO;
    if (in->id == STORY_READY_TIMEOUT && in->b == 0)
        return STORY_LEVEL_ERROR;
    if (in->id == STORY_STOP && in->a == STOP_LATEST)
        return STORY_LEVEL_WARN;
    return wordings[in->id].level;
}

size_t story_done_line(int64_t ms, int64_t deadline, int64_t finished, int64_t handed_back,
                       int64_t killed, char *buf, size_t size)
{
    struct str s;
    str_init(&s, buf, size);
    str_add(&s, "done in ");
    duration_format(&s, ms);
    str_add(&s, deadline == NEVER ? ", no deadline" : " of ");
    if (deadline != NEVER)
        duration_format(&s, deadline);
    str_addf(&s, ": %" PRId64 " jobs finished, %" PRId64 " handed back, %" PRId64 " killed",
             finished, handed_back, killed);
    return s.len;
}
