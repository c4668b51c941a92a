#include "text/endpoint.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

/* Bytes of a name, of an IPv4 address, and in brackets of an IPv6 one with its zone. */
static bool is_host(const char *s, size_t n, bool bracketed)
{
    for (size_t i = 0; i < n; i++) {
        char upper = ascii_upper(s[i]);
        bool plain = (upper >= 'A' && upper <= 'Z') || ascii_is_digit(s[i]) ||
                     memchr("-._", s[i], 3) != NULL;
        if (!plain && !(bracketed && (s[i] == ':' || s[i] == '%')))
            return false;
    }
    return n > 0 && n <= ENDPOINT_HOST_MAX;
}

int endpoint_parse(const char *s, size_t n, struct endpoint *out)
{
    const char *end = s + n;
    bool bracketed = n > 0 && *s == '[';
    const char *host = bracketed ? s + 1 : s;
    const char *stop = memchr(host, bracketed ? ']' : ':', (size_t)(end - host));
    if (stop == NULL || !is_host(host, (size_t)(stop - host), bracketed))
        return -1;
    const char *at = bracketed ? stop + 1 : stop;
    uint64_t port;
    if (at == end || *at++ != ':' || !number_read(&at, end, UINT16_MAX, &port))
        return -1;
    if (at != end || port == 0)
        return -1;
    memcpy(out->host, host, (size_t)(stop - host));
    out->host[stop - host] = '\0';
    out->port = (uint16_t)port;
    return 0;
}

bool endpoint_is_number(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, address) == 1 ||
           inet_pton(AF_INET6, host, address) == 1;
}
