#include "cmd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "core/time.h"
#include "text/duration.h"
#include "text/nearest.h"

enum { OPTION_VERSION = 256, OPTION_HELP };

static const struct option long_options[] = {
    { "config", required_argument, NULL, 'c' },
    { "deadline", required_argument, NULL, 'd' },
    { "profile", required_argument, NULL, 'p' },
    { "version", no_argument, NULL, OPTION_VERSION },
    { "help", no_argument, NULL, OPTION_HELP },
    { NULL, 0, NULL, 0 },
};

/* NULL: not set, or empty, as templates of Compose and Helm leave what nobody gave. */
static const char *variable(const struct invocation *in, const char *name)
{
    size_t n = strlen(name);

    for (char **e = in->environment; *e != NULL; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
            return (*e)[n + 1] != '\0' ? *e + n + 1 : NULL;
    return NULL;
}

/* "none" is a duration only where none is a possible value. */
static int read_duration(const char *what, const char *value, bool none, int64_t *out, int code)
{
    if (none && strcmp(value, "none") == 0) {
        *out = NEVER;
        return 0;
    }
    if (duration_parse(value, out) == 0)
        return 0;
    fprintf(stderr, "lastcall: %s: '%s' is no duration; expected one such as 90s, 5m, 3h5m%s\n",
            what, value, none ? ", or none" : "");
    return code;
}

static int bad_option(const struct invocation *in)
{
    char letter[] = { '-', (char)optopt, '\0' }; /* of several behind one dash */
    bool is_long = optopt == 0 || strncmp(in->argv[optind - 1], "--", 2) == 0;

    fprintf(stderr, "lastcall: unknown option, or one without its value: %s\n"
                    "lastcall: lastcall --help lists them; what is meant for the command stands "
                    "behind it or behind --\n",
            is_long ? in->argv[optind - 1] : letter);
    return EXIT_USAGE;
}

static int read_options(const struct invocation *in, struct settings *out)
{
    int o;

    optind = 1;
    opterr = 0;
    while ((o = getopt_long(in->argc, in->argv, "+c:d:p:vq", long_options, NULL)) != -1) {
        switch (o) {
        case 'c':
            out->config = optarg;
            out->config_by_variable = false;
            break;
        case 'd':
            out->deadline_given = out->has_deadline = true;
            if (read_duration("--deadline", optarg, true, &out->deadline, EXIT_USAGE) != 0)
                return EXIT_USAGE;
            break;
        case 'p':
            out->profile_given = true;
            out->profile = optarg;
            break;
        case 'v':
            out->level_given = out->has_level = true;
            out->level = STORY_LEVEL_DEBUG;
            break;
        case 'q':
            out->level_given = out->has_level = true;
            out->level = STORY_LEVEL_ERROR;
            break;
        case OPTION_VERSION:
            out->version = true;
            break;
        case OPTION_HELP:
            out->help = true;
            break;
        default:
            return bad_option(in);
        }
    }
    out->rest = optind;
    out->dashes = optind > 1 && strcmp(in->argv[optind - 1], "--") == 0;
    return 0;
}

static int bad_word(const char *name, const char *value, const char *const *known, size_t count)
{
    const char *meant = nearest_word(value, known, count);

    fprintf(stderr, "lastcall: %s: '%s' is unknown; it is one of", name, value);
    for (size_t k = 0; k < count; k++)
        fprintf(stderr, "%s %s", k > 0 ? "," : "", known[k]);
    fprintf(stderr, meant != NULL ? " (did you mean %s?)\n" : "\n", meant);
    return EXIT_CONFIG;
}

static int read_log_variables(const struct invocation *in, struct settings *out)
{
    static const char *const levels[] = { "error", "warn", "info", "debug" };
    static const char *const formats[] = { "text", "json" };
    const char *level = variable(in, "LASTCALL_LOG_LEVEL");
    const char *format = variable(in, "LASTCALL_LOG_FORMAT");
    size_t k = 0;

    if (level != NULL) {
        while (k < 4 && strcmp(level, levels[k]) != 0)
            k++;
        if (k == 4)
            return bad_word("LASTCALL_LOG_LEVEL", level, levels, 4);
        if (!out->level_given)
            out->level = (enum story_level)k;
        out->has_level = true;
    }
    if (format == NULL)
        return 0;
    out->has_format = true;
    out->json = strcmp(format, "json") == 0;
    return out->json || strcmp(format, "text") == 0
               ? 0
               : bad_word("LASTCALL_LOG_FORMAT", format, formats, 2);
}

static int read_durations(const struct invocation *in, struct settings *out)
{
    const struct {
        const char *name;
        bool none, skip;
        int64_t *to;
        bool *has;
    } all[] = {
        { "LASTCALL_DEADLINE", true, out->deadline_given, &out->deadline, &out->has_deadline },
        { "LASTCALL_MARGIN", false, false, &out->margin, &out->has_margin },
        { "LASTCALL_LINGER", false, false, &out->linger, &out->has_linger },
    };

    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
        const char *value = variable(in, all[k].name);

        if (value == NULL || all[k].skip)
            continue;
        *all[k].has = true;
        if (read_duration(all[k].name, value, all[k].none, all[k].to, EXIT_CONFIG) != 0)
            return EXIT_CONFIG;
    }
    return 0;
}

