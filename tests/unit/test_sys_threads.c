/* sys/threads: names, identities, and listings that the kernel cuts short. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/proc.h"
#include "sys/threads.h"
#include "unit/under.h"

enum { MANY = 64, LOOKS = 300, ROUNDS = 60 };

static int proc;
static struct threads threads;
static struct thread_seen seen[THREADS_MAX];

/* A thread of our own process, which lives until it is let go. */
struct worker {
    pthread_t thread;
    const char *name;
    sem_t named, go;
    int32_t tid;
};

static void *worker_run(void *argument)
{
    struct worker *w = argument;

    if (w->name != NULL)
        pthread_setname_np(pthread_self(), w->name);
    w->tid = gettid();
    sem_post(&w->named);
    while (sem_wait(&w->go) != 0)
        ;
    return NULL;
}

static void worker_start(struct worker *w, const char *name)
{
    w->name = name;
    sem_init(&w->named, 0, 0);
    sem_init(&w->go, 0, 0);
    assert_int_equal(pthread_create(&w->thread, NULL, worker_run, w), 0);
    while (sem_wait(&w->named) != 0)
        ;
}

/* pthread_join() may return before the kernel has taken the thread off the list. */
static void worker_end(struct worker *w)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/self/task/%d", (int)w->tid);
    sem_post(&w->go);
    pthread_join(w->thread, NULL);
    while (access(path, F_OK) == 0)
        ;
}

static const struct thread_seen *find(size_t count, int32_t tid)
{
    for (size_t i = 0; i < count; i++)
        if (seen[i].tid == tid)
            return &seen[i];
    return NULL;
}

static size_t look(bool *whole)
{
    ssize_t count = threads_look(&threads, seen, THREADS_MAX, whole);

    assert_true(count >= 0);
    return (size_t)count;
}

static size_t look_whole(void)
{
    bool whole;
    size_t count = look(&whole);

    assert_true(whole);
    return count;
}

static int descriptors_count(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_names_and_starts(void **state)
{
    struct worker a, b, c;
    int count_before = descriptors_count();

    (void)state;
    not_under("tsan", "it starts a thread of its own with our first");
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    size_t others = look_whole(); /* a sanitizer has threads of its own */
    worker_start(&a, "sidekiq.default");
    worker_start(&b, "a) \n(b");
    worker_start(&c, "");
    size_t count = look_whole();
    assert_int_equal(count, others + 3);
    assert_string_equal(find(count, a.tid)->name, "sidekiq.default");
    assert_string_equal(find(count, b.tid)->name, "a) \n(b");
    assert_string_equal(find(count, c.tid)->name, "");
    uint64_t start = find(count, a.tid)->start;
    struct proc_entry e;
    assert_int_equal(proc_read(proc, a.tid, &e), 0);
    assert_int_equal(e.start, start);
    /* the same again, out of what is held; a new name is seen */
    pthread_setname_np(a.thread, "renamed");
    count = look_whole();
    assert_int_equal(count, others + 3);
    assert_string_equal(find(count, a.tid)->name, "renamed");
    assert_int_equal(find(count, a.tid)->start, start);
    worker_end(&b);
    count = look_whole();
    assert_int_equal(count, others + 2);
    assert_null(find(count, b.tid));
    assert_int_equal(threads.count, count); /* its file is not held any more */
    assert_non_null(find(count, c.tid));
    /* one ended, one new: as many as before, but not the same */
    worker_end(&c);
    worker_start(&b, "new");
    count = look_whole();
    assert_int_equal(count, others + 2);
    assert_null(find(count, c.tid));
    assert_string_equal(find(count, b.tid)->name, "new");
    worker_end(&a);
    worker_end(&b);
    assert_int_equal(look_whole(), others);
    threads_close(&threads);
    assert_int_equal(descriptors_count(), count_before);
}

static void test_all_close_on_exec(void **state)
{
    struct worker w;

    (void)state;
    worker_start(&w, "w");
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    look_whole();
    assert_int_equal(fcntl(threads.task, F_GETFD), FD_CLOEXEC);
    assert_true(threads.count >= 2);
    for (size_t i = 0; i < threads.count; i++)
        assert_int_equal(fcntl(threads.held[i].file, F_GETFD), FD_CLOEXEC);
    worker_end(&w);
    threads_close(&threads);
}

static void test_more_than_fit(void **state)
{
    struct worker w[4];
    bool whole;

    (void)state;
    for (int i = 0; i < 4; i++)
        worker_start(&w[i], "w");
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    size_t all = look_whole();
    for (int round = 0; round < 2; round++) {
        assert_int_equal(threads_look(&threads, seen, all - 1, &whole), all - 1);
        assert_false(whole);
    }
    assert_int_equal(threads_look(&threads, seen, all, &whole), all);
    assert_true(whole);
    for (int i = 0; i < 4; i++)
        worker_end(&w[i]);
    threads_close(&threads);
}

/* Few descriptors: half of them stay free, and the look is as good. */
static void test_few_descriptors(void **state)
{
    struct worker w[MANY];
    struct rlimit limit, few;

    (void)state;
    for (int i = 0; i < MANY; i++)
        worker_start(&w[i], "w");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    for (int round = 0; round < 3; round++) {
        size_t count = look_whole();

        assert_true(threads.count < 32);
        for (int i = 0; i < MANY; i++)
            assert_non_null(find(count, w[i].tid));
    }
    threads_close(&threads);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (int i = 0; i < MANY; i++)
        worker_end(&w[i]);
}

/* None is left below the half: nothing stays open, not even the directory, and the look is as
 * good. Where none is left at all the look fails, which is not "no threads". */
static void test_no_descriptors_to_hold(void **state)
{
    struct rlimit limit, few;
    int taken[32], before, after;
    ssize_t first, second, none;
    bool whole[3];

    (void)state;
    for (int i = 0; i < 32; i++)
        taken[i] = fcntl(proc, F_DUPFD_CLOEXEC, 0);
    before = descriptors_count();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    few = limit;
    few.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int opened = threads_open(&threads, proc, getpid());
    first = threads_look(&threads, seen, THREADS_MAX, &whole[0]);
    second = threads_look(&threads, seen, THREADS_MAX, &whole[1]);
    after = descriptors_count();
    few.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &few);
    none = threads_look(&threads, seen, THREADS_MAX, &whole[2]);
    int error = errno;
    setrlimit(RLIMIT_NOFILE, &limit);
    threads_close(&threads);
    for (int i = 0; i < 32; i++)
        close(taken[i]);
    assert_int_equal(opened, 0);
    assert_true(first >= 1 && whole[0]);
    assert_true(second == first && whole[1]);
    assert_int_equal(after, before);
    assert_true(none == -1 && error == EMFILE && !whole[2]);
}

