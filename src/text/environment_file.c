#include "text/environment_file.h"

#include <string.h>

/* The next line at *at, without its end. */
static size_t next_line(const char **at, const char *end, const char **line)
{
    const char *to = memchr(*at, '\n', (size_t)(end - *at));
    size_t n;

    *line = *at;
    *at = to == NULL ? end : to + 1;
    n = (size_t)((to == NULL ? end : to) - *line);
    return n > 0 && (*line)[n - 1] == '\r' ? n - 1 : n;
}

static size_t count_lines(const char *at, const char *end)
{
    size_t count = 0;
    const char *line;

    for (; at < end; count++)
        next_line(&at, end, &line);
    return count;
}

static int fail(const char **error, const char *message)
{
    *error = message;
    return -1;
}

int environment_file_parse(const char *bytes, size_t n, struct arena *a, const char *const **out,
                           uint32_t *line, const char **error)
{
    const char *at = bytes, *end = bytes + n;
    const char **list = arena_alloc(a, (count_lines(at, end) + 1) * sizeof(*list));
    size_t count = 0;

    *line = 0;
    if (list == NULL)
        return fail(error, "too long");
    while (at < end) {
        const char *text, *equals;
        size_t length = next_line(&at, end, &text);

        ++*line;
        if (length == 0 || *text == '#' || *text == ';')
            continue;
        equals = memchr(text, '=', length);
        if (memchr(text, '\0', length) != NULL)
            return fail(error, "a NUL byte");
        if (equals == NULL || equals == text)
            return fail(error, "expected NAME=value");
        list[count] = arena_strndup(a, text, length);
        if (list[count++] == NULL)
            return fail(error, "too long");
    }
    list[count] = NULL;
    *out = list;
    return 0;
}
