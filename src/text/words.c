#include "text/words.h"

#include <stdbool.h>
#include <string.h>

#include "text/ascii.h"

/* Where one word ended. */
enum word { WORD_END, WORD_FOUND, WORD_UNBALANCED, WORD_BACKSLASH };

/* What is copied of a word goes through here, so that it can be counted only. */
static void keep(char *out, size_t *n, char c)
{
    if (out != NULL)
        out[*n] = c;
    ++*n;
}

/* Both take *s behind the opening quote and leave it behind the closing one. */
static enum word single_quoted(const char **s, char *out, size_t *n)
{
    for (const char *p = *s; *p != '\0'; p++) {
        if (*p == '\'') {
            *s = p + 1;
            return WORD_FOUND;
        }
        keep(out, n, *p);
    }
    return WORD_UNBALANCED;
}

static enum word double_quoted(const char **s, char *out, size_t *n)
{
    for (const char *p = *s; *p != '\0'; p++) {
        if (*p == '"') {
            *s = p + 1;
            return WORD_FOUND;
        }
        if (*p == '\\' && p[1] == '\n') {
            p++;
            continue;
        }
        if (*p == '\\' && p[1] != '\0' && strchr("\"\\$`", p[1]) != NULL)
            p++;
        keep(out, n, *p);
    }
    return WORD_UNBALANCED;
}

static enum word unquoted(const char **s, char *out, size_t *n)
{
    char c = *(*s)++;
    if (c == '\\') {
        c = **s;
        if (c == '\0')
            return WORD_BACKSLASH;
        ++*s;
        if (c == '\n')
            return WORD_FOUND;
    }
    keep(out, n, c);
    return WORD_FOUND;
}

static const char *skip_space(const char *s)
{
    while (ascii_is_space(*s) || (s[0] == '\\' && s[1] == '\n'))
        s += *s == '\\' ? 2 : 1;
    return s;
}

/* Reads the next word at *s and moves *s behind it. The word, without its quotes,
 * goes to out unless that is NULL, without a NUL; it is never longer than what was
 * read. *n is its length. Inside double quotes a backslash takes away the meaning
 * of " \ $ ` only; a backslash before a line end takes both away. */
static enum word word_next(const char **s, char *out, size_t *n)
{
    *n = 0;
    *s = skip_space(*s);
    if (**s == '\0')
        return WORD_END;
    enum word got = WORD_FOUND;
    while (got == WORD_FOUND && **s != '\0' && !ascii_is_space(**s)) {
        if (**s == '\'') {
            ++*s;
            got = single_quoted(s, out, n);
        } else if (**s == '"') {
            ++*s;
            got = double_quoted(s, out, n);
        } else {
            got = unquoted(s, out, n);
        }
    }
    return got;
}

static const char *trouble(enum word got)
{
    switch (got) {
    case WORD_UNBALANCED:
        return "a quote is not closed";
    case WORD_BACKSLASH:
        return "a backslash at the end has nothing to quote";
    case WORD_END:
    case WORD_FOUND:
        break;
    }
    return NULL;
}

/* How many words, or -1 with *error. */
static int count(const char *s, size_t *words, const char **error)
{
    enum word got;
    size_t n, first = 0;
    *words = 0;
    while ((got = word_next(&s, NULL, &n)) == WORD_FOUND)
        if ((*words)++ == 0)
            first = n;
    *error = trouble(got);
    if (*error == NULL && first == 0)
        *error = *words == 0 ? "empty: expected a command" : "the first word is empty";
    return *error == NULL ? 0 : -1;
}

int words_split(const char *s, struct arena *a, const char *const **argv, const char **error)
{
    size_t words;
    if (count(s, &words, error) != 0)
        return -1;
    const char **list = arena_alloc(a, (words + 1) * sizeof *list);
    /* a word and its NUL need no more than the word, and the space or end behind it */
    char *text = arena_alloc(a, strlen(s) + 1);
    if (list == NULL || text == NULL) {
        *error = "too long";
        return -1;
    }
    for (size_t i = 0; i < words; i++) {
        size_t n;
        word_next(&s, text, &n);
        text[n] = '\0';
        list[i] = text;
        text += n + 1;
    }
    list[words] = NULL;
    *argv = list;
    return 0;
}
