/* ${NAME} and ${NAME:-default} in a value of the config file: SPEC 2. */
#ifndef LASTCALL_TEXT_CONFIG_EXPAND_H
#define LASTCALL_TEXT_CONFIG_EXPAND_H

#include "base/arena.h"

/* The text with variables replaced, in the arena. The default holds for a variable that
 * is not set or is empty, as in a shell; it is taken as it is, up to the next `}`. `$$`
 * is a dollar sign, and any other `$` stays as it is. environment: NAME=VALUE, then NULL.
 *
 * NULL, and a message in error[size]: a variable without default is not set, or the
 * arena is full. No value of a variable is ever in it. */
const char *config_expand(const char *text, const char *const *environment, struct arena *a,
                          char *error, size_t size);

#endif
