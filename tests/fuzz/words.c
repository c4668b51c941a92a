/* Command lines and shell scripts: split within their bounds, and Sidekiq's options found in them. */
#include "base/arena.h"
#include "fuzz/fuzz.h"
#include "text/shell_words.h"
#include "text/sidekiq_words.h"
#include "text/words.h"

enum { WORDS_MAX = 16 };

static void check_argv(const char *const *argv, size_t size)
{
    char path[32];
    int64_t seconds = -1;
    size_t total = 0;

    require(argv[0] != NULL && argv[0][0] != '\0', "no first word");
    for (size_t k = 0; argv[k] != NULL; k++)
        total += strlen(argv[k]);
    require(total <= size, "words that were not there");
    require(sidekiq_timeout_words(argv, &seconds) != 1 || (seconds >= 0 && seconds <= INT32_MAX), "a -t that is none");
    require(sidekiq_path_option(argv, 'C', path, sizeof(path)) == 0 || memchr(path, '\0', sizeof(path)) != NULL,
            "a path without an end");
}

static void check_script(const char *script)
{
    char text[64];
    const char *word[WORDS_MAX];
    struct shell_words s;
    size_t n, commands = 0;

    shell_words_init(&s, script, text, sizeof(text));
    while ((n = shell_words_next(&s, word, WORDS_MAX)) > 0) {
        require(n <= WORDS_MAX, "more words than there is room for");
        for (size_t k = 0; k < n; k++)
            require(word[k] >= text && word[k] + strlen(word[k]) < text + sizeof(text), "a word beyond its room");
        require(++commands <= strlen(script), "more commands than bytes");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    static char block[4096];
    struct arena arena;
    const char *const *argv, *error = NULL;

    arena_init(&arena, block, sizeof(block));
    if (words_split(text, &arena, &argv, &error) == 0)
        check_argv(argv, size);
    else
        require(error != NULL && error[0] != '\0', "refused without a word");
    check_script(text);
    free(text);
    return 0;
}
