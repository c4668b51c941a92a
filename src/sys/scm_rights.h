/* Descriptors that a peer passes over a unix socket, SCM_RIGHTS of unix(7). Nobody here wants any, but
 * the last close of one is its peer's to delay: SO_LINGER, or a queue with more of them. So none is closed
 * in the caller's thread. */
#ifndef LASTCALL_SYS_SCM_RIGHTS_H
#define LASTCALL_SYS_SCM_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* From now on who passes any to this socket gets EPERM, and so do those who connect to it where it listens;
 * kernels before 6.16 know no such thing, and it has no effect. */
void scm_rights_refuse(int fd);

/* recv(2) without waiting: bytes, or a datagram. What is passed along is closed in another thread, as soon as
 * one can be had. sender: as the kernel vouches for it where the socket has SO_PASSCRED, else zeros; may be
 * NULL. flags: MSG_TRUNC; may be NULL. The length; -1 and errno: EBUSY there is no room, see below, ... */
ssize_t scm_rights_receive(int fd, void *buf, size_t size, struct ucred *sender, int *flags);

/* False: some can be passed to this socket, and so many wait to be closed that nothing should be taken
 * from it now; a little later perhaps. */
bool scm_rights_room(int fd);

/* Closes a socket of any kind; where some may lie unread in it, in another thread. */
void scm_rights_close(int fd);

#endif
