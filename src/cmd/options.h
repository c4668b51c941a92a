/* The options of SPEC 1 and the environment variables behind them, as one set of
 * settings: option, then environment, then default. */
#ifndef LASTCALL_CMD_OPTIONS_H
#define LASTCALL_CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/command.h"
#include "text/door.h"
#include "text/story.h"

struct settings {
    int64_t deadline;        /* ms; NEVER: none */
    int64_t margin;          /* ms; NEVER: the default */
    int64_t linger;          /* ms */
    const char *control;     /* NULL: not given */
    struct door door;
    const char *logs;        /* NULL: not given */
    bool deadline_given, profile_given, level_given; /* by an option */
    bool has_deadline, has_margin, has_linger;       /* by an option or a variable */
    bool has_level, has_format;
    const char *profile, *ready, *quiet, *inflight, *stop; /* NULL: not given */
    bool json;
    enum story_level level;
    const char *config;      /* NULL: none was named */
    bool config_by_variable; /* for `run` and its sisters, not for the `--` form */
    bool help, version;
    bool dashes;             /* a `--` stood before the command */
    int rest;                /* index of the first word that is no option */
};

/* Reads options up to the first other word, over those of in->settings, then the
 * environment. 0; or the exit code, with the message on stderr: 64 for an option, 78
 * for a variable. */
int settings_read(const struct invocation *in, struct settings *out);

#endif
