#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/supervisor.h"
#include "text/story.h"

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        struct story_input in;
        const char *line;
    } rows[] = {
        {{STORY_STARTED, "worker", NULL, 17, 0, 1, 0, 0}, "worker (pid 17): started"},
        {{STORY_STARTED, "worker", NULL, 0, 0, 3, 0, 0}, "worker: started again, life 3"},
        {{STORY_STATE, "web", NULL, 17, 0, STATE_READY, STATE_STOPPING, 0}, "web: ready, now stopping"},
        {{STORY_LINGER_SHRUNK, "web", NULL, 0, 0, 20000, 10000, 0},
         "web: too little time: lingers 10s instead of 20s; requests that come later may fail"},
        {{STORY_READY, "web", NULL, 17, 0, 3200, 0, 0}, "web: ready after 3.2s"},
        {{STORY_READY_TIMEOUT, "web", NULL, 0, 0, 300000, 1, 0}, "web: not ready after 5m, counts as ready"},
        {{STORY_READY_TIMEOUT, "web", NULL, 0, 0, 300000, 0, 0}, "web: not ready after 5m, this start has failed"},
        {{STORY_SPAWN_FAILED, "web", NULL, 0, 0, SPAWN_EXEC, ENOENT, 0}, "web: could not be executed: no such file or directory (the program, or what the first line of a script names)"},
        {{STORY_SPAWN_FAILED, "web", "bin/puma -C x", 0, 0, SPAWN_EXEC, EACCES, 0}, "web: 'bin/puma -C x' could not be executed: permission denied"},
        {{STORY_SPAWN_FAILED, "web", "puma", 0, 0, SPAWN_DIRECTORY, 2, 0},
         "web: 'puma' could not be started in its directory: no such file or directory"},
        {{STORY_SPAWN_FAILED, "web", NULL, 0, 0, SPAWN_SETUP, 9999, 0}, "web: could not be set up: error 9999"},
        {{STORY_EXITED, "web", NULL, 17, 0, 3, 0, 0}, "web (pid 17): exit code 3, by itself"},
        {{STORY_EXITED, "web", NULL, 0, 0, 0, SIGKILL, 1}, "web: ended by KILL, as asked"},
        {{STORY_REMAINS, "web", NULL, 0, 0, 2, 0, 0}, "web: its main process is gone, processes left: 2"},
        {{STORY_BACKOFF, "web", NULL, 0, 0, 2000, 2, 5}, "web: restart in 2s (2 of 5)"},
        {{STORY_FAILED, "web", NULL, 0, 0, 5, 0, 0}, "web: failed after 5 restarts in a row"},
        {{STORY_FAILED, "web", NULL, 0, 0, 0, 0, 0}, "web: failed"},
        {{STORY_DEPENDENCY_FAILED, "web", "db", 0, 0, 1, 0, 0}, "web: failed, as db has failed"},
        {{STORY_SIGNAL, NULL, NULL, 0, 0, SIGTERM, 7, 0}, "got TERM from pid 7"},
        {{STORY_SIGNAL_IGNORED, NULL, NULL, 0, 0, SIGUSR1, 0, 0}, "got USR1, ignored"},
        {{STORY_FORWARD, "web", NULL, 0, 0, SIGUSR1, 0, 0}, "web: USR1 forwarded"},
        {{STORY_SHUTDOWN, NULL, NULL, 0, SIGTERM, CAUSE_SIGNAL, ASK_STOP, 3 * HOUR}, "shutdown: TERM, deadline in 3h"},
        {{STORY_SHUTDOWN, NULL, NULL, 0, 0, CAUSE_PRESTOP, ASK_DRAIN, NEVER}, "drain: prestop, no deadline"},
        {{STORY_SHUTDOWN, NULL, "web", 0, 0, CAUSE_ESSENTIAL, ASK_STOP, 90000}, "shutdown: web has ended, deadline in 90s"},
        {{STORY_ASK, NULL, NULL, 0, SIGINT, CAUSE_SIGNAL, ASK_NOW, 0}, "no more waiting: INT"},
        {{STORY_DEADLINE, NULL, NULL, 0, 0, 90000, 1, 0}, "deadline brought forward to 90s from now"},
        {{STORY_DEADLINE, NULL, NULL, 0, 0, 11000, 0, 0}, "deadline stays: it is earlier, 11s from now"},
        {{STORY_SHRUNK, "web", NULL, 0, 0, 35000, 10000, 0},
         "web: too little time: waits 10s instead of 35s; what it still does then is cut off"},
        {{STORY_SHRUNK, "worker", NULL, 0, 0, 30000, 9000, 1},
         "worker: too little time: waits 9s instead of 30s; jobs that still run then may be lost"},
        {{STORY_QUIET, "worker", NULL, 17, 0, SIGTSTP, 0, 0}, "worker: quiet (TSTP)"},
        {{STORY_QUIET, "worker", NULL, 0, 0, 0, 0, 0}, "worker: quiet (command)"},
        {{STORY_BUSY, "worker", NULL, 0, 0, 3, 5, 0}, "worker: 3 of 5 busy"},
        {{STORY_BUSY, "worker", NULL, 0, 0, 3, -1, 0}, "worker: 3 busy"},
        {{STORY_BUSY, "worker", NULL, 0, 0, -1, -1, 0}, "worker: busy unknown"},
        {{STORY_WAITING, "worker", NULL, 17, 0, WAIT_JOBS, 30000, 3}, "worker (pid 17): waiting for 3 jobs for 30s"},
        {{STORY_WAITING, "worker", NULL, 17, 0, WAIT_JOBS, 30000, 1}, "worker (pid 17): waiting for 1 job for 30s"},
        {{STORY_WAITING, "worker", NULL, 17, 0, WAIT_JOBS, 30000, -1}, "worker (pid 17): waiting for an unknown number of jobs for 30s"},
        {{STORY_WAITING, "web", NULL, 0, 0, WAIT_OTHERS, 30000, -1}, "web: waiting for what must stop before it for 30s"},
        {{STORY_STOP, "worker", NULL, 17, 0, STOP_IDLE, SIGTERM, 30000}, "worker: stop (TERM, up to 30s): idle"},
        {{STORY_STOP, "worker", NULL, 0, 0, STOP_KILL, SIGKILL, 0}, "worker: stop (KILL): the end"},
        {{STORY_STOP_AGAIN, "worker", NULL, 17, 0, SIGTERM, 0, 0}, "worker: TERM again: it has booted since"},
        {{STORY_STOP_MISSED, "worker", NULL, 17, 0, SIGTERM, 0, 0},
         "worker: has booted on, TERM did not reach it: waiting for its jobs"},
        {{STORY_STOP, "worker", NULL, 0, 0, STOP_LATEST, 0, NEVER}, "worker: stop (command, without a limit): latest moment"},
        {{STORY_STOP_STEP, "web", NULL, 17, 0, SIGQUIT, 30000, 5000}, "web (pid 17): still there after 30s: QUIT, up to 5s"},
        {{STORY_STOPPED, "web", NULL, 0, 0, 2100, 0, SIGTERM}, "web: stopped after 2.1s: ended by TERM"},
        {{STORY_STOPPED, "web", NULL, 0, 0, 2100, 0, 0}, "web: stopped after 2.1s: exit code 0"},
        {{STORY_DRAINED, NULL, NULL, 0, 0, 40000, 0, 0}, "drained after 40s"},
        {{STORY_ORPHANS, NULL, NULL, 0, 0, 2, SIGTERM, 0}, "2 orphans: TERM"},
        {{STORY_REFUSED, "db", NULL, 0, 0, REQUEST_STOP, VERDICT_NEEDED, 0}, "db: stop refused: a living service needs it"},
        {{STORY_EXEC_FAILED, "web", NULL, 0, 0, EXEC_INFLIGHT, 0, 0}, "web: the command of inflight failed"},
        {{STORY_HOOK_FAILED, NULL, NULL, 0, 0, HOOK_DRAIN, 0, 0}, "hook on_drain failed"},
        {{STORY_BOOKS, NULL, NULL, 0, 0, 1, 2, 3}, ""},
        {{STORY_DONE, NULL, NULL, 0, 0, 1, 2, 3}, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char buf[200];
        size_t n = story_line(&rows[i].in, buf, sizeof buf);
        assert_string_equal(buf, rows[i].line);
        assert_int_equal(n, strlen(rows[i].line));
    }
}

