#include "sys/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNDIR_MODE = 0711 }; /* services of other users reach their notify sockets */

void rundir_name(unsigned candidate, uint32_t uid, char path[RUNDIR_SIZE])
{
    static const char *const parent[] = { "/run", "/tmp", "/dev/shm" };

    if (candidate == 0)
        snprintf(path, RUNDIR_SIZE, "%s/lastcall", parent[0]);
    else
        snprintf(path, RUNDIR_SIZE, "%s/lastcall-%u", parent[candidate % RUNDIR_CANDIDATES], uid);
}

static int directory_make(const char *path)
{
    return mkdir(path, RUNDIR_MODE) == 0 || errno == EEXIST ? 0 : -1;
}

/* What another user put there, or may put things into, is not ours: in /tmp anybody
 * may have been first. */
static int directory_check(int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -1;
    if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        errno = EPERM;
        return -1;
    }
    if ((st.st_mode & 07777) != RUNDIR_MODE && fchmod(fd, RUNDIR_MODE) < 0)
        return -1;
    /* A file system that is read-only shows only here. */
    return faccessat(fd, ".", W_OK | X_OK, AT_EACCESS);
}

int rundir_claim(const char *path)
{
    int fd, rc, error;

    if (directory_make(path) < 0)
        return -1;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    rc = directory_check(fd);
    error = errno;
    close(fd);
    errno = error;
    return rc;
}

int rundir_auto(char path[RUNDIR_SIZE])
{
    for (unsigned i = 0; i < RUNDIR_CANDIDATES; i++) {
        rundir_name(i, geteuid(), path);
        if (rundir_claim(path) == 0)
            return 0;
    }
    return -1;
}

/* "DIR/NAME" -> "DIR", "NAME" -> ".", "/NAME" -> "/". */
static int directory_part(const char *path, char *directory, size_t size)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? "." : path;
    size_t length = slash == NULL || slash == path ? 1 : (size_t)(slash - path);

    if (*path == '\0' || (slash != NULL && slash[1] == '\0')) {
        errno = EISDIR;
        return -1;
    }
    if (length >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(directory, from, length);
    directory[length] = '\0';
    return 0;
}

/* A service may have a directory of its own. */
static int make_absolute(char *directory, size_t size)
{
    char *whole = realpath(directory, NULL);
    size_t length;

    if (whole == NULL)
        return -1;
    length = strlen(whole);
    if (length < size)
        memcpy(directory, whole, length + 1);
    free(whole);
    if (length < size)
        return 0;
    errno = ENAMETOOLONG;
    return -1;
}

int rundir_of(const char *socket_path, char *directory, size_t size)
{
    struct stat st;

    if (directory_part(socket_path, directory, size) < 0 || directory_make(directory) < 0)
        return -1;
    if (stat(directory, &st) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return -1;
    }
    return make_absolute(directory, size);
}
