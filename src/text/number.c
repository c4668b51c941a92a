#include "text/number.h"

#include <string.h>

#include "text/ascii.h"

bool number_read(const char **at, const char *end, uint64_t max, uint64_t *out)
{
    const char *p = *at;
    uint64_t value = 0;
    for (; p < end && ascii_is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (p == *at)
        return false;
    *at = p;
    *out = value;
    return true;
}

bool number_parse(const char *s, uint64_t max, uint64_t *out)
{
    const char *end = s + strlen(s);
    uint64_t value;
    if (!number_read(&s, end, max, &value) || s != end)
        return false;
    *out = value;
    return true;
}
