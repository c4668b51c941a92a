#include "sys/threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/descriptors.h"
#include "text/proc_text.h"

enum {
    PATH_SIZE = 32,
    STAT_SIZE = 1024,
    LISTING_SIZE = 32768, /* 24 to 32 bytes a thread */
    LISTING_TRIES = 3
};

static int absence_errno(int32_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM ? EACCES : ESRCH;
}

static int task_open(struct threads *t)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "%d/task", (int)t->pid);
    t->task = openat(t->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->task < 0 && errno == ENOENT)
        errno = absence_errno(t->pid);
    return t->task < 0 ? -1 : 0;
}

/* Between two looks it stays open only where there is room for it. */
static void task_rest(struct threads *t)
{
    if (t->task < t->file_limit)
        return;
    close(t->task);
    t->task = -1;
}

int threads_open(struct threads *t, int proc, int32_t pid)
{
    t->proc = proc;
    t->pid = pid;
    t->round = 0;
    t->count = 0;
    t->file_limit = descriptors_most() / 2;
    if (task_open(t) < 0)
        return -1;
    task_rest(t);
    return 0;
}

/* An answer about one thread; UNREADABLE is about us, not about it. */
enum answer { LIVES, ENDED, UNREADABLE };

static enum answer answer_of_errno(void)
{
    return errno == ENOENT || errno == ESRCH ? ENDED : UNREADABLE;
}

static int thread_file_open(int task, int32_t tid, const char *name)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "%d/%s", (int)tid, name);
    return openat(task, path, O_RDONLY | O_CLOEXEC);
}

/* Its name, through a file that is open: "NAME\n". The name may hold line ends. */
static enum answer name_read(const struct thread_held *h, struct thread_seen *out)
{
    char text[64];
    ssize_t got = pread(h->file, text, sizeof text, 0);
    size_t length;

    if (got < 0)
        return answer_of_errno();
    if (got == 0)
        return UNREADABLE;
    length = (size_t)got - 1;
    if (length >= sizeof out->name)
        length = sizeof out->name - 1;
    memset(out->name, 0, sizeof out->name);
    memcpy(out->name, text, length);
    out->tid = h->tid;
    out->start = h->start;
    return LIVES;
}

static enum answer start_read(int task, int32_t tid, uint64_t *start)
{
    char line[STAT_SIZE];
    struct proc_stat s;
    int fd = thread_file_open(task, tid, "stat");
    enum answer answer = LIVES;
    ssize_t got;

    if (fd < 0)
        return answer_of_errno();
    got = read(fd, line, sizeof line);
    if (got < 0)
        answer = answer_of_errno();
    else if (proc_stat_parse(line, (size_t)got, &s) < 0)
        answer = UNREADABLE;
    else
        *start = s.start;
    close(fd);
    return answer;
}

/* A thread that is not held yet. The name is read last: it comes from the file that
 * was opened first, so that the start in between is of the same thread. */
static enum answer thread_meet(struct threads *t, int32_t tid, struct thread_seen *out)
{
    struct thread_held new = { .tid = tid, .round = t->round };
    enum answer answer;

    new.file = thread_file_open(t->task, tid, "comm");
    if (new.file < 0)
        return answer_of_errno();
    answer = start_read(t->task, tid, &new.start);
    if (answer == LIVES)
        answer = name_read(&new, out);
    if (answer == LIVES && new.file < t->file_limit && t->count < THREADS_MAX)
        t->held[t->count++] = new;
    else
        close(new.file);
    return answer;
}

/* The held thread of that tid. The order of a listing changes little, so that the
 * search begins where it would be if nothing had changed. */
static struct thread_held *held_find(struct threads *t, int32_t tid, size_t guess)
{
    for (size_t i = 0; i < t->count; i++) {
        size_t at = (guess + i) % t->count;

        if (t->held[at].tid == tid)
            return &t->held[at];
    }
    return NULL;
}

static enum answer thread_look(struct threads *t, int32_t tid, size_t guess,
                               struct thread_seen *out)
{
    struct thread_held *h = held_find(t, tid, guess);
    enum answer answer;

    if (h == NULL)
        return thread_meet(t, tid, out);
    answer = name_read(h, out);
    if (answer != ENDED) {
        h->round = t->round;
        return answer;
    }
    /* That one is gone; the number may be another's now. */
    close(h->file);
    *h = t->held[--t->count];
    return thread_meet(t, tid, out);
}

/* Closes what the last listing did not name. */
static void gone_drop(struct threads *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->count; i++) {
        if (t->held[i].round == t->round)
            t->held[kept++] = t->held[i];
        else
            close(t->held[i].file);
    }
    t->count = kept;
}

struct listing {
    struct thread_seen *out;
    size_t max, count;
    bool fits;
};

/* Lists the threads once. 1; 0: the listing may lack some; -1 and errno.
 *
 * The kernel walks from thread to thread, and ends the listing without a word when
 * the one that it stands on is gone (fs/proc/base.c, next_tid). Then the last one
 * listed is dead. A second call to getdents64 would go on from a mere count, and
 * skip one for each that has ended; so all must come with the first. */
static int list_once(struct threads *t, struct listing *list)
{
    char bytes[LISTING_SIZE];
    const struct dirent64 *e;
    enum answer answer = ENDED;
    bool readable = true;
    size_t index = 0;
    ssize_t got;

    if (lseek(t->task, 0, SEEK_SET) < 0 || (got = getdents64(t->task, bytes, sizeof bytes)) < 0)
        return -1;
    t->round++;
    list->count = 0;
    list->fits = true;
    for (ssize_t at = 0; at < got; at += e->d_reclen) {
        struct thread_seen seen;

        e = (const void *)(bytes + at);
        if (e->d_name[0] == '.')
            continue;
        answer = thread_look(t, (int32_t)strtol(e->d_name, NULL, 10), index++, &seen);
        readable = readable && answer != UNREADABLE;
        if (answer == LIVES && list->count < list->max)
            list->out[list->count++] = seen;
        else if (answer == LIVES)
            list->fits = false;
    }
    gone_drop(t);
    return readable && answer == LIVES && getdents64(t->task, bytes, sizeof bytes) == 0;
}

/* Most looks find the same threads as the one before, and a listing costs as much as
 * all else. The directory counts two links and one a thread: as many as are held, and
 * each of those is read to live afterwards, so at that moment there was no other. */
static bool look_at_held(const struct threads *t, struct listing *list)
{
    struct stat st;

    if (t->count == 0 || t->count > list->max)
        return false;
    if (fstat(t->task, &st) < 0 || st.st_nlink != t->count + 2)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (name_read(&t->held[i], &list->out[i]) != LIVES)
            return false;
    list->count = t->count;
    return true;
}

ssize_t threads_look(struct threads *t, struct thread_seen *out, size_t max, bool *whole)
{
    struct listing list = { .out = out, .max = max, .fits = true };
    int listed, error;

    *whole = false;
    if (t->task < 0 && task_open(t) < 0)
        return -1;
    listed = look_at_held(t, &list);
    for (int try = 0; try < LISTING_TRIES && listed == 0; try++)
        listed = list_once(t, &list);
    error = errno == ENOENT ? ESRCH : errno;
    task_rest(t);
    *whole = listed > 0 && list.fits;
    if (listed < 0)
        errno = error;
    return listed < 0 ? -1 : (ssize_t)list.count;
}

void threads_close(struct threads *t)
{
    for (size_t i = 0; i < t->count; i++)
        close(t->held[i].file);
    if (t->task >= 0)
        close(t->task);
    t->count = 0;
    t->task = -1;
}
