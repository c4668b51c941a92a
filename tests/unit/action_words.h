/* An action as the rows of a scenario word it. */
#ifndef LASTCALL_TESTS_UNIT_ACTION_WORDS_H
#define LASTCALL_TESTS_UNIT_ACTION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/event.h"

/* "signal worker TERM"; false: the action does not count. The name is that of its service. */
bool action_words(const struct action *a, const char *name, char *text, size_t size);

#endif
