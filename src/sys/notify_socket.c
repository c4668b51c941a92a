#include "sys/notify_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/descriptors.h"
#include "sys/scm_rights.h"
#include "sys/unix_address.h"

/* With fewer open files than that a message may bring more than there is room for. */
enum { ROOMY = 1024 };

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
    /* Only there, as sd_notify_barrier(3) has to pass one. */
    if (descriptors_most() < ROOMY)
        scm_rights_refuse(fd);
    if (unix_address_free(&address, SOCK_DGRAM) < 0 || bind_for_all(fd, &address) < 0)
        goto undo;
    return fd;
undo:
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

ssize_t notify_socket_receive(int fd, char *buf, size_t size, struct notify_sender *sender)
{
    struct ucred credentials;
    int flags = 0;
    ssize_t got = scm_rights_receive(fd, buf, size, &credentials, &flags);

    if (got >= 0)
        *sender = (struct notify_sender){ .pid = credentials.pid, .uid = credentials.uid,
                                          .truncated = (flags & MSG_TRUNC) != 0 };
    return got;
}

void notify_socket_close(int fd, const char *path)
{
    scm_rights_close(fd);
    unlink(path);
}
