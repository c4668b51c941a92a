#include "text/sidekiq_words.h"

#include <string.h>

#include "text/number.h"
#include "text/program.h"

/* The options of 5.x to 8.x that take a value. */
static const struct option {
    char letter;
    const char *name;
    size_t least; /* letters that tell it from the others */
} options[] = {
    {'c', "concurrency", 4}, {'e', "environment", 1}, {'g', "tag", 2},     {'q', "queue", 1},
    {'r', "require", 1},     {'t', "timeout", 2},     {'C', "config", 4},  {'i', "index", 1},
    {'L', "logfile", 1},     {'P', "pidfile", 1},
};

enum { OPTIONS = sizeof options / sizeof options[0] };

/* `name` is what stands between -- and = or the end. */
static char long_option(const char *name, size_t n)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (n >= options[i].least && n <= strlen(options[i].name) &&
            memcmp(name, options[i].name, n) == 0)
            return options[i].letter;
    return '\0';
}

static bool takes_value(char letter)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (options[i].letter == letter)
            return true;
    return false;
}

/* What one word says: the option that has a value, '\0' for none, and its value, NULL
 * when that is the next word. Letters without a value may stand before it: -vt25. */
static char option_of(const char *word, const char **value)
{
    *value = NULL;
    if (word[0] != '-' || word[1] == '\0')
        return '\0';
    if (word[1] == '-') {
        size_t n = strcspn(word + 2, "=");
        if (word[2 + n] == '=')
            *value = word + 2 + n + 1;
        return long_option(word + 2, n);
    }
    for (const char *p = word + 1; *p != '\0'; p++)
        if (takes_value(*p)) {
            if (p[1] != '\0')
                *value = p + 1;
            return *p;
        }
    return '\0';
}

/* The option that word *i is, and its value, for which *i goes on; NULL: it is missing. */
static char read_option(const struct program *p, size_t *i, const char **value)
{
    char option = option_of(p->word[*i], value);
    /* the value of -r may be left out */
    if (option != '\0' && *value == NULL && *i + 1 < p->count &&
        !(option == 'r' && p->word[*i + 1][0] == '-'))
        *value = p->word[++*i];
    return option;
}

/* The last value of an option; NULL: it is not there. A missing one is "". */
static const char *find_option(const struct program *p, char letter)
{
    const char *found = NULL, *value;
    for (size_t i = 1; i < p->count && strcmp(p->word[i], "--") != 0; i++)
        if (read_option(p, &i, &value) == letter)
            found = value != NULL ? value : "";
    return found;
}

/* What is put behind the last word would be the value of an option. */
static bool lacks_value(const struct program *p)
{
    const char *value;
    for (size_t i = 1; i < p->count; i++) {
        char option = read_option(p, &i, &value);
        if (option != '\0' && option != 'r' && value == NULL)
            return true;
    }
    return false;
}

/* Ruby reads 030 as octal; that is no plain number. */
static bool plain_number(const char *s, size_t n, int64_t *out)
{
    const char *at = s, *end = s + n;
    uint64_t value;
    if (!number_read(&at, end, INT32_MAX, &value) || at != end || (*s == '0' && n > 1))
        return false;
    *out = (int64_t)value;
    return true;
}

int sidekiq_timeout_words(const char *const *argv, int64_t *seconds)
{
    struct program p;
    program_read(argv, &p);
    const char *value = p.profile == PROFILE_SIDEKIQ ? find_option(&p, 't') : NULL;
    if (value == NULL)
        return 0;
    return plain_number(value, strlen(value), seconds) ? 1 : -1;
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), want = strlen(end);
    return n >= want && strcmp(s + n - want, end) == 0;
}

bool sidekiq_takes_timeout(const char *const *argv)
{
    struct program p;
    program_read(argv, &p);
    if (p.profile != PROFILE_SIDEKIQ || p.shell || p.entrypoint)
        return false;
    for (size_t i = 1; i < p.count; i++)
        if (strcmp(p.word[i], "--") == 0)
            return false;
    return !ends_with(p.word[0], "sidekiqswarm") && find_option(&p, 't') == NULL && !lacks_value(&p);
}

int sidekiq_path_option(const char *const *argv, char letter, char *buf, size_t size)
{
    struct program p;
    program_read(argv, &p);
    const char *value = p.profile == PROFILE_SIDEKIQ ? find_option(&p, letter) : NULL;
    if (value == NULL || *value == '\0' || strlen(value) >= size)
        return 0;
    memcpy(buf, value, strlen(value) + 1);
    return 1;
}

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    return s;
}

/* What stands behind the key of a line, or NULL. */
static const char *timeout_value(const char *line, const char *end)
{
    static const char key[] = "timeout:";
    if (line < end && *line == ':')
        line++;
    if ((size_t)(end - line) < strlen(key) || memcmp(line, key, strlen(key)) != 0)
        return NULL;
    line += strlen(key);
    return line == end || *line == ' ' || *line == '\t' ? skip_blanks(line, end) : NULL;
}

/* A number, then nothing but blanks or a comment. */
static bool yml_number(const char *s, const char *end, int64_t *seconds)
{
    const char *stop = s;
    while (stop < end && *stop != ' ' && *stop != '\t')
        stop++;
    const char *rest = skip_blanks(stop, end);
    return (rest == end || *rest == '#') && plain_number(s, (size_t)(stop - s), seconds);
}

int sidekiq_yml_timeout(const char *bytes, size_t n, int64_t *seconds)
{
    const char *end = bytes + n;
    int found = 0;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        bytes += 3;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline != NULL ? newline : end;
        const char *next = newline != NULL ? newline + 1 : end;
        if (stop > bytes && stop[-1] == '\r')
            stop--;
        const char *value = timeout_value(bytes, stop);
        if (value != NULL)
            found = yml_number(value, stop, seconds) ? 1 : -1;
        bytes = next;
    }
    return found;
}
