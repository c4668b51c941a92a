/* How many files this process may have open. */
#ifndef LASTCALL_SYS_DESCRIPTORS_H
#define LASTCALL_SYS_DESCRIPTORS_H

/* The soft limit, getrlimit(2); at most some thousands, as more are never needed; 0: it cannot be
 * told. */
int descriptors_most(void);

#endif
