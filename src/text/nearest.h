/* The known word that somebody probably meant. */
#ifndef LASTCALL_TEXT_NEAREST_H
#define LASTCALL_TEXT_NEAREST_H

#include <stddef.h>

/* The one of the `count` words that is the fewest edits away (inserted, left out,
 * changed, swapped neighbours); NULL if even that is too far to have been meant:
 * more than a third of the longer one, at least 1. */
const char *nearest_word(const char *word, const char *const *known, size_t count);

#endif
