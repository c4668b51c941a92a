#include "sys/reserve.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* In front of what was given. */
struct block {
    alignas(max_align_t) size_t size;
};

static alignas(max_align_t) char reserve[RESERVE_SIZE];
static size_t used;

static bool is_of_reserve(const struct block *b)
{
    return (const char *)b >= reserve && (const char *)b < reserve + sizeof(reserve);
}

static struct block *from_reserve(size_t whole)
{
    struct block *b = (struct block *)(reserve + used);

    whole = (whole + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (whole > sizeof(reserve) - used)
        return NULL;
    used += whole;
    return b;
}

/* Elsewhere, with what the old one held. */
static struct block *moved(struct block *old, size_t size)
{
    struct block *b = malloc(sizeof(*b) + size);

    if (b == NULL)
        b = from_reserve(sizeof(*b) + size);
    if (b == NULL || old == NULL)
        return b;
    memcpy(b + 1, old + 1, old->size < size ? old->size : size);
    if (!is_of_reserve(old))
        free(old);
    return b;
}

void *reserve_allocate(void *old, long size)
{
    struct block *before = old == NULL ? NULL : (struct block *)old - 1, *b = NULL;

    if (size <= 0) {
        if (before != NULL && !is_of_reserve(before))
            free(before);
        return NULL;
    }
    if (before != NULL && !is_of_reserve(before))
        b = realloc(before, sizeof(*b) + (size_t)size);
    if (b == NULL)
        b = moved(before, (size_t)size);
    if (b == NULL)
        return NULL;
    b->size = (size_t)size;
    return b + 1;
}
