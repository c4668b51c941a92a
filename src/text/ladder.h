/* The value of `stop`: `TERM 30s, QUIT 5s, KILL`, `exec:COMMAND ARGS 10s, TERM 5s`. */
#ifndef LASTCALL_TEXT_LADDER_H
#define LASTCALL_TEXT_LADDER_H

#include "base/arena.h"
#include "core/spec.h"

/* Reads the steps as they are written; ladder_finish() adds the KILL that is
 * always last. Commas part steps, but not inside quotes. The last word of a step
 * is its wait; only KILL goes without one, and as nothing is waited for after it,
 * one that is written there is read and dropped. Nothing may come after KILL.
 *
 * Commands go into the arena. shown is what may be shown of the value; its steps are
 * shown of theirs (struct command, .text); NULL: the first word of the step's own command.
 * -1 with a static message in *error: what is wrong and what is expected. */
int ladder_parse(const char *text, const char *shown, struct arena *a, struct ladder *out,
                 const char **error);

#endif
