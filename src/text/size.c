#include "text/size.h"

#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

int size_parse(const char *s, uint64_t *bytes)
{
    static const char units[] = "KMG";
    const char *end = s + strlen(s);
    uint64_t n;
    if (!number_read(&s, end, INT64_MAX, &n))
        return -1;
    unsigned shift = 0;
    if (s != end) {
        const char *unit = strchr(units, ascii_upper(*s));
        if (unit == NULL || s + 1 != end)
            return -1;
        shift = 10 * (unsigned)(unit - units + 1);
    }
    if (n > (uint64_t)INT64_MAX >> shift)
        return -1;
    *bytes = n << shift;
    return 0;
}
