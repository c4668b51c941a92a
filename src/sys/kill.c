#include "sys/kill.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

int signal_process(int32_t pid, int signo)
{
    /* 0 and -1 mean many; 1 is an init, ours or another one's. */
    if (pid <= 1 || pid == getpid()) {
        errno = EINVAL;
        return -1;
    }
    return kill(pid, signo);
}

size_t signal_members(const struct proc_entry *entry, size_t count, int signo)
{
    size_t sent = 0;

    for (size_t i = 0; i < count; i++)
        if (!entry[i].zombie && signal_process(entry[i].pid, signo) == 0)
            sent++;
    return sent;
}
