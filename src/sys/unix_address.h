/* The address of a unix socket that has a path. */
#ifndef LASTCALL_SYS_UNIX_ADDRESS_H
#define LASTCALL_SYS_UNIX_ADDRESS_H

#include <sys/un.h>

/* 0; -1 and errno: EINVAL an empty path, ENAMETOOLONG longer than the 107 bytes that fit. */
int unix_address(struct sockaddr_un *address, const char *path);

/* Removes the socket that a former life left there. `type`: SOCK_STREAM or SOCK_DGRAM. 0,
 * also where nothing or something else is; -1 and errno EADDRINUSE: somebody listens there
 * still, as a lastcall of another container that shares the directory. */
int unix_address_free(const struct sockaddr_un *address, int type);

#endif
