#include "cmd/pod_service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/read_file.h"
#include "text/ascii.h"
#include "text/config_expand.h"
#include "text/environment_file.h"
#include "text/nearest.h"
#include "text/program.h"

enum { ENVIRONMENT_FILE_MAX = 4 << 20 };

static void unknown_key(struct pod_reading *r, enum config_where where, const struct config_entry *e)
{
    const char *meant = config_key_nearest(where, e->key);

    problem_error(r->problems, e->line, "there is no key '%.60s' here%s%s%s", e->key,
                  meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
                  meant != NULL ? "?" : "");
}

static void note_later(struct pod_reading *r, const struct config_entry *e)
{
    size_t n = strlen(r->later), room = sizeof(r->later) - n;
    char item[64];
    int length = snprintf(item, sizeof(item), "%s%.40s (line %u)", n > 0 ? ", " : "", e->key, e->line);

    if (r->later_line == 0)
        r->later_line = e->line;
    if (r->later_more > 0 || (size_t)length >= room)
        r->later_more++;
    else
        memcpy(r->later + n, item, (size_t)length + 1);
}

/* Of one key only some values are carried out. */
static bool is_log_of_later(const struct config_key *key, const char *text)
{
    return strcmp(key->name, "logs") == 0 &&
           (strcmp(text, "prefix") == 0 || strcmp(text, "json") == 0);
}

const struct config_entry *pod_entry_named(const struct config_section *s, const char *key)
{
    for (const struct config_entry *e = s->first; e != NULL; e = e->next)
        if (strcmp(e->key, key) == 0)
            return e;
    return NULL;
}

static bool is_first(struct pod_reading *r, const struct config_section *s, const struct config_entry *e)
{
    if (pod_entry_named(s, e->key) == e)
        return true;
    problem_error(r->problems, e->line, "%s: a second time in this section", e->key);
    return false;
}

static const char *expanded(struct pod_reading *r, const struct config_entry *e)
{
    char error[200];
    const char *text = config_expand(e->value, r->environment, r->arena, error, sizeof(error));

    if (text == NULL)
        problem_error(r->problems, e->line, "%.60s: %s", e->key, error);
    return text;
}

/* The same without a word: whoever reads the entry itself tells what is wrong. */
static const char *expanded_quietly(struct pod_reading *r, const struct config_entry *e)
{
    char error[1];

    return e == NULL ? NULL
                     : config_expand(e->value, r->environment, r->arena, error, sizeof(error));
}

void pod_read_entry(struct pod_reading *r, enum config_where where, const struct config_section *s,
                    const struct config_entry *e, struct config_target *to)
{
    const struct config_key *key = config_key_find(where, e->key);
    const char *text, *error = NULL;

    if (key == NULL) {
        unknown_key(r, where, e);
        return;
    }
    if (!is_first(r, s, e))
        return;
    text = expanded(r, e);
    if (text == NULL)
        return;
    if (key->later || is_log_of_later(key, text))
        note_later(r, e);
    if (key->parse == NULL)
        return;
    if (key->parse(to, text, e->value, &error) != 0)
        problem_error(r->problems, e->line, "%s: '%.80s': %s", key->name, e->value, error);
}

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    return n > 0 && name[n] == '\0' && n <= SERVICE_NAME_MAX;
}

/* Of `profile`, or of the command's words. */
static enum profile profile_of(struct pod_reading *r, const struct config_section *s,
                               const struct service_spec *service)
{
    static const char *const names[] = {
#define X(id, name) name,
        PROFILES(X)
#undef X
    };
    const struct config_entry *e = pod_entry_named(s, "profile");
    const char *text = e == NULL ? "auto" : expanded_quietly(r, e), *meant;

    if (text == NULL)
        return PROFILE_GENERIC;
    if (strcmp(text, "auto") == 0)
        return service->command.argv == NULL ? PROFILE_GENERIC : program_profile(service->command.argv);
    for (size_t k = 0; k < PROFILE_COUNT; k++)
        if (strcmp(text, names[k]) == 0)
            return (enum profile)k;
    meant = nearest_word(text, names, PROFILE_COUNT);
    problem_error(r->problems, e->line, "profile: there is no profile '%.60s'%s%s%s", e->value,
                  meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
                  meant != NULL ? "?" : "");
    return PROFILE_GENERIC;
}

/* The two lists behind each other; NULL: out of memory. */
static const char *const *joined(struct arena *a, const char *const *one, const char *const *two)
{
    size_t n = 0, m = 0;
    const char **list;

    while (one[n] != NULL)
        n++;
    while (two[m] != NULL)
        m++;
    list = arena_alloc(a, (n + m + 1) * sizeof(*list));
    if (list == NULL)
        return NULL;
    memcpy(list, one, n * sizeof(*list));
    memcpy(list + n, two, (m + 1) * sizeof(*list));
    return list;
}

