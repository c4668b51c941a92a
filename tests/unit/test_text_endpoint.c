#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/endpoint.h"

static void test_parses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        int port;
    } rows[] = {
        {"127.0.0.1:3000", "127.0.0.1", 3000}, {"localhost:1", "localhost", 1},
        {"my_host-1.svc:65535", "my_host-1.svc", 65535}, {"[::1]:9394", "::1", 9394},
        {"[fe80::1%eth0]:80", "fe80::1%eth0", 80},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct endpoint at;
        assert_int_equal(endpoint_parse(rows[i].text, strlen(rows[i].text), &at), 0);
        assert_string_equal(at.host, rows[i].host);
        assert_int_equal(at.port, rows[i].port);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {"", ":", ":80", "host", "host:", "host:0", "host:65536",
                                       "host:80x", "::1:80", "[::1]", "[::1]80", "[]:80", "[::1:80",
                                       "ho st:80", "a/b:80", "host:-1", "a@b:80", "[", "h:80 "};
    struct endpoint at;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(endpoint_parse(rows[i], strlen(rows[i]), &at), -1);
    char longest[ENDPOINT_HOST_MAX + 4];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + ENDPOINT_HOST_MAX, ":80", 3);
    assert_int_equal(endpoint_parse(longest, ENDPOINT_HOST_MAX + 3, &at), 0);
    memcpy(longest + ENDPOINT_HOST_MAX, "a:80", 4);
    assert_int_equal(endpoint_parse(longest, ENDPOINT_HOST_MAX + 4, &at), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parses),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
