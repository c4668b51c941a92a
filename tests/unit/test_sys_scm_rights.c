/* sys/scm_rights. A socket that refuses nothing is as on a kernel before 6.16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/scm_rights.h"
#include "unit/lingering.h"
#include "unit/under.h"

enum { THREADS = 8, WAITING = 64 }; /* as in scm_rights.c */

static int passing[2], count_before;

static int descriptors_count(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* The other threads get so long to come to it. */
static void becomes_closed(int count)
{
    struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

    for (int k = 0; k < 1000 && descriptors_count() != count; k++)
        nanosleep(&pause, NULL);
    assert_int_equal(descriptors_count(), count);
}

static void receives(int fd)
{
    char byte;

    lingering_expect_within(2);
    assert_int_equal(scm_rights_receive(fd, &byte, 1, NULL, NULL), 1);
    lingering_met();
}

static void bytes_and_their_sender(void **state)
{
    struct ucred sender;
    int count = descriptors_count(), on = 1, flags = 0, kinds[2] = { SOCK_STREAM, SOCK_DGRAM };
    char buf[4];

    (void)state;
    for (int k = 0; k < 2; k++) {
        int ends[2];

        assert_int_equal(socketpair(AF_UNIX, kinds[k], 0, ends), 0);
        assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
        assert_int_equal(scm_rights_receive(ends[0], buf, sizeof(buf), &sender, &flags), -1);
        assert_int_equal(errno, EAGAIN);
        assert_int_equal(send(ends[1], "abcdef", 6, 0), 6);
        assert_int_equal(scm_rights_receive(ends[0], buf, sizeof(buf), &sender, &flags), 4);
        assert_memory_equal(buf, "abcd", 4);
        assert_int_equal(sender.pid, getpid());
        assert_int_equal(sender.uid, geteuid());
        assert_int_equal((flags & MSG_TRUNC) != 0, kinds[k] == SOCK_DGRAM);
        close(ends[1]);
        scm_rights_close(ends[0]); /* of the stream two bytes are left */
    }
    becomes_closed(count);
}

static void many_are_closed(void **state)
{
    int fds[LINGERING_PASSED_MAX];

    (void)state;
    for (int k = 0; k < LINGERING_PASSED_MAX; k++)
        fds[k] = passing[1];
    for (int k = 0; k < 50; k++) {
        assert_int_equal(lingering_pass(passing[1], fds, LINGERING_PASSED_MAX), 0);
        becomes_closed(count_before);
        receives(passing[0]);
    }
    becomes_closed(count_before);
}

static void one_that_lingers(void **state)
{
    int peer, end = lingering_open(&peer);

    (void)state;
    assert_int_equal(lingering_pass(passing[1], &end, 1), 0);
    close(end);
    receives(passing[0]);
    becomes_closed(count_before + 1);
    close(peer);
}

/* SO_LINGER cannot be switched off where it lies in the queue of what is passed. */
static void those_that_hold_up_their_threads(void **state)
{
    int peers[THREADS], fds[WAITING + 1];
    char byte;

    (void)state;
    not_under("valgrind", "it lets no other thread run while one closes a socket that lingers");
    for (int k = 0; k < THREADS; k++) {
        int end = lingering_open_within(&peers[k]);

        assert_int_equal(lingering_pass(passing[1], &end, 1), 0);
        close(end);
        receives(passing[0]);
    }
    becomes_closed(count_before + THREADS);
    assert_true(scm_rights_room(passing[0]));
    for (int k = 0; k <= WAITING; k++)
        fds[k] = passing[1];
    assert_int_equal(lingering_pass(passing[1], fds, WAITING + 1), 0);
    receives(passing[0]);
    assert_int_equal(descriptors_count(), count_before + THREADS + WAITING + 1);
    assert_int_equal(lingering_pass(passing[1], fds, 1), 0);
    for (int k = 0; k < 2; k++) {
        assert_false(scm_rights_room(passing[0]));
        assert_int_equal(scm_rights_receive(passing[0], &byte, 1, NULL, NULL), -1);
        assert_int_equal(errno, EBUSY);
    }
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(scm_rights_room(tcp)); /* nobody passes any there */
    close(tcp);
    for (int k = 0; k < THREADS; k++)
        close(peers[k]);
    becomes_closed(count_before);
    receives(passing[0]);
    becomes_closed(count_before);
}

static void what_was_not_read(void **state)
{
    (void)state;
    not_under("valgrind", "it lets no other thread run while one closes a socket that lingers");
    int peer, end = lingering_open(&peer), fds[2];

    for (int k = 0; k < 2; k++) {
        assert_int_equal(socketpair(AF_UNIX, k == 0 ? SOCK_STREAM : SOCK_DGRAM, 0, fds), 0);
        assert_int_equal(lingering_pass(fds[1], &end, 1), 0);
        if (k == 1)
            close(end);
        close(fds[1]);
        lingering_expect_within(2);
        scm_rights_close(fds[0]);
        lingering_met();
    }
    close(peer);
    becomes_closed(count_before);
}

static void who_is_refused(void **state)
{
    int value = 1, fds[1] = { 0 };
    socklen_t size = sizeof(value);

    (void)state;
    scm_rights_refuse(passing[0]);
    if (getsockopt(passing[0], SOL_SOCKET, 83, &value, &size) != 0)
        skip(); /* a kernel before 6.16 */
    assert_int_equal(value, 0);
    assert_int_equal(lingering_pass(passing[1], fds, 1), -1);
    assert_int_equal(errno, EPERM);
}

static int setup(void **state)
{
    (void)state;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, passing) != 0)
        return -1;
    count_before = descriptors_count();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(passing[0]);
    close(passing[1]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_their_sender),
        cmocka_unit_test_setup_teardown(many_are_closed, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_lingers, setup, teardown),
        cmocka_unit_test_setup_teardown(those_that_hold_up_their_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
