#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void str_init(struct str *s, char *buf, size_t size)
{
    *s = (struct str){.buf = buf, .size = size};
    buf[0] = '\0';
}

void str_addn(struct str *s, const char *bytes, size_t n)
{
    if (s->truncated)
        return;
    size_t room = s->size - s->len - 1;
    if (n > room) {
        n = room;
        s->truncated = true;
    }
    memcpy(s->buf + s->len, bytes, n);
    s->len += n;
    s->buf[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
    str_addn(s, &c, 1);
}

void str_addf(struct str *s, const char *format, ...)
{
    if (s->truncated)
        return;
    size_t room = s->size - s->len;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s->buf + s->len, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room) {
        s->truncated = true;
        s->len += strlen(s->buf + s->len);
        return;
    }
    s->len += (size_t)n;
}
