#include "sys/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/descriptors.h"
#include "text/number.h"
#include "text/proc_text.h"

enum {
    STAT_SIZE = 1024,     /* 52 numbers and a name */
    STATM_SIZE = 128,     /* 7 numbers */
    STATUS_SIZE = 4096,   /* about 1500 bytes, but for a long list of groups */
    LISTING_SIZE = 32768, /* of a directory, read in pieces */
    NAME_SIZE = 32,
    CLOCK_EVERY = 64      /* entries of /proc between two looks at the clock */
};

/* Why something is not there. With hidepid=2 a process that lives looks as if it
 * were gone. */
static int absence_errno(int32_t pid)
{
    return kill(pid, 0) == 0 || errno == EPERM ? EACCES : ESRCH;
}

static int pid_file_open(int proc, int32_t pid, const char *name)
{
    char path[NAME_SIZE];
    int fd;

    snprintf(path, sizeof path, "%d/%s", (int)pid, name);
    fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        errno = absence_errno(pid);
    return fd;
}

static ssize_t pid_file_read(int proc, int32_t pid, const char *name, char *buf, size_t size)
{
    int fd = pid_file_open(proc, pid, name);
    ssize_t got;
    int error;

    if (fd < 0)
        return -1;
    do
        got = read(fd, buf, size);
    while (got < 0 && errno == EINTR);
    error = errno;
    close(fd);
    errno = error;
    return got;
}

static bool has_ended(char state)
{
    return state == 'Z' || state == 'X' || state == 'x';
}

/* A process whose main thread has ended shows Z while other threads run on. */
static bool has_other_threads(int proc, int32_t pid)
{
    char path[NAME_SIZE];
    struct stat st;

    snprintf(path, sizeof path, "%d/task", (int)pid);
    return fstatat(proc, path, &st, 0) == 0 && st.st_nlink > 3; /* 2 and one for each */
}

/* Not another namespace's, which would name processes that are not ours. */
static bool is_own(int proc)
{
    char self[NAME_SIZE] = "";
    ssize_t length = readlinkat(proc, "self", self, sizeof self - 1);

    return length > 0 && strtol(self, NULL, 10) == getpid();
}

int proc_open(void)
{
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (proc < 0 || is_own(proc))
        return proc;
    close(proc);
    errno = EXDEV;
    return -1;
}

static int take_stat(int proc, int32_t pid, const char *line, ssize_t got, struct proc_entry *entry)
{
    struct proc_stat s;

    if (got < 0)
        return -1;
    /* Of one that is just being reaped group and session are -1. */
    if (proc_stat_parse(line, (size_t)got, &s) < 0) {
        errno = absence_errno(pid);
        return -1;
    }
    *entry = (struct proc_entry){
        .pid = pid,
        .parent = s.parent,
        .group = s.pgrp,
        .session = s.session,
        .start = s.start,
        .zombie = has_ended(s.state) && !has_other_threads(proc, pid),
        .stopped = s.state == 'T' || s.state == 't',
    };
    return 0;
}

int proc_read(int proc, int32_t pid, struct proc_entry *entry)
{
    char line[STAT_SIZE];

    return take_stat(proc, pid, line, pid_file_read(proc, pid, "stat", line, sizeof line), entry);
}

int proc_read_held(int proc, int32_t pid, int *held, struct proc_entry *entry)
{
    char line[STAT_SIZE], path[NAME_SIZE];
    int fd = *held;
    ssize_t got;

    if (fd < 0) {
        snprintf(path, sizeof path, "%d/stat", (int)pid);
        fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || fd >= descriptors_most() / 2) {
            if (fd >= 0)
                close(fd);
            return proc_read(proc, pid, entry);
        }
        *held = fd;
    }
    do
        got = pread(fd, line, sizeof line, 0);
    while (got < 0 && errno == EINTR);
    return take_stat(proc, pid, line, got, entry);
}

/* 0: the name of no process. */
static int32_t name_pid(const char *name)
{
    return *name >= '1' && *name <= '9' ? (int32_t)strtol(name, NULL, 10) : 0;
}

static void table_add(int proc, int32_t pid, struct proc_table *table)
{
    struct proc_entry entry;

    if (proc_read(proc, pid, &entry) < 0) {
        if (errno != ESRCH)
            table->complete = false;
        return;
    }
    if (table->count == table->size) {
        table->complete = false;
        return;
    }
    table->entry[table->count++] = entry;
}

int proc_scan(int proc, struct proc_table *table, int64_t until)
{
    char listing[LISTING_SIZE];
    unsigned met = 0;
    ssize_t got;

    table->count = 0;
    table->complete = false;
    if (lseek(proc, 0, SEEK_SET) < 0)
        return -1;
    table->complete = true;
    while ((got = getdents64(proc, listing, sizeof listing)) > 0) {
        const struct dirent64 *e;

        for (ssize_t at = 0; at < got; at += e->d_reclen) {
            int32_t pid;

            e = (const void *)(listing + at);
            pid = name_pid(e->d_name);
            if (pid > 0)
                table_add(proc, pid, table);
            if (++met % CLOCK_EVERY == 0 && clock_monotonic_ms() >= until) {
                table->complete = false;
                return 0;
            }
        }
    }
    if (got < 0) {
        table->count = 0;
        table->complete = false;
    }
    return got < 0 ? -1 : 0;
}

int proc_read_signals(int proc, int32_t pid, uint64_t *caught)
{
    char text[STATUS_SIZE];
    struct proc_status status;
    ssize_t got = pid_file_read(proc, pid, "status", text, sizeof text);

    if (got < 0)
        return -1;
    if (proc_status_parse(text, (size_t)got, &status) < 0) {
        errno = EIO;
        return -1;
    }
    *caught = status.caught;
    return 0;
}

int proc_read_memory(int proc, int32_t pid, int64_t *bytes)
{
    char text[STATM_SIZE];
    ssize_t got = pid_file_read(proc, pid, "statm", text, sizeof text);
    uint64_t size, resident;
    const char *at = text, *end = text + got;

    if (got < 0)
        return -1;
    if (!number_read(&at, end, INT64_MAX, &size) || at == end || *at++ != ' ' ||
        !number_read(&at, end, INT64_MAX / 65536, &resident)) {
        errno = EIO;
        return -1;
    }
    *bytes = (int64_t)resident * sysconf(_SC_PAGESIZE);
    return 0;
}

int proc_open_title(int proc, int32_t pid)
{
    return pid_file_open(proc, pid, "cmdline");
}
