/* HOST:PORT, with an IPv6 address in brackets: `127.0.0.1:3000`, `[::1]:9394`. */
#ifndef LASTCALL_TEXT_ENDPOINT_H
#define LASTCALL_TEXT_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENDPOINT_HOST_MAX = 253 }; /* bytes, the longest name of DNS */

struct endpoint {
    char host[ENDPOINT_HOST_MAX + 1]; /* without the brackets */
    uint16_t port;                    /* 1..65535 */
};

/* The n bytes at s. 0, or -1: no host, no port, or bytes that belong in neither. */
int endpoint_parse(const char *s, size_t n, struct endpoint *out);

/* An address, or localhost. A look-up of names could block, and an address that is not there yet is no mistake. */
bool endpoint_is_number(const char *host);

#endif
