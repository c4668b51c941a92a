/* The spec of the `--` form: one service, made of the settings and the command. */
#ifndef LASTCALL_CMD_SINGLE_H
#define LASTCALL_CMD_SINGLE_H

#include "base/arena.h"
#include "cmd/notes.h"
#include "cmd/options.h"
#include "core/spec.h"

enum { SINGLE_ARENA = 256 * 1024 };

struct single {
    struct spec spec;
    struct notes notes;
    struct arena arena;
    char block[SINGLE_ARENA];
};

/* command: NULL-terminated words; they and the settings outlive *out. Large: not for
 * the stack. 0; or the exit code (78, 64), with every problem on stderr. */
int single_build(struct single *out, const struct settings *settings, char **command,
                 char **environment);

#endif
