#include "text/shell_words.h"

#include <stdbool.h>
#include <string.h>

#include "text/ascii.h"

void shell_words_init(struct shell_words *s, const char *string, char *text, size_t size)
{
    *s = (struct shell_words){.at = string, .text = text, .size = size};
}

static bool is_operator(char c)
{
    return c != '\0' && strchr(";&|()\n", c) != NULL;
}

static bool ends_word(char c)
{
    return c == '\0' || ascii_is_space(c) || is_operator(c) || c == '<' || c == '>';
}

/* One byte more of the word under way; false when the text is full. */
static bool keep(struct shell_words *s, char c)
{
    if (s->used + 1 >= s->size)
        return false;
    s->text[s->used++] = c;
    return true;
}

/* The bytes of a quoted part, behind its opening quote. What is not closed ends. */
static bool quoted(struct shell_words *s, char quote)
{
    for (; *s->at != '\0' && *s->at != quote; s->at++) {
        bool escaped = quote == '"' && *s->at == '\\' && s->at[1] != '\0' &&
                       strchr("\"\\$`", s->at[1]) != NULL;
        if (escaped)
            s->at++;
        if (!keep(s, *s->at))
            return false;
    }
    if (*s->at == quote)
        s->at++;
    return true;
}

static bool read_word(struct shell_words *s)
{
    while (!ends_word(*s->at)) {
        char c = *s->at++;
        bool kept = true;
        if (c == '\'' || c == '"') {
            kept = quoted(s, c);
        } else if (c == '\\' && *s->at != '\0') {
            c = *s->at++;
            kept = c == '\n' || keep(s, c);
        } else {
            kept = keep(s, c);
        }
        if (!kept)
            return false;
    }
    if (s->used == s->size)
        return false;
    s->text[s->used++] = '\0';
    return true;
}

/* `2>&1`, `>>file`, `<&-`: the signs at *at and the word behind them. */
static bool skip_redirection(struct shell_words *s)
{
    while (*s->at == '<' || *s->at == '>' || *s->at == '&')
        s->at++;
    while (*s->at == ' ' || *s->at == '\t')
        s->at++;
    size_t begin = s->used;
    bool read = read_word(s);
    s->used = begin;
    return read;
}

/* A number that stands immediately before < or > is part of the redirection. */
static bool is_descriptor(const struct shell_words *s, const char *word)
{
    return (*s->at == '<' || *s->at == '>') && *word != '\0' &&
           word[strspn(word, "0123456789")] == '\0';
}

/* They stand where a command could begin, and one begins behind them. */
static bool is_reserved(const char *word)
{
    static const char *const reserved[] = {"{", "}", "!", "if", "then", "elif", "else", "fi",
                                           "while", "until", "do", "done", "time", NULL};
    for (size_t i = 0; reserved[i] != NULL; i++)
        if (strcmp(word, reserved[i]) == 0)
            return true;
    return false;
}

/* The next word of this simple command into word[n]; how many there are then. Sets
 * *over at the command's end. */
static size_t one_more(struct shell_words *s, const char **word, size_t n, bool *over)
{
    if (is_operator(*s->at) || *s->at == '\0') {
        *over = true;
    } else if (*s->at == '<' || *s->at == '>' || *s->at == '#') {
        if (*s->at == '#')
            s->at += strcspn(s->at, "\n");
        else if (!skip_redirection(s))
            s->at += strlen(s->at);
    } else {
        word[n] = s->text + s->used;
        size_t begin = s->used;
        if (!read_word(s))
            s->at += strlen(s->at);
        else if (!is_descriptor(s, word[n]) && !(n == 0 && is_reserved(word[n])))
            return n + 1;
        s->used = begin;
    }
    return n;
}

size_t shell_words_next(struct shell_words *s, const char **word, size_t max)
{
    size_t n = 0;
    while (n == 0 && *s->at != '\0') {
        bool over = false;
        while (!over && n < max) {
            while (ascii_is_space(*s->at) && *s->at != '\n')
                s->at++;
            n = one_more(s, word, n, &over);
        }
        if (!over)
            s->at += strlen(s->at);
        else if (*s->at != '\0')
            s->at++;
    }
    return n;
}
