#include "text/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_harmless(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

static void add(struct problems *p, uint32_t line, bool warning, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

static void add(struct problems *p, uint32_t line, bool warning, const char *format, va_list args)
{
    size_t at = p->count;

    p->errors += !warning;
    if (p->count == PROBLEMS_MAX) {
        p->more += !warning;
        return;
    }
    while (at > 0 && p->at[at - 1].line > line)
        at--;
    memmove(&p->at[at + 1], &p->at[at], (p->count - at) * sizeof(p->at[0]));
    p->count++;
    p->at[at].line = line;
    p->at[at].warning = warning;
    vsnprintf(p->at[at].text, PROBLEM_SIZE, format, args);
    make_harmless(p->at[at].text);
}

void problem_error(struct problems *p, uint32_t line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(p, line, false, format, args);
    va_end(args);
}

void problem_warning(struct problems *p, uint32_t line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(p, line, true, format, args);
    va_end(args);
}
