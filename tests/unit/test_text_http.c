#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/http.h"

#define TEXT(s) s, sizeof(s) - 1

/* What a whole head gets; the same must come out when it arrives byte by byte. */
static int head(const char *bytes, size_t n, struct http_request *out)
{
    int whole = http_head(bytes, n, out), piecewise = 0;

    for (size_t k = 1; k <= n && piecewise == 0; k++)
        piecewise = http_head(bytes, k, out);
    assert_int_equal(piecewise, whole);
    return whole;
}

static void requests_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        enum http_method method;
        const char *path, *query;
    } rows[] = {
        { TEXT("GET / HTTP/1.1\r\n\r\n"), HTTP_GET, "/", "" },
        { TEXT("POST /a/b?c=d&e HTTP/1.1\r\nHost: x\r\n\r\n"), HTTP_POST, "/a/b", "c=d&e" },
        { TEXT("GET /x? HTTP/1.0\n\n"), HTTP_GET, "/x", "" },
        { TEXT("\r\n\r\nget /x HTTP/1.1\r\n\r\n"), HTTP_OTHER, "/x", "" },
        { TEXT("DELETE /x HTTP/1.9\r\n\r\n"), HTTP_OTHER, "/x", "" },
        { TEXT("GET http://host:9/p?q HTTP/1.1\r\n\r\n"), HTTP_GET, "/p", "q" },
        { TEXT("POST / HTTP/1.1\r\nContent-Length: 4096\r\ncontent-length:4096\t\r\n\r\n"), HTTP_POST, "/", "" },
        { TEXT("GET /%41 HTTP/1.1\r\nX:\ty\xff\r\n\r\n"), HTTP_GET, "/%41", "" },
    };
    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct http_request r;

        assert_int_equal(head(rows[k].text, rows[k].n, &r), rows[k].n);
        assert_int_equal(r.method, rows[k].method);
        assert_string_equal(r.path, rows[k].path);
        assert_string_equal(r.query, rows[k].query);
    }
}

static void what_is_behind_the_head_is_not_looked_at(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\n\r\n\0\1\2GET";
    struct http_request r;

    (void)state;
    assert_int_equal(http_head(text, sizeof(text) - 1, &r), 18);
}

static void wrong_requests_are_refused(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        int status;
    } rows[] = {
        { TEXT("\0"), 400 }, { TEXT("GET /\0 HTTP/1.1\r\n\r\n"), 400 }, { TEXT("GET /\x7f HTTP/1.1\r\n\r\n"), 400 },
        { TEXT("\x16\x03\x01\x02"), 400 }, { TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400 },
        { TEXT("GET\r\n\r\n"), 400 }, { TEXT("GET /\r\n\r\n"), 400 }, { TEXT(" GET / HTTP/1.1\r\n\r\n"), 400 },
        { TEXT("G3T / HTTP/1.1\r\n\r\n"), 400 }, { TEXT("GET x HTTP/1.1\r\n\r\n"), 400 },
        { TEXT("GET  HTTP/1.1\r\n\r\n"), 400 }, { TEXT("GET /a b HTTP/1.1\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.x\r\n\r\n"), 400 }, { TEXT("GET / HTTP/1.11\r\n\r\n"), 400 },
        { TEXT("GET /#a HTTP/1.1\r\n\r\n"), 400 }, { TEXT("GET http://host HTTP/1.1\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\n folded\r\n\r\n"), 400 }, { TEXT("GET / HTTP/1.1\r\na\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\na : b\r\n\r\n"), 400 }, { TEXT("GET / HTTP/1.1\r\n: b\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\na: b\rc\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length:\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400 },
        { TEXT("GET / HTTP/1.1\r\nContent-Length: 4097\r\n\r\n"), 413 },
        { TEXT("GET / HTTP/1.1\r\nTRANSFER-ENCODING: chunked\r\n\r\n"), 413 },
    };
    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct http_request r;

        assert_int_equal(head(rows[k].text, rows[k].n, &r), -rows[k].status);
    }
}

