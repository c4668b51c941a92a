#include "sys/title_reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/detached.h"

#define STACK_ROOM ((size_t)16 * 1024 + TITLE_SIZE)

/* So much longer is waited for a reader that had no processor to begin with, as in a container with a tenth of one. */
#define STARVED (400)

struct reader {
    uint64_t start;  /* with the pid: whose title it is asked for */
    char *title;     /* where the answer goes, unless it is given up */
    ssize_t length;
    int32_t pid;
    int fd, error;
    bool runs;       /* it has a thread */
    bool asked;      /* it has no answer yet */
    bool begun;      /* it reads */
    bool given_up;   /* nobody waits for its answer any more */
};

/* Not malloc'ed: a thread may be answered at any time, also while lastcall ends. */
static struct reader readers[TITLE_READERS_MOST];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* One waits for each: the reader that is not given up, and who asks it. With one for both, glibc 2.36 left a reader
 * asleep for good where there was little processor. */
static pthread_cond_t asked = PTHREAD_COND_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;

static void *answer(void *argument)
{
    struct reader *r = argument;
    char title[TITLE_SIZE];

    pthread_mutex_lock(&lock);
    while (!r->given_up) {
        if (!r->asked) {
            pthread_cond_wait(&asked, &lock);
            continue;
        }
        r->begun = true;
        pthread_mutex_unlock(&lock);
        r->length = read(r->fd, title, sizeof(title));
        r->error = errno;
        close(r->fd);
        pthread_mutex_lock(&lock);
        if (!r->given_up && r->length > 0)
            memcpy(r->title, title, (size_t)r->length);
        r->asked = r->begun = false;
        pthread_cond_signal(&answered);
    }
    r->runs = false;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static bool is_asked_already(int32_t pid, uint64_t start)
{
    for (size_t k = 0; k < TITLE_READERS_MOST; k++)
        if (readers[k].asked && readers[k].pid == pid && readers[k].start == start)
            return true;
    return false;
}

/* The one that runs and is not given up, or a place for it. */
static struct reader *find_reader(void)
{
    struct reader *place = NULL;

    for (size_t k = 0; k < TITLE_READERS_MOST; k++) {
        if (readers[k].runs && !readers[k].given_up)
            return &readers[k];
        if (!readers[k].runs)
            place = &readers[k];
    }
    return place;
}

static struct reader *ask(int fd, int32_t pid, uint64_t start, char *title)
{
    struct reader *r = is_asked_already(pid, start) ? NULL : find_reader();

    if (r == NULL)
        return NULL;
    r->given_up = false;
    if (!r->runs && detached_start(answer, r, STACK_ROOM) != 0)
        return NULL;
    r->runs = r->asked = true;
    r->fd = fd;
    r->pid = pid;
    r->start = start;
    r->title = title;
    pthread_cond_signal(&asked);
    return r;
}

/* False: it is late. */
static bool wait_for(const struct reader *r, int64_t until)
{
    const struct timespec at = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };

    while (r->asked && pthread_cond_clockwait(&answered, &lock, CLOCK_MONOTONIC, &at) == 0)
        ;
    return !r->asked;
}

/* False: it is given up; or, if it has not begun, the question is taken back. */
static bool is_answered(struct reader *r, int64_t until)
{
    if (wait_for(r, until) || (!r->begun && wait_for(r, until + STARVED)))
        return true;
    if (r->begun) {
        r->given_up = true;
    } else {
        r->asked = false;
        close(r->fd);
    }
    return false;
}

ssize_t title_read(int fd, int32_t pid, uint64_t start, char title[TITLE_SIZE], int64_t *patience)
{
    int64_t until = clock_monotonic_ms() + *patience, left;
    struct reader *r = NULL;
    ssize_t length = -1;
    int error = EAGAIN;

    pthread_mutex_lock(&lock);
    if (*patience > 0)
        r = ask(fd, pid, start, title);
    if (r != NULL && is_answered(r, until)) {
        length = r->length;
        error = r->error;
    }
    pthread_mutex_unlock(&lock);
    if (r == NULL)
        close(fd);
    left = until - clock_monotonic_ms();
    *patience = left > 0 ? left : 0;
    errno = error;
    return length;
}
