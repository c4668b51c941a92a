/* Pipes stand for titles here: who reads one waits until something is written. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/clock.h"
#include "sys/title_reader.h"

enum { WAIT = 60, LONG = 10000, SOMEBODY = 1000 };

static char title[TITLE_SIZE];

/* Reads what is, or will be, in a pipe; its write end into *end. */
static ssize_t read_pipe(int32_t pid, uint64_t start, const char *text, int *end, int64_t *patience)
{
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    *end = ends[1];
    return title_read(ends[0], pid, start, title, patience);
}

static void assert_read(int32_t pid, uint64_t start)
{
    int64_t patience = LONG;
    int end;

    assert_int_equal(read_pipe(pid, start, "a title", &end, &patience), 7);
    assert_memory_equal(title, "a title", 7);
    assert_true(patience > 0);
    close(end);
}

static bool is_closed(int end)
{
    struct pollfd p = { .fd = end, .events = POLLOUT };

    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* It is not asked, and nothing is waited for. */
static void assert_not_asked(int32_t pid, uint64_t start, int64_t patience)
{
    int64_t before = clock_monotonic_ms(), left = patience;
    int end;

    assert_int_equal(read_pipe(pid, start, "", &end, &left), -1);
    assert_int_equal(errno, EAGAIN);
    assert_true(is_closed(end));
    assert_true(clock_monotonic_ms() - before < LONG / 2);
    close(end);
}

/* One that has no answer; gives back where it can be written. */
static int hang(int32_t pid, uint64_t start)
{
    int64_t before = clock_monotonic_ms(), patience = WAIT;
    int end;

    assert_int_equal(read_pipe(pid, start, "", &end, &patience), -1);
    assert_int_equal(errno, EAGAIN);
    assert_true(clock_monotonic_ms() - before >= WAIT);
    assert_int_equal(patience, 0);
    assert_false(is_closed(end));
    return end;
}

/* Of this program; a sanitizer has some of its own. */
static long threads(void)
{
    struct stat st;

    assert_int_equal(stat("/proc/self/task", &st), 0);
    return (long)st.st_nlink - 2;
}

static void await_threads(long count)
{
    for (int k = 0; k < LONG && threads() != count; k++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(threads(), count);
}

static void one_thread_reads_them_all(void **state)
{
    long first;

    (void)state;
    assert_read(SOMEBODY, 1);
    first = threads();
    for (int k = 0; k < 1000; k++)
        assert_read(SOMEBODY + k, 1);
    assert_int_equal(threads(), first);
}

static void what_is_read_is_what_read_says(void **state)
{
    static char much[TITLE_SIZE + 100];
    int64_t patience = LONG;
    int end;

    (void)state;
    memset(much, 'x', sizeof(much) - 1);
    assert_int_equal(read_pipe(SOMEBODY, 1, much, &end, &patience), TITLE_SIZE);
    assert_memory_equal(title, much, TITLE_SIZE);
    close(end);
    assert_int_equal(title_read(open("/", O_RDONLY | O_CLOEXEC), SOMEBODY, 1, title, &patience), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(title_read(open("/dev/null", O_RDONLY | O_CLOEXEC), SOMEBODY, 1, title, &patience), 0);
}

static void without_patience_nothing_is_asked(void **state)
{
    (void)state;
    assert_not_asked(SOMEBODY, 1, 0);
    assert_read(SOMEBODY, 1);
}

static void one_without_an_answer_does_not_hold_up_others(void **state)
{
    long before = threads();
    int end = hang(SOMEBODY, 1);

    (void)state;
    assert_not_asked(SOMEBODY, 1, LONG);
    assert_read(SOMEBODY + 1, 1);
    assert_read(SOMEBODY, 2); /* the pid is another's */
    assert_not_asked(SOMEBODY, 1, LONG);
    assert_int_equal(threads(), before + 1);
    strcpy(title, "not touched");
    assert_int_equal(write(end, "late", 4), 4);
    await_threads(before);
    assert_string_equal(title, "not touched");
    assert_true(is_closed(end));
    close(end);
    assert_read(SOMEBODY, 1);
}

static void so_many_may_hang(void **state)
{
    int end[TITLE_READERS_MOST];
    long before = threads();

    (void)state;
    for (int k = 0; k < TITLE_READERS_MOST; k++)
        end[k] = hang(SOMEBODY + k, 1);
    assert_not_asked(SOMEBODY + TITLE_READERS_MOST, 1, LONG);
    close(end[3]);
    await_threads(before - 1 + TITLE_READERS_MOST - 1);
    assert_read(SOMEBODY + TITLE_READERS_MOST, 1);
    for (int k = 0; k < TITLE_READERS_MOST; k++)
        if (k != 3)
            close(end[k]);
    await_threads(before);
}

/* In a process of a user who may have no other; before any thread is started. */
static void where_no_thread_can_be_had(void **state)
{
    const struct rlimit none = { 0, 0 };
    int status, end;
    pid_t pid;

    (void)state;
    if (geteuid() != 0)
        skip();
    pid = fork();
    if (pid == 0) {
        int64_t patience = LONG;

        if (setresuid(65534, 65534, 65534) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0)
            _exit(2);
        _exit(read_pipe(SOMEBODY, 1, "a title", &end, &patience) != -1 || errno != EAGAIN || !is_closed(end));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static int setup(void **state)
{
    sigset_t all;

    (void)state;
    sigfillset(&all);
    return sigprocmask(SIG_BLOCK, &all, NULL); /* as in lastcall */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_no_thread_can_be_had),
        cmocka_unit_test(one_thread_reads_them_all),
        cmocka_unit_test(what_is_read_is_what_read_says),
        cmocka_unit_test(without_patience_nothing_is_asked),
        cmocka_unit_test(one_without_an_answer_does_not_hold_up_others),
        cmocka_unit_test(so_many_may_hang),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
