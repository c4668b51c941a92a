#include "sys/notify_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int address_set(struct sockaddr_un *address, const char *path)
{
    size_t length = strlen(path);

    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (length == 0 || length >= sizeof address->sun_path) {
        errno = length == 0 ? EINVAL : ENAMETOOLONG;
        return -1;
    }
    memcpy(address->sun_path, path, length + 1);
    return 0;
}

/* Removes what a former life left there. 0; -1: somebody listens there still, as a
 * lastcall of another container that shares the directory. */
static int stale_remove(const struct sockaddr_un *address)
{
    struct stat st;
    int fd, rc;

    if (lstat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return 0;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    rc = connect(fd, (const struct sockaddr *)address, sizeof *address);
    close(fd);
    if (rc == 0) {
        errno = EADDRINUSE;
        return -1;
    }
    unlink(address->sun_path);
    return 0;
}

/* The mode comes with the umask: a chmod afterwards could hit what somebody else
 * put under that name meanwhile. */
static int bind_for_all(int fd, const struct sockaddr_un *address)
{
    mode_t before = umask(0111);
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);

    umask(before);
    return rc;
}

int notify_socket_open(const char *path)
{
    struct sockaddr_un address;
    int fd, error, on = 1;

    if (address_set(&address, path) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    /* Before the name exists, so that no datagram comes without a sender. */
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        goto undo;
    if (stale_remove(&address) < 0 || bind_for_all(fd, &address) < 0)
        goto undo;
    return fd;
undo:
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void sender_fill(struct msghdr *message, struct notify_sender *sender)
{
    *sender = (struct notify_sender){ .truncated = (message->msg_flags & MSG_TRUNC) != 0 };
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        struct ucred credentials;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
        sender->pid = credentials.pid;
        sender->uid = credentials.uid;
    }
}

ssize_t notify_socket_receive(int fd, char *buf, size_t size, struct notify_sender *sender)
{
    /* Room for the credentials and not a byte more: what else comes along, as
     * descriptors that would pile up in us, the kernel throws away. */
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec data = { .iov_base = buf, .iov_len = size };
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got;

    do {
        message.msg_controllen = sizeof control.bytes;
        got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got >= 0)
        sender_fill(&message, sender);
    return got;
}

void notify_socket_close(int fd, const char *path)
{
    close(fd);
    unlink(path);
}