static void a_head_has_8192_bytes_at_most(void **state)
{
    static char text[HTTP_HEAD_MAX + 16];
    struct http_request r;
    int start;

    (void)state;
    memset(text, 'x', sizeof(text));
    start = (int)strlen(strcpy(text, "GET / HTTP/1.1\r\na: "));
    text[start] = 'x';
    memcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
    assert_int_equal(http_head(text, HTTP_HEAD_MAX - 1, &r), 0);
    assert_int_equal(http_head(text, HTTP_HEAD_MAX, &r), HTTP_HEAD_MAX);
    memset(text + HTTP_HEAD_MAX - 4, 'x', 4);
    assert_int_equal(http_head(text, HTTP_HEAD_MAX, &r), -431);
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /", 5);
    memcpy(text + 5 + HTTP_PATH_MAX - 1, " HTTP/1.1\r\n\r\n", 13);
    assert_true(http_head(text, 5 + HTTP_PATH_MAX + 12, &r) > 0);
    assert_int_equal(strlen(r.path), HTTP_PATH_MAX);
    memcpy(text + 5 + HTTP_PATH_MAX - 1, "a HTTP/1.1\r\n\r\n", 14);
    assert_int_equal(http_head(text, 5 + HTTP_PATH_MAX + 13, &r), -431);
}

static void escapes_are_replaced(void **state)
{
    char out[8];

    (void)state;
    assert_int_equal(http_unescape(TEXT("a%2Fb%6c+"), out, sizeof(out)), 0);
    assert_string_equal(out, "a/bl+");
    assert_int_equal(http_unescape(TEXT("1234567"), out, sizeof(out)), 0);
    assert_int_equal(http_unescape(TEXT("12345678"), out, sizeof(out)), -1);
    assert_int_equal(http_unescape(TEXT("%00"), out, sizeof(out)), -1);
    assert_int_equal(http_unescape(TEXT("%zz"), out, sizeof(out)), -1);
    assert_int_equal(http_unescape(TEXT("%4"), out, sizeof(out)), -1);
    assert_int_equal(http_unescape("%41", 2, out, sizeof(out)), -1);
    assert_int_equal(http_unescape(TEXT("%"), out, sizeof(out)), -1);
    assert_int_equal(http_unescape(TEXT(""), out, sizeof(out)), 0);
    assert_string_equal(out, "");
}

static void parameters_are_found_by_their_whole_name(void **state)
{
    char out[8];

    (void)state;
    assert_int_equal(http_parameter("in=9s&name=a%2Bb", "name", out, sizeof(out)), 1);
    assert_string_equal(out, "a+b");
    assert_int_equal(http_parameter("inn=9s&xin=1", "in", out, sizeof(out)), 0);
    assert_int_equal(http_parameter("now", "now", out, sizeof(out)), 1);
    assert_string_equal(out, "");
    assert_int_equal(http_parameter("&&in=1", "in", out, sizeof(out)), 1);
    assert_int_equal(http_parameter("in=%0", "in", out, sizeof(out)), -1);
    assert_int_equal(http_parameter("in=123456789", "in", out, sizeof(out)), -1);
    assert_int_equal(http_parameter("", "in", out, sizeof(out)), 0);
}

static void answers_are_written_and_read(void **state)
{
    static const int statuses[] = { 200, 202, 400, 403, 404, 405, 408, 409, 413, 431, 503 };
    char text[512];
    struct str s;
    int status = 0;

    (void)state;
    for (size_t k = 0; k < sizeof(statuses) / sizeof(statuses[0]); k++) {
        str_init(&s, text, sizeof(text));
        http_answer_head(&s, statuses[k], "text/plain", 7, statuses[k] == 405 ? "GET" : NULL);
        assert_false(s.truncated);
        assert_non_null(strstr(text, "Content-Length: 7\r\n"));
        assert_null(strstr(text, " -\r\n"));
        assert_int_equal(strstr(text, "Allow: GET\r\n") != NULL, statuses[k] == 405);
        for (size_t n = 0; n < s.len; n++)
            assert_int_equal(http_answer(text, n, &status), 0);
        assert_int_equal(http_answer(text, s.len, &status), s.len);
        assert_int_equal(status, statuses[k]);
    }
    str_init(&s, text, sizeof(text));
    http_answer_head(&s, 200, "text/plain", -1, NULL);
    assert_null(strstr(text, "Content-Length"));
    assert_int_equal(http_answer(TEXT("HTTP/1.1 20x OK\r\n\r\n"), &status), -1);
    assert_int_equal(http_answer(TEXT("220 ready\r\n"), &status), -1);
    assert_int_equal(http_answer(TEXT("\r\n\r\n"), &status), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read),
        cmocka_unit_test(what_is_behind_the_head_is_not_looked_at),
        cmocka_unit_test(wrong_requests_are_refused),
        cmocka_unit_test(a_head_has_8192_bytes_at_most),
        cmocka_unit_test(escapes_are_replaced),
        cmocka_unit_test(parameters_are_found_by_their_whole_name),
        cmocka_unit_test(answers_are_written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
