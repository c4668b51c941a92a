/* The socket behind $NOTIFY_SOCKET: datagrams of sd_notify(3), with the sender. */
#ifndef LASTCALL_SYS_NOTIFY_SOCKET_H
#define LASTCALL_SYS_NOTIFY_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct notify_sender {
    int32_t pid;    /* as the kernel vouches for it; 0: of another PID namespace */
    uint32_t uid;
    bool truncated; /* the datagram was longer than the buffer, its end is lost */
};

/* Binds a datagram socket to a path name, non-blocking and close-on-exec, that every
 * user id may send to (services may run as others). A socket that a former life left
 * there is replaced; one that somebody listens at, or any other file, is not. Returns the descriptor; -1 and errno:
 * ENAMETOOLONG longer than the 107 bytes of a socket address, EADDRINUSE it is taken, ... */
int notify_socket_open(const char *path);

/* Takes one datagram. Returns its length, which may be 0 (no NUL is added); -1 and
 * errno: EAGAIN there is none, EBUSY none should be taken now (scm_rights_room()). Descriptors that
 * a sender passed along are closed, in another thread, which is also the answer to
 * sd_notify_barrier(3); with a limit of less than 1,024 open files they are refused, where the
 * kernel knows how. */
ssize_t notify_socket_receive(int fd, char *buf, size_t size, struct notify_sender *sender);

/* Closes it, perhaps in another thread, and removes its file. */
void notify_socket_close(int fd, const char *path);

#endif
