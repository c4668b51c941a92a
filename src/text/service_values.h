/* The values of a service's keys (SPEC 2) that are more than a number or a name.
 *
 * All of them: 0, or -1 with a static message in *error that says what is wrong or
 * what is expected; *out is then as it was. Strings go into the arena. shown is
 * what may be shown of the value, so of its command (struct command, .text); NULL: the command's first word. */
#ifndef LASTCALL_TEXT_SERVICE_VALUES_H
#define LASTCALL_TEXT_SERVICE_VALUES_H

#include <stdint.h>

#include "base/arena.h"
#include "core/spec.h"

/* `started`, `notify`, `title`, `tcp:HOST:PORT`, `unix:PATH`, `http://HOST:PORT/PATH`,
 * `file:PATH`, `exec:COMMAND`. The target is what stands behind the colon, of http
 * the whole URL, with a `/` behind a bare HOST:PORT. Sets by_user. */
int ready_parse(const char *text, const char *shown, struct arena *a, struct ready_spec *out,
                const char **error);

/* A signal, `exec:COMMAND` or `none`. KILL and STOP cannot be caught: no quiet. */
int quiet_parse(const char *text, const char *shown, struct arena *a, struct quiet_spec *out,
                const char **error);

/* `sidekiq`, `notify`, `exec:COMMAND` or `none`. */
int inflight_parse(const char *text, const char *shown, struct arena *a,
                   struct inflight_spec *out, const char **error);

/* `never`, `on-failure`, `always`. */
int restart_parse(const char *text, enum restart *out, const char **error);

/* `1s 30s`: the first pause and the longest, which is not shorter. */
int backoff_parse(const char *text, int64_t *first, int64_t *max, const char **error);

/* `5 60s`: so many restarts in a row, none of them ready for so long. */
int restart_limit_parse(const char *text, uint16_t *limit, int64_t *window, const char **error);

/* `0 1 TERM`: exit codes and signals by name, as the bits of struct service_spec. */
int success_parse(const char *text, uint64_t codes[4], uint64_t *signals, const char **error);

#endif
