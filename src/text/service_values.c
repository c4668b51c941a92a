#include "text/service_values.h"

#include <signal.h>
#include <string.h>

#include "text/command.h"
#include "text/endpoint.h"
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
