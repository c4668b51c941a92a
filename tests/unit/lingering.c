#include "unit/lingering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int lingering_open(int *peer)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct linger hours = { .l_onoff = 1, .l_linger = 86400 };
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 4096;
    char bytes[4096] = { 0 };

    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    assert_int_equal(setsockopt(end, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(end, (struct sockaddr *)&address, size), 0);
    *peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(*peer >= 0);
    close(listener);
    while (send(end, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    assert_int_equal(setsockopt(end, SOL_SOCKET, SO_LINGER, &hours, sizeof(hours)), 0);
    return end;
}

int lingering_open_within(int *peer)
{
    int ends[2], end = lingering_open(peer);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(lingering_pass(ends[1], &end, 1), 0);
    close(ends[1]);
    close(end);
    return ends[0];
}

int lingering_pass(int fd, const int *fds, size_t n)
{
    union {
        char bytes[CMSG_SPACE(LINGERING_PASSED_MAX * sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec data = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes,
                              .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(c), fds, n * sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static volatile sig_atomic_t late;

static void on_alarm(int signo)
{
    (void)signo;
    late = 1;
}

void lingering_expect_within(unsigned seconds)
{
    struct sigaction action = { .sa_handler = on_alarm };

    late = 0;
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

void lingering_met(void)
{
    alarm(0);
    assert_false(late);
}