static void read_service_variables(const struct invocation *in, struct settings *out)
{
    const char *control = variable(in, "LASTCALL_CONTROL");

    if (out->control == NULL)
        out->control = control;
    out->logs = variable(in, "LASTCALL_LOGS");
    if (out->profile == NULL)
        out->profile = variable(in, "LASTCALL_PROFILE");
    if (out->config == NULL) {
        out->config = variable(in, "LASTCALL_CONFIG");
        out->config_by_variable = out->config != NULL;
    }
    out->ready = variable(in, "LASTCALL_READY");
    out->quiet = variable(in, "LASTCALL_QUIET");
    out->inflight = variable(in, "LASTCALL_INFLIGHT");
    out->stop = variable(in, "LASTCALL_STOP");
}

static int read_door(const struct invocation *in, struct settings *out)
{
    static const struct {
        const char *name;
        int (*parse)(struct door *, const char *, const char **);
    } all[] = {
        { "LASTCALL_LISTEN", door_listen },
        { "LASTCALL_CONTROL_USERS", door_users },
        { "LASTCALL_HTTP_PRESTOP", door_prestop },
        { "LASTCALL_TERMINATION_LOG", door_termination_log },
    };

    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
        const char *value = variable(in, all[k].name), *error = NULL;

        if (value == NULL || all[k].parse(&out->door, value, &error) == 0)
            continue;
        fprintf(stderr, "lastcall: %s: '%s': %s\n", all[k].name, value, error);
        return EXIT_CONFIG;
    }
    return 0;
}

static int check_deadline(const struct settings *s)
{
    if (s->deadline > 0 && (s->deadline == NEVER || s->margin == NEVER || s->margin < s->deadline))
        return 0;
    fprintf(stderr, "lastcall: the deadline (%s) must be longer than 0 and longer than the margin "
                    "($LASTCALL_MARGIN)\n",
            s->deadline_given ? "--deadline" : "$LASTCALL_DEADLINE");
    return s->deadline_given && s->deadline == 0 ? EXIT_USAGE : EXIT_CONFIG;
}

int settings_read(const struct invocation *in, struct settings *out)
{
    int code;

    *out = in->settings != NULL ? *in->settings
                                : (struct settings){ .deadline = NEVER, .margin = NEVER,
                                                     .level = STORY_LEVEL_INFO };
    code = read_options(in, out);
    if (code != 0 || out->help || out->version)
        return code;
    code = read_log_variables(in, out);
    if (code == 0)
        code = read_durations(in, out);
    if (code == 0)
        code = read_door(in, out);
    if (code != 0)
        return code;
    read_service_variables(in, out);
    return check_deadline(out);
}
