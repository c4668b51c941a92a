#include "sys/terminal.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

bool terminal_is_ours(int fd)
{
    return isatty(fd) && tcgetpgrp(fd) >= 0;
}

int terminal_give(int fd, int32_t group)
{
    sigset_t ttou, before;
    int rc, error;

    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    if (sigprocmask(SIG_BLOCK, &ttou, &before) < 0)
        return -1;
    rc = tcsetpgrp(fd, group);
    error = errno;
    /* glibc leaves 32 and 33 out of what it sets; add only what was missing. */
    if (!sigismember(&before, SIGTTOU))
        sigprocmask(SIG_UNBLOCK, &ttou, NULL);
    errno = error;
    return rc;
}

int terminal_take(int fd)
{
    return terminal_give(fd, getpgrp());
}
