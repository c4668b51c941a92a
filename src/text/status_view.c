#include "text/status_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text/duration.h"
#include "text/signame.h"

enum { COLUMNS = 6, CELL = SERVICE_NAME_MAX + 1 };

static void cell_duration(char cell[CELL], int64_t ms)
{
    struct str s;

    str_init(&s, cell, CELL);
    if (ms < 0)
        str_add(&s, "-");
    else
        duration_format(&s, ms);
}

static void cell_jobs(char cell[CELL], const struct service_status *v)
{
    if (v->busy < 0 && v->total < 0)
        snprintf(cell, CELL, "-");
    else if (v->busy < 0)
        snprintf(cell, CELL, "? of %" PRId32, v->total);
    else if (v->total < 0)
        snprintf(cell, CELL, "%" PRId32, v->busy);
    else
        snprintf(cell, CELL, "%" PRId32 " of %" PRId32, v->busy, v->total);
}

static void cell_note(char cell[CELL], const struct service_status *v)
{
    if (v->waits_for != NULL)
        snprintf(cell, CELL, "waits for %s", v->waits_for);
    else if (v->pid == 0 && v->has_exit && v->exit_signal > 0)
        snprintf(cell, CELL, "ended by %s", signal_name(v->exit_signal));
    else if (v->pid == 0 && v->has_exit)
        snprintf(cell, CELL, "exit code %d", v->exit_code);
    else
        cell[0] = '\0';
    if (v->restarts > 0)
        snprintf(cell + strlen(cell), CELL - strlen(cell), "%s%" PRIu32 " restart%s",
                 cell[0] != '\0' ? ", " : "", v->restarts, v->restarts == 1 ? "" : "s");
}

static void row_of(char row[COLUMNS][CELL], const struct service_status *v)
{
    snprintf(row[0], CELL, "%s", v->name);
    snprintf(row[1], CELL, "%s", v->state);
    snprintf(row[2], CELL, v->pid > 0 ? "%" PRId32 : "-", v->pid);
    cell_duration(row[3], v->uptime_ms);
    cell_jobs(row[4], v);
    cell_note(row[5], v);
}

static void add_row(struct str *out, char row[COLUMNS][CELL], const int *width)
{
    size_t end;

    for (size_t k = 0; k + 1 < COLUMNS; k++)
        str_addf(out, "%-*s  ", width[k], row[k]);
    str_add(out, row[COLUMNS - 1]);
    for (end = out->len; end > 0 && out->buf[end - 1] == ' '; end--)
        ;
    out->len = end;
    str_addc(out, '\n');
}

static void add_own(struct str *out, const struct status *s)
{
    str_addf(out, "%s, up ", s->phase);
    duration_format(out, s->uptime_ms);
    if (s->cause != NULL)
        str_addf(out, ", because of: %s", s->cause);
    if (s->remaining_ms != NEVER) {
        str_add(out, ", ");
        duration_format(out, s->remaining_ms);
        str_add(out, " left of ");
        duration_format(out, s->deadline_ms);
    } else if (s->deadline_ms != NEVER) {
        str_add(out, ", deadline ");
        duration_format(out, s->deadline_ms);
    } else {
        str_add(out, ", no deadline");
    }
    str_addc(out, '\n');
}

void status_table(struct str *out, const struct status *s)
{
    static const char *const titles[COLUMNS] = { "NAME", "STATE", "PID", "UP", "JOBS", "" };
    char row[COLUMNS][CELL];
    int width[COLUMNS];

    add_own(out, s);
    for (size_t k = 0; k < COLUMNS; k++)
        width[k] = (int)strlen(titles[k]);
    for (size_t i = 0; i < s->count; i++) {
        row_of(row, &s->service[i]);
        for (size_t k = 0; k < COLUMNS; k++)
            width[k] = (int)strlen(row[k]) > width[k] ? (int)strlen(row[k]) : width[k];
    }
    for (size_t k = 0; k < COLUMNS; k++)
        snprintf(row[k], CELL, "%s", titles[k]);
    add_row(out, row, width);
    for (size_t i = 0; i < s->count; i++) {
        row_of(row, &s->service[i]);
        add_row(out, row, width);
    }
}

/* Puma's busy threads are in the table; no drain waits for them. */
static bool counts(const struct service_status *v)
{
    return strcmp(v->profile, "puma") != 0;
}

int64_t status_jobs(const struct status *s, int *unknown)
{
    int64_t jobs = 0;

    *unknown = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct service_status *v = &s->service[i];

        if (!counts(v))
            continue;
        if (v->busy >= 0)
            jobs += v->busy;
        else if (v->waits_for != NULL && strcmp(v->waits_for, "jobs") == 0)
            (*unknown)++;
    }
    return jobs;
}

/* `[####......]`: so much of it is done. */
static void add_bar(struct str *out, int columns, int64_t part, int64_t whole)
{
    int64_t full = whole > 0 ? part * columns / whole : 0;

    if (columns <= 0)
        return;
    str_addc(out, '[');
    for (int64_t k = 0; k < columns; k++)
        str_addc(out, k < full ? '#' : '.');
    str_add(out, "] ");
}

void status_progress(struct str *out, const struct status *s, int bars, int64_t most)
{
    int unknown;
    int64_t jobs = status_jobs(s, &unknown);

    most = jobs > most ? jobs : most;
    str_addf(out, "%s ", s->phase);
    add_bar(out, most > 0 ? bars : 0, most - jobs, most);
    str_addf(out, "%" PRId64 " job%s", jobs, jobs == 1 ? "" : "s");
    if (unknown > 0)
        str_addf(out, ", and unknown in %d service%s", unknown, unknown == 1 ? "" : "s");
    if (s->remaining_ms == NEVER)
        return;
    str_add(out, "  ");
    add_bar(out, bars, s->deadline_ms - s->remaining_ms, s->deadline_ms);
    duration_format(out, s->remaining_ms);
    str_add(out, " left");
}
