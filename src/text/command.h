/* `exec:COMMAND ARGS`, wherever a value may be one. */
#ifndef LASTCALL_TEXT_COMMAND_H
#define LASTCALL_TEXT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "core/spec.h"

#define COMMAND_EXEC "exec:"

/* The n bytes at s begin with `exec:`. */
bool command_is_exec(const char *s, size_t n);

/* The command line of n bytes at s, split into words in the arena. shown: what may
 * be shown of it, NULL: its first word. -1 with a static message in *error. */
int command_parse(const char *s, size_t n, const char *shown, struct arena *a,
                  struct command *out, const char **error);

#endif
