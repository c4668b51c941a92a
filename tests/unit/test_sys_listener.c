#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/listener.h"
#include "sys/unix_address.h"
#include "unit/scratch.h"

static char dir[64], path[128];

static int setup(void **state)
{
    (void)state;
    return scratch_make(dir, sizeof(dir)) == 0 && snprintf(path, sizeof(path), "%s/socket", dir) > 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return scratch_remove(dir);
}

static int client_of(void)
{
    struct sockaddr_un address;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(unix_address(&address, path), 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void a_unix_socket_has_its_mode_and_its_peers(void **state)
{
    struct listener l;
    struct stat st;
    uint32_t uid = 77;
    int client, fd;

    (void)state;
    assert_int_equal(listener_open_unix(&l, path, 0600), 0);
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(listener_accept(&l), -1);
    assert_int_equal(errno, EAGAIN);
    client = client_of();
    fd = listener_accept(&l);
    assert_true(client >= 0 && fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    assert_int_equal(listener_peer(fd, &uid), 0);
    assert_int_equal(uid, geteuid());
    close(client);
    close(fd);
    listener_close(&l);
    assert_int_equal(lstat(path, &st), -1);
    listener_close(&l);
}

static void a_stale_socket_is_replaced_and_a_living_one_is_not(void **state)
{
    struct listener first, second;
    struct stat st;

    (void)state;
    assert_int_equal(listener_open_unix(&first, path, 0666), 0);
    assert_int_equal(listener_open_unix(&second, path, 0600), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(first.fd); /* killed: its file stays */
    usleep(20 * 1000); /* kernels before 6.13 tell times in steps of a tick */
    assert_int_equal(listener_open_unix(&second, path, 0600), 0);
    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    first.fd = dup(2);
    listener_close(&first); /* its file is another's now */
    assert_int_equal(lstat(path, &st), 0);
    listener_close(&second);
    assert_int_equal(lstat(path, &st), -1);
}

static void what_lives_and_does_not_talk_to_us_stays(void **state)
{
    static const int types[] = { SOCK_DGRAM, SOCK_SEQPACKET };
    struct sockaddr_un address;
    struct listener l;
    struct stat st;

    (void)state;
    assert_int_equal(unix_address(&address, path), 0);
    for (size_t k = 0; k < 2; k++) {
        int fd = socket(AF_UNIX, types[k], 0);

        assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(listener_open_unix(&l, path, 0600), -1);
        assert_int_equal(errno, EADDRINUSE);
        assert_int_equal(lstat(path, &st), 0);
        close(fd);
        unlink(path);
    }
}

static void another_file_stays_what_it_is(void **state)
{
    struct listener l;
    struct stat st;
    char longer[200];

    (void)state;
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(listener_open_unix(&l, path, 0600), -1);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(l.fd, -1);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    memset(longer, 'a', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(listener_open_unix(&l, longer, 0600), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(listener_open_unix(&l, "", 0600), -1);
    assert_int_equal(errno, EINVAL);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in6 address;
    socklen_t size = sizeof(address);

    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    return ntohs(address.sin6_port);
}

static void tcp_by_number(void **state)
{
    static const char *const hosts[] = { "127.0.0.1", "localhost", "::1" };
    struct listener l, again;

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        if (listener_open_tcp(&l, hosts[k], 0) != 0) {
            assert_true(k == 2 && errno == EADDRNOTAVAIL); /* a machine without IPv6 */
            continue;
        }
        assert_int_equal(listener_open_tcp(&again, hosts[k], port_of(l.fd)), -1);
        assert_int_equal(errno, EADDRINUSE);
        assert_int_equal(again.fd, -1);
        listener_close(&l);
    }
    assert_int_equal(listener_open_tcp(&l, "web", 80), -1);
    assert_int_equal(errno, EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_unix_socket_has_its_mode_and_its_peers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stale_socket_is_replaced_and_a_living_one_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lives_and_does_not_talk_to_us_stays, setup, teardown),
        cmocka_unit_test_setup_teardown(another_file_stays_what_it_is, setup, teardown),
        cmocka_unit_test(tcp_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
