/* The spec of a config file: its services and tasks, and the settings beside them. */
#ifndef LASTCALL_CMD_POD_H
#define LASTCALL_CMD_POD_H

#include <stdio.h>

#include "base/arena.h"
#include "cmd/notes.h"
#include "cmd/options.h"
#include "cmd/pod_service.h"
#include "core/spec.h"
#include "text/problems.h"

struct pod {
    struct spec spec;
    struct problems problems; /* of the file, in the order of its lines */
    struct notes notes;
    struct arena arena;
    void *block;              /* of the arena; malloc'ed */
    const char *path;
    struct pod_reading reading;
};

/* Reads the file that the settings name, else the default one. What it says of
 * [lastcall] goes into *settings, where neither an option nor a variable has said it.
 * Large: not for the stack; from zeroed memory. The settings and the environment outlive
 * it. 0; 78 and problems.errors > 0, or a message on stderr where it cannot be read; 70. */
int pod_build(struct pod *pod, struct settings *settings, char **environment);

/* The same of a file beside a command, which has no services: its [lastcall] and [hooks];
 * [signals] waits for pod_lend(), when the one service is known. */
int pod_build_beside(struct pod *pod, struct settings *settings, char **environment);

/* Gives its hooks and what it says of signals to the spec of the command, whose
 * signals_default() is still to come. 0; 78 and problems.errors > 0. */
int pod_lend(struct pod *pod, struct spec *spec);

/* The line of a key of [lastcall]; 0: it is not there, or something stronger is (overridden). */
uint32_t pod_line_of(const struct pod_reading *r, const char *key, bool overridden);

/* Notes in one line which keys are read and not carried out; nothing if none. */
void pod_note_later(const struct pod *pod, struct notes *notes);

/* Each problem as `FILE:LINE: message`, errors only or warnings too. What concerns the file as a whole has
 * line 1. */
void pod_print_problems(const struct pod *pod, bool warnings, FILE *to);

void pod_free(struct pod *pod);

#endif
