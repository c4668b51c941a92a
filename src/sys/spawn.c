#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/terminal.h"

#define SHELL "/bin/sh"
#define PATH_DEFAULT "/bin:/usr/bin" /* glibc's, where there is no PATH */

/* What the child needs; made before the fork, as it must not allocate. */
struct program {
    const struct spawn_options *options;
    const char *path;   /* directories to search, separated by colons */
    const char **shell; /* SHELL, room for the script, the arguments, NULL */
    int report;         /* write end of the pipe */
};

static const char *path_of(const char *const *envp)
{
    for (; *envp != NULL; envp++)
        if (strncmp(*envp, "PATH=", 5) == 0)
            return *envp + 5;
    return PATH_DEFAULT;
}

static const char **shell_words(const char *const *argv)
{
    size_t count = 0;
    const char **words;

    while (argv[count] != NULL)
        count++;
    words = calloc(count + 2, sizeof *words);
    if (words == NULL)
        return NULL;
    words[0] = SHELL;
    for (size_t i = 1; i < count; i++)
        words[i + 1] = argv[i];
    return words;
}

/* From here on to spawn_start(): in the child, async-signal-safe. */

/* One file. Returns only if it could not be executed; errno says why. */
static void exec_file(const struct program *p, const char *file)
{
    const struct spawn_options *o = p->options;

    execve(file, (char *const *)o->argv, (char *const *)o->envp);
    if (errno != ENOEXEC)
        return;
    p->shell[1] = file;
    execve(SHELL, (char *const *)p->shell, (char *const *)o->envp);
    errno = ENOEXEC; /* an ENOENT of the shell's would blame the script */
}

/* Is there no point in looking further? As glibc's execvp: what is not there, or
 * on a file system that is out of reach, is passed over. */
static bool is_final(int error)
{
    return error != ENOENT && error != ENOTDIR && error != EACCES && error != ESTALE &&
           error != ENODEV && error != ETIMEDOUT && error != ENAMETOOLONG;
}

static void exec_search(const struct program *p, const char *name)
{
    char file[PATH_MAX];
    size_t name_size = strlen(name) + 1;
    bool denied = false;
    const char *at = p->path;

    for (;;) {
        size_t length = strcspn(at, ":");
        size_t slash = length > 0; /* an empty entry is the present directory */

        if (length + slash + name_size <= sizeof file) {
            memcpy(file, at, length);
            file[length] = '/';
            memcpy(file + length + slash, name, name_size);
            exec_file(p, file);
            if (is_final(errno))
                return;
            denied = denied || errno == EACCES;
        }
        if (at[length] == '\0')
            break;
        at += length + 1;
    }
    errno = denied ? EACCES : ENOENT;
}

static void exec_program(const struct program *p)
{
    const char *name = p->options->argv[0];

    if (*name == '\0')
        errno = ENOENT;
    else if (strchr(name, '/') != NULL)
        exec_file(p, name);
    else
        exec_search(p, name);
}

static int session_make(enum spawn_session session)
{
    if (session == SPAWN_SESSION)
        return setsid() < 0 ? -1 : 0;
    if (setpgid(0, 0) < 0)
        return -1;
    if (session == SPAWN_GROUP || terminal_give(STDIN_FILENO, getpid()) == 0)
        return 0;
    /* A terminal that is none, or hung up meanwhile, is no reason not to run. */
    return errno == ENOTTY || errno == ENXIO || errno == EIO ? 0 : -1;
}

/* Nobody's input: what is read of ours would be missing where it was meant for. */
static void input_drop(void)
{
    int fd = open("/dev/null", O_RDONLY);

    if (fd < 0)
        close(STDIN_FILENO);
    if (fd <= STDIN_FILENO)
        return;
    dup2(fd, STDIN_FILENO);
    close(fd);
}

/* By way of copies above 2, so that out and err may be each other's numbers, and
 * so that a close-on-exec flag on fd 1 is lost. */
