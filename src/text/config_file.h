/* The sections and keys of a config file, in the dialect of SPEC 2, before anything is
 * known of their meaning.
 *
 * A line that begins with `;` or `#`, blanks in front or not, is a comment; there are no
 * others. A value goes on over indented lines, joined by one space, until an empty line.
 * A BOM and CRLF are accepted. */
#ifndef LASTCALL_TEXT_CONFIG_FILE_H
#define LASTCALL_TEXT_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "text/problems.h"

enum {
    CONFIG_VALUE_MAX = 131071, /* as the kernel bounds a variable: MAX_ARG_STRLEN */
    CONFIG_SECTIONS_MAX = 256,
    CONFIG_ENTRIES_MAX = 8192,
    CONFIG_FILE_ARENA = 1 << 20 /* beside twice the bytes of the file */
};

struct config_entry {
    const char *key, *value; /* as they stand in the file, blanks around them cut */
    uint32_t line;
    struct config_entry *next;
};

struct config_section {
    const char *name;
    uint32_t line;
    struct config_entry *first; /* NULL: it is empty */
    struct config_section *next;
};

/* Reads n bytes. The sections in the order of the file, in *first; they and their strings
 * lie in the arena, for which CONFIG_FILE_ARENA and twice n suffice. What is wrong goes to
 * *problems, and the rest is read all the same. `known` tells a key that exists: an indented line
 * that looks like one is a mistake, not a continuation. -1: the arena is full. */
int config_file_read(const char *bytes, size_t n, bool (*known)(const char *key), struct arena *a,
                     struct problems *problems, struct config_section **first);

#endif
