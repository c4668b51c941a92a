/* Every key of the config file: what it takes, what it refuses, where it goes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/config_keys.h"

static char block[65536];
static struct arena arena;
static struct config_globals globals;
static struct service_spec service;
static struct hook_spec hooks;
static struct config_target to;
static const char *error;

static void begin(void)
{
    arena_init(&arena, block, sizeof(block));
    config_globals_init(&globals);
    memset(&service, 0, sizeof(service));
    memset(&hooks, 0, sizeof(hooks));
    to = (struct config_target){ .globals = &globals, .service = &service, .hooks = &hooks,
                                 .arena = &arena };
    error = NULL;
}

/* 0 or -1, as the key's parser says. */
static int read_key(enum config_where where, const char *name, const char *text)
{
    const struct config_key *key = config_key_find(where, name);

    assert_non_null(key);
    assert_non_null(key->parse);
    begin();
    return key->parse(&to, text, "SHOWN", &error);
}

static void each_key_takes_its_own_default(void **state)
{
    (void)state;
    for (size_t k = 0; k < config_key_count; k++) {
        const struct config_key *key = &config_keys[k];
        const char *text = key->initial;

        if (key->parse == NULL || strncmp(text, "as ", 3) == 0 || strncmp(text, "by ", 3) == 0 ||
            *text == '\0' || strcmp(key->name, "margin") == 0 ||
            (strcmp(text, "none") == 0 && strcmp(key->name, "deadline") != 0))
            continue;
        assert_int_equal(read_key(key->where, key->name, text), 0);
    }
}

static void each_key_is_found_once_and_has_a_meaning(void **state)
{
    (void)state;
    assert_true(config_key_count <= 64); /* of a section's keys the seen ones are one uint64_t */
    for (size_t k = 0; k < config_key_count; k++) {
        const struct config_key *key = &config_keys[k];

        if (strcmp(key->name, "rlimit_NAME") != 0)
            assert_ptr_equal(config_key_find(key->where, key->name), key);
        assert_true(config_key_known(key->name) || strcmp(key->name, "rlimit_NAME") == 0);
        assert_true(strlen(key->meaning) > 10 || key->later);
    }
    assert_null(config_key_find(IN_HOOKS, "command"));
    assert_non_null(config_key_find(IN_SERVICE, "rlimit_nofile"));
    assert_null(config_key_find(IN_SERVICE, "rlimit_nofiles"));
    assert_null(config_key_find(IN_LASTCALL, "rlimit_nofile"));
    assert_true(config_key_known("USR2"));
    assert_true(config_key_known("sigterm"));
    assert_false(config_key_known("10"));
    assert_false(config_key_known("web"));
    assert_string_equal(config_key_nearest(IN_SERVICE, "comand"), "command");
    assert_null(config_key_nearest(IN_LASTCALL, "xyzzy"));
}

