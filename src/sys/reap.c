#include "sys/reap.h"

#include <errno.h>
#include <sys/wait.h>

int reap_next(struct reaped *r, bool job_control)
{
    int options = WNOHANG | (job_control ? WUNTRACED | WCONTINUED : 0);
    int status;
    pid_t pid;

    do
        pid = waitpid(-1, &status, options);
    while (pid < 0 && errno == EINTR);
    if (pid <= 0)
        return 0;
    *r = (struct reaped){
        .pid = pid,
        .signaled = WIFSIGNALED(status),
        .stopped = WIFSTOPPED(status),
        .continued = WIFCONTINUED(status),
    };
    if (r->signaled)
        r->code_or_signal = WTERMSIG(status);
    else if (r->stopped)
        r->code_or_signal = WSTOPSIG(status);
    else if (!r->continued)
        r->code_or_signal = WEXITSTATUS(status);
    return 1;
}

bool reap_childless(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}
