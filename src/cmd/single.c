#include "cmd/single.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/sidekiq_fit.h"
#include "text/command.h"
#include "text/config_values.h"
#include "text/ladder.h"
#include "text/nearest.h"
#include "text/program.h"
#include "text/service_values.h"

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
    if (s->file != NULL)
        spec->process.logs = s->file->reading.logs;
    if (settings->logs != NULL &&
        logs_parse(settings->logs, &s->arena, &spec->process.logs, &error) != 0)
        r = bad_value("LASTCALL_LOGS", settings->logs, error);
    if (settings->stop != NULL && read_stop(spec, settings->stop, &s->arena, &error) != 0)
        r = bad_value("LASTCALL_STOP", settings->stop, error);
    return r;
}

static void note_deadline(struct single *s)
{
    char deadline[32];

    note_duration(s->spec.deadline, deadline, sizeof(deadline));
    if (s->spec.deadline == NEVER)
        note_add(&s->notes, STORY_LEVEL_INFO, "%s: profile %s; no deadline is set, so nothing waits for running jobs: with "
                "-d or $LASTCALL_DEADLINE as long as the platform's grace period it would",
             s->spec.service[0].name, profile_name(s->spec.service[0].profile));
    else
        note_add(&s->notes, STORY_LEVEL_INFO, "%s: profile %s, deadline %s", s->spec.service[0].name,
             profile_name(s->spec.service[0].profile), deadline);
}

/* The file beside the command: 0, or the exit code with every problem told. */
static int read_beside(struct single *out, struct settings *settings, char **environment)
{
    int code;

    if (settings->config == NULL || settings->config_by_variable)
        return 0;
    out->file = calloc(1, sizeof(*out->file));
    if (out->file == NULL)
        return EXIT_INTERNAL;
    code = pod_build_beside(out->file, settings, environment);
    pod_print_problems(out->file, false, stderr);
    return code;
}

static int take_from_file(struct single *out)
{
    int code = out->file == NULL ? 0 : pod_lend(out->file, &out->spec);

    if (code != 0)
        pod_print_problems(out->file, false, stderr);
    return code;
}

int single_build(struct single *out, struct settings *settings, char **command,
                 char **environment)
{
    struct spec *spec = &out->spec;
    enum profile profile = PROFILE_GENERIC;
    char name[SERVICE_NAME_MAX + 1];
    service_set cycle;
    int bad, code;

    notes_init(&out->notes);
    code = read_beside(out, settings, environment);
    if (code != 0)
        return code;
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
    if (sidekiq_fit(spec, 0, &out->arena, &out->notes) != 0)
        return EXIT_INTERNAL;
    code = take_from_file(out);
    if (code != 0)
        return code;
    signals_default(spec);
    if (out->file != NULL)
        pod_note_later(out->file, &out->notes);
    note_later_variables(&out->notes, environment);
    return 0;
}

void single_free(struct single *single)
{
    if (single->file != NULL)
        pod_free(single->file);
    free(single);
}
