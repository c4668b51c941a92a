/* What a process says of itself, as a command line, a title, a thread's name or a sidekiq.yml:
 * nothing that it says is taken for a count that the title does not hold. */
#include "fuzz/fuzz.h"
#include "text/sidekiq_words.h"
#include "text/thread_name.h"
#include "text/title.h"

enum { WORDS = 64 };

static struct look_title title_of(const char *bytes, size_t n)
{
    char *exact = copy_bytes(bytes, n);
    struct look_title t;

    title_parse(exact, n, &t);
    free(exact);
    return t;
}

static bool same(const struct look_title *a, const struct look_title *b)
{
    return a->sidekiq == b->sidekiq && a->swarm == b->swarm && a->puma == b->puma && a->stopping == b->stopping &&
           a->major == b->major && a->busy == b->busy && a->total == b->total;
}

static void check_title(const char *bytes, size_t n)
{
    struct look_title t = title_of(bytes, n), padded;
    char *longer = malloc(n + 2);

    require(longer != NULL, "no memory");
    require(t.read, "not read");
    require(t.sidekiq + t.swarm + t.puma <= 1, "two programs in one");
    require((t.busy < 0) == (t.total < 0) && t.busy >= -1, "half a count");
    require(t.busy <= t.total && t.total != 0, "more busy than there are");
    require(t.sidekiq || (t.busy == -1 && !t.stopping), "a count of no Sidekiq");
    require(!t.sidekiq || (t.major >= 0 && n > 8 && memcmp(bytes, "sidekiq ", 8) == 0), "a Sidekiq that is none");
    if (n > 0)
        memcpy(longer, bytes, n);
    longer[n] = longer[n + 1] = '\0';
    padded = title_of(longer, n + 2);
    require(same(&t, &padded), "another with NULs behind it");
    free(longer);
}

/* Whatever the tag is, the count behind it is the one. */
static void check_tag(const char *tag)
{
    size_t size = strlen(tag) + 100;
    char *text = malloc(size);
    struct look_title t;

    require(text != NULL, "no memory");
    for (int stopping = 0; stopping < 2; stopping++) {
        int n = snprintf(text, size, "sidekiq 7.3.2 %s [2 of 5 busy]%s", tag, stopping ? " leader stopping" : "");

        t = title_of(text, (size_t)n);
        require(t.sidekiq && t.major == 7, "no Sidekiq because of its tag");
        require(t.busy == 2 && t.total == 5, "the tag's count");
        require(t.stopping == (stopping == 1), "the tag says that it stops");
    }
    free(text);
}

/* The name of a thread, and a capsule's. */
static void check_thread(const char *name)
{
    static const char first[] = "sidekiq.";
    char full[64];
    size_t n = strlen(name);
    bool is = thread_is_processor(name, n);

    require(!is || strcmp(name, "processor") == 0 || strcmp(name, "processor\n") == 0 ||
            (n >= 15 && n <= 16 && strncmp(name, first, strlen(first)) == 0), "another thread that takes jobs");
    if (n > 0 && n < 16 && name[n - 1] != '\n') {
        snprintf(full, sizeof(full), "%s\n", name);
        require(thread_is_processor(full, n + 1) == is, "another with its line end");
    }
    snprintf(full, sizeof(full), "%s%.30s/processor", first, name);
    if (strchr(name, '/') == NULL && full[14] != '\n' && strncmp(name, "schedul", 7) != 0 &&
        strncmp(name, "heartbe", 7) != 0)
        require(thread_is_processor(full, 15), "a capsule's processor that is none");
}

static void check_yml(const char *bytes, size_t n)
{
    static const char more[] = "\n:timeout: 42 # s\nqueues: [a]\n";
    char *exact = copy_bytes(bytes, n), *longer = malloc(n + sizeof(more));
    int64_t seconds = -7;
    int r = sidekiq_yml_timeout(exact, n, &seconds);

    require(longer != NULL, "no memory");
    require(r >= -1 && r <= 1 && (r != 1 || (seconds >= 0 && seconds <= INT32_MAX)), "a timeout that is none");
    if (n > 0)
        memcpy(longer, bytes, n);
    memcpy(longer + n, more, sizeof(more) - 1);
    r = sidekiq_yml_timeout(longer, n + sizeof(more) - 1, &seconds);
    require(r == 1 && seconds == 42, "the last timeout does not count");
    free(longer);
    free(exact);
}

static void check_path(const char *const *argv, char letter)
{
    char *buf = malloc(16);

    require(buf != NULL, "no memory");
    for (size_t size = 1; size <= 16; size += 5)
        if (sidekiq_path_option(argv, letter, buf, size) == 1)
            require(memchr(buf, '\0', size) != NULL && buf[0] != '\0', "a path that is none");
    free(buf);
}

/* argv, with room for two words more behind it. */
static void check_words(const char **argv, size_t count)
{
    int64_t seconds = -7;
    int r = sidekiq_timeout_words(argv, &seconds);

    require(r >= -1 && r <= 1 && (r != 1 || (seconds >= 0 && seconds <= INT32_MAX)), "a timeout that is none");
    check_path(argv, 'C');
    check_path(argv, 'r');
    if (!sidekiq_takes_timeout(argv))
        return;
    require(r == 0, "it has a timeout already");
    argv[count] = "-t";
    argv[count + 1] = "30";
    argv[count + 2] = NULL;
    r = sidekiq_timeout_words(argv, &seconds);
    require(r == 1 && seconds == 30, "the timeout that it was given does not reach it");
}

static void check_argv(const char *bytes, size_t n)
{
    const char *argv[WORDS + 3];
    char *text = malloc(n + 1);
    size_t count = 0;

    require(text != NULL, "no memory");
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    for (size_t at = 0; at < n && count < WORDS; at += strlen(text + at) + 1)
        argv[count++] = text + at;
    argv[count] = NULL;
    if (count > 0)
        check_words(argv, count);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *tag = copy_string(data, size);
    const uint8_t *at = data;
    size_t left = size;
    char *line;

    check_title((const char *)data, size);
    check_argv((const char *)data, size);
    check_yml((const char *)data, size);
    check_tag(tag);
    free(tag);
    for (; (line = next_line(&at, &left)) != NULL; free(line))
        check_thread(line);
    return 0;
}
