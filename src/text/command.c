#include "text/command.h"

#include <string.h>

#include "text/words.h"

bool command_is_exec(const char *s, size_t n)
{
    size_t prefix = strlen(COMMAND_EXEC);
    return n >= prefix && memcmp(s, COMMAND_EXEC, prefix) == 0;
}

int command_parse(const char *s, size_t n, const char *shown, struct arena *a,
                  struct command *out, const char **error)
{
    const char *text = arena_strndup(a, s, n);
    if (text == NULL) {
        *error = "too long";
        return -1;
    }
    struct command command;
    if (words_split(text, a, &command.argv, error) != 0)
        return -1;
    command.text = shown != NULL ? shown : command.argv[0];
    *out = command;
    return 0;
}
