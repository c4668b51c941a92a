#include "text/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "core/time.h"
#include "text/number.h"

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {{"h", HOUR}, {"ms", 1}, {"m", MINUTE}, {"s", SECOND}};

enum { UNITS = sizeof units / sizeof units[0] };

static const struct unit *unit_read(const char **at)
{
    for (size_t i = 0; i < UNITS; i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*at, units[i].name, n) == 0) {
            *at += n;
            return &units[i];
        }
    }
    return NULL;
}

int duration_parse(const char *s, int64_t *ms)
{
    const char *end = s + strlen(s);
    int64_t sum = 0, smallest = NEVER;
    bool first = true;
    do {
        uint64_t n;
        if (!number_read(&s, end, NEVER - 1, &n))
            return -1;
        bool bare = first && s == end;
        const struct unit *unit = bare ? NULL : unit_read(&s);
        if (unit == NULL && !bare)
            return -1;
        int64_t unit_ms = bare ? SECOND : unit->ms;
        if (unit_ms >= smallest || (int64_t)n > (NEVER - 1 - sum) / unit_ms)
            return -1;
        smallest = unit_ms;
        sum += (int64_t)n * unit_ms;
        first = false;
    } while (s != end);
    *ms = sum;
    return 0;
}

static void add_part(struct str *out, int64_t n, const char *unit)
{
    if (n > 0)
        str_addf(out, "%" PRId64 "%s", n, unit);
}

void duration_format(struct str *out, int64_t ms)
{
    if (ms == NEVER) {
        str_add(out, "none");
    } else if (ms <= 0) {
        str_add(out, "0s");
    } else if (ms < SECOND) {
        add_part(out, ms, "ms");
    } else if (ms < 10 * SECOND && ms % SECOND >= SECOND / 10) {
        str_addf(out, "%" PRId64 ".%" PRId64 "s", ms / SECOND, ms % SECOND / (SECOND / 10));
    } else if (ms < 2 * MINUTE) {
        add_part(out, ms / SECOND, "s");
    } else {
        add_part(out, ms / HOUR, "h");
        add_part(out, ms % HOUR / MINUTE, "m");
        add_part(out, ms % MINUTE / SECOND, "s");
    }
}