static void what_a_key_refuses(void **state)
{
    static const struct { enum config_where where; const char *name, *text; } rows[] = {
        { IN_LASTCALL, "deadline", "" },        { IN_LASTCALL, "deadline", "0s" },
        { IN_LASTCALL, "deadline", "soon" },    { IN_LASTCALL, "margin", "none" },
        { IN_LASTCALL, "linger", "1 s" },       { IN_LASTCALL, "control", "x" },
        { IN_LASTCALL, "control", "" },         { IN_LASTCALL, "logs", "file" },
        { IN_LASTCALL, "logs", "file:" },
        { IN_LASTCALL, "log_level", "INFO" },   { IN_LASTCALL, "log_format", "xml" },
        { IN_SERVICE, "command", "" },          { IN_SERVICE, "command", "a 'b" },
        { IN_SERVICE, "sidecar", "" },          { IN_SERVICE, "essential", "2" },
        { IN_SERVICE, "restart", "" },          { IN_SERVICE, "backoff", "1s" },
        { IN_SERVICE, "restart_limit", "5" },   { IN_SERVICE, "success", "" },
        { IN_SERVICE, "ready", "" },            { IN_SERVICE, "ready_timeout", "x" },
        { IN_SERVICE, "quiet", "" },            { IN_SERVICE, "inflight", "" },
        { IN_SERVICE, "linger", "" },           { IN_SERVICE, "stop", "" },
        { IN_SERVICE, "directory", "" },        { IN_SERVICE, "umask", "" },
        { IN_SERVICE, "umask", "8" },           { IN_SERVICE, "umask", "1000" },
        { IN_SERVICE, "umask", "00000" },       { IN_SERVICE, "umask", "-1" },
        { IN_SERVICE, "environment", "A" },     { IN_SERVICE, "environment", "=a" },
        { IN_SERVICE, "environment", "A=1 ''" }, { IN_SERVICE, "environment_file", "-" },
        { IN_SERVICE, "environment_file", "" }, { IN_SERVICE, "pre_start", "" },
        { IN_SERVICE, "post_exit", "'" },       { IN_HOOKS, "on_ready", "" },
        { IN_HOOKS, "timeout", "" },
    };

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        assert_int_equal(read_key(rows[k].where, rows[k].name, rows[k].text), -1);
        assert_non_null(error);
    }
}

static void settings_of_lastcall_itself(void **state)
{
    (void)state;
    assert_int_equal(read_key(IN_LASTCALL, "deadline", "3h5m"), 0);
    assert_true(globals.has_deadline && globals.deadline == 185 * MINUTE);
    assert_int_equal(read_key(IN_LASTCALL, "deadline", "none"), 0);
    assert_true(globals.has_deadline && globals.deadline == NEVER);
    assert_int_equal(read_key(IN_LASTCALL, "margin", "5s"), 0);
    assert_true(globals.has_margin && globals.margin == 5 * SECOND && !globals.has_linger);
    assert_int_equal(read_key(IN_LASTCALL, "linger", "10"), 0);
    assert_true(globals.has_linger && globals.linger == 10 * SECOND);
    assert_int_equal(read_key(IN_LASTCALL, "control", "/run/x.sock"), 0);
    assert_string_equal(globals.control, "/run/x.sock");
    assert_int_equal(read_key(IN_LASTCALL, "logs", "file:/var/log/x"), 0);
    assert_true(globals.logs.kind == LOGS_FILE);
    assert_string_equal(globals.logs.path, "/var/log/x");
    assert_int_equal(read_key(IN_LASTCALL, "log_level", "debug"), 0);
    assert_int_equal(globals.level, 3);
    assert_int_equal(read_key(IN_LASTCALL, "log_format", "json"), 0);
    assert_int_equal(globals.json, 1);
}

