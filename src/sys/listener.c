#include "sys/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/scm_rights.h"
#include "sys/unix_address.h"

enum { BACKLOG = 64 };

static int close_with(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
    return -1;
}

/* The mode comes with the umask, so that there is no moment in which it is another. */
static int bind_with_mode(int fd, const struct sockaddr_un *address, mode_t mode)
{
    mode_t before = umask(~mode & 0777);
    int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);

    umask(before);
    return rc;
}

int listener_open_unix(struct listener *l, const char *path, mode_t mode)
{
    struct sockaddr_un address;
    struct stat st;
    int fd;

    *l = (struct listener){ .fd = -1, .path = path };
    if (unix_address(&address, path) < 0)
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    scm_rights_refuse(fd);
    if (unix_address_free(&address, SOCK_STREAM) < 0 || bind_with_mode(fd, &address, mode) < 0)
        return close_with(fd);
    if (listen(fd, BACKLOG) < 0) {
        close_with(fd);
        unlink(path);
        return -1;
    }
    if (lstat(path, &st) == 0) {
        l->device = st.st_dev;
        l->inode = st.st_ino;
        l->changed = st.st_ctim;
    }
    l->fd = fd;
    return 0;
}

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t address_of(union address *address, const char *host, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof address->v4;
    }
    if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) != 1)
        return 0;
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    return sizeof address->v6;
}

int listener_open_tcp(struct listener *l, const char *host, uint16_t port)
{
    union address address;
    socklen_t length = address_of(&address, host, port);
    int fd, on = 1;

    *l = (struct listener){ .fd = -1 };
    if (length == 0) {
        errno = EINVAL;
        return -1;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* connections of a former life */
    if (bind(fd, &address.any, length) < 0 || listen(fd, BACKLOG) < 0)
        return close_with(fd);
    l->fd = fd;
    return 0;
}

int listener_accept(const struct listener *l)
{
    if (!scm_rights_room(l->fd)) {
        errno = ENOBUFS;
        return -1;
    }
    return accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int listener_peer(int fd, uint32_t *uid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -1;
    *uid = peer.uid;
    return 0;
}

static bool is_ours(const struct listener *l)
{
    struct stat st;

    return lstat(l->path, &st) == 0 && st.st_dev == l->device && st.st_ino == l->inode &&
           st.st_ctim.tv_sec == l->changed.tv_sec && st.st_ctim.tv_nsec == l->changed.tv_nsec;
}

void listener_close(struct listener *l)
{
    if (l->fd < 0)
        return;
    scm_rights_close(l->fd); /* who was not accepted may have sent something */
    l->fd = -1;
    if (l->path != NULL && is_ours(l))
        unlink(l->path);
}
