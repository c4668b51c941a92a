/* The file of `environment_file`: lines of NAME=value. */
#ifndef LASTCALL_TEXT_ENVIRONMENT_FILE_H
#define LASTCALL_TEXT_ENVIRONMENT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The lines as an array that ends with NULL, in the arena. Values are taken as they are,
 * quotes and blanks included; empty lines and those that begin with `#` or `;` are passed
 * over, and a CR at the end belongs to the line end. -1 with a static message in *error
 * and its line in *line. */
int environment_file_parse(const char *bytes, size_t n, struct arena *a, const char *const **out,
                           uint32_t *line, const char **error);

#endif
