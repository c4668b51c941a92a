/* Sizes as SPEC 2 writes them: `64K`, `1M`, `2G`, a bare number is bytes; K is 1024. */
#ifndef LASTCALL_TEXT_SIZE_H
#define LASTCALL_TEXT_SIZE_H

#include <stdint.h>

/* 0, or -1: not of that form, or above INT64_MAX. The unit may be lower case. */
int size_parse(const char *s, uint64_t *bytes);

#endif
