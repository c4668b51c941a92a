#include "text/config_keys.h"

#include <string.h>

#include "text/ascii.h"
#include "text/config_values.h"
#include "text/nearest.h"
#include "text/signame.h"

#define LATER NULL, true

const struct config_key config_keys[] = {
    { "deadline", IN_LASTCALL, "none",
      "the platform's grace period, to the second (Kubernetes `terminationGracePeriodSeconds`, ECS "
      "`stopTimeout`, Compose `stop_grace_period`), minus any preStop that is not lastcall's. `none`: "
      "nothing waits for running jobs", parse_deadline, false },
    { "margin", IN_LASTCALL, "2s, at most a tenth of `deadline`",
      "kept free before the platform's own KILL", parse_margin, false },
    { "linger", IN_LASTCALL, "0s",
      "how long services of the profiles `puma` and `nginx` go on serving after the shutdown began",
      parse_web_linger, false },
    { "listen", IN_LASTCALL, "none", "`HOST:PORT` or `unix:PATH` of the read-only HTTP listener; HOST is a "
      "number (`0.0.0.0`, `[::1]`) or `localhost`", parse_listen, false },
    { "control", IN_LASTCALL, "auto",
      "path of the control socket, or `none`; the notify sockets lie beside it. `auto`: `control.sock` in "
      "the first of `/run/lastcall`, `/tmp/lastcall-UID`, `/dev/shm/lastcall-UID` that can be made and is "
      "ours", parse_control, false },
    { "control_users", IN_LASTCALL, "none", "further user ids that may use the control socket: numbers",
      parse_control_users, false },
    { "logs", IN_LASTCALL, "inherit", "default for every service's `logs`", parse_default_logs, false },
    { "log_level", IN_LASTCALL, "info", "of lastcall's own lines: `error`, `warn`, `info`, `debug`",
      parse_log_level, false },
    { "log_format", IN_LASTCALL, "text", "of lastcall's own lines, on stderr: `text`, or `json` with an "
      "object a line", parse_log_format, false },
    { "http_prestop", IN_LASTCALL, "none", "a word: `GET /prestop/WORD` on `listen` starts a drain, and answers when "
      "drained", parse_http_prestop, false },
    { "termination_log", IN_LASTCALL, "auto", "the last line goes there too: a path, or `none`; `auto`: "
      "`/dev/termination-log` where it exists", parse_termination_log, false },

    { "command", IN_SERVICE, "", "what to run: split like shell words, executed directly, without a shell. "
      "Required", parse_command, false },
    { "profile", IN_SERVICE, "auto", "a row of the profiles; sets defaults for all below", NULL, false },
    { "after", IN_SERVICE, "none", "names; starts when they are ready (a task: has succeeded), stops before "
      "them", NULL, false },
    { "sidecar", IN_SERVICE, "no", "starts before, and stops after, every service and task that is none; may "
      "be `after` sidecars only; never essential", parse_sidecar, false },
    { "essential", IN_SERVICE, "yes", "its final end ends the container: ordered shutdown of the rest, then "
      "its exit code", parse_essential, false },
    { "restart", IN_SERVICE, "on-failure", "`never`, `on-failure`, `always`", parse_restart, false },
    { "backoff", IN_SERVICE, "1s 30s", "first and longest pause before a restart, doubling, with jitter",
      parse_backoff, false },
    { "restart_limit", IN_SERVICE, "5 60s", "so many restarts in a row, none of them ready for so long: it "
      "has failed", parse_restart_limit, false },
    { "success", IN_SERVICE, "0", "exit codes and signal names that count as success; the signal that "
      "lastcall sent always does", parse_success, false },
    { "ready", IN_SERVICE, "by profile", "`started`, `notify`, `tcp:HOST:PORT`, `unix:PATH`, "
      "`http://HOST:PORT/PATH`, `file:PATH`, `exec:COMMAND`, `title`", parse_ready, false },
    { "ready_timeout", IN_SERVICE, "5m", "not ready by then: that start has failed; where only the profile "
      "asked for the readiness, it counts as ready", parse_ready_timeout, false },
    { "quiet", IN_SERVICE, "by profile", "what makes it take no new work: a signal, `exec:COMMAND`, `none`",
      parse_quiet, false },
    { "inflight", IN_SERVICE, "by profile", "how its jobs are seen: `sidekiq`, `notify`, `exec:COMMAND` "
      "(prints `BUSY` or `BUSY TOTAL`), `none`", parse_inflight, false },
    { "linger", IN_SERVICE, "by profile", "how long it goes on serving after the shutdown began",
      parse_linger, false },
    { "stop", IN_SERVICE, "by profile", "the ladder, such as `TERM 30s, QUIT 5s, KILL`: a signal or "
      "`exec:COMMAND`, and how long to wait. KILL is always the last step", parse_stop, false },
    { "directory", IN_SERVICE, "as lastcall", "its working directory", parse_directory, false },
    { "umask", IN_SERVICE, "as lastcall", "octal, such as `027`", parse_umask, false },
    { "user", IN_SERVICE, "as lastcall", "a name, a number, or `uid:gid`", LATER },
    { "group", IN_SERVICE, "as lastcall", "a name or a number", LATER },
    { "groups", IN_SERVICE, "as lastcall", "names or numbers", LATER },
    { "environment", IN_SERVICE, "none", "`NAME=value` words over lastcall's own environment, which every "
      "service gets", parse_environment, false },
    { "environment_file", IN_SERVICE, "none", "lines of `NAME=value`, taken as they are; `environment` is "
      "stronger. A missing file is an error unless the path begins with `-`", parse_environment_file,
      false },
    { "rlimit_NAME", IN_SERVICE, "as lastcall", "`soft[:hard]`, `unlimited`", LATER },
    { "nice", IN_SERVICE, "as lastcall", "-20 to 19", LATER },
    { "oom_score_adj", IN_SERVICE, "as lastcall", "-1000 to 1000", LATER },
    { "no_new_privs", IN_SERVICE, "as lastcall", "`yes`, `no`", LATER },
    { "logs", IN_SERVICE, "as in [lastcall]", "`inherit`: to lastcall's own stdout and stderr, nothing in "
      "between; `null`; `file:PATH`, added to it; `prefix` and `json` are not carried out yet",
      parse_logs, false },
    { "pre_start", IN_SERVICE, "none", "a command before each start; if it fails, the start has failed",
      parse_pre_start, false },
    { "post_exit", IN_SERVICE, "none", "a command after each exit, of at most 5 s, with "
      "`$LASTCALL_EXIT_CODE` or `$LASTCALL_EXIT_SIGNAL`", parse_post_exit, false },

    { "on_ready", IN_HOOKS, "none", "a command once all essential services are ready", parse_on_ready, false },
    { "on_drain", IN_HOOKS, "none", "a command when a shutdown begins", parse_on_drain, false },
    { "on_drained", IN_HOOKS, "none", "a command when no work is in flight any more; without a deadline when "
      "the lingers are over", parse_on_drained, false },
    { "on_exit", IN_HOOKS, "none", "a command before lastcall ends", parse_on_exit, false },
    { "timeout", IN_HOOKS, "5s",
      "how long a hook may take; the end waits so long for those that run, never past the deadline",
      parse_hook_timeout, false },
};

