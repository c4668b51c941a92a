/* Command lines: what is split keeps within its bounds and, quoted again, is the same; where a
 * shell's string has nothing but words in it, both readers see the same ones. */
#include "fuzz/fuzz.h"
#include "text/program.h"
#include "text/shell_words.h"
#include "text/words.h"

enum { ARENA = 1 << 20, INPUT = 8192 };

/* Each word in single quotes. */
static char *quote(const char *const *argv)
{
    size_t n = 1;
    char *text, *to;

    for (const char *const *word = argv; *word != NULL; word++)
        n += 4 * strlen(*word) + 3;
    text = to = malloc(n);
    require(text != NULL, "no memory");
    for (; *argv != NULL; argv++) {
        *to++ = '\'';
        for (const char *at = *argv; *at != '\0'; at++)
            to += sprintf(to, *at == '\'' ? "'\\''" : "%c", *at);
        *to++ = '\'';
        *to++ = ' ';
    }
    *to = '\0';
    return text;
}

static bool equal(const char *const *a, const char *const *b)
{
    while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0)
        a++, b++;
    return *a == *b;
}

static void check_quoted(const char *const *argv)
{
    static char block[4 * ARENA];
    char *text = quote(argv);
    const char *const *again;
    const char *error;
    struct arena a;

    arena_init(&a, block, sizeof(block));
    require(words_split(text, &a, &again, &error) == 0, "what was quoted is refused");
    require(equal(argv, again), "what was quoted has changed");
    free(text);
}

/* A block that is too small is said to be, and never written beyond. */
static void check_small_arena(const char *string, const char *const *argv, const char *refusal)
{
    size_t size = 8 + strlen(string);
    char *block = malloc(size);
    const char *const *small;
    const char *error = NULL;
    struct arena a;

    require(block != NULL, "no memory");
    arena_init(&a, block, size);
    if (words_split(string, &a, &small, &error) == 0)
        require(argv != NULL && equal(argv, small), "a small block makes other words");
    else
        require(strcmp(error, argv != NULL ? "too long" : refusal) == 0, "refused for another reason");
    require(a.used <= a.size, "more than the block holds");
    free(block);
}

/* Behind these a command begins: they are no part of it. */
static bool is_reserved(const char *word)
{
    static const char *const reserved[] = { "{", "}", "!", "if", "then", "elif", "else", "fi",
                                            "while", "until", "do", "done", "time" };

    for (size_t k = 0; k < sizeof(reserved) / sizeof(reserved[0]); k++)
        if (strcmp(word, reserved[k]) == 0)
            return true;
    return false;
}

/* The commands of a shell's string: within their bounds, and they come to an end. */
static size_t check_shell(const char *string, const char **first, size_t max, char *text, size_t size)
{
    struct shell_words s;
    const char **word = malloc(max * sizeof(*word));
    size_t count = 0, n, commands = 0;

    require(word != NULL, "no memory");
    shell_words_init(&s, string, text, size);
    while ((n = shell_words_next(&s, word, max)) > 0) {
        require(n <= max, "more words than there is room for");
        require(++commands <= strlen(string), "more commands than bytes");
        for (size_t k = 0; k < n; k++) {
            require(word[k] >= text && word[k] < text + s.used, "a word that is elsewhere");
            require(memchr(word[k], '\0', (size_t)(text + s.used - word[k])) != NULL, "a word without an end");
        }
        if (commands == 1) {
            count = n;
            memcpy(first, word, n * sizeof(*word));
        }
    }
    require(s.used <= size && *s.at == '\0', "not at the end");
    free(word);
    return commands == 1 ? count : 0;
}

static void check_same(const char *string, const char *const *argv)
{
    size_t n = strlen(string);
    char *text = malloc(n + 2);
    const char **word = calloc(n + 2, sizeof(*word));
    size_t count;

    require(text != NULL && word != NULL, "no memory");
    count = check_shell(string, word, n + 1, text, n + 2);
    if (argv != NULL && strpbrk(string, ";&|()<>#\n") == NULL) {
        while (*argv != NULL && is_reserved(*argv))
            argv++;
        require(equal(argv, word) && (count > 0 || *argv == NULL), "a shell's words are others");
    }
    free(word);
    free(text);
}

static void check_small_shell(const char *string)
{
    const char *word[4];
    char *text = malloc(16);

    require(text != NULL, "no memory");
    for (size_t size = 0; size <= 16; size += 4)
        check_shell(string, word, 1 + size / 5, text, size);
    free(text);
}

static void check_program(const char *const *argv)
{
    static struct program p;

    program_read(argv, &p);
    require(p.profile < PROFILE_COUNT, "a profile that is none");
    require(p.profile == PROFILE_GENERIC || p.count > 0, "a program without a name");
    require(p.count <= INPUT, "more words than there are");
    for (size_t k = 0; k < p.count; k++)
        require(p.word[k] != NULL, "a word that is not there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char block[ARENA];
    char *string = copy_string(data, size < INPUT ? size : INPUT);
    const char *const *argv = NULL;
    const char *error = NULL;
    struct arena a;
    int r;

    arena_init(&a, block, sizeof(block));
    r = words_split(string, &a, &argv, &error);
    require(r == 0 || r == -1, "neither split nor refused");
    if (r == 0) {
        require(argv[0] != NULL && argv[0][0] != '\0', "a command without a name");
        check_quoted(argv);
        check_program(argv);
    } else {
        require(error != NULL, "refused without a word");
    }
    check_small_arena(string, argv, error);
    check_same(string, argv);
    check_small_shell(string);
    free(string);
    return 0;
}
