/* Sockets whose last close waits for hours, and how they are passed on. */
#ifndef LASTCALL_UNIT_LINGERING_H
#define LASTCALL_UNIT_LINGERING_H

#include <stddef.h>

enum { LINGERING_PASSED_MAX = 253 }; /* in one message: SCM_MAX_FD */

/* One end of a TCP connection over loopback, with SO_LINGER and more to send than the peer takes; the last
 * close of it waits until *peer is closed. Both are the caller's. */
int lingering_open(int *peer);

/* A unix socket in whose queue one lies. */
int lingering_open_within(int *peer);

/* A byte with so many descriptors, up to LINGERING_PASSED_MAX, to who is at the other end. 0; -1 and errno. */
int lingering_pass(int fd, const int *fds, size_t n);

/* What is called between these two is interrupted after so many seconds, and the test fails. */
void lingering_expect_within(unsigned seconds);
void lingering_met(void);

#endif
