/* Decimal numbers, bounded. strtol() takes signs, spaces and the locale's word
 * for it; what others send us is digits or nothing. */
#ifndef LASTCALL_TEXT_NUMBER_H
#define LASTCALL_TEXT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the digits at *at, not beyond end, and moves *at behind them.
 * False, with *at and *out as they were, without a digit or above max. */
bool number_read(const char **at, const char *end, uint64_t max, uint64_t *out);

/* The whole string is one such number. */
bool number_parse(const char *s, uint64_t max, uint64_t *out);

#endif
