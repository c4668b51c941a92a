/* A directory for the files of a test program, below $TMPDIR. */
#ifndef LASTCALL_UNIT_SCRATCH_H
#define LASTCALL_UNIT_SCRATCH_H

#include <stddef.h>

/* Its path, to be kept, into dir. 0, or -1 and errno. */
int scratch_make(char *dir, size_t size);

/* With all that a test has left in it. 0, or -1. */
int scratch_remove(const char *dir);

#endif
