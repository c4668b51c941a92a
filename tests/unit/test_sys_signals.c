/* sys/signals and sys/reap. What changes the process's own signals runs in a fork,
 * which answers with the line that was wrong, or 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/reap.h"
#include "sys/signals.h"
#include "unit/under.h"

#define CHECK(condition)     \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

/* An exit code has 8 bits; the line comes through a pipe. */
static int in_fork(int (*body)(void))
{
    int ends[2], line = -1;

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        line = body();
        _exit(write(ends[1], &line, sizeof line) < 0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &line, sizeof line), sizeof line);
    close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return line;
}

static uint64_t status_mask(const char *key)
{
    char line[256];
    uint64_t value = 0;
    FILE *f = fopen("/proc/self/status", "re");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoull(line + strlen(key), NULL, 16);
    if (f != NULL)
        fclose(f);
    return value;
}

static uint64_t bit(int signo)
{
    return UINT64_C(1) << (signo - 1);
}

static int wait_readable(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 20000);
}

static int body_all_blocked(void)
{
    struct signals_before before;
    int fd = signals_block(&before);

    CHECK(fd >= 0);
    CHECK(status_mask("SigBlk:") == ~(bit(SIGKILL) | bit(SIGSTOP)));
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    for (int signo = 1; signo <= 64; signo++) {
        struct signal_seen seen = { 0 };

        if (signo == SIGKILL || signo == SIGSTOP)
            continue;
        CHECK(kill(getpid(), signo) == 0);
        CHECK(signals_read(fd, &seen) == 1);
        CHECK(seen.signo == signo && seen.self && seen.sender == getpid());
    }
    struct signal_seen none;
    CHECK(signals_read(fd, &none) == 0);
    return 0;
}

static void test_all_blocked_and_read(void **state)
{
    (void)state;
    not_under("tsan", "a thread of its own leaves some signals unblocked, and they end the process");
    not_under("valgrind", "/proc tells of the signals of valgrind, not of ours");
    assert_int_equal(in_fork(body_all_blocked), 0);
}

