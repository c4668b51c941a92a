/* Booleans as SPEC 2 writes them: yes/no, true/false, on/off, 1/0, in any case. */
#ifndef LASTCALL_TEXT_BOOLEAN_H
#define LASTCALL_TEXT_BOOLEAN_H

#include <stdbool.h>

/* 0, or -1: none of the eight words. */
int boolean_parse(const char *s, bool *out);

#endif
