/* What is wrong with a file: all of it at once, each with its line. */
#ifndef LASTCALL_TEXT_PROBLEMS_H
#define LASTCALL_TEXT_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBLEMS_MAX = 100, PROBLEM_SIZE = 320 };

struct problem {
    uint32_t line; /* 0: of the file as a whole */
    bool warning;
    char text[PROBLEM_SIZE];
};

/* Take it from zeroed memory; large. */
struct problems {
    size_t count;
    size_t more;   /* errors that found no room */
    size_t errors; /* all of them; the others are warnings */
    struct problem at[PROBLEMS_MAX];
};

/* Adds one, in the order of lines, the later behind the earlier of the same line; a
 * text that is too long is cut, and what a terminal would obey is shown as `?`. */
void problem_error(struct problems *p, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void problem_warning(struct problems *p, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
