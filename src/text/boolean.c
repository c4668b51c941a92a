#include "text/boolean.h"

#include <stddef.h>

#include "text/ascii.h"

int boolean_parse(const char *s, bool *out)
{
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        for (size_t value = 0; value < 2; value++)
            if (ascii_equal_nocase(s, words[i][value])) {
                *out = value == 1;
                return 0;
            }
    return -1;
}
