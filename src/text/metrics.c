#include "text/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "text/signame.h"

static const char *const phases[] = {
#define X(id, name) [id] = name,
    PHASES(X)
#undef X
};

static const char *const states[] = {
#define X(id, name) [id] = name,
    STATES(X)
#undef X
};

static void head(struct str *out, const char *name, const char *type, const char *help)
{
    str_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* The value of a gauge for a service; false: it is unknown, and the sample is absent. */
typedef bool gauge(const struct service_status *v, double *out);

static bool up(const struct service_status *v, double *out)
{
    *out = v->up;
    return true;
}

static bool ready(const struct service_status *v, double *out)
{
    *out = v->ready;
    return true;
}

static bool memory(const struct service_status *v, double *out)
{
    *out = (double)v->memory;
    return v->memory >= 0;
}

static bool start_time(const struct service_status *v, double *out)
{
    *out = v->started_at;
    return v->started_at > 0;
}

static bool busy(const struct service_status *v, double *out)
{
    *out = v->busy;
    return v->busy >= 0;
}

static bool capacity(const struct service_status *v, double *out)
{
    *out = v->total;
    return v->total >= 0;
}

static bool quiet(const struct service_status *v, double *out)
{
    *out = v->quiet;
    return v->worker && v->quiet >= 0;
}

static bool age(const struct service_status *v, double *out)
{
    *out = (double)v->observed_age_ms / 1000.0;
    return v->observed_age_ms >= 0 && (v->busy >= 0 || v->total >= 0);
}

static bool observable(const struct service_status *v, double *out)
{
    *out = v->observable;
    return v->worker;
}

static const struct {
    const char *name, *help;
    gauge *value;
} gauges[] = {
    { "lastcall_service_up", "1 while a process of the service lives.", up },
    { "lastcall_service_ready", "1 while the service is ready.", ready },
    { "lastcall_service_resident_memory_bytes", "Resident memory of the processes of the service.",
      memory },
    { "lastcall_service_start_time_seconds", "When the main process was started, since 1970.",
      start_time },
    { "lastcall_jobs_busy", "Jobs in flight.", busy },
    { "lastcall_jobs_capacity", "Jobs that can be in flight at once.", capacity },
    { "lastcall_jobs_quiet", "1 once the service was told to take no new jobs.", quiet },
    { "lastcall_jobs_observation_age_seconds", "How long ago the jobs were looked at.", age },
    { "lastcall_jobs_observable", "1 if the jobs of this worker can be seen.", observable },
};

static void write_gauge(struct str *out, const struct status *s, size_t k)
{
    bool begun = false;

    for (size_t i = 0; i < s->count; i++) {
        double value;

        if (!gauges[k].value(&s->service[i], &value))
            continue;
        if (!begun)
            head(out, gauges[k].name, "gauge", gauges[k].help);
        begun = true;
        str_addf(out, "%s{service=\"%s\"} %.15g\n", gauges[k].name, s->service[i].name, value);
    }
}

static void write_states(struct str *out, const struct status *s)
{
    head(out, "lastcall_service_state", "gauge", "1 for the present state of the service.");
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < STATE_COUNT; k++)
            str_addf(out, "lastcall_service_state{service=\"%s\",state=\"%s\"} %d\n",
                     s->service[i].name, states[k], strcmp(states[k], s->service[i].state) == 0);
}

static void write_restarts(struct str *out, const struct status *s)
{
    head(out, "lastcall_service_restarts_total", "counter", "Restarts of the service.");
    for (size_t i = 0; i < s->count; i++)
        str_addf(out, "lastcall_service_restarts_total{service=\"%s\"} %" PRIu32 "\n",
                 s->service[i].name, s->service[i].restarts);
}

/* One of the two labels is empty, which is as if it were not there. */
static void write_exits(struct str *out, const struct status *s)
{
    bool begun = false;

    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < s->service[i].exit_kinds; k++) {
            const struct exit_count *e = &s->service[i].exits[k];

            if (!begun)
                head(out, "lastcall_service_exits_total", "counter",
                     "Ends of the main process, by exit code or signal.");
            begun = true;
            str_addf(out, "lastcall_service_exits_total{service=\"%s\",code=\"", s->service[i].name);
            if (e->signal == 0)
                str_addf(out, "%u", e->code);
            str_addf(out, "\",signal=\"%s\"} %" PRIu64 "\n",
                     e->signal > 0 ? signal_name(e->signal) : "", e->count);
        }
}

static void write_own(struct str *out, const struct status *s)
{
    head(out, "lastcall_info", "gauge", "The version, as a label.");
    str_addf(out, "lastcall_info{version=\"%s\"} 1\n", s->version);
    head(out, "lastcall_phase", "gauge", "1 for the present phase.");
    for (size_t k = 0; k < sizeof(phases) / sizeof(phases[0]); k++)
        str_addf(out, "lastcall_phase{phase=\"%s\"} %d\n", phases[k], strcmp(phases[k], s->phase) == 0);
    if (s->deadline_ms != NEVER) {
        head(out, "lastcall_deadline_seconds", "gauge",
             "From the first request to shut down until all must be over.");
        str_addf(out, "lastcall_deadline_seconds %.15g\n", (double)s->deadline_ms / 1000.0);
    }
    if (s->remaining_ms != NEVER) {
        head(out, "lastcall_deadline_remaining_seconds", "gauge", "What is left of the deadline.");
        str_addf(out, "lastcall_deadline_remaining_seconds %.15g\n", (double)s->remaining_ms / 1000.0);
    }
    head(out, "lastcall_orphans_reaped_total", "counter", "Ended processes of no service.");
    str_addf(out, "lastcall_orphans_reaped_total %" PRIu64 "\n", s->orphans_reaped);
}

static void write_signals(struct str *out, const struct status *s)
{
    bool begun = false;

    for (int k = 1; k < SIGNALS_MAX; k++) {
        if (s->signals[k] == 0)
            continue;
        if (!begun)
            head(out, "lastcall_signals_received_total", "counter", "Signals that lastcall got.");
        begun = true;
        str_addf(out, "lastcall_signals_received_total{signal=\"%s\"} %" PRIu64 "\n", signal_name(k),
                 s->signals[k]);
    }
}

void metrics_write(struct str *out, const struct status *s)
{
    write_own(out, s);
    write_signals(out, s);
    for (size_t k = 0; k < sizeof(gauges) / sizeof(gauges[0]); k++)
        write_gauge(out, s, k);
    write_states(out, s);
    write_restarts(out, s);
    write_exits(out, s);
}
