#include "cmd/pod.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/read_file.h"
#include "cmd/sidekiq_fit.h"
#include "text/config_expand.h"
#include "text/config_file.h"
#include "text/config_signals.h"
#include "text/config_values.h"
#include "text/nearest.h"

#define DEFAULT_PATH "/etc/lastcall.ini"

enum { FILE_SIZE_MAX = 16 << 20 };

/* Beside the file: values with their variables replaced, words. A sanitizer paints all of it,
 * which makes a fuzzer slow; it says less. */
#ifndef POD_ARENA
#define POD_ARENA (16 << 20)
#endif

/* What a section is called; those of services are made of two words. */
static bool is_service(const char *name, enum service_kind *kind, const char **rest)
{
    static const char *const prefix[] = { [KIND_SERVICE] = "service:", [KIND_TASK] = "task:" };

    for (*kind = KIND_SERVICE;; *kind = KIND_TASK) {
        size_t n = strlen(prefix[*kind]);

        if (strncmp(name, prefix[*kind], n) == 0) {
            *rest = name + n;
            return true;
        }
        if (*kind == KIND_TASK)
            return false;
    }
}

static void check_section(struct pod_reading *r, const struct config_section *s)
{
    static const char *const names[] = { "lastcall", "hooks", "signals", "service:NAME", "task:NAME" };
    enum service_kind kind;
    const char *rest, *meant;

    for (const struct config_section *earlier = r->sections; earlier != s; earlier = earlier->next)
        if (strcmp(earlier->name, s->name) == 0) {
            problem_error(r->problems, s->line, "[%.80s] stands in line %u already", s->name, earlier->line);
            return;
        }
    for (size_t k = 0; k < 3; k++)
        if (strcmp(s->name, names[k]) == 0)
            return;
    if (is_service(s->name, &kind, &rest))
        return;
    meant = nearest_word(s->name, names, 5);
    problem_error(r->problems, s->line, "there is no section [%.80s]%s%s%s; there are [lastcall], "
                  "[service:NAME], [task:NAME], [signals], [hooks]", s->name,
                  meant != NULL ? " (did you mean [" : "", meant != NULL ? meant : "",
                  meant != NULL ? "]?)" : "");
}

static const struct config_section *section_named(const struct pod_reading *r, const char *name)
{
    for (const struct config_section *s = r->sections; s != NULL; s = s->next)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

static void read_plain_section(struct pod_reading *r, const char *name, enum config_where where,
                               struct config_target *to)
{
    const struct config_section *s = section_named(r, name);

    for (const struct config_entry *e = s == NULL ? NULL : s->first; e != NULL; e = e->next)
        pod_read_entry(r, where, s, e, to);
}

/* Option, then environment, then file. */
static void take_globals(struct settings *s, const struct config_globals *g)
{
    if (!s->has_deadline && g->has_deadline)
        s->deadline = g->deadline;
    if (!s->has_margin && g->has_margin)
        s->margin = g->margin;
    if (!s->has_linger && g->has_linger)
        s->linger = g->linger;
    if (!s->has_level && g->level >= 0)
        s->level = (enum story_level)g->level;
    if (!s->has_format && g->json >= 0)
        s->json = g->json > 0;
    if (s->control == NULL)
        s->control = g->control;
    door_merge(&s->door, &g->door);
}

static void read_services(struct pod_reading *r, int64_t linger)
{
    for (const struct config_section *s = r->sections; s != NULL; s = s->next) {
        enum service_kind kind;
        const char *name;

        if (!is_service(s->name, &kind, &name))
            continue;
        if (r->spec->count == SERVICES_MAX) {
            problem_error(r->problems, s->line, "more than %d services and tasks", SERVICES_MAX);
            return;
        }
        pod_read_service(r, s, kind, name, linger);
    }
    if (r->spec->count == 0 && r->problems->errors == 0)
        problem_error(r->problems, 0, "no [service:NAME] and no [task:NAME] is in it");
    pod_read_after(r);
}

static void read_signals(struct pod_reading *r)
{
    const struct config_section *s = section_named(r, "signals");
    char error[PROBLEM_SIZE];

    for (const struct config_entry *e = s == NULL ? NULL : s->first; e != NULL; e = e->next) {
        const char *text = config_expand(e->value, r->environment, r->arena, error, sizeof(error));

        if (text != NULL && config_signal(r->spec, e->key, text, error, sizeof(error)) == 0)
            continue;
        if (text != NULL && strcmp(text, e->value) != 0) /* it would show what its variables stand for */
            snprintf(error, sizeof(error), "'%.80s': with its variables replaced this is no list of steps such as "
                     "SERVICE, SERVICE:SIGNAL, wait:5s, shutdown", e->value);
        problem_error(r->problems, e->line, "%.40s: %.250s", e->key, error);
    }
}

/* The services of a cycle, by name. */
static void tell_cycle(struct pod_reading *r, service_set cycle)
{
    char names[200] = "";
    size_t n = 0;
    uint32_t line = 0;

    for (; cycle; cycle &= cycle - 1) {
        size_t i = (size_t)__builtin_ctzll(cycle);

        if (line == 0)
            line = r->of[i].after_line;
        if (n < sizeof(names))
            n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n > 0 ? ", " : "",
                                  r->spec->service[i].name);
    }
    problem_error(r->problems, line, "after: these wait for each other: %s", names);
}

