/* The commands of lastcall: one table, one file a command (or a few sisters). */
#ifndef LASTCALL_CMD_COMMAND_H
#define LASTCALL_CMD_COMMAND_H

#include <stddef.h>

#include "sys/signals.h"

struct settings;

/* What main() hands to a command. argv[0] is the word that chose it. */
struct invocation {
    int argc;
    char **argv;
    char **environment;
    const struct signals_before *before;
    int signals; /* of signals_block() */
    const struct settings *settings; /* of the options before the word; NULL: none */
};

struct subcommand {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(const struct invocation *in); /* returns the exit code */
    const char *help; /* what follows its usage; NULL: nothing */
};

/* Exit codes of SPEC 5 that commands give by themselves. */
enum { EXIT_USAGE = 64, EXIT_INTERNAL = 70, EXIT_CONFIG = 78, EXIT_NOT_FOUND = 127 };

extern const struct subcommand subcommands[];
extern const size_t subcommand_count;

/* NULL: no such subcommand. */
const struct subcommand *subcommand_find(const char *name);

/* What the first words are: options, a subcommand, or a command to run. */
int cmd_lastcall(const struct invocation *in);
int cmd_run(const struct invocation *in);
int cmd_check(const struct invocation *in);
int cmd_plan(const struct invocation *in);
int cmd_drain(const struct invocation *in);        /* prestop, drain, shutdown */
int cmd_status(const struct invocation *in);
int cmd_health(const struct invocation *in);
int cmd_events(const struct invocation *in);
int cmd_replay(const struct invocation *in);
int cmd_deadline(const struct invocation *in);
int cmd_service_verb(const struct invocation *in); /* quiet, stop, start, restart */
int cmd_signal(const struct invocation *in);
int cmd_not_yet(const struct invocation *in); /* those that a later release brings */

/* --help and --version, to stdout. subcommand NULL: of lastcall itself. */
int cmd_help(const struct subcommand *subcommand);
int cmd_version(void);

/* The exit code after all was printed: 0; 70, with a message, if stdout took it not. */
int cmd_printed(void);

#endif
