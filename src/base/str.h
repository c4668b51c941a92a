/* A string built in a buffer that the caller gives. It never overflows, always
 * ends with a NUL, and remembers when something did not fit: what is there then
 * is a prefix of what was added, and later additions change nothing. */
#ifndef LASTCALL_BASE_STR_H
#define LASTCALL_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

struct str {
    char *buf;   /* the caller's */
    size_t size; /* of buf, at least 1 */
    size_t len;  /* without the NUL */
    bool truncated;
};

void str_init(struct str *s, char *buf, size_t size);
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const char *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
