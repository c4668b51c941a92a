#include "text/config_values.h"

#include <string.h>

#include "text/boolean.h"
#include "text/command.h"
#include "text/duration.h"
#include "text/ladder.h"
#include "text/service_values.h"
#include "text/words.h"

static int fail(const char **error, const char *message)
{
    *error = message;
    return -1;
}

static int read_duration(const char *text, int64_t *out, const char **error)
{
    return duration_parse(text, out) == 0 ? 0
                                          : fail(error, "expected a duration such as 90s, 5m, 3h5m");
}

static int read_boolean(const char *text, bool *out, const char **error)
{
    return boolean_parse(text, out) == 0 ? 0 : fail(error, "expected yes or no");
}

static int read_path(const char *text, struct arena *a, const char **out, const char **error)
{
    if (*text == '\0')
        return fail(error, "expected a path");
    *out = arena_strndup(a, text, strlen(text));
    return *out != NULL ? 0 : fail(error, "too long");
}

static int read_command(const char *text, const char *shown, struct arena *a, struct command *out,
                        const char **error)
{
    return command_parse(text, strlen(text), shown, a, out, error);
}

static int read_word(const char *text, const char *const *words, int count, int *out)
{
    for (int k = 0; k < count; k++)
        if (strcmp(text, words[k]) == 0) {
            *out = k;
            return 0;
        }
    return -1;
}

int logs_parse(const char *text, struct arena *a, struct logs_spec *out, const char **error)
{
    static const char *const words[] = {
#define X(id, name) name,
        LOGS(X)
#undef X
    };
    int kind;

    if (strncmp(text, "file:", 5) == 0) {
        out->kind = LOGS_FILE;
        return read_path(text + 5, a, &out->path, error);
    }
    if (read_word(text, words, LOGS_FILE, &kind) != 0)
        return fail(error, "expected inherit, prefix, json, null or file:PATH");
    *out = (struct logs_spec){ .kind = (enum logs)kind };
    return 0;
}

/* --- [lastcall] --- */

CONFIG_PARSER(parse_deadline)
{
    (void)shown;
    to->globals->has_deadline = true;
    if (strcmp(text, "none") == 0) {
        to->globals->deadline = NEVER;
        return 0;
    }
    if (duration_parse(text, &to->globals->deadline) != 0)
        return fail(error, "expected a duration such as 90s, 5m, 3h5m, or none");
    return to->globals->deadline > 0 ? 0 : fail(error, "expected a duration longer than 0");
}

CONFIG_PARSER(parse_margin)
{
    (void)shown;
    to->globals->has_margin = true;
    return read_duration(text, &to->globals->margin, error);
}

CONFIG_PARSER(parse_web_linger)
{
    (void)shown;
    to->globals->has_linger = true;
    return read_duration(text, &to->globals->linger, error);
}

CONFIG_PARSER(parse_control)
{
    (void)shown;
    if (strcmp(text, "auto") != 0 && strcmp(text, "none") != 0 && *text != '/')
        return fail(error, "expected auto, none or a path that begins with /");
    return read_path(text, to->arena, &to->globals->control, error);
}

/* The door keeps pieces of the text. */
static int read_door(struct config_target *to, const char *text,
                     int (*parse)(struct door *, const char *, const char **), const char **error)
{
    const char *kept = arena_strndup(to->arena, text, strlen(text));

    return kept == NULL ? fail(error, "too long") : parse(&to->globals->door, kept, error);
}

CONFIG_PARSER(parse_listen)
{
    (void)shown;
    return read_door(to, text, door_listen, error);
}

CONFIG_PARSER(parse_control_users)
{
    (void)shown;
    return read_door(to, text, door_users, error);
}

CONFIG_PARSER(parse_http_prestop)
{
    (void)shown;
    return read_door(to, text, door_prestop, error);
}

CONFIG_PARSER(parse_termination_log)
{
    (void)shown;
    return read_door(to, text, door_termination_log, error);
}

CONFIG_PARSER(parse_default_logs)
{
    (void)shown;
    return logs_parse(text, to->arena, &to->globals->logs, error);
}

CONFIG_PARSER(parse_log_level)
{
    static const char *const words[] = { "error", "warn", "info", "debug" };

    (void)shown;
    return read_word(text, words, 4, &to->globals->level) == 0
               ? 0
               : fail(error, "expected error, warn, info or debug");
}

CONFIG_PARSER(parse_log_format)
{
    static const char *const words[] = { "text", "json" };

    (void)shown;
    return read_word(text, words, 2, &to->globals->json) == 0 ? 0
                                                              : fail(error, "expected text or json");
}

/* --- [service:NAME], [task:NAME] --- */

