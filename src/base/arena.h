/* A bump allocator over a block that the caller gives and keeps: what a parsed
 * command line or config file consists of lives exactly as long as that block.
 * Nothing is freed one by one, and nothing here calls malloc. */
#ifndef LASTCALL_BASE_ARENA_H
#define LASTCALL_BASE_ARENA_H

#include <stddef.h>

struct arena {
    char *base; /* the caller's */
    size_t size, used;
};

void arena_init(struct arena *a, void *block, size_t size);

/* size bytes, uninitialised, aligned for any type; NULL when the block is full. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of n bytes with a NUL behind them; NULL when the block is full. */
char *arena_strndup(struct arena *a, const char *s, size_t n);

#endif
