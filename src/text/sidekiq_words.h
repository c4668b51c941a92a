/* What a command and a config file say of Sidekiq's `-t`, which decides when it hands
 * unfinished jobs back (SPEC 4). Options are read as its OptionParser does: `-t N`,
 * `-tN`, `-vt N`, `--timeout N`, `--timeout=N`, `--tim N`; of two the last counts.
 * A Sidekiq inside `sh -c` and the like is seen too (program.h). */
#ifndef LASTCALL_TEXT_SIDEKIQ_WORDS_H
#define LASTCALL_TEXT_SIDEKIQ_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 and *seconds; 0: no timeout is given, or this is no Sidekiq; -1: one is given,
 * but it is not a plain decimal number up to INT32_MAX. */
int sidekiq_timeout_words(const char *const *argv, int64_t *seconds);

/* It has no timeout of its own, and `-t N` put behind its last word would reach
 * Sidekiq: it is run directly, through bundle exec, env, ruby, gosu or su-exec, but
 * not by a shell or an entrypoint script; it is no sidekiqswarm, whose children would
 * get it from elsewhere; no `--` ends its options, and its last one has its value. */
bool sidekiq_takes_timeout(const char *const *argv);

/* The path of an option into buf: `C` of -C FILE, --config FILE, --config=FILE; `r` of
 * -r PATH. 1; 0: none is given, or it does not fit. */
int sidekiq_path_option(const char *const *argv, char letter, char *buf, size_t size);

/* The `:timeout: N` or `timeout: N` of a sidekiq.yml, at the begin of a line. 1 and
 * *seconds; 0: there is none there (an indented one belongs to an environment or to
 * something else, and is not looked at); -1: there is one, but it is not a plain
 * number, as with ERB or quotes. Of several the last counts, as in YAML. */
int sidekiq_yml_timeout(const char *bytes, size_t n, int64_t *seconds);

#endif
