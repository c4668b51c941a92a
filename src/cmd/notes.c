#include "cmd/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "text/duration.h"

void notes_init(struct notes *n)
{
    n->count = n->line = 0;
    n->note[0] = (struct note){ 0 };
}

void note_add(struct notes *n, enum story_level level, const char *format, ...)
{
    va_list args;

    if (n->count == NOTES_MAX)
        return;
    va_start(args, format);
    vsnprintf(n->text[n->count], NOTE_SIZE, format, args);
    va_end(args);
    n->at[n->count] = n->line;
    n->note[n->count] = (struct note){ level, n->text[n->count] };
    n->note[++n->count] = (struct note){ 0 };
}

void note_later_variables(struct notes *n, char **environment)
{
    static const char *const later[] = { "LASTCALL_LOGS=prefix", "LASTCALL_LOGS=json" };

    for (char **e = environment; *e != NULL; e++)
        for (size_t k = 0; k < sizeof(later) / sizeof(later[0]); k++)
            if (strcmp(*e, later[k]) == 0)
                note_add(n, STORY_LEVEL_WARN, "warning: $%.*s is not carried out by this release",
                         (int)strcspn(later[k], "="), later[k]);
}

void note_duration(int64_t ms, char *buf, size_t size)
{
    struct str s;

    str_init(&s, buf, size);
    duration_format(&s, ms);
}
