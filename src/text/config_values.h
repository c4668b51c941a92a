/* The value of each key of the config file: from its text to where it is kept. */
#ifndef LASTCALL_TEXT_CONFIG_VALUES_H
#define LASTCALL_TEXT_CONFIG_VALUES_H

#include "text/config_keys.h"

/* `inherit`, `prefix`, `json`, `null`, `file:PATH`; 0, or -1 and a static message in *error. */
int logs_parse(const char *text, struct arena *a, struct logs_spec *out, const char **error);

/* As struct config_key, .parse. A ladder still lacks its ladder_finish(). */
#define CONFIG_PARSER(name)                                                  \
    int name(struct config_target *to, const char *text, const char *shown, \
             const char **error)

CONFIG_PARSER(parse_deadline);
CONFIG_PARSER(parse_margin);
CONFIG_PARSER(parse_web_linger);
CONFIG_PARSER(parse_control);
CONFIG_PARSER(parse_listen);
CONFIG_PARSER(parse_control_users);
CONFIG_PARSER(parse_http_prestop);
CONFIG_PARSER(parse_termination_log);
CONFIG_PARSER(parse_default_logs);
CONFIG_PARSER(parse_log_level);
CONFIG_PARSER(parse_log_format);
CONFIG_PARSER(parse_command);
CONFIG_PARSER(parse_sidecar);
CONFIG_PARSER(parse_essential);
CONFIG_PARSER(parse_restart);
CONFIG_PARSER(parse_backoff);
CONFIG_PARSER(parse_restart_limit);
CONFIG_PARSER(parse_success);
CONFIG_PARSER(parse_ready);
CONFIG_PARSER(parse_ready_timeout);
CONFIG_PARSER(parse_quiet);
CONFIG_PARSER(parse_inflight);
CONFIG_PARSER(parse_linger);
CONFIG_PARSER(parse_stop);
CONFIG_PARSER(parse_directory);
CONFIG_PARSER(parse_umask);
CONFIG_PARSER(parse_environment);
CONFIG_PARSER(parse_environment_file);
CONFIG_PARSER(parse_logs);
CONFIG_PARSER(parse_pre_start);
CONFIG_PARSER(parse_post_exit);
CONFIG_PARSER(parse_on_ready);
CONFIG_PARSER(parse_on_drain);
CONFIG_PARSER(parse_on_drained);
CONFIG_PARSER(parse_on_exit);
CONFIG_PARSER(parse_hook_timeout);

#endif