uint32_t pod_line_of(const struct pod_reading *r, const char *key, bool overridden)
{
    const struct config_section *s = section_named(r, "lastcall");
    const struct config_entry *e = s == NULL ? NULL : pod_entry_named(s, key);

    return e == NULL || overridden ? 0 : e->line;
}

static void check_margin(struct pod_reading *r, const struct settings *settings)
{
    uint32_t line = pod_line_of(r, "margin", settings->has_margin);

    if (line == 0)
        line = pod_line_of(r, "deadline", settings->has_deadline);
    if (r->spec->deadline != NEVER && r->spec->margin != NEVER && r->spec->margin >= r->spec->deadline)
        problem_error(r->problems, line, "the deadline must be longer than the margin");
}

static void finish(struct pod_reading *r, const struct settings *settings)
{
    service_set cycle = 0;

    check_margin(r, settings);
    if (spec_finish(r->spec, &cycle) != 0)
        tell_cycle(r, cycle);
    if (r->problems->errors == 0)
        signals_default(r->spec);
}

void pod_note_later(const struct pod *pod, struct notes *notes)
{
    char more[32] = "";

    if (pod->reading.later_more > 0)
        snprintf(more, sizeof(more), " and %zu more", pod->reading.later_more);
    notes->line = pod->reading.later_line;
    if (pod->reading.later[0] != '\0')
        note_add(notes, STORY_LEVEL_WARN, "warning: not carried out by this release: %s%s",
                 pod->reading.later, more);
    notes->line = 0;
}

static void note_deadline(struct pod *pod)
{
    char deadline[NOTE_DURATION_SIZE];

    note_duration(pod->spec.deadline, deadline, sizeof(deadline));
    if (pod->spec.deadline == NEVER)
        note_add(&pod->notes, STORY_LEVEL_INFO, "%s: no deadline is set, so nothing waits for running jobs: with a "
                 "deadline as long as the platform's grace period it would", pod->path);
    else
        note_add(&pod->notes, STORY_LEVEL_INFO, "%s: deadline %s", pod->path, deadline);
    for (size_t i = 0; i < pod->spec.count; i++)
        note_add(&pod->notes, STORY_LEVEL_INFO, "%s: profile %s", pod->spec.service[i].name,
                 profile_name(pod->spec.service[i].profile));
}

/* Sections, [lastcall], [hooks]. */
static void begin_reading(struct pod *pod, struct settings *settings, const char *bytes, size_t n,
                          char **environment)
{
    struct pod_reading *r = &pod->reading;
    struct config_globals globals;
    struct config_target to = { .globals = &globals, .hooks = &pod->spec.hooks, .arena = &pod->arena };

    *r = (struct pod_reading){ .spec = &pod->spec, .problems = &pod->problems, .arena = &pod->arena,
                               .environment = (const char *const *)environment };
    config_globals_init(&globals);
    pod->spec.hooks.timeout = 5 * SECOND;
    if (config_file_read(bytes, n, config_key_known, &pod->arena, &pod->problems, &r->sections) != 0)
        problem_error(&pod->problems, 0, "too long");
    for (const struct config_section *s = r->sections; s != NULL; s = s->next)
        check_section(r, s);
    read_plain_section(r, "lastcall", IN_LASTCALL, &to);
    read_plain_section(r, "hooks", IN_HOOKS, &to);
    take_globals(settings, &globals);
    pod->spec.deadline = settings->deadline;
    pod->spec.margin = settings->margin;
    r->logs = globals.logs;
}

