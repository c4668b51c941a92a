#include "cmd/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Grows the buffer until everything is in it; false and errno. */
static int read_all(int fd, size_t most, char **bytes, size_t *n)
{
    size_t size = 64 * 1024;

    *bytes = malloc(size);
    for (*n = 0; *bytes != NULL;) {
        ssize_t r = read(fd, *bytes + *n, size - *n);
        char *more;

        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return r == 0 ? 0 : -1;
        *n += (size_t)r;
        if (*n > most) {
            errno = EFBIG;
            return -1;
        }
        if (*n < size)
            continue;
        more = realloc(*bytes, size * 2);
        if (more == NULL)
            return -1;
        *bytes = more;
        size *= 2;
    }
    return -1;
}

char *read_file(const char *path, size_t most, size_t *n)
{
    int error, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char *bytes = NULL;

    if (fd < 0)
        return NULL;
    if (read_all(fd, most, &bytes, n) != 0) {
        error = errno;
        free(bytes);
        bytes = NULL;
        errno = error;
    }
    error = errno;
    close(fd);
    errno = error;
    return bytes;
}
