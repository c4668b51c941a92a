/* Runs a fuzz target without a fuzzer: each file of a corpus, then so many mutants of them, the
 * same for the same seed. `make fuzz` has libFuzzer look for more.
 *
 *   runner LAST RUNS SEED FILE...
 *
 * A target that fails aborts, and so does one that takes too long; its input is then in LAST. */
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "sim/random.h"

enum { FILES_MAX = 64, INPUT_MAX = 64 * 1024 };

struct input {
    uint8_t bytes[INPUT_MAX];
    size_t size;
};

static struct input corpus[FILES_MAX], mutant;
static const struct input *trying;
static const char *last;

/* Of the sanitizers' library, which has handlers of its own for what they find. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void keep_last(void)
{
    int fd = open(last, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd < 0 || trying == NULL || write(fd, trying->bytes, trying->size) != (ssize_t)trying->size)
        perror(last);
}

static void on_signal(int signo)
{
    keep_last();
    raise(signo); /* SA_RESETHAND: it ends us */
}

static void watch(void)
{
    static const int ends[] = { SIGABRT, SIGVTALRM, SIGTERM, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    struct sigaction act = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    size_t count = sizeof(ends) / sizeof(ends[0]);

    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(keep_last);
        count = 3;
    }
    for (size_t k = 0; k < count; k++)
        sigaction(ends[k], &act, NULL);
}

static bool load(const char *path, struct input *in)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        return false;
    in->size = fread(in->bytes, 1, sizeof(in->bytes), f);
    fclose(f);
    return in->size > 0;
}

static void try(const struct input *in)
{
    static const struct itimerval limit = { .it_value.tv_sec = 10 };

    trying = in;
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    LLVMFuzzerTestOneInput(in->bytes, in->size);
}

static void copy(struct input *to, const struct input *from)
{
    memcpy(to->bytes, from->bytes, from->size);
    to->size = from->size;
}

/* Puts n bytes in the place of `gone` at `at`. */
static void replace(struct input *in, size_t at, size_t gone, const uint8_t *bytes, size_t n)
{
    if (in->size - gone + n > sizeof(in->bytes))
        return;
    memmove(in->bytes + at + n, in->bytes + at + gone, in->size - at - gone);
    memcpy(in->bytes + at, bytes, n);
    in->size += n - gone;
}

static void mutate(struct dice *d, struct input *in, const struct input *other)
{
    static const char marks[] = "\n\n=[]:;#$${}'\"\\ ,-09\t\r\xff()&<>|";
    size_t at = below(d, (unsigned)in->size), from = below(d, (unsigned)other->size);
    size_t gone = below(d, 24), length = below(d, 48);
    uint8_t byte = (uint8_t)below(d, 256);

    if (gone > in->size - at)
        gone = in->size - at;
    if (length > other->size - from)
        length = other->size - from;
    switch (below(d, 5)) {
    case 0: /* a byte */
        in->bytes[at] = byte;
        break;
    case 1: /* a mark of the dialect */
        replace(in, at, 0, (const uint8_t *)&marks[below(d, sizeof(marks) - 1)], 1);
        break;
    case 2: /* something is missing */
        if (gone < in->size)
            replace(in, at, gone, in->bytes, 0);
        break;
    default: /* something of another */
        replace(in, at, gone, other->bytes + from, length);
    }
}

int main(int argc, char **argv)
{
    size_t files = 0;
    unsigned long runs;
    struct dice d;

    if (argc < 5)
        return 64;
    last = argv[1];
    runs = strtoul(argv[2], NULL, 10);
    d = (struct dice){ .state = strtoul(argv[3], NULL, 10) };
    watch();
    for (int k = 4; k < argc && files < FILES_MAX; k++) {
        if (!load(argv[k], &corpus[files])) {
            perror(argv[k]);
            return 2;
        }
        try(&corpus[files++]);
    }
    for (unsigned long k = 0; k < runs; k++) {
        copy(&mutant, &corpus[below(&d, (unsigned)files)]);
        for (unsigned n = 1 + below(&d, 8); n > 0 && mutant.size > 0; n--)
            mutate(&d, &mutant, &corpus[below(&d, (unsigned)files)]);
        try(&mutant);
    }
    printf("%zu files, %lu mutants\n", files, runs);
    return 0;
}
