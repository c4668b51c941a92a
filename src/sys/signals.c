#include "sys/signals.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KERNEL_MASK_SIZE = 64 / 8 };

/* glibc silently leaves 32 and 33, which it uses itself, out of every mask; but
 * those too would end an init that is not PID 1. Hence the system call itself. */
static int mask_set(const sigset_t *mask, sigset_t *before)
{
    return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before, KERNEL_MASK_SIZE);
}

int signals_block(struct signals_before *before)
{
    struct sigaction standard = { .sa_handler = SIG_DFL }, old;
    sigset_t all;

    memset(&all, 0xff, sizeof all);
    sigemptyset(&before->mask);
    if (mask_set(&all, &before->mask) < 0)
        return -1;
    if (sigaction(SIGCHLD, &standard, &old) < 0)
        return -1;
    before->child_ignored = old.sa_handler == SIG_IGN;
    return signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
}

int signals_read(int fd, struct signal_seen *seen)
{
    struct signalfd_siginfo info;
    ssize_t got;

    do
        got = read(fd, &info, sizeof info);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN ? 0 : -1;
    if (got != (ssize_t)sizeof info) {
        errno = EIO;
        return -1;
    }
    seen->signo = (int)info.ssi_signo;
    seen->sender = (int32_t)info.ssi_pid;
    seen->self = seen->sender == getpid();
    return 1;
}

int signals_restore(const struct signals_before *before)
{
    struct sigaction ignored = { .sa_handler = SIG_IGN };

    if (before->child_ignored && sigaction(SIGCHLD, &ignored, NULL) < 0)
        return -1;
    return mask_set(&before->mask, NULL);
}
