#include "text/http.h"

#include <string.h>
#include <strings.h>

#include "text/ascii.h"
#include "text/number.h"

enum { BAD_REQUEST = 400, TOO_LARGE = 413, HEAD_TOO_LARGE = 431 };

/* A line of the head, without its end. */
struct line {
    const char *at;
    size_t n;
};

/* The next line; false: it is not whole. A bare newline ends one too (RFC 9112, 2.2). */
static bool next_line(const char **at, const char *end, struct line *out)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));

    if (newline == NULL)
        return false;
    *out = (struct line){ *at, (size_t)(newline - *at) };
    if (out->n > 0 && out->at[out->n - 1] == '\r')
        out->n--;
    *at = newline + 1;
    return true;
}

/* What no head has: it need not become whole to be refused (TLS looks like this). */
static bool has_control(const char *bytes, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        unsigned char c = (unsigned char)bytes[k];

        if ((c < ' ' && c != '\r' && c != '\n' && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static enum http_method method_of(const char *s, size_t n)
{
    if (n == 3 && memcmp(s, "GET", 3) == 0)
        return HTTP_GET;
    if (n == 4 && memcmp(s, "POST", 4) == 0)
        return HTTP_POST;
    if (n == 4 && memcmp(s, "HEAD", 4) == 0)
        return HTTP_HEAD;
    return HTTP_OTHER;
}

/* `/path?query`, or with `http://host` in front, as proxies send it. */
static int read_target(const char *s, size_t n, struct http_request *out)
{
    const char *end = s + n, *mark, *path = s;

    if (n > 7 && strncasecmp(s, "http://", 7) == 0) {
        path = memchr(s + 7, '/', n - 7);
        if (path == NULL)
            return -BAD_REQUEST;
    }
    if (path == end || *path != '/' || memchr(path, '#', (size_t)(end - path)) != NULL)
        return -BAD_REQUEST;
    mark = memchr(path, '?', (size_t)(end - path));
    if (mark == NULL)
        mark = end;
    if (mark - path > HTTP_PATH_MAX || end - mark > HTTP_PATH_MAX)
        return -HEAD_TOO_LARGE;
    memcpy(out->path, path, (size_t)(mark - path));
    out->path[mark - path] = '\0';
    out->query[0] = '\0';
    if (mark < end) {
        memcpy(out->query, mark + 1, (size_t)(end - mark - 1));
        out->query[end - mark - 1] = '\0';
    }
    return 0;
}

static int read_request_line(struct line l, struct http_request *out)
{
    const char *end = l.at + l.n, *space = memchr(l.at, ' ', l.n), *target, *version;

    if (space == NULL || space == l.at)
        return -BAD_REQUEST;
    for (const char *c = l.at; c < space; c++)
        if (ascii_upper(*c) < 'A' || ascii_upper(*c) > 'Z')
            return -BAD_REQUEST;
    target = space + 1;
    version = memchr(target, ' ', (size_t)(end - target));
    if (version == NULL || end - version != 9 || memcmp(version + 1, "HTTP/1.", 7) != 0 ||
        !ascii_is_digit(version[8]))
        return -BAD_REQUEST;
    out->method = method_of(l.at, (size_t)(space - l.at));
    return read_target(target, (size_t)(version - target), out);
}

/* What the header fields say of a body. */
struct body {
    bool sized, in_pieces;
    uint64_t length;
};

static int read_field(struct line l, struct body *body)
{
    const char *end = l.at + l.n, *colon = memchr(l.at, ':', l.n), *value;
    size_t name;
    uint64_t length;

    if (colon == NULL || colon == l.at || *l.at == ' ' || *l.at == '\t' || colon[-1] == ' ' ||
        colon[-1] == '\t')
        return -BAD_REQUEST;
    name = (size_t)(colon - l.at);
    for (value = colon + 1; value < end && (*value == ' ' || *value == '\t'); value++)
        ;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (name == 17 && strncasecmp(l.at, "Transfer-Encoding", name) == 0)
        body->in_pieces = true;
    if (name != 14 || strncasecmp(l.at, "Content-Length", name) != 0)
        return 0;
    if (!number_read(&value, end, UINT64_MAX / 2, &length) || value != end ||
        (body->sized && body->length != length))
        return -BAD_REQUEST;
    body->sized = true;
    body->length = length;
    return 0;
}

int http_head(const char *bytes, size_t n, struct http_request *out)
{
    size_t seen = n < HTTP_HEAD_MAX ? n : HTTP_HEAD_MAX;
    const char *at = bytes, *end = bytes + seen;
    struct body body = { 0 };
    struct line l = { bytes, 0 };
    int r = 0;

    while (at < end && (*at == '\r' || *at == '\n'))
        at++; /* RFC 9112, 2.2: empty lines before a request */
    for (bool first = true; next_line(&at, end, &l); first = false) {
        if (has_control(l.at, l.n) || memchr(l.at, '\r', l.n) != NULL)
            return -BAD_REQUEST;
        if (l.n == 0) {
            if (body.sized && body.in_pieces)
                return -BAD_REQUEST;
            return body.in_pieces || body.length > HTTP_BODY_MAX ? -TOO_LARGE : (int)(at - bytes);
        }
        r = first ? read_request_line(l, out) : read_field(l, &body);
        if (r < 0)
            return r;
    }
    if (has_control(at, (size_t)(end - at)))
        return -BAD_REQUEST;
    return n < HTTP_HEAD_MAX ? 0 : -HEAD_TOO_LARGE;
}

static int hex_digit(char c)
{
    char upper = ascii_upper(c);

    if (ascii_is_digit(c))
        return c - '0';
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

int http_unescape(const char *s, size_t n, char *out, size_t size)
{
    size_t length = 0;

    for (size_t k = 0; k < n; k++) {
        char c = s[k];

        if (c == '%') {
            int high = n - k > 2 ? hex_digit(s[k + 1]) : -1;
            int low = n - k > 2 ? hex_digit(s[k + 2]) : -1;

            if (high < 0 || low < 0)
                return -1;
            c = (char)(high * 16 + low);
            k += 2;
        }
        if (c == '\0' || length + 1 >= size)
            return -1;
        out[length++] = c;
    }
    out[length] = '\0';
    return 0;
}

int http_parameter(const char *query, const char *name, char *out, size_t size)
{
    size_t wanted = strlen(name);

    while (*query != '\0') {
        size_t n = strcspn(query, "&");

        if (n >= wanted && strncmp(query, name, wanted) == 0 &&
            (n == wanted || query[wanted] == '=')) {
            size_t from = n == wanted ? n : wanted + 1;

            return http_unescape(query + from, n - from, out, size) == 0 ? 1 : -1;
        }
        query += n;
        query += *query == '&';
    }
    return 0;
}

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    default: return "-";
    }
}

void http_answer_head(struct str *s, int status, const char *type, int64_t length,
                      const char *allow)
{
    str_addf(s, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nCache-Control: no-store\r\n", status,
             reason_of(status), type);
    if (length >= 0)
        str_addf(s, "Content-Length: %lld\r\n", (long long)length);
    if (allow != NULL)
        str_addf(s, "Allow: %s\r\n", allow);
    str_add(s, "Connection: close\r\n\r\n");
}

int http_answer(const char *bytes, size_t n, int *status)
{
    const char *at = bytes, *end = bytes + n;
    struct line l;
    bool first = true;

    while (next_line(&at, end, &l)) {
        if (first) {
            const char *number = l.at + 9;
            uint64_t value;

            if (l.n < 12 || memcmp(l.at, "HTTP/1.", 7) != 0 || l.at[8] != ' ' ||
                !number_read(&number, l.at + 12, 999, &value) || number != l.at + 12)
                return -1;
            *status = (int)value;
        }
        if (l.n == 0)
            return (int)(at - bytes);
        first = false;
    }
    return n > HTTP_HEAD_MAX ? -1 : 0;
}