static int body_saved_and_restored(void)
{
    struct signals_before before;
    sigset_t mask;

    signal(SIGHUP, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGRTMIN + 3, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigaddset(&mask, SIGRTMAX);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    uint64_t ignored = status_mask("SigIgn:");
    uint64_t blocked = status_mask("SigBlk:");

    CHECK(signals_block(&before) >= 0);
    CHECK(!before.child_ignored);
    CHECK(status_mask("SigIgn:") == ignored);
    CHECK(signals_restore(&before) == 0);
    CHECK(status_mask("SigIgn:") == ignored);
    CHECK(status_mask("SigBlk:") == blocked);
    return 0;
}

static void test_saved_and_restored(void **state)
{
    (void)state;
    not_under("valgrind", "/proc tells of the signals of valgrind, not of ours");
    assert_int_equal(in_fork(body_saved_and_restored), 0);
}

static int body_ignored_sigchld(void)
{
    struct signals_before before;
    struct signal_seen seen;
    struct reaped r;
    int fd;

    signal(SIGCHLD, SIG_IGN);
    fd = signals_block(&before);
    CHECK(fd >= 0);
    CHECK(before.child_ignored && (status_mask("SigIgn:") & bit(SIGCHLD)) == 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    CHECK(wait_readable(fd) == 1);
    CHECK(signals_read(fd, &seen) == 1);
    CHECK(seen.signo == SIGCHLD && seen.sender == pid && !seen.self);
    CHECK(reap_next(&r, false) == 1);
    CHECK(r.pid == pid && r.code_or_signal == 7);
    CHECK(signals_restore(&before) == 0);
    CHECK((status_mask("SigIgn:") & bit(SIGCHLD)) != 0);
    return 0;
}

static void test_ignored_sigchld_does_not_hide_exits(void **state)
{
    (void)state;
    assert_int_equal(in_fork(body_ignored_sigchld), 0);
}

static int body_senders(void)
{
    struct signals_before before;
    struct signal_seen seen;
    int ends[2], fd = signals_block(&before);

    CHECK(fd >= 0 && pipe(ends) == 0);
    close(ends[0]);
    CHECK(write(ends[1], "x", 1) < 0 && errno == EPIPE);
    CHECK(signals_read(fd, &seen) == 1);
    CHECK(seen.signo == SIGPIPE && seen.self);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        kill(parent, SIGTERM);
        _exit(0);
    }
    CHECK(waitpid(pid, NULL, 0) == pid);
    do
        CHECK(signals_read(fd, &seen) == 1);
    while (seen.signo == SIGCHLD);
    CHECK(seen.signo == SIGTERM && seen.sender == pid && !seen.self);
    return 0;
}

static void test_sender_is_known(void **state)
{
    (void)state;
    assert_int_equal(in_fork(body_senders), 0);
}

static void test_bad_descriptor(void **state)
{
    struct signal_seen seen;

    (void)state;
    assert_int_equal(signals_read(-1, &seen), -1);
    assert_int_equal(errno, EBADF);
}

static int body_reap(void)
{
    struct signals_before before;
    struct reaped r;
    int gate[2], fd = signals_block(&before);
    char byte;

    CHECK(fd >= 0);
    CHECK(reap_next(&r, true) == 0);
    CHECK(pipe(gate) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(gate[1]);
        _exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
    }
    CHECK(reap_next(&r, true) == 0);
    CHECK(kill(pid, SIGSTOP) == 0);
    CHECK(wait_readable(fd) == 1);
    CHECK(reap_next(&r, false) == 0);
    CHECK(reap_next(&r, true) == 1);
    CHECK(r.pid == pid && r.stopped && !r.signaled && !r.continued);
    CHECK(r.code_or_signal == SIGSTOP);
    CHECK(kill(pid, SIGCONT) == 0);
    siginfo_t info;
    CHECK(waitid(P_PID, (id_t)pid, &info, WCONTINUED | WNOWAIT) == 0);
    CHECK(reap_next(&r, true) == 1);
    CHECK(r.pid == pid && r.continued && !r.stopped && r.code_or_signal == 0);
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK(reap_next(&r, true) == 1);
    CHECK(r.pid == pid && r.signaled && r.code_or_signal == SIGKILL);
    CHECK(reap_next(&r, true) == 0);
    return 0;
}

static void test_reap_kinds(void **state)
{
    (void)state;
    assert_int_equal(in_fork(body_reap), 0);
}

static int body_reap_many(void)
{
    struct signals_before before;
    struct signal_seen seen;
    struct reaped r;
    int sum = 0, count = 0, fd = signals_block(&before);
    siginfo_t info;

    for (int i = 1; i <= 20; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(i);
        CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    }
    /* one signal for all of them */
    CHECK(signals_read(fd, &seen) == 1 && seen.signo == SIGCHLD);
    CHECK(signals_read(fd, &seen) == 0);
    while (reap_next(&r, false) == 1) {
        count++;
        sum += r.code_or_signal;
    }
    CHECK(count == 20 && sum == 210);
    return 0;
}

static void test_reap_many_of_one_signal(void **state)
{
    (void)state;
    assert_int_equal(in_fork(body_reap_many), 0);
}

static int body_childless(void)
{
    int held[2];
    siginfo_t info;
    struct reaped r;

    CHECK(reap_childless());
    CHECK(pipe(held) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(held[1]);
        _exit(read(held[0], &info, 1) != 0); /* until it is let go */
    }
    CHECK(!reap_childless()); /* it lives */
    close(held[1]);
    CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    CHECK(!reap_childless()); /* it has ended, and nobody knows how */
    CHECK(reap_next(&r, false) == 1 && r.pid == pid);
    CHECK(reap_childless());
    return 0;
}

static void test_childless_when_all_are_reaped(void **state)
{
    (void)state;
    assert_int_equal(in_fork(body_childless), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_blocked_and_read),
        cmocka_unit_test(test_saved_and_restored),
        cmocka_unit_test(test_ignored_sigchld_does_not_hide_exits),
        cmocka_unit_test(test_sender_is_known),
        cmocka_unit_test(test_bad_descriptor),
        cmocka_unit_test(test_reap_kinds),
        cmocka_unit_test(test_reap_many_of_one_signal),
        cmocka_unit_test(test_childless_when_all_are_reaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