const size_t config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

/* The names of setrlimit(2), in its order. */
static bool is_rlimit(const char *name)
{
    static const char *const names[] = { "cpu", "fsize", "data", "stack", "core", "rss", "nproc",
                                         "nofile", "memlock", "as", "locks", "sigpending",
                                         "msgqueue", "nice", "rtprio", "rttime" };

    if (strncmp(name, "rlimit_", 7) != 0)
        return false;
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
        if (strcmp(name + 7, names[k]) == 0)
            return true;
    return false;
}

const struct config_key *config_key_find(enum config_where where, const char *name)
{
    if (where == IN_SERVICE && is_rlimit(name))
        name = "rlimit_NAME";
    for (size_t k = 0; k < config_key_count; k++)
        if (config_keys[k].where == where && strcmp(config_keys[k].name, name) == 0)
            return &config_keys[k];
    return NULL;
}

bool config_key_known(const char *name)
{
    for (enum config_where where = IN_LASTCALL; where < CONFIG_WHERES; where++)
        if (config_key_find(where, name) != NULL)
            return true;
    return !ascii_is_digit(*name) && signal_number(name) > 0;
}

const char *config_key_nearest(enum config_where where, const char *name)
{
    const char *names[64];
    size_t n = 0;

    for (size_t k = 0; k < config_key_count && n < 64; k++)
        if (config_keys[k].where == where)
            names[n++] = config_keys[k].name;
    return nearest_word(name, names, n);
}

void config_globals_init(struct config_globals *g)
{
    *g = (struct config_globals){ .deadline = NEVER, .margin = NEVER, .level = -1, .json = -1 };
}
