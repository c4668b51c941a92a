/* The table of subcommands, their help, and the answer of those still to come. */
#include "cmd/command.h"
#include "sys/manager.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char options_help[] =
    "Options:\n"
    "  -c, --config FILE    config file; default $LASTCALL_CONFIG, else /etc/lastcall.ini\n"
    "  -d, --deadline DUR   the platform's grace period: 90s, 5m, 3h; also $LASTCALL_DEADLINE\n"
    "  -p, --profile NAME   what COMMAND is; default auto; also $LASTCALL_PROFILE\n"
    "  -v, -q               more, or only errors, of lastcall's own log lines\n"
    "      --version        the version\n"
    "      --help           this text\n";

#define WAITS                                                                                       \
    "  --timeout DUR  waits no longer; the drain goes on\n"                                            \
    "  --json         the last status as JSON instead of progress\n\n"                                 \
    "Exit code: 0 drained; 75 not drained in time; 69 no lastcall answers.\n"
#define ONE_JSON "  --json  the status as JSON\n\nExit code: 0 accepted; 1 refused, and why; 69 no lastcall answers.\n"

const struct subcommand subcommands[] = {
    { "run", "[OPTIONS]", "runs the services of a config file", cmd_run, options_help },
    { "check", "[-c FILE] [--grace DUR]", "lints the config", cmd_check, options_help },
    { "plan", "[OPTIONS] [[--] COMMAND [ARG...]]", "prints what a shutdown would do, and when", cmd_plan,
      options_help },
    { "prestop", "[--timeout DUR]", "the Kubernetes hook: drains, returns when drained", cmd_drain, WAITS },
    { "drain", "[--no-wait] [--timeout DUR]", "as prestop, for people", cmd_drain,
      "  --no-wait      returns at once\n" WAITS },
    { "shutdown", "[--now] [--no-wait] [--timeout DUR]", "drains, then stops", cmd_drain,
      "  --now          without lingering and without waiting for jobs\n"
      "  --no-wait      returns at once\n" WAITS },
    { "status", "[--json]", "a row a service", cmd_status,
      "  --json  as JSON\n\nExit code: 0; 69 no lastcall answers.\n" },
    { "health", "[live|ready]", "exit 0 or 1, for probes", cmd_health,
      "Without a word it is `ready`: all essential services are, and no shutdown has begun.\n"
      "`live` is also said during a drain.\n\n"
      "Exit code: 0; 1 not healthy, and why; 69 no lastcall answers.\n" },
    { "deadline", "DUR", "brings the deadline forward to now + DUR", cmd_deadline,
      "Begins a drain if nothing has begun; never moves the deadline later.\n\n" ONE_JSON },
    { "quiet", "SERVICE...", "tells services to take no new work", cmd_service_verb, ONE_JSON },
    { "stop", "SERVICE...", "drains services, then stops them", cmd_service_verb, ONE_JSON },
    { "start", "SERVICE...", "starts services", cmd_service_verb, ONE_JSON },
    { "restart", "SERVICE...", "drains, stops and starts services", cmd_service_verb, ONE_JSON },
    { "signal", "SERVICE SIG", "sends a signal to a service", cmd_signal, ONE_JSON },
    { "reload", "", "reads the config again", cmd_not_yet, NULL },
    { "events", "[--follow]", "the event log as JSON lines", cmd_events,
      "  --follow  and what comes, until lastcall ends\n" },
    { "replay", "FILE", "does what an event log did, and compares", cmd_replay,
      "FILE: as `lastcall events --follow` wrote it from the start on; `-`: stdin.\n\n"
      "Exit code: 0 the same actions; 1 others; 78 it cannot be read.\n" },
};

const size_t subcommand_count = sizeof(subcommands) / sizeof(subcommands[0]);

const struct subcommand *subcommand_find(const char *name)
{
    for (size_t k = 0; k < subcommand_count; k++)
        if (strcmp(subcommands[k].name, name) == 0)
            return &subcommands[k];
    return NULL;
}

static void help_of_all(void)
{
    printf("Usage: lastcall [OPTIONS] [--] COMMAND [ARG...]\n"
           "       lastcall [OPTIONS] [run]\n"
           "       lastcall SUBCOMMAND [OPTIONS]\n\n"
           "Runs COMMAND, or the services of a config file, as the init of a container, and ends it\n"
           "so that no job is lost: tells it to take no new work, waits until running jobs are finished or a hard deadline\n"
           "comes near, then stops it.\n\n%s\nSubcommands:\n",
           options_help);
    for (size_t k = 0; k < subcommand_count; k++)
        printf("  %-9s %-36s %s%s\n", subcommands[k].name, subcommands[k].arguments,
               subcommands[k].summary, subcommands[k].run == cmd_not_yet ? " (not yet)" : "");
    printf("\nMore: docs/ and README.md of the source.\n");
}

int cmd_printed(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "lastcall: stdout cannot be written: %s\n", strerror(errno));
    return EXIT_INTERNAL;
}

int cmd_help(const struct subcommand *subcommand)
{
    if (subcommand == NULL) {
        help_of_all();
        return cmd_printed();
    }
    printf("Usage: lastcall %s %s\n\n%s%s\n", subcommand->name, subcommand->arguments,
           subcommand->summary, subcommand->run == cmd_not_yet ? " (not yet)" : "");
    printf("%s%s", subcommand->help == NULL ? "" : "\n",
           subcommand->help == NULL ? "" : subcommand->help);
    return cmd_printed();
}

int cmd_version(void)
{
    printf("lastcall %s (%s libsystemd)\n", LASTCALL_VERSION, manager_supported() ? "with" : "without");
    return cmd_printed();
}

int cmd_not_yet(const struct invocation *in)
{
    for (int k = 1; k < in->argc && strcmp(in->argv[k], "--") != 0; k++) {
        if (strcmp(in->argv[k], "--help") == 0)
            return cmd_help(subcommand_find(in->argv[0]));
        if (strcmp(in->argv[k], "--version") == 0)
            return cmd_version();
    }
    fprintf(stderr,
            "lastcall: '%s' is not there yet: this release runs a command or the services of a config "
            "file, as in\nlastcall: lastcall -d 3h -- bundle exec sidekiq\n",
            in->argv[0]);
    return EXIT_INTERNAL;
}
