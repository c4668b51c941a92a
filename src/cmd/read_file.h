/* A whole file in memory. */
#ifndef LASTCALL_CMD_READ_FILE_H
#define LASTCALL_CMD_READ_FILE_H

#include <stddef.h>

/* Its bytes, malloc'ed, and how many. NULL and errno: EFBIG is longer than most. */
char *read_file(const char *path, size_t most, size_t *n);

#endif
