/* A row of the picture that `plan` draws: `....|###   `. */
#ifndef LASTCALL_TEXT_TIMELINE_H
#define LASTCALL_TEXT_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

/* Moments in ms from the begin; begins <= ends. */
struct timeline {
    int64_t begins; /* its stop; before it, it waits or serves */
    int64_t ends;   /* the last step of its ladder */
    int64_t latest; /* the moment at which its stop must begin */
    int64_t total;  /* what the width stands for, > 0 */
};

/* Writes `width` columns and a NUL: `.` it goes on, `#` its ladder, at least one, `|` the
 * latest moment, whatever else is there, blanks but for the end of the row. */
void timeline_row(const struct timeline *t, char *out, size_t width);

#endif
