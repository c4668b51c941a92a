#include "unit/under.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

void not_under(const char *tool, const char *why)
{
    const char *under = getenv("LASTCALL_UNDER");

    if (under == NULL || strcmp(under, tool) != 0)
        return;
    print_message("SKIPPED: %s\n", why);
    skip();
}
