/* A command line split as a shell splits words, and nothing else of a shell:
 * single quotes, double quotes, backslash; no expansion, no operators, no
 * comments (SPEC 2: commands are executed directly). */
#ifndef LASTCALL_TEXT_WORDS_H
#define LASTCALL_TEXT_WORDS_H

#include <stddef.h>

#include "base/arena.h"

/* The words of s as an argv, NULL-terminated, in the arena. -1 with a message in
 * *error: an unbalanced quote, a backslash at the end, no word at all, an empty
 * first word, or a full arena. */
int words_split(const char *s, struct arena *a, const char *const **argv, const char **error);

#endif
