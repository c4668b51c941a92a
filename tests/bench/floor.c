/* The least that an init can do, for comparison: floor PROGRAM [ARG...] starts it, passes signals on,
 * reaps all that ends, and ends with its code. No library but the C library, no file, no log. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    sigset_t all, before;
    pid_t child, pid;
    int signo, status;

    if (argc < 2)
        return 64;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    child = fork();
    if (child == 0) {
        setsid();
        sigprocmask(SIG_SETMASK, &before, NULL);
        execv(argv[1], argv + 1);
        _exit(127);
    }
    for (;;) {
        sigwait(&all, &signo);
        if (signo != SIGCHLD) {
            kill(child, signo);
            continue;
        }
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            if (pid == child)
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
}
