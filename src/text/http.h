/* HTTP/1.1 as probes, curl and lastcall's own clients speak it: the heads of requests
 * and of answers. One request a connection; bodies of requests are not looked at. */
#ifndef LASTCALL_TEXT_HTTP_H
#define LASTCALL_TEXT_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum {
    HTTP_HEAD_MAX = 8192, /* bytes of a request's head; more: 431 */
    HTTP_PATH_MAX = 512,  /* of its path, and of its query, as they were sent */
    HTTP_BODY_MAX = 4096  /* more is announced: 413. What comes is thrown away */
};

enum http_method { HTTP_GET, HTTP_POST, HTTP_HEAD, HTTP_OTHER };

struct http_request {
    enum http_method method;
    char path[HTTP_PATH_MAX + 1];  /* as it was sent, percent escapes and all */
    char query[HTTP_PATH_MAX + 1]; /* behind the `?`; "": none */
};

/* Looks at what has come so far of a request. 0: the head is not whole yet; above 0:
 * its length, and *out; below 0: minus the status of SPEC 6 that it deserves (400, 413,
 * 431). Can be called again with more, and never looks beyond n. */
int http_head(const char *bytes, size_t n, struct http_request *out);

/* Copies n bytes with their percent escapes replaced. 0; -1: an escape that is none, a
 * NUL, or no room (size counts the NUL behind). `+` stays what it is. */
int http_unescape(const char *s, size_t n, char *out, size_t size);

/* The value of a parameter of a query, unescaped. 1; 0: it is not there; -1 as above. */
int http_parameter(const char *query, const char *name, char *out, size_t size);

/* The head of an answer, the blank line included. length -1: until the connection
 * ends. allow: of a 405; NULL else. */
void http_answer_head(struct str *s, int status, const char *type, int64_t length,
                      const char *allow);

/* Reads the head of an answer. 0: not whole yet; above 0: its length and *status; -1:
 * it is none. */
int http_answer(const char *bytes, size_t n, int *status);

#endif
