/* sys/spawn and sys/terminal, with the programs of any /bin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/notify_socket.h"
#include "sys/proc.h"
#include "sys/reap.h"
#include "sys/spawn.h"
#include "sys/terminal.h"
#include "unit/scratch.h"
#include "unit/under.h"

enum { DESCRIPTORS = 1024 };

static struct signals_before before;
static int signal_fd;
static char dir[64];
static uint64_t ignored_at_start, blocked_at_start;

/* What became of one child that has ended. */
struct end {
    int result; /* of spawn_result() */
    struct spawn_error error;
    int code;   /* exit code, or -signal */
    char out[8192];
};

static const char *const env_usual[] = { "PATH=/usr/bin:/bin", NULL };

static struct spawn_options usual(const char *const *argv)
{
    return (struct spawn_options){
        .argv = argv, .envp = env_usual, .umask = -1, .out = -1, .err = -1, .before = &before,
    };
}

static int result_wait(const struct spawned *child, struct spawn_error *error)
{
    struct pollfd p = { .fd = child->result, .events = POLLIN };
    int result;

    assert_int_equal(poll(&p, 1, 20000), 1);
    result = spawn_result(child->result, error);
    close(child->result);
    return result;
}

static int code_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void text_read(int fd, char *text, size_t size)
{
    size_t length = 0;
    ssize_t got;

    while ((got = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
}

/* Runs it to its end, with what it writes to stdout. */
static struct end run(struct spawn_options options)
{
    struct end end = { 0 };
    struct spawned child;
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    if (options.out < 0)
        options.out = ends[1];
    assert_int_equal(spawn_start(&options, &child), 0);
    close(ends[1]);
    end.result = result_wait(&child, &end.error);
    text_read(ends[0], end.out, sizeof end.out);
    close(ends[0]);
    end.code = code_of(child.pid);
    return end;
}

static struct end run_words(const char *const *argv)
{
    return run(usual(argv));
}

static void file_write(const char *name, const char *text, mode_t mode)
{
    char path[128];
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void directory_make(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void assert_exec_failed(const struct end *end, int error, int code)
{
    assert_int_equal(end->result, 1);
    assert_int_equal(end->error.at, SPAWN_AT_EXEC);
    assert_int_equal(end->error.error, error);
    assert_int_equal(end->code, code);
}

/* A program named `thing` by way of a PATH, %s in it being our directory. */
static struct end run_in_path(const char *name, const char *path)
{
    char text[512] = "PATH=";
    const char *argv[] = { name, "one", NULL };
    const char *envp[] = { "A=b", text, NULL };
    struct spawn_options o = usual(argv);
    size_t length = 5;

    for (; *path != '\0'; path++)
        if (*path == '%')
            length += (size_t)snprintf(text + length, sizeof text - length, "%s", dir);
        else
            text[length++] = *path;
    o.envp = envp;
    return run(o);
}

static void test_runs(void **state)
{
    const char *argv[] = { "sh", "-c", "echo $0 $1; exit 3", "zero", "one", NULL };
    struct end end = run_words(argv);

    (void)state;
    assert_int_equal(end.result, 0);
    assert_int_equal(end.code, 3);
    assert_string_equal(end.out, "zero one\n");
}

static void test_missing(void **state)
{
    const char *nowhere[] = { "no-such-program", NULL };
    const char *no_file[] = { "/no/such/program", NULL };
    const char *no_dir[] = { "/dev/null/x", NULL };
    const char *empty[] = { "", NULL };
    struct end end = run_words(nowhere);

    (void)state;
    assert_exec_failed(&end, ENOENT, 127);
    end = run_words(no_file);
    assert_exec_failed(&end, ENOENT, 127);
    end = run_words(empty);
    assert_exec_failed(&end, ENOENT, 127);
    end = run_words(no_dir);
    assert_exec_failed(&end, ENOTDIR, 126);
}

static void test_not_executable(void **state)
{
    char path[128];
    const char *argv[] = { path, NULL };
    const char *directory[] = { "/", NULL };
    struct end end;

    (void)state;
    file_write("plain", "#!/bin/sh\n", 0644);
    snprintf(path, sizeof path, "%s/plain", dir);
    end = run_words(argv);
    assert_exec_failed(&end, EACCES, 126);
    end = run_words(directory);
    assert_exec_failed(&end, EACCES, 126);
    end = run_in_path("plain", "/no/where:%");
    assert_exec_failed(&end, EACCES, 126);
    end = run_in_path("plain", "%:/no/where");
    assert_exec_failed(&end, EACCES, 126);
}

static void test_path_of_the_child(void **state)
{
    struct end end;

    (void)state;
    directory_make("first");
    directory_make("second");
    file_write("first/thing", "#!/bin/sh\necho first\n", 0644);
    file_write("second/thing", "#!/bin/sh\necho second $1\n", 0755);
    setenv("PATH", "/no/where", 1);
    end = run_in_path("thing", "/no/where:%/first:%/second:/bin");
    setenv("PATH", "/usr/bin:/bin", 1);
    assert_int_equal(end.result, 0);
    assert_string_equal(end.out, "second one\n");
    end = run_in_path("thing", "/usr/bin:/bin");
    assert_exec_failed(&end, ENOENT, 127);
}

static void test_path_empty_entries_and_none(void **state)
{
    const char *argv[] = { "thing", NULL };
    const char *argv_true[] = { "true", NULL };
    const char *none[] = { "A=b", NULL };
    const char *trailing[] = { "PATH=/no/where:", NULL };
    char second[128];
    struct spawn_options o = usual(argv);
    struct end end;

    (void)state;
    snprintf(second, sizeof second, "%s/second", dir);
    o.envp = trailing;
    o.directory = second;
    end = run(o);
    assert_int_equal(end.result, 0);
    assert_string_equal(end.out, "second\n");
    o = usual(argv_true);
    o.envp = none;
    assert_int_equal(run(o).result, 0);
}

static void test_path_entry_too_long_is_passed_over(void **state)
{
    static char text[3 * PATH_MAX];
    const char *argv[] = { "true", NULL };
    const char *envp[] = { text, NULL };
    struct spawn_options o = usual(argv);

    (void)state;
    memcpy(text, "PATH=", 5);
    memset(text + 5, 'x', 2 * PATH_MAX);
    strcpy(text + 5 + 2 * PATH_MAX, ":/usr/bin:/bin");
    o.envp = envp;
    assert_int_equal(run(o).result, 0);
}

static void test_script_without_interpreter_line(void **state)
{
    struct end end;

    (void)state;
    file_write("second/bare", "echo bare $0 $1\n", 0755);
    end = run_in_path("bare", "/no/where:%/second");
    assert_int_equal(end.result, 0);
    assert_non_null(strstr(end.out, "/second/bare one\n"));
}

static void test_script_whose_interpreter_is_missing(void **state)
{
    struct end end;

    (void)state;
    not_under("valgrind", "it gives up where an exec fails for want of the interpreter");
    file_write("second/lost", "#!/no/such/interpreter\n", 0755);
    end = run_in_path("lost", "%/second");
    assert_exec_failed(&end, ENOENT, 127);
}

static void test_directory(void **state)
{
    const char *argv[] = { "pwd", NULL };
    struct spawn_options o = usual(argv);
    struct end end;

    (void)state;
    o.directory = "/proc";
    assert_string_equal(run(o).out, "/proc\n");
    o.directory = "/no/such";
    end = run(o);
    assert_int_equal(end.result, 1);
    assert_int_equal(end.error.at, SPAWN_AT_DIRECTORY);
    assert_int_equal(end.error.error, ENOENT);
    assert_int_equal(end.code, 126);
}

static void test_umask(void **state)
{
    const char *argv[] = { "sh", "-c", "umask", NULL };
    struct spawn_options o = usual(argv);
    mode_t ours = umask(022);

    (void)state;
    assert_string_equal(run(o).out, "0022\n");
    o.umask = 0077;
    assert_string_equal(run(o).out, "0077\n");
    o.umask = 0;
    assert_string_equal(run(o).out, "0000\n");
    umask(ours);
}

static void test_streams(void **state)
{
    const char *argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
    struct spawn_options o = usual(argv);
    struct spawned child;
    struct spawn_error error;
    int ends[2];
    char text[64];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    o.out = o.err = ends[1];
    assert_int_equal(spawn_start(&o, &child), 0);
    close(ends[1]);
    assert_int_equal(result_wait(&child, &error), 0);
    text_read(ends[0], text, sizeof text);
    close(ends[0]);
    assert_string_equal(text, "out\nerr\n");
    assert_int_equal(code_of(child.pid), 0);
    o.out = 9999;
    o.err = -1;
    struct end end = run(o);
    assert_int_equal(end.result, 1);
    assert_int_equal(end.error.at, SPAWN_AT_STREAMS);
    assert_int_equal(end.error.error, EBADF);
}

/* Made by our umask and where we are, whatever the child gets; added to, and blocking. */
static void test_log(void **state)
{
    const char *argv[] = { "sh", "-c", "echo out; echo err >&2; grep flags /proc/self/fdinfo/1", NULL };
    const char *begins = "there\nout\nerr\nflags:\t";
    struct spawn_options o = usual(argv);
    int fd, old = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mode_t ours = umask(027);
    char text[128];
    struct stat st;

    (void)state;
    assert_int_equal(chdir(dir), 0);
    file_write("log", "there\n", 0600);
    o.directory = "/proc";
    o.umask = 0;
    o.log = "log";
    assert_string_equal(run(o).out, "");
    fd = open("log", O_RDONLY | O_CLOEXEC);
    text_read(fd, text, sizeof text);
    close(fd);
    assert_memory_equal(text, begins, strlen(begins));
    assert_int_equal(strtol(text + strlen(begins), NULL, 8) & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_WRONLY | O_APPEND);
    o.log = "new";
    assert_int_equal(run(o).code, 0);
    assert_int_equal(stat("new", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    o.log = "none/log";
    struct end end = run(o);
    assert_int_equal(end.result, 1);
    assert_int_equal(end.error.at, SPAWN_AT_LOG);
    assert_int_equal(end.error.error, ENOENT);
    assert_int_equal(end.code, 126);
    /* nobody reads it, and nobody is waited for */
    assert_int_equal(mkfifo("fifo", 0600), 0);
    o.log = "fifo";
    end = run(o);
    assert_int_equal(end.error.at, SPAWN_AT_LOG);
    assert_int_equal(end.error.error, ENXIO);
    umask(ours);
    assert_int_equal(fchdir(old), 0);
    close(old);
}

/* stdout and stderr of ours swapped: each number is the other's source. */
static void test_streams_crossed(void **state)
{
    const char *argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
    struct spawn_options o = usual(argv);
    struct spawned child = { 0 };
    struct spawn_error error;
    int out[2], err[2], old_out = fcntl(1, F_DUPFD_CLOEXEC, 3), old_err = fcntl(2, F_DUPFD_CLOEXEC, 3);
    char text[64];

    (void)state;
    assert_int_equal(pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
    fflush(NULL);
    dup3(out[1], 1, O_CLOEXEC);
    dup3(err[1], 2, O_CLOEXEC);
    o.out = 2;
    o.err = 1;
    int rc = spawn_start(&o, &child);
    dup2(old_out, 1);
    dup2(old_err, 2);
    close(old_out);
    close(old_err);
    close(out[1]);
    close(err[1]);
    assert_int_equal(rc, 0);
    assert_int_equal(result_wait(&child, &error), 0);
    text_read(out[0], text, sizeof text);
    assert_string_equal(text, "err\n");
    text_read(err[0], text, sizeof text);
    assert_string_equal(text, "out\n");
    close(out[0]);
    close(err[0]);
    assert_int_equal(code_of(child.pid), 0);
}

static uint64_t mask_of(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    assert_non_null(at);
    return strtoull(at + strlen(key), NULL, 16);
}

static void test_signals_as_lastcall_got_them(void **state)
{
    const char *argv[] = { "cat", "/proc/self/status", NULL };
    struct end end = run_words(argv);

    (void)state;
    not_under("tsan", "it takes signal 33 with its thread");
    assert_int_equal(mask_of(end.out, "\nSigBlk:"), blocked_at_start);
    assert_int_equal(mask_of(end.out, "\nSigIgn:"), ignored_at_start);
    assert_int_equal(mask_of(end.out, "\nSigCgt:"), 0);
    assert_int_equal(mask_of(end.out, "\nSigPnd:"), 0);
}

/* Whenever it comes, before or after the exec, TERM ends the child. */
static void test_no_signal_is_lost_between_fork_and_exec(void **state)
{
    const char *argv[] = { "sleep", "1000", NULL };
    struct spawn_options o = usual(argv);

    (void)state;
    not_under("valgrind", "it loses them itself");
    for (int i = 0; i < 100; i++) {
        struct spawned child;

        assert_int_equal(spawn_start(&o, &child), 0);
        assert_int_equal(kill(child.pid, SIGTERM), 0);
        assert_int_equal(code_of(child.pid), -SIGTERM);
        close(child.result);
    }
}

/* Descriptors of ours that pass on by design: inherited, as make's jobserver. */
static void inherited_list(bool *open_in_child)
{
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        int flags = fcntl(fd, F_GETFD);

        open_in_child[fd] = flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
}

static void descriptors_of(pid_t pid, bool *is_open)
{
    char path[64];
    DIR *d;

    memset(is_open, 0, DESCRIPTORS);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
        if (e->d_name[0] != '.')
            is_open[atoi(e->d_name)] = true;
    closedir(d);
}

static int descriptors_count(void)
{
    int count = 0;

    for (int fd = 0; fd < DESCRIPTORS; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_no_descriptor_leaks(void **state)
{
    /* It stops when its loader has closed what that had opened. */
    const char *argv[] = { "sh", "-c", "kill -STOP $$", NULL };
    struct spawn_options o = usual(argv);
    bool expected[DESCRIPTORS], found[DESCRIPTORS];
    int count = descriptors_count(), proc = proc_open(), socket;
    struct spawned child, other;
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s/notify", dir);
    socket = notify_socket_open(path);
    assert_true(socket >= 0);
    inherited_list(expected);
    o.out = o.err = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_int_equal(spawn_start(&o, &other), 0);
    assert_int_equal(spawn_start(&o, &child), 0);
    assert_int_equal(waitpid(child.pid, NULL, WUNTRACED), child.pid);
    descriptors_of(child.pid, found);
    kill(child.pid, SIGKILL);
    kill(other.pid, SIGKILL);
    code_of(child.pid);
    code_of(other.pid);
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        if (found[fd] != expected[fd])
            fail_msg("descriptor %d: %s", fd, found[fd] ? "leaked" : "lost");
    close(child.result);
    close(other.result);
    close(o.out);
    close(proc);
    notify_socket_close(socket, path);
    assert_int_equal(descriptors_count(), count);
}

static void test_failed_start_leaves_no_descriptor(void **state)
{
    const char *argv[] = { "true", NULL };
    struct spawn_options o = usual(argv);
    struct rlimit limit, none;
    struct spawned child;
    int count = descriptors_count();

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 3; /* no room for a pipe */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = spawn_start(&o, &child), error = errno;
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(rc, -1);
    assert_int_equal(error, EMFILE);
    assert_int_equal(descriptors_count(), count);
}

/* In a process that may have no more children. 0, or the line that was wrong. */
static int fork_refused(void)
{
    const char *argv[] = { "true", NULL };
    struct spawn_options o = usual(argv);
    struct rlimit none = { 0, 0 };
    struct spawned child;
    int count = descriptors_count();

    if (setuid(700000000 + (uid_t)getpid()) < 0 || setrlimit(RLIMIT_NPROC, &none) < 0)
        return __LINE__;
    if (spawn_start(&o, &child) != -1 || errno != EAGAIN)
        return __LINE__;
    return descriptors_count() == count ? 0 : __LINE__;
}

static void test_fork_refused(void **state)
{
    int line = -1, ends[2];

    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root can become another user\n");
        skip();
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        line = fork_refused();
        _exit(write(ends[1], &line, sizeof line) < 0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    code_of(pid);
    assert_int_equal(line, 0);
}

static void test_result_not_known_yet(void **state)
{
    struct spawn_error error;
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(spawn_result(ends[0], &error), -1);
    assert_int_equal(errno, EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static void test_result_does_not_block_nor_leak(void **state)
{
    const char *argv[] = { "true", NULL };
    struct spawn_options o = usual(argv);
    struct spawned child;
    struct spawn_error error;

    (void)state;
    assert_int_equal(spawn_start(&o, &child), 0);
    assert_true((fcntl(child.result, F_GETFL) & O_NONBLOCK) != 0);
    assert_int_equal(fcntl(child.result, F_GETFD), FD_CLOEXEC);
    assert_int_equal(result_wait(&child, &error), 0);
    assert_int_equal(code_of(child.pid), 0);
}

static void test_sessions_and_groups(void **state)
{
    const char *argv[] = { "sleep", "1000", NULL };
    struct spawn_options o = usual(argv);
    struct spawned child;
    struct spawn_error error;

    (void)state;
    assert_int_equal(spawn_start(&o, &child), 0);
    assert_int_equal(result_wait(&child, &error), 0);
    assert_int_equal(getsid(child.pid), child.pid);
    kill(child.pid, SIGKILL);
    code_of(child.pid);
    o.session = SPAWN_GROUP;
    assert_int_equal(spawn_start(&o, &child), 0);
    assert_int_equal(getpgid(child.pid), child.pid); /* at once */
    assert_int_equal(getsid(child.pid), getsid(0));
    assert_int_equal(result_wait(&child, &error), 0);
    kill(child.pid, SIGKILL);
    code_of(child.pid);
}

/* Without a terminal on stdin the foreground is nobody's, and the child runs. */
static void test_foreground_without_terminal(void **state)
{
    const char *argv[] = { "true", NULL };
    struct spawn_options o = usual(argv);
    int old = fcntl(0, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    dup2(null, 0);
    o.session = SPAWN_FOREGROUND_GROUP;
    struct end end = run(o);
    assert_false(terminal_is_ours(0));
    if (old >= 0) {
        dup2(old, 0);
        close(old);
    }
    close(null);
    assert_int_equal(end.result, 0);
    assert_int_equal(end.code, 0);
}

#define CHECK(condition)     \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

/* A session of our own on a new terminal: `docker run -it` in small. */
static int on_a_terminal(int master, const char *slave_name)
{
    const char *argv[] = { "cat", NULL };
    struct spawn_options o = usual(argv);
    struct spawned child;
    struct spawn_error error;
    struct reaped r;
    siginfo_t info;

    CHECK(setsid() > 0);
    int slave = open(slave_name, O_RDWR);
    CHECK(slave >= 0 && dup2(slave, 0) == 0);
    ioctl(slave, TIOCSCTTY, 0);
    CHECK(terminal_is_ours(0));
    CHECK(tcgetpgrp(0) == getpgrp());
    o.out = slave;
    o.session = SPAWN_FOREGROUND_GROUP;
    CHECK(spawn_start(&o, &child) == 0);
    struct pollfd p = { .fd = child.result, .events = POLLIN };
    CHECK(poll(&p, 1, 20000) == 1 && spawn_result(child.result, &error) == 0);
    CHECK(tcgetpgrp(0) == child.pid);
    CHECK(write(master, "\x1a", 1) == 1); /* Ctrl-Z */
    CHECK(waitid(P_PID, (id_t)child.pid, &info, WSTOPPED | WNOWAIT) == 0);
    CHECK(reap_next(&r, true) == 1 && r.stopped && r.code_or_signal == SIGTSTP);
    CHECK(terminal_take(0) == 0 && tcgetpgrp(0) == getpgrp());
    CHECK(terminal_give(0, child.pid) == 0 && tcgetpgrp(0) == child.pid);
    CHECK(kill(child.pid, SIGCONT) == 0);
    CHECK(waitid(P_PID, (id_t)child.pid, &info, WCONTINUED | WNOWAIT) == 0);
    CHECK(reap_next(&r, true) == 1 && r.continued);
    CHECK(write(master, "\x03", 1) == 1); /* Ctrl-C */
    CHECK(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK(reap_next(&r, true) == 1 && r.signaled && r.code_or_signal == SIGINT);
    /* from the background TTOU would stop us, if it were not held off */
    sigset_t ttou;
    sigemptyset(&ttou);
    sigaddset(&ttou, SIGTTOU);
    signal(SIGTTOU, SIG_DFL);
    CHECK(sigprocmask(SIG_UNBLOCK, &ttou, NULL) == 0);
    CHECK(terminal_take(0) == 0 && tcgetpgrp(0) == getpgrp());
    CHECK(sigprocmask(SIG_BLOCK, NULL, &ttou) == 0 && !sigismember(&ttou, SIGTTOU));
    return 0;
}

static void test_foreground_on_a_terminal(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), line = -1, ends[2];
    char name[64];

    (void)state;
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
        ptsname_r(master, name, sizeof name) != 0) {
        print_message("SKIPPED: no pseudo-terminal to be had: %s\n", strerror(errno));
        skip();
    }
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGHUP, SIG_IGN);
        line = on_a_terminal(master, name);
        _exit(write(ends[1], &line, sizeof line) < 0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    code_of(pid);
    close(master);
    assert_int_equal(line, 0);
}

/* The report comes through its pipe, also where that has a number of the three streams. */
static int without_streams(int out, const char *const *argv)
{
    struct spawn_options o = usual(argv);
    struct spawned child;
    struct spawn_error error;

    close(0);
    close(1);
    close(2);
    o.out = out;
    CHECK(spawn_start(&o, &child) == 0);
    CHECK(result_wait(&child, &error) == 1 && error.at == SPAWN_AT_EXEC && error.error == ENOENT);
    return 0;
}

static void test_report_where_the_streams_are_missing(void **state)
{
    const char *argv[] = { "no-such-program", NULL };
    int ends[2], line = -1;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        line = without_streams(open("/dev/null", O_WRONLY | O_CLOEXEC), argv);
        _exit(write(ends[1], &line, sizeof line) < 0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    code_of(pid);
    assert_int_equal(line, 0);
}

static void test_stages_have_names(void **state)
{
    (void)state;
    for (int at = SPAWN_AT_FORK; at <= SPAWN_AT_EXEC; at++)
        assert_string_not_equal(spawn_at_name((enum spawn_at)at), "?");
}

static uint64_t own_mask(const char *key)
{
    char text[8192];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

    text_read(fd, text, sizeof text);
    close(fd);
    return mask_of(text, key);
}

/* lastcall started by somebody with a mask and ignored signals of its own. */
static int setup(void **state)
{
    sigset_t mask;

    (void)state;
    if (scratch_make(dir, sizeof dir) < 0)
        return -1;
    signal(SIGINT, SIG_DFL); /* ignored where make runs in the background of a script */
    signal(SIGUSR1, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigaddset(&mask, SIGRTMIN + 1);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    ignored_at_start = own_mask("\nSigIgn:");
    blocked_at_start = own_mask("\nSigBlk:");
    signal_fd = signals_block(&before);
    return signal_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    return scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_not_executable),
        cmocka_unit_test(test_path_of_the_child),
        cmocka_unit_test(test_path_empty_entries_and_none),
        cmocka_unit_test(test_path_entry_too_long_is_passed_over),
        cmocka_unit_test(test_script_without_interpreter_line),
        cmocka_unit_test(test_script_whose_interpreter_is_missing),
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_umask),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_streams_crossed),
        cmocka_unit_test(test_signals_as_lastcall_got_them),
        cmocka_unit_test(test_no_signal_is_lost_between_fork_and_exec),
        cmocka_unit_test(test_no_descriptor_leaks),
        cmocka_unit_test(test_failed_start_leaves_no_descriptor),
        cmocka_unit_test(test_fork_refused),
        cmocka_unit_test(test_result_not_known_yet),
        cmocka_unit_test(test_result_does_not_block_nor_leak),
        cmocka_unit_test(test_sessions_and_groups),
        cmocka_unit_test(test_foreground_without_terminal),
        cmocka_unit_test(test_foreground_on_a_terminal),
        cmocka_unit_test(test_report_where_the_streams_are_missing),
        cmocka_unit_test(test_stages_have_names),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
