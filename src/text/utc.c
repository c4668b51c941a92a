#include "text/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void utc_format(int64_t ms, char buf[UTC_SIZE])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    size_t n;

    gmtime_r(&seconds, &utc);
    n = strftime(buf, UTC_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(buf + n, UTC_SIZE - n, ".%03dZ", (int)(ms % 1000));
}
