/* System calls and allocations that fail, linked into the whole program by --wrap.
 *
 *     LASTCALL_FAULT=CALL:N:TIMES:ERRNO:FILE
 *
 * From the N-th call of CALL on, TIMES of them fail with ERRNO, and do nothing; FILE is
 * made when the first does. Only calls of PID 1 itself count, not those of its forks. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static char call[32], file[256];
static unsigned long from, times;
static int error;
static atomic_ulong count;

__attribute__((constructor)) static void read_fault(void)
{
    const char *fault = getenv("LASTCALL_FAULT");

    if (fault != NULL &&
        sscanf(fault, "%31[^:]:%lu:%lu:%d:%255s", call, &from, &times, &error, file) != 5)
        call[0] = '\0';
}

/* True if this call of it is to fail; errno is set then. */
static bool fails(const char *name)
{
    unsigned long n;

    if (call[0] == '\0' || strcmp(call, name) != 0 || syscall(SYS_getpid) != 1)
        return false;
    n = atomic_fetch_add(&count, 1) + 1;
    if (n < from || n >= from + times)
        return false;
    if (n == from)
        syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, file, O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    errno = error;
    return true;
}

#define WRAP(type, name, parameters, arguments, failed) \
    type __real_##name parameters;                      \
    type __wrap_##name parameters;                      \
    type __wrap_##name parameters                       \
    {                                                   \
        if (fails(#name))                               \
            return failed;                              \
        return __real_##name arguments;                 \
    }

/* The last parameter is there only now and then. */
#define WRAP_MORE(name, parameters, last, type, arguments) \
    int __real_##name parameters;                          \
    int __wrap_##name parameters;                          \
    int __wrap_##name parameters                           \
    {                                                      \
        va_list rest;                                      \
        type more;                                         \
                                                           \
        va_start(rest, last);                              \
        more = va_arg(rest, type);                         \
        va_end(rest);                                      \
        if (fails(#name))                                  \
            return -1;                                     \
        return __real_##name arguments;                    \
    }

WRAP(pid_t, fork, (void), (), -1)
WRAP(int, pipe2, (int *ends, int flags), (ends, flags), -1)
WRAP_MORE(open, (const char *path, int flags, ...), flags, unsigned, (path, flags, more))
WRAP_MORE(openat, (int at, const char *path, int flags, ...), flags, unsigned, (at, path, flags, more))
WRAP(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), -1)
WRAP(ssize_t, pread, (int fd, void *to, size_t n, off_t at), (fd, to, n, at), -1)
WRAP(ssize_t, write, (int fd, const void *from_, size_t n), (fd, from_, n), -1)
WRAP(ssize_t, getdents64, (int fd, void *to, size_t n), (fd, to, n), -1)
WRAP(int, fstat, (int fd, struct stat *to), (fd, to), -1)
WRAP(int, stat, (const char *path, struct stat *to), (path, to), -1)
WRAP(int, lstat, (const char *path, struct stat *to), (path, to), -1)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
WRAP(int, unlink, (const char *path), (path), -1)
WRAP_MORE(fcntl, (int fd, int what, ...), what, long, (fd, what, more))
WRAP(void *, malloc, (size_t n), (n), NULL)
WRAP(void *, calloc, (size_t n, size_t size), (n, size), NULL)
WRAP(void *, realloc, (void *old, size_t n), (old, n), NULL)
WRAP(pid_t, waitpid, (pid_t pid, int *status, int flags), (pid, status, flags), -1)
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags), -1)
WRAP(int, pthread_create, (pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x), (t, a, f, x), error)
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
WRAP(int, bind, (int fd, const struct sockaddr *to, socklen_t n), (fd, to, n), -1)
WRAP(int, listen, (int fd, int n), (fd, n), -1)
WRAP(int, accept4, (int fd, struct sockaddr *from_, socklen_t *n, int flags), (fd, from_, n, flags), -1)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *to, int flags), (fd, to, flags), -1)
WRAP(ssize_t, send, (int fd, const void *from_, size_t n, int flags), (fd, from_, n, flags), -1)
WRAP(int, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms), -1)
WRAP(int, timerfd_create, (int clock, int flags), (clock, flags), -1)
WRAP(int, timerfd_settime, (int fd, int flags, const struct itimerspec *to, struct itimerspec *old),
     (fd, flags, to, old), -1)