static int streams_set(int out, int err)
{
    int high_out = out < 0 ? -1 : fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int high_err = err < 0 ? -1 : fcntl(err, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

    if ((out >= 0 && high_out < 0) || (err >= 0 && high_err < 0))
        return -1;
    if (out >= 0 && dup2(high_out, STDOUT_FILENO) < 0)
        return -1;
    if (err >= 0 && dup2(high_err, STDERR_FILENO) < 0)
        return -1;
    return 0;
}

/* A FIFO that nobody reads fails, instead of being waited for. */
static int log_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0666);

    if (fd >= 0)
        fcntl(fd, F_SETFL, O_APPEND);
    return fd;
}

/* Everything before the exec. 0; -1, *at and errno. */
static int child_prepare(const struct spawn_options *o, enum spawn_at *at)
{
    int log = -1;

    *at = SPAWN_AT_SESSION;
    if (session_make(o->session) < 0)
        return -1;
    if (o->no_input)
        input_drop();
    *at = SPAWN_AT_LOG;
    if (o->log != NULL && (log = log_open(o->log)) < 0)
        return -1;
    *at = SPAWN_AT_STREAMS;
    if (streams_set(log < 0 ? o->out : log, log < 0 ? o->err : log) < 0)
        return -1;
    *at = SPAWN_AT_DIRECTORY;
    if (o->directory != NULL && chdir(o->directory) < 0)
        return -1;
    if (o->umask >= 0)
        umask((mode_t)o->umask);
    *at = SPAWN_AT_SIGNALS;
    return signals_restore(o->before);
}

static _Noreturn void child_run(const struct program *p)
{
    struct spawn_error failed = { .at = SPAWN_AT_STREAMS };
    int report = p->report;

    /* The pipe may have been given 0, 1 or 2, if lastcall was started without. */
    if (report <= STDERR_FILENO)
        report = fcntl(report, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (report >= 0 && child_prepare(p->options, &failed.at) == 0) {
        failed.at = SPAWN_AT_EXEC;
        exec_program(p);
    }
    failed.error = errno;
    if (report < 0)
        report = p->report;
    if (write(report, &failed, sizeof failed) < 0)
        _exit(126);
    _exit(failed.at == SPAWN_AT_EXEC && failed.error == ENOENT ? 127 : 126);
}

static int pipe_make(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        return 0;
    close(ends[0]);
    close(ends[1]);
    return -1;
}

int spawn_start(const struct spawn_options *options, struct spawned *child)
{
    struct program program = { .options = options, .path = path_of(options->envp) };
    int ends[2] = { -1, -1 };
    int error;
    pid_t pid = -1;

    program.shell = shell_words(options->argv);
    if (program.shell == NULL || pipe_make(ends) < 0)
        goto out;
    program.report = ends[1];
    pid = fork();
    if (pid == 0)
        child_run(&program);
    if (pid < 0)
        goto out;
    /* The child does the same; whoever is first. Otherwise a signal to the group
     * could come before the group does. */
    if (options->session != SPAWN_SESSION)
        setpgid(pid, pid);
    *child = (struct spawned){ .pid = pid, .result = ends[0] };
out:
    error = errno;
    if (pid < 0 && ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    free(program.shell);
    errno = error;
    return pid < 0 ? -1 : 0;
}

int spawn_result(int fd, struct spawn_error *error)
{
    ssize_t got;

    do
        got = read(fd, error, sizeof *error);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    /* Less than a pipe writes at once was never written whole: it is no report. */
    return got == (ssize_t)sizeof *error;
}

const char *spawn_at_name(enum spawn_at at)
{
    switch (at) {
    case SPAWN_AT_FORK:
        return "fork";
    case SPAWN_AT_SESSION:
        return "session";
    case SPAWN_AT_LOG:
        return "log file";
    case SPAWN_AT_STREAMS:
        return "stdout and stderr";
    case SPAWN_AT_DIRECTORY:
        return "directory";
    case SPAWN_AT_SIGNALS:
        return "signals";
    case SPAWN_AT_EXEC:
        return "exec";
    }
    return "?";
}
