/* sys/proc, sys/members, sys/kill, sys/clock and sys/subreaper on real processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/kill.h"
#include "sys/members.h"
#include "sys/proc.h"
#include "sys/subreaper.h"
#include "sys/title_reader.h"
#include "unit/under.h"

enum { TABLE_SIZE = 8192, FAMILY = 8 };

static int proc;
static struct proc_entry entries[TABLE_SIZE];

/* Processes of a test: each says its pid when it is what it is to be, and lives
 * until it is killed. */
static int said[2];

static _Noreturn void live(void)
{
    for (;;)
        pause();
}

static void say(void)
{
    int32_t pid = getpid();

    if (write(said[1], &pid, sizeof pid) < 0)
        _exit(1);
}

static int32_t hear(void)
{
    int32_t pid = 0;

    assert_int_equal(read(said[0], &pid, sizeof pid), sizeof pid);
    return pid;
}

static void end(int32_t pid)
{
    assert_true(pid > 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void zombie_wait(pid_t pid)
{
    siginfo_t info;

    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
}

static struct proc_table scan(void)
{
    struct proc_table table = { .entry = entries, .size = TABLE_SIZE };

    assert_int_equal(proc_scan(proc, &table, INT64_MAX), 0);
    return table;
}

/* Without title_reader.h's thread: what is forked here starts threads, too. */
static ssize_t read_title(int32_t pid, char title[TITLE_SIZE])
{
    int fd = proc_open_title(proc, pid);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = read(fd, title, TITLE_SIZE);
    close(fd);
    return n;
}

static void test_own_entry(void **state)
{
    struct proc_entry e;

    (void)state;
    assert_int_equal(proc_read(proc, getpid(), &e), 0);
    assert_int_equal(e.pid, getpid());
    assert_int_equal(e.parent, getppid());
    assert_int_equal(e.group, getpgrp());
    assert_int_equal(e.session, getsid(0));
    assert_true(e.start > 0);
    assert_false(e.zombie || e.stopped);
}

static void test_hostile_names(void **state)
{
    static const char *const names[] = { "a) R 1 1 1", "line\nend", "((", "))", " ", "" };
    char before[16];
    struct proc_entry e;
    uint64_t caught;

    (void)state;
    prctl(PR_GET_NAME, before);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        prctl(PR_SET_NAME, names[i]);
        assert_int_equal(proc_read(proc, getpid(), &e), 0);
        assert_int_equal(e.parent, getppid());
        assert_int_equal(e.session, getsid(0));
        assert_int_equal(proc_read_signals(proc, getpid(), &caught), 0);
    }
    prctl(PR_SET_NAME, before);
}

static void test_gone(void **state)
{
    struct proc_entry e;
    uint64_t caught;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        live();
    end(pid);
    assert_int_equal(proc_read(proc, pid, &e), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(proc_read_signals(proc, pid, &caught), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(proc_open_title(proc, pid), -1);
    assert_int_equal(errno, ESRCH);
}

/* The file is opened once, tells what is so now, and of nobody else when its process is gone. */
static void test_held(void **state)
{
    struct proc_entry e;
    int held = -1, first;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        live();
    assert_int_equal(proc_read_held(proc, pid, &held, &e), 0);
    assert_int_equal(e.pid, pid);
    assert_int_equal(e.parent, getpid());
    assert_false(e.stopped);
    assert_true(held >= 0);
    assert_int_equal(fcntl(held, F_GETFD), FD_CLOEXEC);
    first = held;
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_int_equal(proc_read_held(proc, pid, &held, &e), 0);
    assert_true(e.stopped);
    assert_int_equal(held, first);
    end(pid);
    assert_int_equal(proc_read_held(proc, getpid(), &held, &e), -1); /* as if its pid were another's now */
    assert_int_equal(held, first);
    close(held);
}

/* Above half of the limit nothing is kept open. */
static void test_held_by_nobody_where_descriptors_are_few(void **state)
{
    struct rlimit limit, few;
    struct proc_entry e;
    int held = -1, high = fcntl(proc, F_DUPFD_CLOEXEC, 0);

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = (rlim_t)high + 2;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int rc = proc_read_held(proc, getpid(), &held, &e);
    setrlimit(RLIMIT_NOFILE, &limit);
    close(high);
    assert_int_equal(rc, 0);
    assert_int_equal(e.pid, getpid());
    assert_int_equal(held, -1);
}

/* A /proc that does not show a process which lives, as with hidepid=2. */
static void test_hidden_is_not_gone(void **state)
{
    int empty = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct proc_entry e;

    (void)state;
    assert_int_equal(proc_read(empty, getpid(), &e), -1);
    assert_int_equal(errno, EACCES);
    close(empty);
}

static void test_no_descriptors_is_not_gone(void **state)
{
    struct proc_table table = { .entry = entries, .size = TABLE_SIZE };
    struct rlimit limit, none;
    struct proc_entry e;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = proc_read(proc, getpid(), &e), error = errno;
    int scanned = proc_scan(proc, &table, INT64_MAX);
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(rc, -1);
    assert_int_equal(error, EMFILE);
    assert_int_equal(scanned, 0);
    assert_false(table.complete);
}

static void test_zombie_and_stopped(void **state)
{
    struct proc_entry e;
    char title[TITLE_SIZE];
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        live();
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_int_equal(proc_read(proc, pid, &e), 0);
    assert_true(e.stopped && !e.zombie);
    kill(pid, SIGKILL);
    zombie_wait(pid);
    assert_int_equal(proc_read(proc, pid, &e), 0);
    assert_true(e.zombie && !e.stopped);
    assert_int_equal(read_title(pid, title), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_stopped_by_a_debugger(void **state)
{
    struct proc_entry e;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    assert_int_equal(proc_read(proc, pid, &e), 0);
    end(pid);
    assert_true(e.stopped && !e.zombie);
}

static void *thread_live(void *unused)
{
    (void)unused;
    live();
}

static void test_main_thread_ended_process_lives(void **state)
{
    struct proc_entry e;
    char path[64], line[512];
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, thread_live, NULL) == 0)
            syscall(SYS_exit, 0);
        _exit(1);
    }
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    do { /* until the kernel says Z */
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = read(fd, line, sizeof line - 1);

        close(fd);
        assert_true(got > 0);
        line[got] = '\0';
    } while (strstr(line, ") Z ") == NULL);
    assert_int_equal(proc_read(proc, pid, &e), 0);
    assert_false(e.zombie);
    end(pid);
}

static void on_signal(int signo)
{
    (void)signo;
}

static void test_signals_caught(void **state)
{
    uint64_t caught, tstp = UINT64_C(1) << (SIGTSTP - 1), last = UINT64_C(1) << 63;

    (void)state;
    not_under("valgrind", "/proc tells of the signals of valgrind, not of ours");
    assert_int_equal(proc_read_signals(proc, getpid(), &caught), 0);
    assert_true((caught & (tstp | last)) == 0);
    signal(SIGTSTP, on_signal);
    signal(64, on_signal);
    assert_int_equal(proc_read_signals(proc, getpid(), &caught), 0);
    assert_true((caught & tstp) != 0 && (caught & last) != 0);
    signal(SIGTSTP, SIG_IGN);
    signal(64, SIG_DFL);
    assert_int_equal(proc_read_signals(proc, getpid(), &caught), 0);
    assert_true((caught & (tstp | last)) == 0);
    signal(SIGTSTP, SIG_DFL);
}

static void test_title_is_raw(void **state)
{
    char title[TITLE_SIZE];
    int ends[2];
    pid_t pid;
    char byte;

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        execlp("sleep", "a name", "1000", (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    close(ends[0]);
    assert_int_equal(read_title(pid, title), 12);
    assert_memory_equal(title, "a name\0001000\0", 12);
    end(pid);
}

static void test_scan(void **state)
{
    struct proc_table table = scan();
    bool found = false;

    (void)state;
    assert_true(table.complete);
    for (size_t i = 0; i < table.count; i++) {
        found = found || table.entry[i].pid == getpid();
        assert_true(i == 0 || table.entry[i].pid > table.entry[i - 1].pid);
    }
    assert_true(found);
    table = scan(); /* from the beginning again */
    assert_true(table.count > 0);
    assert_int_equal(proc_scan(proc, &table, 0), 0); /* its time is over */
    assert_false(table.complete);
    table.size = 0;
    assert_int_equal(proc_scan(proc, &table, INT64_MAX), 0);
    assert_int_equal(table.count, 0);
    assert_false(table.complete);
    assert_int_equal(proc_scan(-1, &table, INT64_MAX), -1);
    assert_int_equal(table.count, 0);
    assert_false(table.complete);
}

static bool has(const struct proc_entry *list, size_t count, int32_t pid)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].pid == pid)
            return true;
    return false;
}

/* 0: a leader in a session of its own; 1: its child; 2: another that made a session
 * of its own, as su does; 3: the child of that, in yet another. Each forks only when
 * the one before has spoken, by way of a pipe of its own. */
static _Noreturn void family_leader(void)
{
    int gate[2];
    char byte = 0;

    setsid();
    say();
    if (pipe(gate) < 0)
        _exit(1);
    if (fork() == 0) {
        say();
        if (write(gate[1], &byte, 1) != 1)
            _exit(1);
        live();
    }
    if (read(gate[0], &byte, 1) == 1 && fork() == 0) {
        setsid();
        say();
        if (fork() == 0) {
            setsid();
            say();
        }
    }
    live();
}

static void family_start(int32_t pid[4])
{
    if (fork() == 0)
        family_leader();
    for (int i = 0; i < 4; i++)
        pid[i] = hear();
}

static void test_members(void **state)
{
    int32_t pid[4];
    struct proc_entry out[FAMILY];
    struct proc_table table;
    struct members_query query = { 0 };
    struct member_known known[FAMILY];
    struct proc_entry su_entry;
    bool complete;
    size_t count;

    (void)state;
    family_start(pid);
    table = scan();
    int32_t leader = pid[0], su = pid[2];
    query.leader = query.session = leader;
    count = members_of(&table, &query, out, FAMILY, &complete);
    assert_int_equal(count, 4);
    assert_true(complete);
    assert_int_equal(out[0].pid, leader);
    for (int i = 0; i < 4; i++)
        assert_true(has(out, count, pid[i]));
    for (size_t i = 0; i < count; i++)
        known[i] = (struct member_known){ .pid = out[i].pid, .start = out[i].start };

    /* no room for all: the leader comes first, and it says so */
    assert_int_equal(members_of(&table, &query, out, 2, &complete), 2);
    assert_false(complete);
    assert_int_equal(out[0].pid, leader);

    /* the leader is gone: its session and those known remain, adopted by us */
    end(leader);
    table = scan();
    query.leader = 0;
    count = members_of(&table, &query, out, FAMILY, &complete);
    assert_int_equal(count, 1);
    query.known = known;
    query.known_count = 4;
    count = members_of(&table, &query, out, FAMILY, &complete);
    assert_int_equal(count, 3);
    assert_true(complete);

    /* a number that was given to another process is not the one known */
    for (size_t i = 0; i < 4; i++)
        known[i].start++;
    assert_int_equal(members_of(&table, &query, out, FAMILY, &complete), 1);

    /* the sweep: what we adopted is ours, less what is excepted and its descendants */
    count = members_descend_from(&table, getpid(), NULL, 0, out, FAMILY, &complete);
    assert_int_equal(count, 3);
    assert_true(complete);
    assert_false(has(out, count, getpid()));
    count = members_descend_from(&table, getpid(), &su, 1, out, FAMILY, &complete);
    assert_int_equal(count, 1);
    assert_int_equal(proc_read(proc, su, &su_entry), 0);

    /* who was listed before is known again, but not who has only the number */
    struct proc_entry listed[2] = { out[0], su_entry };
    listed[0].start++;
    members_told(&table, listed, 2);
    count = members_descend_from(&table, getpid(), NULL, 0, out, FAMILY, &complete);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(out[i].told, out[i].pid == su);

    /* KILL to all that were listed; zombies get none */
    count = members_descend_from(&table, getpid(), NULL, 0, out, FAMILY, &complete);
    assert_int_equal(signal_members(out, count, SIGKILL), 3);
    for (int i = 0; i < 3; i++)
        assert_true(waitpid(-1, NULL, 0) > 0);
}

static void test_members_of_a_group(void **state)
{
    struct proc_entry out[FAMILY];
    struct members_query query = { 0 };
    bool complete;
    pid_t leader = fork();

    (void)state;
    if (leader == 0) {
        setpgid(0, 0);
        if (fork() > 0)
            _exit(0);
        say();
        live();
    }
    int32_t orphan = hear();
    assert_int_equal(waitpid(leader, NULL, 0), leader);
    struct proc_table table = scan();
    query.group = leader;
    assert_int_equal(members_of(&table, &query, out, FAMILY, &complete), 1);
    assert_int_equal(out[0].pid, orphan);
    assert_true(complete);
    query.leader = leader; /* said to live, but not to be seen */
    members_of(&table, &query, out, FAMILY, &complete);
    assert_false(complete);
    query = (struct members_query){ 0 };
    assert_int_equal(members_of(&table, &query, out, FAMILY, &complete), 0);
    end(orphan);
}

/* After the numbers came round a child may have a lower pid than its parent. */
static void test_members_with_pids_out_of_order(void **state)
{
    struct proc_entry list[] = {
        { .pid = 1, .parent = 0, .session = 1 },
        { .pid = 2, .parent = 4, .session = 2 },
        { .pid = 3, .parent = 2, .session = 3 },
        { .pid = 4, .parent = 9, .session = 4 },
        { .pid = 8, .parent = 1, .session = 8 },
        { .pid = 9, .parent = 1, .session = 9, .zombie = true },
    };
    struct proc_table table = { .entry = list, .size = 6, .count = 6, .complete = true };
    struct members_query query = { .leader = 9, .session = 9 };
    struct proc_entry out[6];
    bool complete;

    (void)state;
    assert_int_equal(members_of(&table, &query, out, 6, &complete), 4);
    assert_int_equal(out[0].pid, 9);
    assert_int_equal(out[1].pid, 2);
    assert_int_equal(out[2].pid, 3);
    assert_int_equal(out[3].pid, 4);
    assert_int_equal(members_descend_from(&table, 1, (int32_t[]){ 4 }, 1, out, 6, &complete), 2);
    assert_int_equal(members_descend_from(&table, 7, NULL, 0, out, 6, &complete), 0);
    assert_false(complete);
    table.complete = false;
    members_of(&table, &query, out, 6, &complete);
    assert_false(complete);
    table.count = 0;
    assert_int_equal(members_of(&table, &query, out, 6, &complete), 0);
}

static void test_kill_refuses_many_and_itself(void **state)
{
    struct proc_entry list[] = { { .pid = -1 }, { .pid = 0 }, { .pid = 1 }, { .pid = getpid() } };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(signal_process(list[i].pid, 0), -1);
        assert_int_equal(errno, EINVAL);
    }
    assert_int_equal(signal_members(list, 4, 0), 0);
    pid_t pid = fork();
    if (pid == 0)
        live();
    struct proc_entry child = { .pid = pid };
    assert_int_equal(signal_process(pid, 0), 0);
    assert_int_equal(signal_members(&child, 1, SIGKILL), 1);
    zombie_wait(pid);
    child.zombie = true;
    assert_int_equal(signal_members(&child, 1, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(signal_process(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void test_clock(void **state)
{
    int64_t first = clock_monotonic_ms();

    (void)state;
    assert_true(first > 0);
    assert_true(clock_monotonic_ms() >= first);
    assert_true(llabs(clock_wall_ms() / 1000 - (int64_t)time(NULL)) <= 1);
}

static int setup(void **state)
{
    (void)state;
    proc = proc_open();
    if (proc < 0 || fcntl(proc, F_GETFD) != FD_CLOEXEC)
        return -1;
    return pipe2(said, O_CLOEXEC) < 0 || subreaper_become() < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    close(said[0]);
    close(said[1]);
    return close(proc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_entry),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_held_by_nobody_where_descriptors_are_few),
        cmocka_unit_test(test_hidden_is_not_gone),
        cmocka_unit_test(test_no_descriptors_is_not_gone),
        cmocka_unit_test(test_zombie_and_stopped),
        cmocka_unit_test(test_stopped_by_a_debugger),
        cmocka_unit_test(test_main_thread_ended_process_lives),
        cmocka_unit_test(test_signals_caught),
        cmocka_unit_test(test_title_is_raw),
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_members_of_a_group),
        cmocka_unit_test(test_members_with_pids_out_of_order),
        cmocka_unit_test(test_kill_refuses_many_and_itself),
        cmocka_unit_test(test_clock),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
