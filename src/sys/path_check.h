/* Whether a path is there, without waiting for it: one on a dead NFS server answers never. */
#ifndef LASTCALL_SYS_PATH_CHECK_H
#define LASTCALL_SYS_PATH_CHECK_H

#include <stdbool.h>

/* A thread asks. The read end of a pipe, non-blocking and close-on-exec, that becomes readable with
 * the answer; the caller closes it, also before. -1 and errno: no pipe, no memory, no thread. */
int path_check_start(const char *path);

/* Once it is readable: whether the path is there, of whatever kind it is. */
bool path_check_answer(int fd);

#endif
