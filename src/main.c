/* Signals first, then the table of commands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

extern char **environ;

int main(int argc, char **argv)
{
    struct signals_before before;
    struct invocation in = {
        .signals = signals_block(&before),
        .argc = argc,
        .argv = argv,
        .environment = environ,
        .before = &before,
    };

    if (in.signals < 0) {
        fprintf(stderr, "lastcall: signals cannot be read: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    return cmd_lastcall(&in);
}
