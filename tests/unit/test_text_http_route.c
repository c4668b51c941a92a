#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/http_route.h"

static int route(enum http_method method, const char *path, const char *query, struct http_route *out)
{
    struct http_request r = { .method = method };

    snprintf(r.path, sizeof(r.path), "%s", path);
    snprintf(r.query, sizeof(r.query), "%s", query);
    return http_route(&r, out);
}

static void what_is_read_only(void **state)
{
    static const struct {
        const char *path;
        enum route_to to;
        bool open;
    } rows[] = {
        { "/livez", ROUTE_LIVEZ, true }, { "/readyz", ROUTE_READYZ, true }, { "/metrics", ROUTE_METRICS, true },
        { "/prestop/word", ROUTE_PRESTOP_WORD, true }, { "/status", ROUTE_STATUS, false },
        { "/events", ROUTE_EVENTS, false }, { "/%6civez", ROUTE_LIVEZ, true },
    };
    struct http_route r;

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        assert_int_equal(route(HTTP_GET, rows[k].path, "", &r), 0);
        assert_int_equal(r.to, rows[k].to);
        assert_int_equal(http_route_is_open(&r), rows[k].open);
        assert_int_equal(route(HTTP_POST, rows[k].path, "", &r), 405);
        assert_string_equal(r.allow, "GET");
        assert_int_equal(http_route_is_open(&r), rows[k].open);
        assert_int_equal(route(HTTP_OTHER, rows[k].path, "", &r), 405);
        assert_false(r.head_only);
        assert_int_equal(route(HTTP_HEAD, rows[k].path, "", &r), 405);
        assert_true(r.head_only);
    }
    assert_int_equal(route(HTTP_GET, "/prestop/word", "", &r), 0);
    assert_string_equal(r.name, "word");
    assert_false(r.of_service);
    assert_int_equal(r.verb, REQUEST_PRESTOP);
}

static void what_changes_something(void **state)
{
    static const struct {
        const char *path, *query;
        enum request_verb verb;
        bool of_service, wait;
    } rows[] = {
        { "/drain", "", REQUEST_DRAIN, false, false }, { "/drain", "wait=1", REQUEST_DRAIN, false, true },
        { "/drain", "wait=0", REQUEST_DRAIN, false, false }, { "/drain", "wait=off", REQUEST_DRAIN, false, false },
        { "/drain", "wait=", REQUEST_DRAIN, false, true }, { "/shutdown", "now=no", REQUEST_SHUTDOWN, false, false },
        { "/shutdown", "now=TRUE", REQUEST_SHUTDOWN_NOW, false, false },
        { "/prestop", "wait", REQUEST_PRESTOP, false, true },
        { "/shutdown", "", REQUEST_SHUTDOWN, false, false }, { "/shutdown", "now=1", REQUEST_SHUTDOWN_NOW, false, false },
        { "/shutdown", "now=0&wait=1", REQUEST_SHUTDOWN, false, true }, { "/reload", "wait=1", REQUEST_RELOAD, false, false },
        { "/deadline", "in=90s", REQUEST_DEADLINE, false, false }, { "/services/a-b_1/quiet", "", REQUEST_QUIET, true, false },
        { "/services/a-b_1/stop", "wait=1", REQUEST_STOP, true, false }, { "/services/a-b_1/start", "", REQUEST_START, true, false },
        { "/services/a-b_1/restart", "", REQUEST_RESTART, true, false },
        { "/services/a-b_1/signal", "name=USR1", REQUEST_SIGNAL, true, false },
    };
    struct http_route r;

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        assert_int_equal(route(HTTP_POST, rows[k].path, rows[k].query, &r), 0);
        assert_int_equal(r.to, ROUTE_REQUEST);
        assert_int_equal(r.verb, rows[k].verb);
        assert_int_equal(r.of_service, rows[k].of_service);
        assert_int_equal(r.wait, rows[k].wait);
        assert_false(http_route_is_open(&r));
        if (rows[k].of_service)
            assert_string_equal(r.name, "a-b_1");
        if (strcmp(rows[k].path, "/prestop") != 0) /* with a GET it has a word behind it */
            assert_int_equal(route(HTTP_GET, rows[k].path, rows[k].query, &r), 405);
    }
    assert_int_equal(route(HTTP_POST, "/deadline", "in=1m30s", &r), 0);
    assert_int_equal(r.ms, 90 * SECOND);
    assert_int_equal(route(HTTP_POST, "/services/a/signal", "name=RTMIN+3", &r), 0);
    assert_int_equal(r.signo, 37);
    assert_int_equal(route(HTTP_GET, "/events", "follow=1", &r), 0);
    assert_true(r.follow);
    assert_int_equal(route(HTTP_GET, "/readyz", "x=1&service=web", &r), 0);
    assert_true(r.of_service);
    assert_string_equal(r.name, "web");
}

static void what_leads_nowhere(void **state)
{
    static const struct {
        enum http_method method;
        const char *path, *query;
        int status;
    } rows[] = {
        { HTTP_GET, "/", "", 404 }, { HTTP_GET, "/livez/", "", 404 }, { HTTP_GET, "/livez/x", "", 404 },
        { HTTP_GET, "//livez", "", 404 }, { HTTP_GET, "/LIVEZ", "", 404 }, { HTTP_GET, "/a/b/c/d/e", "", 404 },
        { HTTP_POST, "/services/web/stop/now", "", 404 }, { HTTP_POST, "/services//stop", "", 404 },
        { HTTP_GET, "/prestop/", "", 404 }, { HTTP_POST, "/services/web/kill", "", 404 }, { HTTP_POST, "/services", "", 404 },
        { HTTP_POST, "/services/a%2Fstop", "", 404 }, { HTTP_POST, "/services/web", "", 404 },
        { HTTP_GET, "/%zz", "", 400 }, { HTTP_GET, "/livez%00", "", 400 }, { HTTP_GET, "/prestop/%", "", 400 },
        { HTTP_POST, "/deadline", "", 400 }, { HTTP_POST, "/deadline", "in=", 400 },
        { HTTP_POST, "/deadline", "in=soon", 400 }, { HTTP_POST, "/deadline", "in=-1", 400 },
        { HTTP_POST, "/services/w/signal", "", 400 }, { HTTP_POST, "/services/w/signal", "name=NONE", 400 },
        { HTTP_POST, "/services/w/signal", "name=0", 400 }, { HTTP_POST, "/services/w/signal", "name=65", 400 },
        { HTTP_POST, "/drain", "wait=%zz", 400 }, { HTTP_GET, "/events", "follow=%", 400 },
        { HTTP_POST, "/shutdown", "now=later", 400 }, { HTTP_POST, "/drain", "wait=2", 400 }, { HTTP_GET, "/events", "follow=?", 400 },
    };
    char path[HTTP_PATH_MAX];
    struct http_route r;

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        int status = route(rows[k].method, rows[k].path, rows[k].query, &r);

        if (status != rows[k].status)
            fail_msg("%s?%s: %d", rows[k].path, rows[k].query, status);
        assert_non_null(r.error);
    }
    snprintf(path, sizeof(path), "/services/%064d/stop", 0);
    assert_int_equal(route(HTTP_POST, path, "", &r), 404);
    snprintf(path, sizeof(path), "/services/%0300d/stop", 0);
    assert_int_equal(route(HTTP_POST, path, "", &r), 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_only),
        cmocka_unit_test(what_changes_something),
        cmocka_unit_test(what_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