/* One that is not held cannot be opened: it is known that something is missing, though
 * all others, the last among them, can be read. */
static void test_one_unreadable(void **state)
{
    struct worker w[4];
    struct rlimit limit, none;
    bool whole;

    (void)state;
    for (int i = 0; i < 4; i++)
        worker_start(&w[i], "w");
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    size_t all = look_whole();
    close(threads.held[1].file);
    threads.held[1] = threads.held[--threads.count];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    size_t count = look(&whole);
    setrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(count, all - 1);
    assert_false(whole);
    assert_int_equal(look_whole(), all);
    for (int i = 0; i < 4; i++)
        worker_end(&w[i]);
    threads_close(&threads);
}

static void test_gone(void **state)
{
    bool whole;

    (void)state;
    not_under("tsan", "it starts a thread of its own in a fork too");
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    assert_int_equal(threads_open(&threads, proc, pid), 0);
    assert_int_equal(look_whole(), 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(threads_look(&threads, seen, THREADS_MAX, &whole), -1);
    assert_int_equal(errno, ESRCH);
    assert_false(whole);
    threads_close(&threads);
    int count = descriptors_count();
    assert_int_equal(threads_open(&threads, proc, pid), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(descriptors_count(), count);
}

/* Ends some time after *over, so that the ends are spread over several looks. */
static void *doomed_run(void *argument)
{
    atomic_bool *over = argument;

    while (!atomic_load(over))
        poll(NULL, 0, 1);
    return NULL;
}

/* Some end while they are listed, and others stand behind them: where the kernel ends
 * its listing at one that is gone (1 of 100 listings here), those would seem to be gone. */
static void test_listing_cut_short(void **state)
{
    static struct worker behind[MANY];
    pthread_t doomed[MANY];

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        atomic_bool over = false;
        int wholes = 0;

        for (int i = 0; i < MANY; i++)
            assert_int_equal(pthread_create(&doomed[i], NULL, doomed_run, &over), 0);
        for (int i = 0; i < MANY; i++)
            worker_start(&behind[i], "behind");
        assert_int_equal(threads_open(&threads, proc, getpid()), 0);
        look_whole();
        atomic_store(&over, true);
        while (wholes < 3) {
            bool whole;
            size_t count = look(&whole);

            wholes += whole && count < 2 * MANY;
            for (int i = 0; whole && i < MANY; i++)
                assert_non_null(find(count, behind[i].tid));
        }
        for (int i = 0; i < MANY; i++)
            pthread_join(doomed[i], NULL);
        for (int i = 0; i < MANY; i++)
            worker_end(&behind[i]);
        threads_close(&threads);
    }
}

static void *brief_run(void *unused)
{
    return unused;
}

static void *storm_run(void *argument)
{
    atomic_bool *over = argument;

    while (!atomic_load(over)) {
        pthread_t thread[4];

        for (int i = 0; i < 4; i++)
            if (pthread_create(&thread[i], NULL, brief_run, NULL) != 0)
                return NULL;
        for (int i = 0; i < 4; i++)
            pthread_join(thread[i], NULL);
    }
    return NULL;
}

/* Threads that come and go all the time make the kernel end a listing early. A look
 * that calls itself whole must still hold every thread that was there throughout. */
static void test_whole_means_whole(void **state)
{
    atomic_bool over = false;
    struct worker w[2 * MANY];
    pthread_t maker[2];
    int wholes = 0;

    (void)state;
    for (int i = 0; i < MANY; i++)
        worker_start(&w[i], "early");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&maker[i], NULL, storm_run, &over), 0);
    /* these stand behind some that will be gone */
    for (int i = MANY; i < 2 * MANY; i++)
        worker_start(&w[i], "late");
    assert_int_equal(threads_open(&threads, proc, getpid()), 0);
    for (int looks = 0; looks < LOOKS; looks++) {
        bool whole;
        size_t count = look(&whole);

        if (!whole)
            continue;
        wholes++;
        for (int i = 0; i < 2 * MANY; i++)
            assert_non_null(find(count, w[i].tid));
    }
    atomic_store(&over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(maker[i], NULL);
    assert_true(wholes > 0);
    for (int i = 0; i < 2 * MANY; i++)
        worker_end(&w[i]);
    threads_close(&threads);
}

static int setup(void **state)
{
    (void)state;
    proc = proc_open();
    return proc < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    return close(proc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_starts),
        cmocka_unit_test(test_all_close_on_exec),
        cmocka_unit_test(test_more_than_fit),
        cmocka_unit_test(test_few_descriptors),
        cmocka_unit_test(test_no_descriptors_to_hold),
        cmocka_unit_test(test_one_unreadable),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_listing_cut_short),
        cmocka_unit_test(test_whole_means_whole),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
