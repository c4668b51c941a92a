/* Sockets to listen at: unix and TCP, non-blocking and close-on-exec. What is accepted is read with
 * scm_rights_receive() and closed with scm_rights_close(), as not every kernel refuses descriptors. */
#ifndef LASTCALL_SYS_LISTENER_H
#define LASTCALL_SYS_LISTENER_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct listener {
    int fd;           /* -1: none */
    const char *path; /* of a unix socket, the caller's; NULL: TCP */
    dev_t device;     /* of its file, so that nobody else's is removed */
    ino_t inode;
    struct timespec changed; /* an inode is used again at once */
};

/* A stream socket at a path, of that mode. A socket that nobody listens at any more is
 * replaced; one that is alive, or any other file, is not. 0; -1 and errno: EADDRINUSE
 * somebody listens there, ENAMETOOLONG, ... */
int listener_open_unix(struct listener *l, const char *path, mode_t mode);

/* host: a number, IPv4 or IPv6, or `localhost`, which is 127.0.0.1. 0; -1 and errno. */
int listener_open_tcp(struct listener *l, const char *host, uint16_t port);

/* The next connection, non-blocking and close-on-exec. -1 and errno: EAGAIN there is none;
 * EINTR, ECONNABORTED: there may be another, which shows; EMFILE, ENFILE, ENOBUFS, ENOMEM: it waits on. */
int listener_accept(const struct listener *l);

/* The effective user id of the peer of a unix connection. 0; -1 and errno. */
int listener_peer(int fd, uint32_t *uid);

/* Closes it; removes its file if that is still the one it made. */
void listener_close(struct listener *l);

#endif
