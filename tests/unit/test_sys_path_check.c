#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/path_check.h"
#include "unit/scratch.h"

static char dir[64];

/* The answer, which is waited for. */
static bool is_there(const char *path)
{
    int fd = path_check_start(path);
    struct pollfd p = { .fd = fd, .events = POLLIN };
    bool there;

    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_int_equal(poll(&p, 1, 10000), 1);
    there = path_check_answer(fd);
    close(fd);
    return there;
}

static void what_is_there_and_what_is_not(void **state)
{
    char path[96];

    (void)state;
    assert_true(is_there(dir));
    assert_true(is_there("/dev/null"));
    assert_false(is_there(""));
    snprintf(path, sizeof(path), "%s/file", dir);
    assert_false(is_there(path));
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_true(is_there(path));
    snprintf(path, sizeof(path), "%s/dangling", dir);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_false(is_there(path));
}

/* What has ended before the answer came: the thread closes its end, and leaves nothing behind. */
static void one_that_nobody_waits_for(void **state)
{
    (void)state;
    for (int k = 0; k < 2000; k++) {
        int fd = path_check_start("/dev/null");

        assert_true(fd >= 0);
        close(fd);
    }
    assert_true(is_there("/dev/null"));
}

static int setup(void **state)
{
    sigset_t all;

    (void)state;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL); /* as in lastcall */
    return scratch_make(dir, sizeof(dir));
}

static int teardown(void **state)
{
    (void)state;
    return scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_and_what_is_not),
        cmocka_unit_test(one_that_nobody_waits_for),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
