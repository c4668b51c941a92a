#include "sys/path_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/detached.h"

#define STACK_ROOM ((size_t)16 * 1024) /* beyond the least that a thread may have */

struct question {
    int fd; /* for the answer: nothing, if it is not there */
    char path[];
};

/* All signals are blocked in it, as in the thread that made it. That nobody may read any more is
 * no concern of it: a SIGPIPE of its own ends with it. */
static void *ask(void *argument)
{
    struct question *q = argument;
    ssize_t n = 0;

    if (access(q->path, F_OK) == 0)
        n = write(q->fd, "y", 1);
    (void)n;
    close(q->fd);
    free(q);
    return NULL;
}

int path_check_start(const char *path)
{
    struct question *q = malloc(sizeof(*q) + strlen(path) + 1);
    int ends[2], error;

    if (q == NULL)
        return -1;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        free(q);
        return -1;
    }
    q->fd = ends[1];
    strcpy(q->path, path);
    error = detached_start(ask, q, STACK_ROOM);
    if (error == 0)
        return ends[0];
    close(ends[0]);
    close(ends[1]);
    free(q);
    errno = error;
    return -1;
}

bool path_check_answer(int fd)
{
    char answer;

    return read(fd, &answer, 1) == 1;
}
