/* `lastcall` itself: its options, then a subcommand or the `--` form. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/single.h"
#include "loop/run.h"
#include "text/nearest.h"

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static bool in_path(const char *word, char **environment)
{
    const char *path = "/bin:/usr/bin";
    char file[4096];

    if (strchr(word, '/') != NULL)
        return access(word, F_OK) == 0; /* a directory is found, and cannot be executed */
    for (char **e = environment; *e != NULL; e++)
        if (strncmp(*e, "PATH=", 5) == 0)
            path = *e + 5;
    for (;; path++) { /* an empty entry is the present directory */
        size_t n = strcspn(path, ":");

        snprintf(file, sizeof(file), "%.*s%s%s", (int)n, path, n > 0 ? "/" : "", word);
        if (*word != '\0' && is_file(file))
            return true;
        path += n;
        if (*path == '\0')
            return false;
    }
}

/* Neither a subcommand nor a program. */
static int unknown_word(const char *word)
{
    const char *names[32], *meant;
    size_t count = 0;

    for (; count < subcommand_count && count < 32; count++)
        names[count] = subcommands[count].name;
    meant = nearest_word(word, names, count);
    fprintf(stderr, "lastcall: '%s' is neither a subcommand nor a program in $PATH%s%s%s\n", word,
            meant != NULL ? "; did you mean 'lastcall " : "", meant != NULL ? meant : "",
            meant != NULL ? "'?" : "");
    return EXIT_NOT_FOUND;
}

static int run_single(const struct invocation *in, struct settings *settings)
{
    struct single *single = calloc(1, sizeof(*single));
    int code;

    if (single == NULL) {
        fprintf(stderr, "lastcall: out of memory at start\n");
        return EXIT_INTERNAL;
    }
    code = single_build(single, settings, in->argv + settings->rest, in->environment);
    if (code == 0)
        code = run_spec(&(struct run_options){
            .spec = &single->spec,
            .before = in->before,
            .signals = in->signals,
            .environment = (const char *const *)in->environment,
            .control = settings->control != NULL ? settings->control : "auto",
            .door = &settings->door,
            .version = LASTCALL_VERSION,
            .level = settings->level,
            .json = settings->json,
            .single = true,
            .notes = single->notes.note,
        });
    single_free(single);
    return code;
}

int cmd_lastcall(const struct invocation *in)
{
    struct settings settings;
    const struct subcommand *subcommand = NULL;
    struct invocation rest = *in;
    int code = settings_read(in, &settings);

    if (code != 0)
        return code;
    if (settings.version)
        return cmd_version();
    if (settings.help)
        return cmd_help(NULL);
    rest.argv += settings.rest;
    rest.argc -= settings.rest;
    if (rest.argc == 0 && !settings.dashes) {
        char run[] = "run", *argv[] = { run, NULL };

        rest.argc = 1;
        rest.argv = argv;
        rest.settings = &settings;
        return cmd_run(&rest);
    }
    if (rest.argc == 0) {
        fprintf(stderr, "lastcall: a command is missing behind --\n");
        return EXIT_USAGE;
    }
    if (!settings.dashes)
        subcommand = subcommand_find(rest.argv[0]);
    rest.settings = &settings;
    if (subcommand != NULL)
        return subcommand->run(&rest);
    if (!settings.dashes && !in_path(rest.argv[0], in->environment))
        return unknown_word(rest.argv[0]);
    return run_single(in, &settings);
}
