#include "text/json_status.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "text/utc.h"

/* Milliseconds as seconds; what is not known is null. */
static json_t *seconds_of(int64_t ms)
{
    if (ms < 0 || ms == NEVER)
        return json_null();
    return ms % 1000 == 0 ? json_integer(ms / 1000) : json_real((double)ms / 1000.0);
}

static json_t *string_of(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *count_of(int64_t n)
{
    return n < 0 ? json_null() : json_integer(n);
}

static json_t *time_of(int64_t ms)
{
    char text[UTC_SIZE];

    utc_format(ms, text);
    return json_string(text);
}

static json_t *exit_of(const struct service_status *v)
{
    if (!v->has_exit)
        return json_null();
    return json_pack("{s:o, s:o}", "code", v->exit_signal > 0 ? json_null() : json_integer(v->exit_code),
                     "signal", v->exit_signal > 0 ? json_integer(v->exit_signal) : json_null());
}

static json_t *service_of(const struct service_status *v)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "name", v->name, "kind", v->kind, "profile", v->profile, "state", v->state,
                     "pid", v->pid > 0 ? json_integer(v->pid) : json_null(),
                     "uptime_s", seconds_of(v->uptime_ms),
                     "restarts", (json_int_t)v->restarts,
                     "busy", count_of(v->busy), "total", count_of(v->total),
                     "quiet", v->quiet < 0 ? json_null() : json_boolean(v->quiet),
                     "observed_age_s", seconds_of(v->observed_age_ms),
                     "waits_for", string_of(v->waits_for), "last_exit", exit_of(v));
}

char *json_status(const struct status *s)
{
    json_t *services = json_array(), *all;
    char *text, *line;

    for (size_t i = 0; i < s->count; i++)
        json_array_append_new(services, service_of(&s->service[i]));
    all = json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "version", s->version, "pid",
                    (int)s->pid, "phase", s->phase, "cause", string_of(s->cause),
                    "started_at", time_of(s->started_at_ms), "uptime_s", seconds_of(s->uptime_ms),
                    "deadline_s", seconds_of(s->deadline_ms),
                    "remaining_s", seconds_of(s->remaining_ms), "services", services);
    text = all == NULL ? NULL : json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(12));
    json_decref(all);
    if (text == NULL)
        return NULL;
    line = realloc(text, strlen(text) + 2);
    if (line == NULL)
        free(text);
    else
        strcat(line, "\n");
    return line;
}

/* --- and back --- */

static const char *text_in(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static int64_t ms_in(const json_t *o, const char *key, int64_t unknown)
{
    const json_t *v = json_object_get(o, key);

    return json_is_number(v) ? (int64_t)(json_number_value(v) * 1000.0 + 0.5) : unknown;
}

static int32_t number_in(const json_t *o, const char *key, int32_t unknown)
{
    const json_t *v = json_object_get(o, key);

    return json_is_integer(v) ? (int32_t)json_integer_value(v) : unknown;
}

static int read_service(const json_t *o, struct service_status *out)
{
    const json_t *quiet = json_object_get(o, "quiet"), *end = json_object_get(o, "last_exit");

    *out = (struct service_status){
        .name = text_in(o, "name"), .kind = text_in(o, "kind"), .profile = text_in(o, "profile"),
        .state = text_in(o, "state"), .waits_for = text_in(o, "waits_for"),
        .pid = number_in(o, "pid", 0), .uptime_ms = ms_in(o, "uptime_s", -1),
        .restarts = (uint32_t)number_in(o, "restarts", 0), .busy = number_in(o, "busy", -1),
        .total = number_in(o, "total", -1),
        .quiet = json_is_boolean(quiet) ? json_is_true(quiet) : -1,
        .observed_age_ms = ms_in(o, "observed_age_s", -1), .has_exit = json_is_object(end),
        .exit_code = (uint8_t)number_in(end, "code", 0),
        .exit_signal = (uint8_t)number_in(end, "signal", 0),
    };
    return out->name == NULL || out->kind == NULL || out->profile == NULL || out->state == NULL ? -1
                                                                                                : 0;
}

void *json_status_read(const char *text, size_t n, struct status *out, const char **error)
{
    json_t *o = json_loadb(text, n, 0, NULL), *services = json_object_get(o, "services");

    memset(out, 0, sizeof(*out));
    *error = "it is no JSON object of a lastcall";
    out->version = text_in(o, "version");
    out->phase = text_in(o, "phase");
    out->cause = text_in(o, "cause");
    out->pid = number_in(o, "pid", 0);
    out->uptime_ms = ms_in(o, "uptime_s", 0);
    out->deadline_ms = ms_in(o, "deadline_s", NEVER);
    out->remaining_ms = ms_in(o, "remaining_s", NEVER);
    out->count = json_array_size(services);
    if (out->version == NULL || out->phase == NULL || out->count > SERVICES_MAX)
        goto refuse;
    for (size_t i = 0; i < out->count; i++)
        if (read_service(json_array_get(services, i), &out->service[i]) != 0)
            goto refuse;
    return o;
refuse:
    json_decref(o);
    return NULL;
}

void json_status_free(void *document)
{
    json_decref(document);
}
