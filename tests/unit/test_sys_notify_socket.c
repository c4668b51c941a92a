/* sys/notify_socket */
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/notify_socket.h"
#include "unit/lingering.h"
#include "unit/scratch.h"
#include "unit/under.h"

static char dir[64], path[128];

static int send_from_here(const char *bytes, size_t length, int pass)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    char control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec data = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
    struct msghdr message = {
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &data, .msg_iovlen = 1,
    };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memcpy(to.sun_path, path, strlen(path) + 1);
    if (pass >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof pass);
        memcpy(CMSG_DATA(c), &pass, sizeof pass);
    }
    ssize_t sent = sendmsg(fd, &message, 0);
    close(fd);
    return sent < 0 ? -1 : 0;
}

static pid_t send_from_child(const char *text, uid_t uid)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (uid != geteuid() && setuid(uid) < 0)
            _exit(2);
        _exit(send_from_here(text, strlen(text), -1) < 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    return pid;
}

static void test_sender_is_known(void **state)
{
    struct notify_sender sender;
    char buf[64];
    int fd = notify_socket_open(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), -1);
    assert_int_equal(errno, EAGAIN);
    pid_t first = send_from_child("READY=1", geteuid());
    pid_t second = send_from_child("STOPPING=1", geteuid());
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 7);
    assert_memory_equal(buf, "READY=1", 7);
    assert_int_equal(sender.pid, first);
    assert_int_equal(sender.uid, geteuid());
    assert_false(sender.truncated);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 10);
    assert_int_equal(sender.pid, second);
    notify_socket_close(fd, path);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_other_users_may_send(void **state)
{
    struct notify_sender sender;
    char buf[64];
    mode_t ours = umask(0077);
    int fd = notify_socket_open(path);
    struct stat st;

    (void)state;
    assert_int_equal(umask(ours), 0077); /* as it was */
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666);
    if (geteuid() == 0) {
        send_from_child("READY=1", 65534);
        assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 7);
        assert_int_equal(sender.uid, 65534);
    }
    notify_socket_close(fd, path);
}

static void test_long_and_empty_datagrams(void **state)
{
    struct notify_sender sender;
    char buf[8];
    int fd = notify_socket_open(path);

    (void)state;
    assert_int_equal(send_from_here("0123456789", 10, -1), 0);
    assert_int_equal(send_from_here("01234567", 8, -1), 0);
    assert_int_equal(send_from_here("", 0, -1), 0);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 8);
    assert_true(sender.truncated);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 8);
    assert_false(sender.truncated);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 0);
    assert_int_equal(sender.pid, getpid());
    notify_socket_close(fd, path);
}

static int descriptors_count(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_passed_descriptors_are_closed(void **state)
{
    struct notify_sender sender;
    char buf[16], byte;
    int ends[2], fd = notify_socket_open(path);
    struct pollfd other = { .events = POLLHUP };

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    int count = descriptors_count();
    assert_int_equal(send_from_here("BARRIER=1", 9, ends[1]), 0);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 9);
    assert_int_equal(sender.pid, getpid());
    close(ends[1]);
    other.fd = ends[0];
    assert_int_equal(poll(&other, 1, 10000), 1);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody holds the other end */
    assert_int_equal(descriptors_count(), count - 1);
    close(ends[0]);
    notify_socket_close(fd, path);
}

/* Received, or still unread at the end. */
static void test_a_passed_socket_that_lingers(void **state)
{
    struct notify_sender sender;
    char buf[16];

    (void)state;
    not_under("valgrind", "it lets no other thread run while one closes a socket that lingers");
    int count = descriptors_count();
    int fd = notify_socket_open(path), peer, end = lingering_open(&peer), more, within = lingering_open_within(&more);

    assert_int_equal(send_from_here("READY=1", 7, end), 0);
    assert_int_equal(send_from_here("FDSTORE=1", 9, within), 0);
    close(end);
    close(within);
    lingering_expect_within(2);
    assert_int_equal(notify_socket_receive(fd, buf, sizeof buf, &sender), 7);
    lingering_met();
    lingering_expect_within(2);
    notify_socket_close(fd, path);
    lingering_met();
    close(peer);
    close(more);
    for (int k = 0; k < 1000 && descriptors_count() != count; k++)
        poll(NULL, 0, 10);
    assert_int_equal(descriptors_count(), count);
}

static void test_descriptor_flags(void **state)
{
    int fd = notify_socket_open(path);

    (void)state;
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    notify_socket_close(fd, path);
}

static void test_stale_socket_is_replaced_other_files_are_not(void **state)
{
    struct notify_sender sender;
    char buf[16];
    int first = notify_socket_open(path), second;

    (void)state;
    assert_true(first >= 0);
    assert_int_equal(notify_socket_open(path), -1); /* somebody listens there */
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(send_from_here("x", 1, -1), 0);
    assert_int_equal(notify_socket_receive(first, buf, sizeof buf, &sender), 1);
    close(first); /* and leaves its file, as a lastcall that was killed */
    second = notify_socket_open(path);
    assert_true(second >= 0);
    assert_int_equal(send_from_here("x", 1, -1), 0);
    assert_int_equal(notify_socket_receive(second, buf, sizeof buf, &sender), 1);
    notify_socket_close(second, path);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int count = descriptors_count();
    assert_int_equal(notify_socket_open(path), -1);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(descriptors_count(), count);
    close(file);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/tmp/elsewhere", path), 0);
    assert_int_equal(notify_socket_open(path), -1);
    assert_int_equal(unlink(path), 0);
}

static void test_path_length(void **state)
{
    char longest[108], longer[109];

    (void)state;
    memset(longest, 'x', sizeof longest);
    memcpy(longest, path, strlen(path));
    longest[107] = '\0';
    memset(longer, 'x', sizeof longer);
    memcpy(longer, path, strlen(path));
    longer[108] = '\0';
    int fd = notify_socket_open(longest);
    assert_true(fd >= 0);
    notify_socket_close(fd, longest);
    assert_int_equal(notify_socket_open(longer), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(notify_socket_open(""), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(notify_socket_open("/no/such/dir/socket"), -1);
    assert_int_equal(errno, ENOENT);
}

static int setup(void **state)
{
    (void)state;
    if (scratch_make(dir, sizeof dir) < 0 || chmod(dir, 0711) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/notify", dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    return scratch_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sender_is_known),
        cmocka_unit_test(test_other_users_may_send),
        cmocka_unit_test(test_long_and_empty_datagrams),
        cmocka_unit_test(test_passed_descriptors_are_closed),
        cmocka_unit_test(test_a_passed_socket_that_lingers),
        cmocka_unit_test(test_descriptor_flags),
        cmocka_unit_test(test_stale_socket_is_replaced_other_files_are_not),
        cmocka_unit_test(test_path_length),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
