#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/door.h"

typedef int parse(struct door *d, const char *text, const char **error);

static void right(parse *p, const char *text, struct door *d)
{
    const char *error = NULL;

    *d = (struct door){ 0 };
    assert_int_equal(p(d, text, &error), 0);
}

static void wrong(parse *p, const char *text)
{
    struct door d = { 0 };
    const char *error = NULL;

    assert_int_equal(p(&d, text, &error), -1);
    assert_non_null(error);
}

static void where_to_listen(void **state)
{
    static const char *const bad[] = { "", "9394", ":9394", "web:80", "0.0.0.0", "0.0.0.0:0", "0.0.0.0:65536",
                                       "::1:80", "[::1]", "[web]:80", "1.2.3:80", "unix:", "unix:here" };
    struct door d;

    (void)state;
    right(door_listen, "[::1]:9394", &d);
    assert_true(d.has_listen && d.listen == LISTEN_TCP && d.at.port == 9394);
    assert_string_equal(d.at.host, "::1");
    right(door_listen, "localhost:1", &d);
    right(door_listen, "unix:/run/a", &d);
    assert_int_equal(d.listen, LISTEN_UNIX);
    assert_string_equal(d.path, "/run/a");
    right(door_listen, "none", &d);
    assert_true(d.has_listen && d.listen == LISTEN_NONE);
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
        wrong(door_listen, bad[k]);
}

static void who_may_use_it(void **state)
{
    struct door d;

    (void)state;
    right(door_users, "1000, 1001 0,4294967294", &d);
    assert_int_equal(d.users, 4);
    assert_int_equal(d.user[0], 1000);
    assert_int_equal(d.user[2], 0);
    assert_true(d.user[3] == 4294967294u);
    right(door_users, "none", &d);
    assert_true(d.has_users && d.users == 0);
    right(door_users, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", &d);
    wrong(door_users, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17");
    wrong(door_users, "");
    wrong(door_users, "app");
    wrong(door_users, "1000x");
    wrong(door_users, "-1");
    wrong(door_users, "4294967295"); /* nobody: chown(2)'s `leave it` */
}

static void words_and_paths(void **state)
{
    char word[DOOR_WORD_MAX + 2];
    struct door d;

    (void)state;
    memset(word, 'a', sizeof(word));
    word[DOOR_WORD_MAX + 1] = '\0';
    wrong(door_prestop, word);
    word[DOOR_WORD_MAX] = '\0';
    right(door_prestop, word, &d);
    assert_string_equal(d.prestop, word);
    right(door_prestop, "none", &d);
    assert_true(d.has_prestop && d.prestop == NULL);
    wrong(door_prestop, "");
    wrong(door_prestop, "a/b");
    wrong(door_prestop, "a b");
    right(door_termination_log, "auto", &d);
    assert_true(d.has_termination_log && d.termination_log == NULL);
    right(door_termination_log, "none", &d);
    assert_string_equal(d.termination_log, "");
    right(door_termination_log, "/dev/x", &d);
    wrong(door_termination_log, "x");
}

static void the_stronger_says_what_it_says(void **state)
{
    struct door strong, weak;
    const char *error;

    (void)state;
    right(door_listen, "none", &strong);
    right(door_listen, "127.0.0.1:1", &weak);
    assert_int_equal(door_users(&weak, "7", &error), 0);
    assert_int_equal(door_prestop(&weak, "word", &error), 0);
    assert_int_equal(door_termination_log(&weak, "/x", &error), 0);
    door_merge(&strong, &weak);
    assert_int_equal(strong.listen, LISTEN_NONE);
    assert_true(strong.users == 1 && strong.user[0] == 7);
    assert_string_equal(strong.prestop, "word");
    assert_string_equal(strong.termination_log, "/x");
    right(door_users, "8", &strong);
    door_merge(&strong, &weak);
    assert_true(strong.user[0] == 8 && strong.listen == LISTEN_TCP && strong.at.port == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_to_listen),
        cmocka_unit_test(who_may_use_it),
        cmocka_unit_test(words_and_paths),
        cmocka_unit_test(the_stronger_says_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
