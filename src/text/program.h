/* Which program a command runs, for the profile `auto` (SPEC 3). Words are read, no
 * file is opened. What is looked through, in any order and number:
 *
 *   NAME=value, env with its options (-i, -u NAME, -C DIR), exec, gosu USER, su-exec USER,
 *   tini, dumb-init, catatonit, thrust, nice, ionice, timeout DURATION, setpriv, nohup
 *   bundle exec (also bundler, bundle3.1), ruby with its options but -e, python with its
 *   options and -m, paths: of `/app/bin/sidekiq` the last part counts
 *   an entrypoint script, a word with `entrypoint` in its last part, which by custom ends
 *   in exec "$@": the words behind it
 *   sh, bash, dash, ash, zsh, ksh, su with -c STRING: every simple command of the string,
 *   parted by ; & | newline and parentheses, is read in the same way; the last one that
 *   has a profile counts, as in `cd /app && bin/migrate && exec sidekiq`. Not inside of it:
 *   substitutions, here documents, further shells, and what is beyond 4 KiB or 256 words
 *
 * Programs and what must be among their words:
 *
 *   puma; rails server, rails s           sidekiq, sidekiqswarm        nginx
 *   fluent-bit, td-agent-bit              resque, resque-pool, resque:work(ers)
 *   shoryuken                             faktory-worker, faktory_worker
 *   karafka server, s, swarm              bin/jobs, solid_queue:start  good_job, good_job start
 *   delayed_job, jobs:work, jobs:workoff  que                          celery ... worker
 *
 * rake and rails run tasks (`rake environment resque:work`); with [arguments] too. */
#ifndef LASTCALL_TEXT_PROGRAM_H
#define LASTCALL_TEXT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/spec.h"

enum { PROGRAM_TEXT_MAX = 4096, PROGRAM_WORDS_MAX = 256 };

struct program {
    enum profile profile;
    const char *const *word; /* the program's own words, its name first */
    size_t count;
    bool shell;      /* they stand in the string of a shell's -c, which is .text */
    bool execs;      /* and a command in it is exec'd: `exec puma`, not `bundle exec puma` */
    bool entrypoint; /* a script is in front */
    const char *words[PROGRAM_WORDS_MAX];
    char text[PROGRAM_TEXT_MAX];
};

/* argv ends with NULL and must outlive *out, which must not be moved: .word points
 * into one of the two. PROFILE_GENERIC where no profile fits. */
void program_read(const char *const *argv, struct program *out);

enum profile program_profile(const char *const *argv);

#endif
