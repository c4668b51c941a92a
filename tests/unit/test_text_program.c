#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/program.h"

enum { WORDS = 12 };

struct row {
    enum profile profile;
    const char *argv[WORDS];
};

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (program_profile(rows[i].argv) != rows[i].profile)
            fail_msg("row %zu, %s %s: profile %d", i, rows[i].argv[0],
                     rows[i].argv[1] != NULL ? rows[i].argv[1] : "", program_profile(rows[i].argv));
}

static void test_programs(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {PROFILE_PUMA, {"puma"}},
        {PROFILE_PUMA, {"bundle", "exec", "puma", "-C", "config/puma.rb"}},
        {PROFILE_PUMA, {"bin/rails", "server", "-b", "0.0.0.0"}},
        {PROFILE_PUMA, {"rails", "s"}},
        {PROFILE_SIDEKIQ, {"/usr/bin/sidekiq", "-c", "5"}},
        {PROFILE_SIDEKIQ, {"bundle", "exec", "sidekiqswarm"}},
        {PROFILE_SIDEKIQ, {"bundle", "_2.4.1_", "exec", "sidekiq"}},
        {PROFILE_NGINX, {"nginx", "-g", "daemon off;"}},
        {PROFILE_FLUENT_BIT, {"/fluent-bit/bin/fluent-bit", "-c", "x"}},
        {PROFILE_FLUENT_BIT, {"td-agent-bit"}},
        {PROFILE_RESQUE, {"bundle", "exec", "rake", "environment", "resque:work", "QUEUE=*"}},
        {PROFILE_RESQUE, {"bin/rails", "resque:work"}},
        {PROFILE_RESQUE, {"resque-pool"}},
        {PROFILE_SHORYUKEN, {"bundle", "exec", "shoryuken", "-R"}},
        {PROFILE_FAKTORY, {"faktory-worker"}},
        {PROFILE_KARAFKA, {"karafka", "server"}},
        {PROFILE_GENERIC, {"karafka", "console"}},
        {PROFILE_SOLID_QUEUE, {"bin/jobs"}},
        {PROFILE_SOLID_QUEUE, {"./bin/jobs", "start"}},
        {PROFILE_SOLID_QUEUE, {"rake", "solid_queue:start"}},
        {PROFILE_GENERIC, {"sbin/jobs"}},
        {PROFILE_GENERIC, {"jobs"}},
        {PROFILE_GOOD_JOB, {"bundle", "exec", "good_job", "start"}},
        {PROFILE_GOOD_JOB, {"good_job"}},
        {PROFILE_GENERIC, {"good_job", "cleanup_preserved_jobs"}},
        {PROFILE_DELAYED_JOB, {"script/delayed_job", "run"}},
        {PROFILE_DELAYED_JOB, {"bin/rails", "jobs:work"}},
        {PROFILE_DELAYED_JOB, {"rake", "jobs:workoff[5]"}},
        {PROFILE_QUE, {"bundle", "exec", "que", "./config/environment.rb"}},
        {PROFILE_CELERY, {"celery", "-A", "app", "worker", "-l", "INFO"}},
        {PROFILE_CELERY, {"python3", "-u", "-m", "celery", "-A", "app", "worker"}},
        {PROFILE_GENERIC, {"celery", "-A", "app", "beat"}},
        {PROFILE_GENERIC, {"bin/rails", "console"}},
        {PROFILE_GENERIC, {"bin/rails", "db:migrate"}},
        {PROFILE_GENERIC, {"sidekiqmon"}},
        {PROFILE_GENERIC, {"sleep", "sidekiq"}},
        {PROFILE_GENERIC, {"cat", "bin/sidekiq"}},
        {PROFILE_GENERIC, {""}},
        {PROFILE_GENERIC, {"/"}},
        {PROFILE_GENERIC, {NULL}},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void test_wrappers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {PROFILE_SIDEKIQ, {"env", "-i", "-u", "X", "A=b", "C=", "bundle", "exec", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"/usr/bin/env", "ruby", "bin/sidekiq"}},
        {PROFILE_SIDEKIQ, {"ruby3.1", "-W0", "-I", "lib", "-rbundler/setup", "/app/bin/sidekiq"}},
        {PROFILE_SIDEKIQ, {"ruby", "-S", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"ruby", "--", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"bin/bundle", "exec", "--keep-file-descriptors", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"gosu", "app", "bundle", "exec", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"tini", "-s", "--", "bundle", "exec", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"dumb-init", "-r", "15:2", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"nice", "-n", "5", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"nice", "-5", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"timeout", "-k", "5", "3h", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"setpriv", "--reuid", "5", "--clear-groups", "sidekiq"}},
        {PROFILE_PUMA, {"bin/thrust", "bin/rails", "server"}},
        {PROFILE_GENERIC, {"timeout", "sidekiq"}},
        {PROFILE_PUMA, {"/rails/bin/docker-entrypoint", "./bin/rails", "server"}},
        {PROFILE_PUMA, {"docker-entrypoint.sh", "bundle", "exec", "puma"}},
        {PROFILE_GENERIC, {"ruby", "-e", "sidekiq"}},
        {PROFILE_GENERIC, {"ruby", "-r", "x", "-e", "sidekiq"}},
        {PROFILE_GENERIC, {"rubyx", "sidekiq"}},
        {PROFILE_GENERIC, {"bundle", "install", "sidekiq"}},
        {PROFILE_GENERIC, {"bundle", "exec"}},
        {PROFILE_GENERIC, {"env"}},
        {PROFILE_GENERIC, {"env", "-u"}},
        {PROFILE_GENERIC, {"gosu"}},
        {PROFILE_GENERIC, {"ruby"}},
        {PROFILE_GENERIC, {"python", "-m"}},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void test_shells(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {PROFILE_SIDEKIQ, {"sh", "-c", "exec sidekiq"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "sidekiq; true"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "sidekiq -c 5 -q default; true"}},
        {PROFILE_SIDEKIQ, {"/bin/bash", "-lc", "cd /app && RAILS_ENV=production bundle exec sidekiq"}},
        {PROFILE_SIDEKIQ, {"bash", "-eo", "pipefail", "-c", "bin/migrate && sidekiq 2>&1 | tee log"}},
        {PROFILE_SIDEKIQ, {"sh", "-ec", "set -e\nexec \"bundle\" 'exec' \"sidekiq\" >/dev/null"}},
        {PROFILE_SIDEKIQ, {"su", "app", "-c", "bundle exec sidekiq"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "if test -f x; then bundle exec sidekiq; fi"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "(sidekiq)"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "{ sidekiq; }"}},
        {PROFILE_SIDEKIQ, {"env", "A=b", "sh", "-c", "sidekiq"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", "side\\\nkiq"}},
        {PROFILE_SIDEKIQ, {"sh", "-c", ">log 2>&1 exec -a worker sidekiq"}},
        {PROFILE_PUMA, {"sh", "-c", "nginx & exec bundle exec puma"}},
        {PROFILE_GENERIC, {"sh", "-c", "echo sidekiq; # sidekiq\n cat <sidekiq >puma"}},
        {PROFILE_GENERIC, {"sh", "script.sh", "-c", "sidekiq"}},
        {PROFILE_GENERIC, {"sh", "-c"}},
        {PROFILE_GENERIC, {"sh", "-c", ""}},
        {PROFILE_GENERIC, {"sh", "-c", "'sidekiq x"}},
        {PROFILE_GENERIC, {"sh", "-c", "exec \"$@\"", "sh", "sidekiq"}},
        {PROFILE_GENERIC, {"sh", "-c", ";;;&&|()\n<>"}},
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void test_words_of_the_program(void **state)
{
    (void)state;
    static struct program p;
    static const char *const direct[] = {"env", "A=b", "bundle", "exec", "sidekiq", "-t", "5", NULL};
    program_read(direct, &p);
    assert_int_equal(p.count, 3);
    assert_string_equal(p.word[0], "sidekiq");
    assert_string_equal(p.word[2], "5");
    assert_false(p.shell || p.entrypoint);

    static const char *const shell[] = {"sh", "-c", "nginx; sidekiq -t 5 2>&1; true", NULL};
    program_read(shell, &p);
    assert_true(p.shell);
    assert_int_equal(p.count, 3);
    assert_string_equal(p.word[0], "sidekiq");
    assert_string_equal(p.word[2], "5");
}

static void test_exec_in_a_shell(void **state)
{
    static const struct { const char *string; bool execs; } all[] = {
        {"exec puma", true},
        {"cd /app && exec bundle exec puma", true},
        {"test -e up || exit 1\nexec sidekiq", true},
        {"if test -e up; then exec puma; fi", true},
        {"A=1 exec puma", true},
        {"bundle exec puma", false},
        {"cd /app; bin/bundle exec sidekiq; true", false},
        {"echo 'exec puma'; puma", false},
        {"execute", false},
    };
    static struct program p;

    (void)state;
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        const char *argv[] = {"sh", "-c", all[k].string, NULL};
        program_read(argv, &p);
        if (p.execs != all[k].execs)
            fail_msg("%s", all[k].string);
    }
    static const char *const direct[] = {"bundle", "exec", "puma", NULL};
    program_read(direct, &p);
    assert_false(p.shell || p.execs);
}

static void test_long_strings(void **state)
{
    (void)state;
    static char string[20000];
    static const char units[][5] = {"a ", "a;", "'' ", "\"\";", "2>1 ", "a"};
    static struct program p;
    const char *argv[] = {"sh", "-c", string, NULL};
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++)
        for (size_t length = 4080; length < 4110; length++) {
            size_t n = 0;
            while (n + strlen(units[u]) <= length) {
                memcpy(string + n, units[u], strlen(units[u]));
                n += strlen(units[u]);
            }
            memcpy(string + n, " '' ''", 7);
            program_read(argv, &p);
            assert_int_equal(p.profile, PROFILE_GENERIC);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_wrappers),
        cmocka_unit_test(test_shells),
        cmocka_unit_test(test_words_of_the_program),
        cmocka_unit_test(test_exec_in_a_shell),
        cmocka_unit_test(test_long_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
