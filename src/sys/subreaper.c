#include "sys/subreaper.h"

#include <sys/prctl.h>
#include <unistd.h>

bool is_pid1(void)
{
    return getpid() == 1;
}

int subreaper_become(void)
{
    return is_pid1() ? 0 : prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
}
