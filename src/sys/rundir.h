/* The directory of the control socket and the notify sockets. */
#ifndef LASTCALL_SYS_RUNDIR_H
#define LASTCALL_SYS_RUNDIR_H

#include <stddef.h>
#include <stdint.h>

enum {
    RUNDIR_CANDIDATES = 3,
    RUNDIR_SIZE = 32 /* bytes that hold any candidate's path */
};

/* The path of candidate 0, 1, 2 for that user id: /run/lastcall, /tmp/lastcall-UID,
 * /dev/shm/lastcall-UID. For clients too. Nothing is made or checked. */
void rundir_name(unsigned candidate, uint32_t uid, char path[RUNDIR_SIZE]);

/* Makes one directory, or takes over one that is there if it is ours: a directory
 * and no link, of our effective user id, that no one else may write to. Sets the
 * mode 0711, whatever the umask. 0; -1 and errno: EPERM it is not ours, EROFS, ... */
int rundir_claim(const char *path);

/* The first candidate for our effective user id that can be claimed. 0 and its
 * path; -1 and errno of the last one. */
int rundir_auto(char path[RUNDIR_SIZE]);

/* For a socket path that the operator chose: writes the directory part of it to
 * `directory`, and makes it (0711, not its parents) where it is missing. One that is
 * there is taken as it is, whose ever it may be (a volume). 0; -1 and errno:
 * ENAMETOOLONG it does not fit, ENOTDIR, EISDIR no file name is given, ... */
int rundir_of(const char *socket_path, char *directory, size_t size);

#endif