CONFIG_PARSER(parse_command)
{
    return read_command(text, shown, to->arena, &to->service->command, error);
}

CONFIG_PARSER(parse_sidecar)
{
    (void)shown;
    return read_boolean(text, &to->service->sidecar, error);
}

CONFIG_PARSER(parse_essential)
{
    (void)shown;
    to->essential_given = true;
    return read_boolean(text, &to->service->essential, error);
}

CONFIG_PARSER(parse_restart)
{
    (void)shown;
    if (to->service->kind == KIND_TASK && strcmp(text, "always") == 0)
        return fail(error, "a task runs once, to success: expected never or on-failure");
    return restart_parse(text, &to->service->restart, error);
}

CONFIG_PARSER(parse_backoff)
{
    (void)shown;
    return backoff_parse(text, &to->service->backoff_first, &to->service->backoff_max, error);
}

CONFIG_PARSER(parse_restart_limit)
{
    (void)shown;
    return restart_limit_parse(text, &to->service->restart_limit, &to->service->restart_window,
                               error);
}

CONFIG_PARSER(parse_success)
{
    (void)shown;
    return success_parse(text, to->service->success_codes, &to->service->success_signals, error);
}

CONFIG_PARSER(parse_ready)
{
    return ready_parse(text, shown, to->arena, &to->service->ready, error);
}

CONFIG_PARSER(parse_ready_timeout)
{
    (void)shown;
    return read_duration(text, &to->service->ready_timeout, error);
}

CONFIG_PARSER(parse_quiet)
{
    return quiet_parse(text, shown, to->arena, &to->service->quiet, error);
}

CONFIG_PARSER(parse_inflight)
{
    return inflight_parse(text, shown, to->arena, &to->service->inflight, error);
}

CONFIG_PARSER(parse_linger)
{
    (void)shown;
    return read_duration(text, &to->service->linger, error);
}

CONFIG_PARSER(parse_stop)
{
    return ladder_parse(text, shown, to->arena, &to->service->stop, error);
}

CONFIG_PARSER(parse_directory)
{
    (void)shown;
    return read_path(text, to->arena, &to->service->process.directory, error);
}

CONFIG_PARSER(parse_umask)
{
    int32_t mask = 0;
    size_t n = strlen(text);

    (void)shown;
    for (size_t k = 0; k < n; k++) {
        if (text[k] < '0' || text[k] > '7' || n > 4)
            return fail(error, "expected an octal number from 0 to 0777");
        mask = mask * 8 + (text[k] - '0');
    }
    if (n == 0 || mask > 0777)
        return fail(error, "expected an octal number from 0 to 0777");
    to->service->process.umask = mask;
    return 0;
}

/* The name is not empty, and its value begins behind the first `=`. */
static bool is_assignment(const char *word)
{
    return *word != '\0' && *word != '=' && strchr(word, '=') != NULL;
}

CONFIG_PARSER(parse_environment)
{
    static const char *const none[] = { NULL };

    (void)shown;
    to->environment = none;
    if (text[strspn(text, " \t")] == '\0')
        return 0;
    if (words_split(text, to->arena, &to->environment, error) != 0)
        return -1;
    for (const char *const *word = to->environment; *word != NULL; word++)
        if (!is_assignment(*word))
            return fail(error, "expected words such as NAME=value 'OTHER=two words'");
    return 0;
}

CONFIG_PARSER(parse_environment_file)
{
    (void)shown;
    if (strcmp(text, "-") == 0)
        return fail(error, "expected a path, or -PATH of a file that may be missing");
    return read_path(text, to->arena, &to->environment_file, error);
}

CONFIG_PARSER(parse_logs)
{
    (void)shown;
    return logs_parse(text, to->arena, &to->service->process.logs, error);
}

CONFIG_PARSER(parse_pre_start)
{
    return read_command(text, shown, to->arena, &to->service->pre_start, error);
}

CONFIG_PARSER(parse_post_exit)
{
    return read_command(text, shown, to->arena, &to->service->post_exit, error);
}

/* --- [hooks] --- */

CONFIG_PARSER(parse_on_ready)
{
    return read_command(text, shown, to->arena, &to->hooks->on_ready, error);
}

CONFIG_PARSER(parse_on_drain)
{
    return read_command(text, shown, to->arena, &to->hooks->on_drain, error);
}

CONFIG_PARSER(parse_on_drained)
{
    return read_command(text, shown, to->arena, &to->hooks->on_drained, error);
}

CONFIG_PARSER(parse_on_exit)
{
    return read_command(text, shown, to->arena, &to->hooks->on_exit, error);
}

CONFIG_PARSER(parse_hook_timeout)
{
    (void)shown;
    return read_duration(text, &to->hooks->timeout, error);
}
