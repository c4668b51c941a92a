#include "text/json_escape.h"

#include <stdint.h>

/* The length of the UTF-8 sequence at s, 0 if it is none (RFC 3629, table 3-7 of
 * Unicode: the second byte has the narrower range). */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t length;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        length = 2;
    else if (s[0] >= 0xe0 && s[0] <= 0xef)
        length = 3;
    else if (s[0] >= 0xf0 && s[0] <= 0xf4)
        length = 4;
    else
        return 0;
    if (s[0] == 0xe0)
        low = 0xa0;
    else if (s[0] == 0xed)
        high = 0x9f;
    else if (s[0] == 0xf0)
        low = 0x90;
    else if (s[0] == 0xf4)
        high = 0x8f;
    if (n < length || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (s[i] < 0x80 || s[i] > 0xbf)
            return 0;
    return length;
}

static const char *short_escape(char c)
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

void json_escape(struct str *out, const char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n) {
        size_t length = utf8_length((const unsigned char *)bytes + i, n - i);
        const char *escape = short_escape(bytes[i]);
        if (length == 0)
            str_add(out, "\\ufffd");
        else if (escape != NULL)
            str_add(out, escape);
        else if ((unsigned char)bytes[i] < 0x20)
            str_addf(out, "\\u%04x", (unsigned char)bytes[i]);
        else
            str_addn(out, bytes + i, length);
        i += length == 0 ? 1 : length;
    }
}
