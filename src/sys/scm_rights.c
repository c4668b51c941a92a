#include "sys/scm_rights.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "sys/detached.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* of Linux 6.16, as its asm-generic/socket.h has it */
#endif

enum {
    PASSED_MAX = 253,  /* SCM_MAX_FD, of one message */
    WAITING_MORE = 64, /* with so many that wait for a thread another message is taken */
    SOCKETS_MAX = 256, /* our own that wait: places at the door, listeners, notify sockets */
    WAITING_MAX = WAITING_MORE + PASSED_MAX + SOCKETS_MAX,
    THREADS_MAX = 8    /* each may be held up for as long as who passed it likes */
};

#define STACK_ROOM ((size_t)16 * 1024) /* beyond the least that a thread may have */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int waiting[WAITING_MAX];
static size_t waiting_count, threads;

static int next_waiting(void)
{
    int fd = -1;

    pthread_mutex_lock(&lock);
    if (waiting_count > 0)
        fd = waiting[--waiting_count];
    else
        threads--;
    pthread_mutex_unlock(&lock);
    return fd;
}

/* Even the setsockopt may take as long as another wants, who holds the socket's lock. */
static void *close_waiting(void *unused)
{
    struct linger none = { .l_onoff = 0 };
    int fd;

    while ((fd = next_waiting()) >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close(fd);
    }
    return unused;
}

/* Those that there are may all be held up. Where none can be had, it is tried again with the next. */
static void see_to_waiting(void)
{
    if (waiting_count > 0 && threads < THREADS_MAX && detached_start(close_waiting, NULL, STACK_ROOM) == 0)
        threads++;
}

/* What finds no room, which nobody who asks for it meets, stays open. */
static void close_elsewhere(const int *fds, size_t n)
{
    pthread_mutex_lock(&lock);
    for (size_t k = 0; k < n && waiting_count < WAITING_MAX; k++)
        waiting[waiting_count++] = fds[k];
    see_to_waiting();
    pthread_mutex_unlock(&lock);
}

void scm_rights_refuse(int fd)
{
    int off = 0;

    setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off);
}

static bool can_bring_any(int fd)
{
    int value = 0;
    socklen_t size = sizeof value;

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size) != 0 || value != AF_UNIX)
        return false;
    return getsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &value, &size) != 0 || value != 0;
}

bool scm_rights_room(int fd)
{
    bool room;

    pthread_mutex_lock(&lock);
    if (waiting_count > WAITING_MORE)
        see_to_waiting();
    room = waiting_count <= WAITING_MORE;
    pthread_mutex_unlock(&lock);
    return room || !can_bring_any(fd);
}

static void take_control(struct msghdr *message, struct ucred *sender)
{
    int passed[PASSED_MAX];

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        size_t size = c->cmsg_len - CMSG_LEN(0);

        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS && sender != NULL && size == sizeof *sender) {
            memcpy(sender, CMSG_DATA(c), size);
        } else if (c->cmsg_type == SCM_RIGHTS && size <= sizeof passed) {
            memcpy(passed, CMSG_DATA(c), size);
            close_elsewhere(passed, size / sizeof *passed);
        }
    }
}

/* There is room for all that can be passed: what finds none the kernel closes at once, in us. */
ssize_t scm_rights_receive(int fd, void *buf, size_t size, struct ucred *sender, int *flags)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(PASSED_MAX * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec data = { .iov_base = buf, .iov_len = size };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes };
    ssize_t got;

    if (sender != NULL)
        *sender = (struct ucred){ 0 };
    if (!scm_rights_room(fd)) {
        errno = EBUSY;
        return -1;
    }
    do {
        message.msg_controllen = sizeof control.bytes;
        got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    take_control(&message, sender);
    if (flags != NULL)
        *flags = message.msg_flags;
    return got;
}

/* After the shutdown nothing more comes. A look leaves what was passed where it is; at a socket that listens
 * it is an error. */
static bool is_read_out(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    char byte;
    ssize_t got;

    if (shutdown(fd, SHUT_RD) != 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0)
        return false;
    got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return type == SOCK_STREAM ? got == 0 : got < 0 && errno == EAGAIN;
}

void scm_rights_close(int fd)
{
    if (can_bring_any(fd) && !is_read_out(fd))
        close_elsewhere(&fd, 1);
    else
        close(fd);
}
