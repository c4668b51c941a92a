#include "sys/descriptors.h"

#include <sys/resource.h>

enum { DESCRIPTORS_MAX = 8192 };

int descriptors_most(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    return limit.rlim_cur < DESCRIPTORS_MAX ? (int)limit.rlim_cur : DESCRIPTORS_MAX;
}
