/* Runs a spec to its end: the one entry to the loop. */
#ifndef LASTCALL_LOOP_RUN_H
#define LASTCALL_LOOP_RUN_H

#include <stdbool.h>

#include "core/spec.h"
#include "sys/signals.h"
#include "text/door.h"
#include "text/story.h"

struct note {
    enum story_level level;
    const char *text;
};

struct run_options {
    const struct spec *spec;        /* finished; outlives the run */
    const struct signals_before *before;
    int signals;                    /* of signals_block(); the run closes it */
    const char *const *environment; /* NULL-terminated; lastcall's own */
    const char *control;            /* `auto`, `none` or a path: of the control socket; the notify
                                       sockets lie beside it */
    const struct door *door;
    const char *version;            /* of lastcall */
    enum story_level level;
    bool json;
    bool single;                    /* the `--` form: a terminal on stdin is passed on */
    const struct note *notes;       /* lines to log at start, up to one without text */
};

/* Returns the exit code of SPEC 5; 70 and a line on stderr if it could not begin. */
int run_spec(const struct run_options *options);

#endif
