/* Status for people on a terminal. */
#ifndef LASTCALL_TEXT_STATUS_VIEW_H
#define LASTCALL_TEXT_STATUS_VIEW_H

#include "base/str.h"
#include "text/status.h"

/* A line of lastcall itself and a table, a row a service; lines end with a newline. */
void status_table(struct str *out, const struct status *s);

/* One line without its end, of the progress of a drain: jobs, and what is left of the
 * deadline. bars: how many columns each of its two bars takes; 0: none. most: the most
 * jobs that were in flight since it began. */
void status_progress(struct str *out, const struct status *s, int bars, int64_t most);

/* Jobs in flight in all services that tell; *unknown: of how many workers it is not known. */
int64_t status_jobs(const struct status *s, int *unknown);

#endif
