/* Sidekiq's -t and the deadline: SPEC 4. */
#ifndef LASTCALL_CMD_SIDEKIQ_FIT_H
#define LASTCALL_CMD_SIDEKIQ_FIT_H

#include "base/arena.h"
#include "cmd/notes.h"
#include "core/spec.h"

/* For a service of the profile sidekiq, others are left as they are: what its command or
 * its config says of -t becomes its ladder and its timeout; where nothing does, -t is
 * added to its command; what cannot fit is noted. The spec is finished. 0; -1 with a
 * message on stderr: the command has too many words. */
int sidekiq_fit(struct spec *spec, size_t i, struct arena *a, struct notes *notes);

#endif
