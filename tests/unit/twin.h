/* Does a step leave out nobody who has something to say? The core asks only the services to whom
 * something is new (ask_services() in step.c). A twin makes the same step and asks all of them: it
 * must decide the same, and come to the same state. */
#ifndef LASTCALL_TESTS_UNIT_TWIN_H
#define LASTCALL_TESTS_UNIT_TWIN_H

#include "core/supervisor.h"

/* Before the step. */
void twin_before(const struct supervisor *s);
/* And after it: NULL, or what is wrong, a constant. */
const char *twin_after(const struct supervisor *s, const struct event *e, const struct actions *out);

#endif