/* The variable is stronger than [lastcall]. */
static int take_logs(struct pod *pod, const struct settings *settings)
{
    const char *error = NULL;

    if (settings->logs == NULL ||
        logs_parse(settings->logs, &pod->arena, &pod->reading.logs, &error) == 0)
        return 0;
    fprintf(stderr, "lastcall: LASTCALL_LOGS: '%s': %s\n", settings->logs, error);
    return EXIT_CONFIG;
}

/* Reads the file and begins; 0, or the exit code. */
static int read_pod(struct pod *pod, struct settings *settings, char **environment)
{
    char *bytes;
    size_t n;

    notes_init(&pod->notes);
    pod->path = settings->config != NULL ? settings->config : DEFAULT_PATH;
    bytes = read_file(pod->path, FILE_SIZE_MAX, &n);
    if (bytes == NULL) {
        fprintf(stderr, "lastcall: %s: %s%s\n", pod->path,
                errno == EFBIG ? "longer than 16 MiB" : strerror(errno),
                settings->config == NULL ? "; name a config file with -c, or a command to run" : "");
        return EXIT_CONFIG;
    }
    pod->block = malloc(POD_ARENA + CONFIG_FILE_ARENA + 4 * n);
    if (pod->block == NULL) {
        free(bytes);
        fprintf(stderr, "lastcall: out of memory at start\n");
        return EXIT_INTERNAL;
    }
    arena_init(&pod->arena, pod->block, POD_ARENA + CONFIG_FILE_ARENA + 4 * n);
    begin_reading(pod, settings, bytes, n, environment);
    free(bytes);
    return take_logs(pod, settings);
}

int pod_build(struct pod *pod, struct settings *settings, char **environment)
{
    int code = read_pod(pod, settings, environment);

    if (code != 0)
        return code;
    read_services(&pod->reading, settings->linger);
    read_signals(&pod->reading);
    finish(&pod->reading, settings);
    if (pod->problems.errors > 0)
        return EXIT_CONFIG;
    note_deadline(pod);
    pod_note_later(pod, &pod->notes);
    note_later_variables(&pod->notes, environment);
    for (size_t i = 0; i < pod->spec.count; i++) {
        pod->notes.line = pod->reading.of[i].line;
        if (sidekiq_fit(&pod->spec, i, &pod->arena, &pod->notes) != 0)
            return EXIT_INTERNAL;
    }
    return 0;
}

int pod_build_beside(struct pod *pod, struct settings *settings, char **environment)
{
    int code = read_pod(pod, settings, environment);
    enum service_kind kind;
    const char *name;

    if (code != 0)
        return code;
    for (const struct config_section *s = pod->reading.sections; s != NULL; s = s->next)
        if (is_service(s->name, &kind, &name))
            problem_error(&pod->problems, s->line, "[%.80s]: beside a command only [lastcall], [hooks] and "
                          "[signals] count", s->name);
    check_margin(&pod->reading, settings);
    return pod->problems.errors > 0 ? EXIT_CONFIG : 0;
}

int pod_lend(struct pod *pod, struct spec *spec)
{
    spec->hooks = pod->spec.hooks;
    pod->reading.spec = spec;
    read_signals(&pod->reading);
    return pod->problems.errors > 0 ? EXIT_CONFIG : 0;
}

void pod_print_problems(const struct pod *pod, bool warnings, FILE *to)
{
    for (size_t k = 0; k < pod->problems.count; k++) {
        const struct problem *p = &pod->problems.at[k];

        if (p->warning && !warnings)
            continue;
        fprintf(to, "%s:%u: %s%s\n", pod->path, p->line > 0 ? p->line : 1, p->warning ? "warning: " : "", p->text);
    }
    if (pod->problems.more > 0)
        fprintf(to, "%s: and %zu more\n", pod->path, pod->problems.more);
}

void pod_free(struct pod *pod)
{
    free(pod->block);
    free(pod);
}
