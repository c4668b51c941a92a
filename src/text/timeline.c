#include "text/timeline.h"

#include <string.h>

/* The column of a moment; total is never so large that this overflows: a deadline in ms. */
static size_t column(const struct timeline *t, int64_t at, size_t width)
{
    if (at <= 0)
        return 0;
    return at >= t->total ? width : (size_t)((double)at / (double)t->total * (double)width);
}

void timeline_row(const struct timeline *t, char *out, size_t width)
{
    size_t begins = column(t, t->begins, width), ends = column(t, t->ends, width);
    size_t latest = column(t, t->latest, width);

    if (begins >= width)
        begins = width - 1;
    if (ends <= begins)
        ends = begins + 1;
    memset(out, ' ', width);
    memset(out, '.', begins);
    memset(out + begins, '#', ends - begins);
    if (latest < width)
        out[latest] = '|';
    while (width > 0 && out[width - 1] == ' ')
        width--;
    out[width] = '\0';
}
