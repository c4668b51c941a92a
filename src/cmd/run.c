/* `lastcall run`: the services of a config file. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/pod.h"
#include "loop/run.h"

int cmd_run(const struct invocation *in)
{
    struct settings settings;
    struct pod *pod;
    int code = settings_read(in, &settings);

    if (code != 0)
        return code;
    if (settings.version)
        return cmd_version();
    if (settings.help)
        return cmd_help(subcommand_find("run"));
    if (settings.rest < in->argc) {
        fprintf(stderr, "lastcall: run takes no '%s': what is to run stands in the config file\n",
                in->argv[settings.rest]);
        return EXIT_USAGE;
    }
    pod = calloc(1, sizeof(*pod));
    if (pod == NULL) {
        fprintf(stderr, "lastcall: out of memory at start\n");
        return EXIT_INTERNAL;
    }
    code = pod_build(pod, &settings, in->environment);
    if (code == 0)
        code = run_spec(&(struct run_options){
            .spec = &pod->spec,
            .before = in->before,
            .signals = in->signals,
            .environment = (const char *const *)in->environment,
            .control = settings.control != NULL ? settings.control : "auto",
            .door = &settings.door,
            .version = LASTCALL_VERSION,
            .level = settings.level,
            .json = settings.json,
            .notes = pod->notes.note,
        });
    else
        pod_print_problems(pod, false, stderr);
    pod_free(pod);
    return code;
}
