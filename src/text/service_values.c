#include "text/service_values.h"

#include <signal.h>
#include <string.h>

#include "text/ascii.h"
#include "text/command.h"
#include "text/duration.h"
#include "text/endpoint.h"
#include "text/number.h"
#include "text/signame.h"

static bool begins(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

static int fail(const char **error, const char *message)
{
    *error = message;
    return -1;
}

static int exec_parse(const char *text, const char *shown, struct arena *a,
                      struct command *out, const char **error)
{
    const char *command = text + strlen(COMMAND_EXEC);
    if (shown != NULL && begins(shown, COMMAND_EXEC))
        shown += strlen(COMMAND_EXEC);
    return command_parse(command, strlen(command), shown, a, out, error);
}

static bool is_tcp(const char *target)
{
    struct endpoint at;
    return endpoint_parse(target, strlen(target), &at) == 0;
}

static bool is_path(const char *target)
{
    return *target != '\0';
}

enum { SOCKET_PATH_MAX = 107 }; /* of struct sockaddr_un, without its NUL */

static bool is_socket_path(const char *target)
{
    return is_path(target) && strlen(target) <= SOCKET_PATH_MAX;
}

/* The URL goes into a request line as it is: no space, no control byte. */
static bool is_url(const char *target)
{
    const char *host = target + strlen("http://");
    struct endpoint at;
    for (const char *p = host; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    return endpoint_parse(host, strcspn(host, "/"), &at) == 0;
}

static const struct ready_form {
    const char *prefix;
    size_t skip; /* of the prefix, to get the target */
    enum ready_kind kind;
    bool (*valid)(const char *target);
    const char *expected;
} ready_forms[] = {
    {"tcp:", 4, READY_TCP, is_tcp, "expected tcp:HOST:PORT"},
    {"unix:", 5, READY_UNIX, is_socket_path, "expected unix:PATH, of at most 107 bytes"},
    {"http://", 0, READY_HTTP, is_url, "expected http://HOST:PORT/PATH"},
    {"file:", 5, READY_FILE, is_path, "expected file:PATH"},
};

static const struct {
    const char *name;
    enum ready_kind kind;
} ready_words[] = {{"started", READY_STARTED}, {"notify", READY_NOTIFY}, {"title", READY_TITLE}};

static int ready_target(const struct ready_form *form, const char *text, struct arena *a,
                        struct ready_spec *out, const char **error)
{
    const char *target = text + form->skip;
    if (!form->valid(target))
        return fail(error, form->expected);
    size_t n = strlen(target);
    bool bare = form->kind == READY_HTTP && strchr(target + strlen("http://"), '/') == NULL;
    char *copy = arena_strndup(a, target, n + (bare ? 1 : 0));
    if (copy == NULL)
        return fail(error, "too long");
    if (bare)
        copy[n] = '/';
    *out = (struct ready_spec){.kind = form->kind, .target = copy, .by_user = true};
    return 0;
}

int ready_parse(const char *text, const char *shown, struct arena *a, struct ready_spec *out,
                const char **error)
{
    for (size_t i = 0; i < sizeof ready_words / sizeof ready_words[0]; i++)
        if (strcmp(text, ready_words[i].name) == 0) {
            *out = (struct ready_spec){.kind = ready_words[i].kind, .by_user = true};
            return 0;
        }
    for (size_t i = 0; i < sizeof ready_forms / sizeof ready_forms[0]; i++)
        if (begins(text, ready_forms[i].prefix))
            return ready_target(&ready_forms[i], text, a, out, error);
    if (begins(text, COMMAND_EXEC)) {
        struct ready_spec ready = {.kind = READY_EXEC, .by_user = true};
        if (exec_parse(text, shown, a, &ready.exec, error) != 0)
            return -1;
        *out = ready;
        return 0;
    }
    return fail(error, "expected started, notify, title, tcp:HOST:PORT, unix:PATH, "
                       "http://HOST:PORT/PATH, file:PATH or exec:COMMAND");
}

int quiet_parse(const char *text, const char *shown, struct arena *a, struct quiet_spec *out,
                const char **error)
{
    struct quiet_spec quiet = {0};
    if (begins(text, COMMAND_EXEC)) {
        if (exec_parse(text, shown, a, &quiet.exec, error) != 0)
            return -1;
    } else if (strcmp(text, "none") != 0) {
        quiet.signo = signal_number(text);
        if (quiet.signo == 0)
            return fail(error, "expected a signal such as TSTP, exec:COMMAND or none");
        if (quiet.signo == SIGKILL || quiet.signo == SIGSTOP)
            return fail(error, "KILL and STOP cannot be caught, so they make nothing quiet");
    }
    *out = quiet;
    return 0;
}

int inflight_parse(const char *text, const char *shown, struct arena *a,
                   struct inflight_spec *out, const char **error)
{
    struct inflight_spec inflight = {.kind = INFLIGHT_NONE};
    if (begins(text, COMMAND_EXEC)) {
        inflight.kind = INFLIGHT_EXEC;
        if (exec_parse(text, shown, a, &inflight.exec, error) != 0)
            return -1;
    } else if (strcmp(text, "sidekiq") == 0) {
        inflight.kind = INFLIGHT_SIDEKIQ;
    } else if (strcmp(text, "notify") == 0) {
        inflight.kind = INFLIGHT_NOTIFY;
    } else if (begins(text, "puma:") || begins(text, "redis:")) {
        return fail(error, "puma: and redis: are not there yet; "
                           "expected sidekiq, notify, exec:COMMAND or none");
    } else if (strcmp(text, "none") != 0) {
        return fail(error, "expected sidekiq, notify, exec:COMMAND or none");
    }
    *out = inflight;
    return 0;
}

int restart_parse(const char *text, enum restart *out, const char **error)
{
#define X(id, name)                 \
    if (strcmp(text, name) == 0) {  \
        *out = id;                  \
        return 0;                   \
    }
    RESTARTS(X)
#undef X
    return fail(error, "expected never, on-failure or always");
}

enum { PLAIN_WORD_MAX = 31 };

/* The next word at *s, parted by white space. False: none, or too long for a value. */
static bool plain_word(const char **s, char out[PLAIN_WORD_MAX + 1])
{
    while (ascii_is_space(**s))
        ++*s;
    size_t n = 0;
    for (; **s != '\0' && !ascii_is_space(**s); ++*s) {
        if (n == PLAIN_WORD_MAX)
            return false;
        out[n++] = **s;
    }
    out[n] = '\0';
    return n > 0;
}

static bool at_end(const char *s)
{
    while (ascii_is_space(*s))
        s++;
    return *s == '\0';
}

int backoff_parse(const char *text, int64_t *first, int64_t *max, const char **error)
{
    char a[PLAIN_WORD_MAX + 1], b[PLAIN_WORD_MAX + 1];
    int64_t low, high;
    if (!plain_word(&text, a) || !plain_word(&text, b) || !at_end(text) ||
        duration_parse(a, &low) != 0 || duration_parse(b, &high) != 0)
        return fail(error, "expected the first and the longest pause, such as 1s 30s");
    if (low > high)
        return fail(error, "the first pause is longer than the longest");
    *first = low;
    *max = high;
    return 0;
}

int restart_limit_parse(const char *text, uint16_t *limit, int64_t *window, const char **error)
{
    char a[PLAIN_WORD_MAX + 1], b[PLAIN_WORD_MAX + 1];
    uint64_t n;
    int64_t ms;
    if (!plain_word(&text, a) || !plain_word(&text, b) || !at_end(text) ||
        !number_parse(a, UINT16_MAX, &n) || duration_parse(b, &ms) != 0)
        return fail(error, "expected a number up to 65535 and a duration, such as 5 60s");
    *limit = (uint16_t)n;
    *window = ms;
    return 0;
}

int success_parse(const char *text, uint64_t codes[4], uint64_t *signals, const char **error)
{
    uint64_t by_code[4] = {0}, by_signal = 0, n;
    char word[PLAIN_WORD_MAX + 1];
    do {
        if (!plain_word(&text, word))
            return fail(error, "expected exit codes and signals, such as 0 1 TERM");
        if (ascii_is_digit(*word)) {
            if (!number_parse(word, UINT8_MAX, &n))
                return fail(error, "an exit code is a number from 0 to 255");
            by_code[n / 64] |= (uint64_t)1 << n % 64;
        } else {
            int signo = signal_number(word);
            if (signo == 0)
                return fail(error, "expected exit codes and signals, such as 0 1 TERM");
            by_signal |= (uint64_t)1 << (signo - 1);
        }
    } while (!at_end(text));
    memcpy(codes, by_code, sizeof by_code);
    *signals = by_signal;
    return 0;
}