static void settings_of_a_service(void **state)
{
    (void)state;
    assert_int_equal(read_key(IN_SERVICE, "command", "sh -c 'a b'"), 0);
    assert_string_equal(service.command.argv[2], "a b");
    assert_string_equal(service.command.text, "SHOWN");
    assert_int_equal(read_key(IN_SERVICE, "sidecar", "on"), 0);
    assert_true(service.sidecar && !to.essential_given);
    assert_int_equal(read_key(IN_SERVICE, "essential", "TRUE"), 0);
    assert_true(service.essential && to.essential_given);
    assert_int_equal(read_key(IN_SERVICE, "restart", "always"), 0);
    assert_int_equal(service.restart, RESTART_ALWAYS);
    assert_int_equal(read_key(IN_SERVICE, "backoff", "2s 4s"), 0);
    assert_true(service.backoff_first == 2 * SECOND && service.backoff_max == 4 * SECOND);
    assert_int_equal(read_key(IN_SERVICE, "restart_limit", "7 8s"), 0);
    assert_true(service.restart_limit == 7 && service.restart_window == 8 * SECOND);
    assert_int_equal(read_key(IN_SERVICE, "success", "1"), 0);
    assert_int_equal(service.success_codes[0], 2);
    assert_int_equal(read_key(IN_SERVICE, "ready", "tcp:localhost:80"), 0);
    assert_true(service.ready.kind == READY_TCP && service.ready.by_user);
    assert_int_equal(read_key(IN_SERVICE, "ready_timeout", "1m"), 0);
    assert_int_equal(service.ready_timeout, MINUTE);
    assert_int_equal(read_key(IN_SERVICE, "quiet", "TSTP"), 0);
    assert_int_equal(service.quiet.signo, SIGTSTP);
    assert_int_equal(read_key(IN_SERVICE, "inflight", "notify"), 0);
    assert_int_equal(service.inflight.kind, INFLIGHT_NOTIFY);
    assert_int_equal(read_key(IN_SERVICE, "linger", "3s"), 0);
    assert_int_equal(service.linger, 3 * SECOND);
    assert_int_equal(read_key(IN_SERVICE, "stop", "QUIT 3s"), 0);
    assert_int_equal(service.stop.step[0].signo, SIGQUIT);
    assert_int_equal(read_key(IN_SERVICE, "directory", "/srv"), 0);
    assert_string_equal(service.process.directory, "/srv");
    assert_int_equal(read_key(IN_SERVICE, "umask", "0027"), 0);
    assert_int_equal(service.process.umask, 027);
    assert_int_equal(read_key(IN_SERVICE, "logs", "null"), 0);
    assert_true(service.process.logs.kind == LOGS_NULL);
    assert_int_equal(read_key(IN_SERVICE, "environment", "A=1 'B=x y' C="), 0);
    assert_string_equal(to.environment[1], "B=x y");
    assert_string_equal(to.environment[2], "C=");
    assert_null(to.environment[3]);
    assert_int_equal(read_key(IN_SERVICE, "environment", " "), 0);
    assert_null(to.environment[0]);
    assert_int_equal(read_key(IN_SERVICE, "environment_file", "-/etc/x"), 0);
    assert_string_equal(to.environment_file, "-/etc/x");
    assert_int_equal(read_key(IN_SERVICE, "pre_start", "a"), 0);
    assert_string_equal(service.pre_start.argv[0], "a");
    assert_int_equal(read_key(IN_SERVICE, "post_exit", "b"), 0);
    assert_string_equal(service.post_exit.argv[0], "b");
}

static void hooks_go_where_they_belong(void **state)
{
    (void)state;
    for (enum hook hook = HOOK_READY; hook < HOOK_COUNT; hook++) {
        static const char *const names[] = { "on_ready", "on_drain", "on_drained", "on_exit" };
        const struct command *commands[] = { &hooks.on_ready, &hooks.on_drain, &hooks.on_drained,
                                             &hooks.on_exit };

        assert_int_equal(read_key(IN_HOOKS, names[hook], "x y"), 0);
        assert_string_equal(commands[hook]->argv[1], "y");
    }
    assert_int_equal(read_key(IN_HOOKS, "timeout", "9s"), 0);
    assert_int_equal(hooks.timeout, 9 * SECOND);
}

static void a_task_runs_once(void **state)
{
    (void)state;
    begin();
    service.kind = KIND_TASK;
    assert_int_equal(config_key_find(IN_SERVICE, "restart")->parse(&to, "always", "", &error), -1);
    assert_int_equal(config_key_find(IN_SERVICE, "restart")->parse(&to, "never", "", &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_takes_its_own_default),
        cmocka_unit_test(each_key_is_found_once_and_has_a_meaning),
        cmocka_unit_test(what_a_key_refuses),
        cmocka_unit_test(settings_of_lastcall_itself),
        cmocka_unit_test(settings_of_a_service),
        cmocka_unit_test(hooks_go_where_they_belong),
        cmocka_unit_test(a_task_runs_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
