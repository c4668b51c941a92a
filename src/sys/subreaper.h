/* Who adopts the orphans. */
#ifndef LASTCALL_SYS_SUBREAPER_H
#define LASTCALL_SYS_SUBREAPER_H

#include <stdbool.h>

/* PID 1 adopts anyway. */
bool is_pid1(void);

/* Makes us adopt the orphans among our descendants (`docker run --init`, a shell,
 * a shared PID namespace). Nothing to do for PID 1. 0; -1 and errno. Children do
 * not inherit it. */
int subreaper_become(void);

#endif
