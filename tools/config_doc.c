/* Prints docs/config.md out of the list of keys: `make docs`. */
#include <stdio.h>

#include "text/config_keys.h"

static const char head[] =
    "# The config file\n"
    "\n"
    "`make docs` makes this page of `src/text/config_keys.c`, and `make lint` compares the two.\n"
    "\n"
    "`lastcall` alone, or `lastcall run`, runs the services of `-c FILE`, `$LASTCALL_CONFIG` or\n"
    "`/etc/lastcall.ini`. `lastcall check` tells every mistake of a file with its line, what the file\n"
    "will bring about, and how the time until the deadline is shared out.\n"
    "\n"
    "```ini\n"
    "[lastcall]\n"
    "deadline = ${GRACE:-90s}\n"
    "linger = 10s\n"
    "\n"
    "[task:migrate]\n"
    "command = bundle exec rails db:migrate\n"
    "\n"
    "[service:web]\n"
    "command = bundle exec puma -C config/puma.rb\n"
    "after = migrate\n"
    "\n"
    "[service:worker]\n"
    "command = bundle exec sidekiq\n"
    "after = migrate\n"
    "\n"
    "[service:nginx]\n"
    "command = nginx -g \"daemon off;\"\n"
    "after = web\n"
    "```\n"
    "\n"
    "## How it is written\n"
    "\n"
    "- A comment is a whole line that begins with `;` or `#`, blanks in front or not. There are no others:\n"
    "  `sh -c 'a ; b'` means what it says.\n"
    "- A value goes on over indented lines, joined by one space, until an empty line. An indented line that\n"
    "  looks like a key is a mistake.\n"
    "- `${NAME}` and `${NAME:-default}` are replaced from lastcall's own environment, the default also where the\n"
    "  variable is empty. `${NAME}` that is not set is a mistake. `$$` is a dollar sign, any other `$` stays.\n"
    "  What a variable stands for is then split into words like the rest: in quotes (`\"${NAME}\"`) it is one.\n"
    "- Commands are split like shell words (single and double quotes, backslash) and executed directly, without\n"
    "  a shell.\n"
    "- Durations: `90s`, `5m`, `3h5m`, `250ms`; a bare number is seconds. Booleans: `yes no true false on off 1 0`.\n"
    "- At most 64 services and tasks, 63 bytes a name (`a-z`, `0-9`, `_`, `-`), 8 steps a ladder, 131071 bytes a\n"
    "  value.\n"
    "\n"
    "An option is stronger than an environment variable (`$LASTCALL_LINGER` for `linger`), and that stronger than\n"
    "the file. Keys marked *later* are read, and one line at start says that they are not carried out.\n";

static const char signals[] =
    "\n## [signals]\n"
    "\n"
    "What a signal to lastcall does: `NAME = step, step, ...` in the order written. A step is `SERVICE` (the same\n"
    "signal), `SERVICE:SIGNAL`, `wait:5s`, `deadline:90s` (of at least 1 s), or one of `shutdown`, `drain`,\n"
    "`reload`, `ignore`.\n"
    "\n"
    "```ini\n"
    "[signals]\n"
    "USR2 = worker:TSTP, wait:5s, web:USR2\n"
    "PWR = deadline:90s\n"
    "```\n"
    "\n"
    "Without a line of its own: TERM, QUIT, PWR, RTMIN+3 `shutdown`; INT `shutdown`, the second time without\n"
    "waiting, the third time KILL; TSTP `drain`; HUP `reload`; all others are logged and ignored. A sequence under\n"
    "way is not begun again. `reload` is not carried out yet: a line of the log says so.\n";

static void print_section(const char *title, enum config_where where)
{
    printf("\n## %s\n\n| key | default | meaning |\n|---|---|---|\n", title);
    for (size_t k = 0; k < config_key_count; k++)
        if (config_keys[k].where == where)
            printf("| `%s` | %s | %s%s |\n", config_keys[k].name, config_keys[k].initial, config_keys[k].meaning,
                   config_keys[k].later ? " (*later*)" : "");
}

int main(void)
{
    fputs(head, stdout);
    print_section("[lastcall]", IN_LASTCALL);
    print_section("[service:NAME] and [task:NAME]", IN_SERVICE);
    printf("\nA service runs on; a task runs once, to success, before what is `after` it. The profiles and what\n"
           "they ask for are in [usage.md](usage.md#profiles).\n");
    fputs(signals, stdout);
    print_section("[hooks]", IN_HOOKS);
    printf("\nA hook gets `$LASTCALL_EVENT`, `$LASTCALL_CAUSE` and `$LASTCALL_REMAINING` (seconds; empty while no\n"
           "deadline runs). One that fails is logged and changes nothing else.\n");
    return 0;
}
