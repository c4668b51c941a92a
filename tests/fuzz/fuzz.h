/* A fuzz target, as libFuzzer wants it: aborts where something is wrong. */
#ifndef LASTCALL_FUZZ_FUZZ_H
#define LASTCALL_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* A copy without room behind it, so that a read beyond its end is seen; to be freed. */
static inline char *copy_bytes(const void *data, size_t n)
{
    char *copy = malloc(n);

    require(copy != NULL || n == 0, "no memory");
    if (n > 0)
        memcpy(copy, data, n);
    return copy;
}

/* The same as a string, up to the first NUL. */
static inline char *copy_string(const void *data, size_t n)
{
    size_t length = n > 0 ? strnlen(data, n) : 0;
    char *copy = malloc(length + 1);

    require(copy != NULL, "no memory");
    if (length > 0)
        memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

/* The next line of an input as such a string, and *data, *size what is behind it; NULL at the
 * end. */
static inline char *next_line(const uint8_t **data, size_t *size)
{
    const uint8_t *end;
    size_t n;
    char *line;

    if (*size == 0)
        return NULL;
    end = memchr(*data, '\n', *size);
    n = end == NULL ? *size : (size_t)(end - *data);
    line = copy_string(*data, n);
    n += end != NULL;
    *data += n;
    *size -= n;
    return line;
}

/* A number that depends on every byte: FNV-1a. */
static inline uint64_t hash_bytes(const void *data, size_t n)
{
    const uint8_t *at = data;
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t k = 0; k < n; k++)
        h = (h ^ at[k]) * UINT64_C(0x100000001b3);
    return h;
}

#endif
