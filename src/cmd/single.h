/* The spec of the `--` form: one service, made of the settings and the command. */
#ifndef LASTCALL_CMD_SINGLE_H
#define LASTCALL_CMD_SINGLE_H

#include "base/arena.h"
#include "cmd/notes.h"
#include "cmd/options.h"
#include "cmd/pod.h"
#include "core/spec.h"

enum { SINGLE_ARENA = 256 * 1024 };

struct single {
    struct spec spec;
    struct notes notes;
    struct pod *file; /* what -c named; NULL: nothing */
    struct arena arena;
    char block[SINGLE_ARENA];
};

/* command: NULL-terminated words; they and the settings outlive *out. What the file of -c
 * says goes into *settings too, as pod_build() has it. From zeroed memory; large: not for
 * the stack. 0; or the exit code (78, 64), with every problem on stderr. */
int single_build(struct single *out, struct settings *settings, char **command,
                 char **environment);

void single_free(struct single *single);

#endif
