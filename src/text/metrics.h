/* /metrics: the text format 0.0.4 of Prometheus, with the names of SPEC 7. */
#ifndef LASTCALL_TEXT_METRICS_H
#define LASTCALL_TEXT_METRICS_H

#include "base/str.h"
#include "text/status.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Whether all had room: out->truncated. */
void metrics_write(struct str *out, const struct status *s);

#endif
