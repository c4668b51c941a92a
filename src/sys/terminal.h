/* A terminal on stdin, as of `docker run -it`, and who has its foreground. */
#ifndef LASTCALL_SYS_TERMINAL_H
#define LASTCALL_SYS_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Is fd a terminal, and the controlling one of our session? Only of such a one
 * the foreground can be given away. */
bool terminal_is_ours(int fd);

/* Makes process group `group` the one that reads, and that gets Ctrl-C and
 * Ctrl-Z. SIGTTOU is held off meanwhile, which would stop us if we are in the
 * background. 0; -1 and errno (ENOTTY, EIO: the terminal is gone). */
int terminal_give(int fd, int32_t group);

/* Gives it to our own process group. */
int terminal_take(int fd);

#endif
