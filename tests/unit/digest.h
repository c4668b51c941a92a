/* What the core decided, all of it, as one number: of two cores that give the same for the same
 * worlds none decides anything in another way. */
#ifndef LASTCALL_TESTS_UNIT_DIGEST_H
#define LASTCALL_TESTS_UNIT_DIGEST_H

#include "core/supervisor.h"

/* A digest, and one step more: the event, the actions, and the views after it. */
uint64_t digest_of(uint64_t digest, const struct supervisor *s, const struct event *e,
                   const struct actions *out);

#endif
