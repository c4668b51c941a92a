/* A moment as logs and JSON write it: `2026-11-23T11:51:08.286Z`. */
#ifndef LASTCALL_TEXT_UTC_H
#define LASTCALL_TEXT_UTC_H

#include <stdint.h>

enum { UTC_SIZE = 40 };

/* ms since 1970, not below 0. */
void utc_format(int64_t ms, char buf[UTC_SIZE]);

#endif
