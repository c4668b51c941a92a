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

/* The bytes with an end behind them and no room behind that, so that a read beyond it is seen.
 * To be freed. */
static inline char *text_of(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    require(text != NULL, "no memory");
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* The same without the end. */
static inline char *bytes_of(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size > 0 ? size : 1);

    require(bytes != NULL, "no memory");
    memcpy(bytes, data, size);
    return bytes;
}

#endif
