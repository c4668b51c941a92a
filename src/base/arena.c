#include "base/arena.h"

#include <stdint.h>
#include <string.h>

void arena_init(struct arena *a, void *block, size_t size)
{
    a->base = block;
    a->size = size;
    a->used = 0;
}

static void *take(struct arena *a, size_t size, size_t align)
{
    uintptr_t at = (uintptr_t)a->base + a->used;
    size_t pad = (align - at % align) % align;
    size_t room = a->size - a->used;
    if (pad > room || size > room - pad)
        return NULL;
    void *p = a->base + a->used + pad;
    a->used += pad + size;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return take(a, size, _Alignof(max_align_t));
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX)
        return NULL;
    char *copy = take(a, n + 1, 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}
