/* Lines for the log at start, and for `plan`: what a run will do that nobody wrote down. */
#ifndef LASTCALL_CMD_NOTES_H
#define LASTCALL_CMD_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "loop/run.h"

enum { NOTES_MAX = 160, NOTE_SIZE = 320, NOTE_DURATION_SIZE = 32 };

struct notes {
    size_t count;
    uint32_t line;                   /* of a config file, which the next ones are about; 0: none */
    uint32_t at[NOTES_MAX];          /* and of each */
    char text[NOTES_MAX][NOTE_SIZE];
    struct note note[NOTES_MAX + 1]; /* the last has no text */
};

void notes_init(struct notes *n);

/* Adds a line, cut where it is too long; what finds no room is left out. */
void note_add(struct notes *n, enum story_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A line for each variable that this release reads over. */
void note_later_variables(struct notes *n, char **environment);

/* A duration as the lines show it, into NOTE_DURATION_SIZE bytes. */
void note_duration(int64_t ms, char *buf, size_t size);

#endif
