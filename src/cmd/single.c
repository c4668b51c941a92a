#include "cmd/single.h"

#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "core/budget.h"
#include "text/command.h"
#include "text/duration.h"
#include "text/ladder.h"
#include "text/nearest.h"
#include "text/program.h"
#include "text/service_values.h"
#include "text/sidekiq_words.h"

enum {
    CONFIG_SIZE = 64 * 1024,   /* of a sidekiq.yml; what lies behind is not read */
    SIDEKIQ_DEFAULT = 25,      /* seconds, its -t from 6.0 on */
    SIDEKIQ_NEEDS = 3          /* seconds beyond -t until it is gone: FACTS, Sidekiq */
};

static void note(struct single *s, enum story_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void note(struct single *s, enum story_level level, const char *format, ...)
{
    va_list args;

    if (s->notes == SINGLE_NOTES)
        return;
    va_start(args, format);
    vsnprintf(s->note_text[s->notes], SINGLE_NOTE_SIZE, format, args);
    va_end(args);
    s->note[s->notes] = (struct note){ level, s->note_text[s->notes] };
    s->note[++s->notes] = (struct note){ 0 };
}

static void duration_text(int64_t ms, char *buf, size_t size)
{
    struct str s;

    str_init(&s, buf, size);
    duration_format(&s, ms);
}

/* The service is called as its program is: a name of SPEC 2. */
static void name_of(const char *program, char name[SERVICE_NAME_MAX + 1])
{
    const char *base = strrchr(program, '/');
    size_t n = 0;

    base = base == NULL ? program : base + 1;
    for (; *base != '\0' && n < SERVICE_NAME_MAX; base++)
        name[n++] = isalnum((unsigned char)*base) || *base == '_'
                        ? (char)tolower((unsigned char)*base)
                        : '-';
    name[n] = '\0';
    if (n == 0)
        strcpy(name, "main");
}

static int read_profile(const char *text, const char *from, const char *const *command,
                        enum profile *out)
{
    static const char *const names[] = {
#define X(id, name) name,
        PROFILES(X)
#undef X
    };
    const char *meant;

    if (text == NULL || strcmp(text, "auto") == 0) {
        *out = program_profile(command);
        return 0;
    }
    for (size_t k = 0; k < PROFILE_COUNT; k++)
        if (strcmp(names[k], text) == 0) {
            *out = (enum profile)k;
            return 0;
        }
    meant = nearest_word(text, names, PROFILE_COUNT);
    fprintf(stderr, "lastcall: %s: there is no profile '%s'; there are auto", from, text);
    for (size_t k = 0; k < PROFILE_COUNT; k++)
        fprintf(stderr, ", %s", names[k]);
    fprintf(stderr, meant != NULL ? " (did you mean %s?)\n" : "\n", meant);
    return -1;
}

/* A command may hold a secret. */
static int bad_value(const char *name, const char *value, const char *error)
{
    bool shown = strstr(value, COMMAND_EXEC) == NULL;

    fprintf(stderr, "lastcall: %s: %s%s%s%s\n", name, shown ? "'" : "", shown ? value : "",
            shown ? "': " : "", error);
    return -1;
}

static int read_stop(struct service_spec *spec, const char *text, struct arena *a,
                     const char **error)
{
    if (ladder_parse(text, NULL, a, &spec->stop, error) != 0)
        return -1;
    ladder_finish(&spec->stop);
    return 0;
}

/* What the environment says of the one service, over what its profile says. All
 * problems are told. */
static int read_values(struct single *s, const struct settings *settings)
{
    struct service_spec *spec = &s->spec.service[0];
    const char *error = NULL;
    int r = 0;

    if (settings->ready != NULL &&
        ready_parse(settings->ready, NULL, &s->arena, &spec->ready, &error) != 0)
        r = bad_value("LASTCALL_READY", settings->ready, error);
    if (settings->quiet != NULL &&
        quiet_parse(settings->quiet, NULL, &s->arena, &spec->quiet, &error) != 0)
        r = bad_value("LASTCALL_QUIET", settings->quiet, error);
    if (settings->inflight != NULL &&
        inflight_parse(settings->inflight, NULL, &s->arena, &spec->inflight, &error) != 0)
        r = bad_value("LASTCALL_INFLIGHT", settings->inflight, error);
    if (settings->stop != NULL && read_stop(spec, settings->stop, &s->arena, &error) != 0)
        r = bad_value("LASTCALL_STOP", settings->stop, error);
    return r;
}

/* config/sidekiq.yml of the directory of -r, or of where we are, as Sidekiq's cli.rb. */
static int open_usual_config(const char *const *command)
{
    static const char *const names[] = { "config/sidekiq.yml", "config/sidekiq.yml.erb" };
    char required[1024], path[1100];
    bool from = sidekiq_path_option(command, 'r', required, sizeof(required)) == 1;
    int fd = -1, directory = from ? open(required, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (directory >= 0)
        close(directory);
    for (size_t k = 0; k < 2 && fd < 0; k++) {
        snprintf(path, sizeof(path), "%s/%s", directory >= 0 ? required : ".", names[k]);
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    return fd;
}

/* The `:timeout:` of the file that Sidekiq will read. */
static int config_timeout(const char *const *command, int64_t *seconds)
{
    static char bytes[CONFIG_SIZE];
    char path[1024];
    int fd;
    ssize_t n;

    if (sidekiq_path_option(command, 'C', path, sizeof(path)) == 1)
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    else
        fd = open_usual_config(command);
    if (fd < 0)
        return 0;
    n = read(fd, bytes, sizeof(bytes));
    close(fd);
    return n <= 0 ? 0 : sidekiq_yml_timeout(bytes, (size_t)n, seconds);
}

static int append_timeout(struct single *s, int64_t seconds)
{
    struct command *command = &s->spec.service[0].command;
    const char **argv;
    char *number;
    size_t n = 0;

    while (command->argv[n] != NULL)
        n++;
    argv = arena_alloc(&s->arena, (n + 3) * sizeof(*argv));
    number = arena_alloc(&s->arena, 16);
    if (argv == NULL || number == NULL) {
        fprintf(stderr, "lastcall: the command has too many words for a -t to be added; give it one\n");
        return -1;
    }
    memcpy(argv, command->argv, n * sizeof(*argv));
    snprintf(number, 16, "%d", (int)seconds);
    argv[n] = "-t";
    argv[n + 1] = number;
    argv[n + 2] = NULL;
    command->argv = argv;
    return 0;
}

static void warn_if_it_cannot_fit(struct single *s, int64_t seconds)
{
    struct budget b;
    int64_t needs = (seconds + SIDEKIQ_NEEDS) * SECOND, fits = spec_sidekiq_timeout(&s->spec, 0);
    char has[32], wants[32], advice[48] = "no -t would fit";

    budget_of_spec(&b, &s->spec);
    if (b.row[0].wait[0] >= needs)
        return;
    duration_text(b.row[0].wait[0], has, sizeof(has));
    duration_text(needs, wants, sizeof(wants));
    if (b.row[0].wait[0] >= (fits + SIDEKIQ_NEEDS) * SECOND)
        snprintf(advice, sizeof(advice), "-t %lld would fit", (long long)fits);
    note(s, STORY_LEVEL_WARN, "warning: Sidekiq's timeout of %llds does not fit: it needs %s between TERM and KILL "
            "and gets %s; jobs that still run then are lost; %s",
         (long long)seconds, wants, has, advice);
}

/* SPEC 4, Sidekiq's -t. */
static int fit_sidekiq(struct single *s, const struct settings *settings)
{
    struct service_spec *spec = &s->spec.service[0];
    int64_t seconds = SIDEKIQ_DEFAULT;
    int given = sidekiq_timeout_words(spec->command.argv, &seconds);
    int configured = given == 0 ? config_timeout(spec->command.argv, &seconds) : 0;

    if (configured < 0)
        note(s, STORY_LEVEL_WARN, "warning: the :timeout: in Sidekiq's config is no plain number and is not read");
    if (configured == 1)
        given = 1;
    if (given == 0 && s->spec.deadline != NEVER && sidekiq_takes_timeout(spec->command.argv)) {
        seconds = spec_sidekiq_timeout(&s->spec, 0);
        if (append_timeout(s, seconds) != 0)
            return -1;
        note(s, STORY_LEVEL_INFO, "-t %lld is added to the command: so long after TERM Sidekiq hands unfinished "
                "jobs back", (long long)seconds);
        given = 1;
    }
    if (given < 0)
        note(s, STORY_LEVEL_WARN, "warning: Sidekiq's -t is no plain number; taken for 25");
    if (given == 0 && s->spec.deadline != NEVER)
        note(s, STORY_LEVEL_WARN, "warning: no -t of Sidekiq is seen in the command, and none can "
                                  "be added to it; taken for 25");
    spec->sidekiq_timeout = seconds * SECOND;
    if (given == 1 && settings->stop == NULL)
        ladder_for_sidekiq(&spec->stop, seconds);
    if (s->spec.deadline != NEVER)
        warn_if_it_cannot_fit(s, seconds);
    return 0;
}

static void note_unsupported(struct single *s, char **environment)
{
    static const char *const later[] = { "LASTCALL_LISTEN=", "LASTCALL_CONTROL_USERS=",
                                         "LASTCALL_LOGS=", "LASTCALL_HTTP_PRESTOP=",
                                         "LASTCALL_TERMINATION_LOG=", "LASTCALL_CONFIG=" };

    for (char **e = environment; *e != NULL; e++)
        for (size_t k = 0; k < sizeof(later) / sizeof(later[0]); k++)
            if (strncmp(*e, later[k], strlen(later[k])) == 0 &&
                (*e)[strlen(later[k])] != '\0' && strcmp(*e, "LASTCALL_LOGS=inherit") != 0)
                note(s, STORY_LEVEL_WARN, "warning: $%.*s is not carried out by this release",
                     (int)strlen(later[k]) - 1, later[k]);
}

static void note_deadline(struct single *s)
{
    char deadline[32];

    duration_text(s->spec.deadline, deadline, sizeof(deadline));
    if (s->spec.deadline == NEVER)
        note(s, STORY_LEVEL_INFO, "%s: profile %s; no deadline is set, so nothing waits for running jobs: with "
                "-d or $LASTCALL_DEADLINE as long as the platform's grace period it would",
             s->spec.service[0].name, profile_name(s->spec.service[0].profile));
    else
        note(s, STORY_LEVEL_INFO, "%s: profile %s, deadline %s", s->spec.service[0].name,
             profile_name(s->spec.service[0].profile), deadline);
}

int single_build(struct single *out, const struct settings *settings, char **command,
                 char **environment)
{
    struct spec *spec = &out->spec;
    enum profile profile = PROFILE_GENERIC;
    char name[SERVICE_NAME_MAX + 1];
    service_set cycle;
    int bad;

    memset(spec, 0, sizeof(*spec));
    out->notes = 0;
    out->note[0] = (struct note){ 0 };
    arena_init(&out->arena, out->block, sizeof(out->block));
    spec->count = 1;
    spec->single = true;
    spec->deadline = settings->deadline;
    spec->margin = settings->margin;
    bad = read_profile(settings->profile,
                       settings->profile_given ? "--profile" : "LASTCALL_PROFILE",
                       (const char *const *)command, &profile);
    name_of(profile == PROFILE_GENERIC ? command[0] : profile_name(profile), name);
    service_spec_init(&spec->service[0], name, KIND_SERVICE);
    profile_apply(&spec->service[0], profile, settings->linger);
    spec->service[0].restart = RESTART_NEVER;
    spec->service[0].essential = true;
    spec->service[0].sidecar = false; /* alone it is nobody's sidecar */
    spec->service[0].command = (struct command){ command[0], (const char *const *)command };
    if (read_values(out, settings) != 0)
        return EXIT_CONFIG;
    if (bad)
        return settings->profile_given ? EXIT_USAGE : EXIT_CONFIG;
    if (spec_finish(spec, &cycle) != 0)
        return EXIT_INTERNAL;
    note_deadline(out);
    if (profile == PROFILE_SIDEKIQ && fit_sidekiq(out, settings) != 0)
        return EXIT_INTERNAL;
    signals_default(spec);
    note_unsupported(out, environment);
    return 0;
}
