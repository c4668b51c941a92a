#include "sys/notify_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/unix_address.h"

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

    if (unix_address(&address, path) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    /* Before the name exists, so that no datagram comes without a sender. */
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        goto undo;
    if (unix_address_free(&address, SOCK_DGRAM) < 0 || bind_for_all(fd, &address) < 0)
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