static void test_every_story_with_any_number(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 1, -1, 64, 65, 255, INT32_MAX, INT64_MAX, INT64_MIN};
    enum { N = sizeof numbers / sizeof numbers[0] };
    for (int id = 0; id < STORY_COUNT; id++)
        for (size_t i = 0; i < N * N * N; i++) {
            struct story_input in = {.id = (enum story)id, .a = numbers[i % N],
                                     .b = numbers[i / N % N], .c = numbers[i / N / N],
                                     .signo = (uint8_t)i};
            char buf[256], small[8];
            size_t n = story_line(&in, buf, sizeof buf);
            assert_int_equal(n == 0, id == STORY_DONE || id == STORY_BOOKS);
            assert_int_equal(n, strlen(buf));
            assert_null(strchr(buf, '%'));
            assert_true(story_line(&in, small, sizeof small) < sizeof small);
            assert_in_range(story_level(&in), STORY_LEVEL_ERROR, STORY_LEVEL_DEBUG);
        }
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        struct story_input in;
        enum story_level level;
    } rows[] = {
        {{.id = STORY_EXITED, .a = 1}, STORY_LEVEL_WARN},
        {{.id = STORY_EXITED, .a = 1, .c = 1}, STORY_LEVEL_INFO},
        {{.id = STORY_EXITED}, STORY_LEVEL_INFO},
        {{.id = STORY_EXITED, .b = SIGSEGV}, STORY_LEVEL_WARN},
        {{.id = STORY_READY_TIMEOUT, .b = 0}, STORY_LEVEL_ERROR},
        {{.id = STORY_READY_TIMEOUT, .b = 1}, STORY_LEVEL_WARN},
        {{.id = STORY_STOP, .a = STOP_LATEST}, STORY_LEVEL_WARN},
        {{.id = STORY_STOP, .a = STOP_IDLE}, STORY_LEVEL_INFO},
        {{.id = STORY_FAILED}, STORY_LEVEL_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(story_level(&rows[i].in), rows[i].level);
}

static void test_done(void **state)
{
    (void)state;
    char buf[200];
    story_done_line(61000, 3 * HOUR, 3, 0, 0, buf, sizeof buf);
    assert_string_equal(buf, "done in 61s of 3h: 3 jobs finished, 0 handed back, 0 killed");
    story_done_line(250, NEVER, 0, 1, 2, buf, sizeof buf);
    assert_string_equal(buf, "done in 250ms, no deadline: 0 jobs finished, 1 handed back, 2 killed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_every_story_with_any_number),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
