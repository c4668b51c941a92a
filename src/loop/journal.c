#include "loop/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/clock.h"
#include "text/log_line.h"

enum { STDIN = 0, STDERR = 2 };

/* Copies a pipe to stderr and may block for it; ends when lastcall closes its end. */
static _Noreturn void writer_process(struct journal *j)
{
    char buf[4096];
    ssize_t n;

    /* Nothing of lastcall's stays open in here, its connections least of all. */
    if (j->fd >= 0)
        close(j->fd);
    dup2(j->source, STDIN);
    close_range(STDERR + 1, ~0U, 0);
    signals_restore(j->before);
    while ((n = read(STDIN, buf, sizeof(buf))) > 0)
        for (ssize_t done = 0; done < n;) {
            ssize_t w = write(STDERR, buf + done, (size_t)(n - done));
            if (w < 0 && errno != EINTR)
                _exit(1);
            done += w > 0 ? w : 0;
        }
    _exit(0);
}

static int fork_writer(struct journal *j)
{
    pid_t pid = fork();

    if (pid == 0)
        writer_process(j);
    j->writer = pid < 0 ? 0 : pid;
    return pid < 0 ? -1 : 0;
}

/* Into j->fd; -1 there if there is none. */
static void open_writer(struct journal *j)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    j->source = ends[0];
    j->fd = ends[1];
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 && fork_writer(j) == 0)
        return;
    close(ends[0]);
    close(ends[1]);
    j->source = j->fd = -1;
}

void journal_writer_ended(struct journal *j, bool killed)
{
    j->writer = 0;
    if (killed && fork_writer(j) == 0)
        return;
    close(j->source); /* what is written from now on fails */
    j->source = -1;
}

static void writable_cb(struct ev_loop *loop, ev_io *w, int revents);

void journal_open(struct journal *j, struct ev_loop *loop, const struct signals_before *before)
{
    struct stat st;

    j->loop = loop;
    j->before = before;
    j->fd = j->source = -1;
    j->sink = JOURNAL_NOWHERE;
    if (fstat(STDERR, &st) != 0)
        return;
    if (S_ISSOCK(st.st_mode)) {
        j->sink = JOURNAL_SOCKET;
        j->fd = fcntl(STDERR, F_DUPFD_CLOEXEC, 3);
    } else {
        j->sink = JOURNAL_FILE;
        if (S_ISREG(st.st_mode))
            j->fd = fcntl(STDERR, F_DUPFD_CLOEXEC, 3); /* never blocks; keeps its offset */
        else
            j->fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (j->fd < 0)
            open_writer(j);
    }
    if (j->fd < 0)
        j->sink = JOURNAL_NOWHERE;
    else
        ev_io_init(&j->writable, writable_cb, j->fd, EV_WRITE);
    j->writable.data = j;
}

static ssize_t write_some(struct journal *j)
{
    const char *from = j->buffer + j->start;

    if (j->sink == JOURNAL_SOCKET)
        return send(j->fd, from, j->length, MSG_DONTWAIT | MSG_NOSIGNAL);
    return write(j->fd, from, j->length);
}

/* Writes while it goes; arms the watcher for the rest. A dead reader ends it all. */
static void write_out(struct journal *j)
{
    while (j->length > 0 && j->sink != JOURNAL_NOWHERE) {
        ssize_t n = write_some(j);

        if (n > 0) {
            j->start += (size_t)n;
            j->length -= (size_t)n;
        } else if (errno == EAGAIN || errno == ENOSPC) {
            if (errno == EAGAIN)
                ev_io_start(j->loop, &j->writable);
            return;
        } else if (errno != EINTR) {
            j->sink = JOURNAL_NOWHERE;
        }
    }
    j->start = j->length = 0;
    if (j->fd >= 0)
        ev_io_stop(j->loop, &j->writable);
}

/* Whole lines only: half a line would spoil the next. */
static bool put(struct journal *j, const char *line, size_t n)
{
    if (j->start > 0 && j->start + j->length + n > JOURNAL_BUFFER) {
        memmove(j->buffer, j->buffer + j->start, j->length);
        j->start = 0;
    }
    if (j->start + j->length + n > JOURNAL_BUFFER)
        return false;
    memcpy(j->buffer + j->start + j->length, line, n);
    j->length += n;
    return true;
}

static void compose(struct str *s, const struct journal *j, enum story_level level,
                    const char *service, const char *line)
{
    if (j->json)
        log_line_json(s, clock_wall_ms(), level, service, line);
    else
        log_line_text(s, line);
}

static void put_line(struct journal *j, enum story_level level, const char *service,
                     const char *line)
{
    char buf[LOG_LINE_SIZE + 1];
    struct str s;

    str_init(&s, buf, LOG_LINE_SIZE);
    compose(&s, j, level, service, line);
    buf[s.len] = '\n';
    if (!put(j, buf, s.len + 1))
        j->dropped++;
}

static bool tell_dropped(struct journal *j)
{
    char lost[80];
    struct str s;

    if (j->dropped == 0 || j->length >= JOURNAL_BUFFER / 2)
        return false;
    str_init(&s, lost, sizeof(lost));
    str_addf(&s, "%llu lines were dropped: nobody read stderr", (unsigned long long)j->dropped);
    j->dropped = 0;
    put_line(j, STORY_LEVEL_WARN, NULL, lost);
    return true;
}

static void flush(struct journal *j)
{
    write_out(j);
    if (j->sink != JOURNAL_NOWHERE && tell_dropped(j))
        write_out(j);
}

static void writable_cb(struct ev_loop *loop, ev_io *w, int revents)
{
    (void)loop;
    (void)revents;
    flush(w->data);
}

void journal_line(struct journal *j, enum story_level level, const char *service,
                  const char *line)
{
    if (level > j->level || j->sink == JOURNAL_NOWHERE)
        return;
    tell_dropped(j);
    put_line(j, level, service, line);
    flush(j);
}

/* Until the writer has written all that it was given, and ended. */
static void await_writer(struct journal *j, int64_t until)
{
    int status = 0;

    while (j->writer > 0 && clock_monotonic_ms() < until) {
        pid_t pid = waitpid(j->writer, &status, WNOHANG);

        if (pid == 0)
            poll(NULL, 0, 5);
        else
            journal_writer_ended(j, pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
}

void journal_close(struct journal *j, int wait_ms)
{
    int64_t until = clock_monotonic_ms() + wait_ms;

    flush(j);
    while (j->length > 0 && j->sink != JOURNAL_NOWHERE) {
        struct pollfd p = { .fd = j->fd, .events = POLLOUT };
        int64_t left = until - clock_monotonic_ms();

        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        flush(j);
    }
    if (j->fd >= 0) {
        ev_io_stop(j->loop, &j->writable);
        close(j->fd);
        j->fd = -1;
    }
    j->sink = JOURNAL_NOWHERE;
    await_writer(j, until);
}
