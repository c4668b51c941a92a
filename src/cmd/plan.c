/* `lastcall plan`: the timeline of a shutdown, from the same budget that is kept. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cmd/pod.h"
#include "cmd/single.h"
#include "core/budget.h"
#include "text/duration.h"
#include "text/signame.h"
#include "text/timeline.h"

static void print_at(int64_t ms, const char *what)
{
    char text[32];
    struct str s;

    str_init(&s, text, sizeof(text));
    duration_format(&s, ms);
    printf("  %10s  %s\n", text, what);
}

static void print_step(int64_t at, const struct ladder_step *step, const char *why)
{
    char line[160];

    if (step->signo > 0)
        snprintf(line, sizeof(line), "%s%s", signal_name(step->signo), why);
    else
        snprintf(line, sizeof(line), "%s%s", step->exec.text, why);
    print_at(at, line);
}

/* Of Sidekiqs before 7.0, which bear one signal at a time: docs/architecture.md. */
#define SIGNALS_APART (5 * SECOND)

/* When its stop begins at the latest; the moment it is asked for: 0. */
static int64_t stop_begins(const struct spec *spec, const struct budget_row *row, size_t i,
                           int64_t latest)
{
    bool task = spec->service[i].kind == KIND_TASK;

    if (task || spec_is_worker(&spec->service[i]) || spec->stop_first[i] != 0)
        return latest == NEVER ? 0 : latest;
    return time_min(row->linger, latest);
}

/* What must be down before it: `web, worker`. */
static void print_stop_first(const struct spec *spec, size_t i, int64_t at)
{
    char line[400];
    struct str s;

    str_init(&s, line, sizeof(line));
    str_add(&s, "at the latest, else when these are down: ");
    for (service_set rest = spec->stop_first[i]; rest; rest &= rest - 1) {
        str_add(&s, spec->service[__builtin_ctzll(rest)].name);
        str_add(&s, rest & (rest - 1) ? ", " : "");
    }
    print_at(at, line);
}

static void print_quiet(const struct service_spec *spec, int64_t latest)
{
    struct ladder_step quiet = { .signo = spec->quiet.signo, .exec = spec->quiet.exec };
    bool alone = spec->profile == PROFILE_SIDEKIQ && (latest == NEVER || latest < SIGNALS_APART);

    if (spec_has_quiet(spec))
        print_step(0, &quiet, alone ? " from Sidekiq 7 on; an older one gets its stop at once"
                                    : ": it takes no new work");
}

static void print_ladder(const struct spec *spec, const struct budget_row *row, size_t i)
{
    const struct service_spec *service = &spec->service[i];
    bool bound = spec->deadline != NEVER;
    int64_t latest = bound ? spec->deadline - spec->margin - row->chain : NEVER;
    int64_t at = stop_begins(spec, row, i, latest);
    bool patient = spec_may_hold_unseen_work(service) && !service->stop.by_user, sooner = at < latest;

    print_quiet(service, latest);
    if (service->kind == KIND_TASK)
        print_at(at, "where it runs: it has been waited for so long at the most");
    else if (spec->stop_first[i] != 0)
        print_stop_first(spec, i, at);
    else if (at > 0 && spec_is_worker(service))
        print_at(at, "it has waited for its jobs so long at the most");
    else if (at > 0)
        print_at(at, row->linger < service->linger
                         ? "it has gone on serving so long: less than its linger, there is too little time"
                         : "it has gone on serving so long");
    for (size_t k = 0; k < row->count; k++) {
        if (patient && k == 1 && bound)
            at = latest + row->wait[0];
        if (!bound && k + 1u == row->count && !service->stop.by_user)
            print_at(at, "KILL is left to the platform");
        else
            print_step(at, &service->stop.step[k], k == 0 ? ", its stop begins" : "");
        at = time_add(at, row->wait[k]);
    }
    if (bound && sooner)
        print_at(latest, "the latest moment at which its stop may begin");
}

enum { CHART_NAME = 14, CHART_WIDTH = 62 }; /* with blanks between, less than 80 columns */

/* A row a service, the first to stop first. */
static void print_chart(const struct spec *spec, const struct budget *b)
{
    char row[CHART_WIDTH + 1], end[NOTE_DURATION_SIZE];

    note_duration(spec->deadline, end, sizeof(end));
    printf("\n%-*s 0s%*s\n", CHART_NAME, "service", CHART_WIDTH - 2, end);
    for (size_t n = spec->count; n-- > 0;) {
        size_t i = spec->start_order[n];
        struct timeline t = { .total = spec->deadline };

        t.latest = spec->deadline - spec->margin - b->row[i].chain;
        t.begins = t.ends = stop_begins(spec, &b->row[i], i, t.latest);
        for (size_t k = 0; k < b->row[i].count; k++)
            t.ends = time_add(t.ends, b->row[i].wait[k]);
        timeline_row(&t, row, CHART_WIDTH);
        printf("%-*.*s %s\n", CHART_NAME, CHART_NAME, spec->service[i].name, row);
    }
    printf(". goes on   # its stop   | where its stop begins at the latest\n");
}

static void print_start_order(const struct spec *spec)
{
    printf("start order:");
    for (size_t n = 0; n < spec->count; n++)
        printf("%s %s", n > 0 ? "," : "", spec->service[spec->start_order[n]].name);
    printf("\n");
}

static void print_plan(const struct spec *spec, const struct notes *notes)
{
    static struct budget b; /* large */

    budget_of_spec(&b, spec);
    for (size_t k = 0; k < notes->count; k++)
        printf("%s\n", notes->text[k]);
    if (!spec->single)
        print_start_order(spec);
    if (spec->deadline != NEVER)
        print_chart(spec, &b);
    if (b.shrunk)
        printf("the ladders do not fit into the deadline: their waits are shortened\n");
    for (size_t n = spec->count; n-- > 0;) {
        size_t i = spec->start_order[n];
        const struct service_spec *service = &spec->service[i];

        printf("\n%s\n", service->name);
        print_at(0, "a signal starts the clock");
        print_ladder(spec, &b.row[i], i);
    }
    if (spec->deadline == NEVER)
        return;
    printf("\n");
    print_at(spec->deadline - spec->margin, "whatever still lives is killed");
    print_at(spec->deadline - spec->margin / 2, "lastcall is gone");
    print_at(spec->deadline, "the deadline");
}

static int plan_pod(const struct invocation *in, struct settings *settings)
{
    struct pod *pod = calloc(1, sizeof(*pod));
    int code;

    if (pod == NULL)
        return EXIT_INTERNAL;
    code = pod_build(pod, settings, in->environment);
    if (code == 0)
        print_plan(&pod->spec, &pod->notes);
    else
        pod_print_problems(pod, false, stderr);
    pod_free(pod);
    return code == 0 ? cmd_printed() : code;
}

static int plan_single(const struct invocation *in, struct settings *settings)
{
    struct single *single = calloc(1, sizeof(*single));
    int code;

    if (single == NULL)
        return EXIT_INTERNAL;
    code = single_build(single, settings, in->argv + settings->rest, in->environment);
    if (code == 0) {
        print_plan(&single->spec, &single->notes);
        code = cmd_printed();
    }
    single_free(single);
    return code;
}

int cmd_plan(const struct invocation *in)
{
    struct settings settings;
    int code = settings_read(in, &settings);

    if (code != 0)
        return code;
    if (settings.version)
        return cmd_version();
    if (settings.help)
        return cmd_help(subcommand_find("plan"));
    return settings.rest == in->argc ? plan_pod(in, &settings) : plan_single(in, &settings);
}
