/* The spec of the `--` form: one service, made of the settings and the command. */
#ifndef LASTCALL_CMD_SINGLE_H
#define LASTCALL_CMD_SINGLE_H

#include <stdbool.h>

#include "base/arena.h"
#include "cmd/options.h"
#include "core/spec.h"
#include "loop/run.h"

enum { SINGLE_NOTES = 8, SINGLE_NOTE_SIZE = 256, SINGLE_ARENA = 256 * 1024 };

struct single {
    struct spec spec;
    size_t notes;
    char note_text[SINGLE_NOTES][SINGLE_NOTE_SIZE];
    struct note note[SINGLE_NOTES + 1]; /* for the log; the last has no text */
    struct arena arena;
    char block[SINGLE_ARENA];
};

/* command: NULL-terminated words; they and the settings outlive *out. Large: not for
 * the stack. 0; or the exit code (78, 64), with every problem on stderr. */
int single_build(struct single *out, const struct settings *settings, char **command,
                 char **environment);

#endif
