/* Durations as SPEC 2 writes them: `90s`, `5m`, `3h5m`, `250ms`, a bare number
 * is seconds. In the core they are int64_t milliseconds (core/time.h). */
#ifndef LASTCALL_TEXT_DURATION_H
#define LASTCALL_TEXT_DURATION_H

#include <stdint.h>

#include "base/str.h"

/* Numbers with the units h, m, s, ms, each at most once and in this order, or
 * one number alone: seconds. 0 and *ms below NEVER, or -1: empty, a sign, a
 * space, a fraction, a word such as `none`, anything else, or too large. */
int duration_parse(const char *s, int64_t *ms);

/* Short: `250ms`; below two minutes `61s`, and `1.5s` below ten seconds; then
 * `2m`, `3h5m`. NEVER is `none`, what is below 0 is `0s`. Fractions are cut off;
 * whole seconds survive duration_parse(). */
void duration_format(struct str *out, int64_t ms);

#endif
