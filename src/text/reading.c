#include "text/reading.h"

#include <stdbool.h>

#include "text/number.h"

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

int reading_parse(const char *bytes, size_t n, int32_t *busy, int32_t *total)
{
    const char *end = bytes + n, *at = skip_space(bytes, end), *after;
    uint64_t first, second;
    bool two;

    if (!number_read(&at, end, INT32_MAX, &first))
        return -1;
    after = skip_space(at, end);
    two = after > at && number_read(&after, end, INT32_MAX, &second);
    if (skip_space(after, end) != end || (two && first > second))
        return -1;
    *busy = (int32_t)first;
    *total = two ? (int32_t)second : -1;
    return 0;
}
