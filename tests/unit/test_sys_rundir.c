/* sys/rundir: what an attacker or a careless image may have put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/rundir.h"
#include "unit/scratch.h"

static char dir[64], path[128];

static unsigned mode_of(const char *name)
{
    struct stat st;

    assert_int_equal(lstat(name, &st), 0);
    return st.st_mode & 07777;
}

static void test_made_whatever_the_umask(void **state)
{
    mode_t ours = umask(0077);

    (void)state;
    assert_int_equal(rundir_claim(path), 0);
    umask(ours);
    assert_int_equal(mode_of(path), 0711);
    assert_int_equal(rundir_claim(path), 0); /* again, as by a second start */
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(rundir_claim(path), 0);
    assert_int_equal(mode_of(path), 0711);
    assert_int_equal(rmdir(path), 0);
}

static void test_writable_by_others(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 01777), 0);
    assert_int_equal(rundir_claim(path), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(rundir_claim(path), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(mode_of(path), 0770);
    assert_int_equal(rmdir(path), 0);
}

static void test_of_another_user(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root can make another user's directory\n");
        skip();
    }
    assert_int_equal(mkdir(path, 0711), 0);
    assert_int_equal(chown(path, 65534, 65534), 0);
    assert_int_equal(rundir_claim(path), -1);
    assert_int_equal(errno, EPERM);
    assert_int_equal(rmdir(path), 0);
}

static void test_links_and_files(void **state)
{
    char target[160];

    (void)state;
    snprintf(target, sizeof target, "%s-target", path);
    assert_int_equal(mkdir(target, 0711), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(rundir_claim(path), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(rmdir(target), 0);
    assert_int_equal(rundir_claim(path), -1); /* a dangling one */
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(unlink(path), 0);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(rundir_claim(path), -1);
    assert_int_equal(errno, ENOTDIR);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rundir_claim("/no/such/parent/x"), -1);
    assert_int_equal(errno, ENOENT);
}

static void test_names(void **state)
{
    char name[RUNDIR_SIZE];

    (void)state;
    rundir_name(0, 1000, name);
    assert_string_equal(name, "/run/lastcall");
    rundir_name(1, 1000, name);
    assert_string_equal(name, "/tmp/lastcall-1000");
    rundir_name(2, UINT32_MAX, name);
    assert_string_equal(name, "/dev/shm/lastcall-4294967295");
}

/* As a user who may not write to /run. Any id without a directory there. */
static int auto_as_other_user(void)
{
    char first[RUNDIR_SIZE], path_auto[RUNDIR_SIZE], expected[RUNDIR_SIZE];
    uid_t uid = 700000000 + (uid_t)getpid();
    int rc;

    if (setuid(uid) < 0)
        return 2;
    rundir_name(1, uid, expected);
    if (rundir_auto(path_auto) < 0 || strcmp(path_auto, expected) != 0)
        return 3;
    rmdir(path_auto);
    rundir_name(1, uid, first);
    if (symlink("/etc", first) < 0)
        return 4;
    rundir_name(2, uid, expected);
    rc = rundir_auto(path_auto) == 0 && strcmp(path_auto, expected) != 0 ? 5 : 0;
    rmdir(expected);
    unlink(first);
    return rc;
}

static void test_auto_takes_the_first_that_is_ours(void **state)
{
    int status;

    (void)state;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root can become another user\n");
        skip();
    }
    pid_t pid = fork();
    if (pid == 0)
        _exit(auto_as_other_user());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_directory_of_a_chosen_path(void **state)
{
    char socket[160], found[128], here[128], small[8];

    (void)state;
    snprintf(socket, sizeof socket, "%s/control.sock", path);
    assert_int_equal(rundir_of(socket, found, sizeof found), 0);
    assert_string_equal(found, path);
    assert_int_equal(mode_of(path), 0711);
    assert_int_equal(chmod(path, 0777), 0); /* a volume for all: the operator's choice */
    assert_int_equal(rundir_of(socket, found, sizeof found), 0);
    assert_int_equal(mode_of(path), 0777);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rundir_of("control.sock", found, sizeof found), 0);
    assert_string_equal(found, getcwd(here, sizeof here));
    assert_int_equal(rundir_of("/control.sock", found, sizeof found), 0);
    assert_string_equal(found, "/");
    assert_int_equal(rundir_of("/tmp/", found, sizeof found), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rundir_of("", found, sizeof found), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(rundir_of(socket, small, sizeof small), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(rundir_of("control.sock", small, 2), -1); /* "." fits, what it stands for does not */
    assert_int_equal(errno, ENAMETOOLONG);
    assert_int_equal(rundir_of("/dev/null/control.sock", found, sizeof found), -1);
    assert_int_equal(errno, ENOTDIR);
}

static int setup(void **state)
{
    (void)state;
    if (scratch_make(dir, sizeof dir) < 0)
        return -1;
    snprintf(path, sizeof path, "%s/lastcall", dir);
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
        cmocka_unit_test(test_made_whatever_the_umask),
        cmocka_unit_test(test_writable_by_others),
        cmocka_unit_test(test_of_another_user),
        cmocka_unit_test(test_links_and_files),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_auto_takes_the_first_that_is_ours),
        cmocka_unit_test(test_directory_of_a_chosen_path),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
