/* The simple commands in the string of `sh -c STRING`, so that the program behind a
 * shell can be recognised. Nothing is executed or expanded: words with their quotes
 * taken off, parted where ; & | newline ( ) or { } part commands. */
#ifndef LASTCALL_TEXT_SHELL_WORDS_H
#define LASTCALL_TEXT_SHELL_WORDS_H

#include <stddef.h>

struct shell_words {
    const char *at;   /* what is not read yet */
    char *text;       /* the caller's: the words, each with a NUL */
    size_t size, used;
};

void shell_words_init(struct shell_words *s, const char *string, char *text, size_t size);

/* The words of the next simple command that has any, up to max of them; words that do
 * not fit into word[] or text are left out, and all behind them. Redirections are
 * passed over, words such as `then` or `do` too. 0: there is no further command. */
size_t shell_words_next(struct shell_words *s, const char **word, size_t max);

#endif