/* e: its entry. */
static const char *const *read_environment_file(struct pod_reading *r, const struct config_target *to,
                                                const struct config_entry *e)
{
    static const char *const none[] = { NULL };
    const char *path = to->environment_file, *error;
    const char *const *list = none;
    bool may_be_missing;
    char *bytes;
    size_t n;
    uint32_t at;

    if (path == NULL)
        return none;
    may_be_missing = *path == '-';
    path += may_be_missing;
    bytes = read_file(path, ENVIRONMENT_FILE_MAX, &n);
    if (bytes == NULL) {
        if (errno != ENOENT || !may_be_missing)
            problem_error(r->problems, e->line, "environment_file: %.160s: %s", e->value, strerror(errno));
        return none;
    }
    if (environment_file_parse(bytes, n, r->arena, &list, &at, &error) != 0)
        problem_error(r->problems, e->line, "environment_file: %.160s:%u: %s", e->value, at, error);
    free(bytes);
    return list;
}

static void take_environment(struct pod_reading *r, struct config_target *to,
                             const struct config_section *s)
{
    static const char *const none[] = { NULL };
    const struct config_entry *e = pod_entry_named(s, "environment_file");
    const char *const *from_file = read_environment_file(r, to, e);

    to->service->process.environment =
        joined(r->arena, from_file, to->environment == NULL ? none : to->environment);
    if (to->service->process.environment == NULL)
        problem_error(r->problems, s->line, "its environment is too long");
}

/* What keys say together. */
static void check_service(struct pod_reading *r, const struct config_target *to,
                          const struct config_section *s)
{
    struct service_spec *service = to->service;

    if (pod_entry_named(s, "command") == NULL)
        problem_error(r->problems, s->line, "[%.80s] has no command", s->name);
    if (service->sidecar && service->kind == KIND_TASK)
        problem_error(r->problems, s->line, "[%.80s]: a task cannot be a sidecar", s->name);
    if (service->sidecar && to->essential_given && service->essential)
        problem_error(r->problems, s->line, "[%.80s]: a sidecar is never essential", s->name);
    if (service->sidecar)
        service->essential = false;
    else if (!to->essential_given)
        service->essential = true; /* though a profile took it for a sidecar */
}

void pod_read_service(struct pod_reading *r, const struct config_section *s, enum service_kind kind,
                      const char *name, int64_t linger)
{
    size_t i = r->spec->count;
    struct service_spec *service = &r->spec->service[i];
    struct config_target to = { .service = service, .arena = r->arena };
    const struct config_entry *command = pod_entry_named(s, "command"), *after = pod_entry_named(s, "after");

    if (!is_name(name))
        problem_error(r->problems, s->line, "[%.80s]: a name has 1 to %d of a-z, 0-9, _ and -", s->name,
                      SERVICE_NAME_MAX);
    for (size_t k = 0; k < i; k++)
        if (r->spec->service[k].kind != kind && strcmp(r->spec->service[k].name, name) == 0)
            problem_error(r->problems, s->line, "[%.80s]: the name stands in line %u already", s->name,
                          r->of[k].line);
    service_spec_init(service, name, kind);
    if (command != NULL)
        pod_read_entry(r, IN_SERVICE, s, command, &to);
    profile_apply(service, profile_of(r, s, service), linger);
    service->process.logs = r->logs;
    for (const struct config_entry *e = s->first; e != NULL; e = e->next)
        if (e != command)
            pod_read_entry(r, IN_SERVICE, s, e, &to);
    ladder_finish(&service->stop);
    take_environment(r, &to, s);
    check_service(r, &to, s);
    r->of[i].line = s->line;
    r->of[i].after = expanded_quietly(r, after);
    r->of[i].after_shown = after == NULL ? "" : after->value;
    r->of[i].after_line = after == NULL ? s->line : after->line;
    r->spec->count++;
}

/* One name of an `after`. */
static void read_dependency(struct pod_reading *r, size_t i, const char *name)
{
    const char *names[SERVICES_MAX], *meant;
    struct service_spec *service = &r->spec->service[i];

    for (size_t k = 0; k < r->spec->count; k++) {
        names[k] = r->spec->service[k].name;
        if (strcmp(names[k], name) != 0)
            continue;
        if (service->sidecar && !r->spec->service[k].sidecar)
            problem_error(r->problems, r->of[i].after_line, "after: %s is a sidecar, and %s is none: a "
                          "sidecar starts before all others", service->name, name);
        else
            service->after |= SET_OF(k);
        return;
    }
    meant = nearest_word(name, names, r->spec->count);
    problem_error(r->problems, r->of[i].after_line, "after: there is no service or task '%.64s'%s%s%s",
                  strstr(r->of[i].after_shown, name) != NULL ? name : r->of[i].after_shown,
                  meant != NULL ? "; did you mean " : "", meant != NULL ? meant : "",
                  meant != NULL ? "?" : "");
}

void pod_read_after(struct pod_reading *r)
{
    for (size_t i = 0; i < r->spec->count; i++) {
        const char *at = r->of[i].after;

        if (at == NULL || strcmp(at, "none") == 0)
            continue;
        while (*at != '\0') {
            char name[SERVICE_NAME_MAX + 2];
            size_t n = strcspn(at, " \t,");

            snprintf(name, sizeof(name), "%.*s", (int)n, at);
            if (n > 0)
                read_dependency(r, i, name);
            at += n + (at[n] != '\0');
        }
    }
}
