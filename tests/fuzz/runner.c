/* Runs a fuzz target without a fuzzer: each file of a corpus, then so many mutants of them, the
 * same for the same seed. `make fuzz` has libFuzzer look for more.
 *
 *   runner LAST RUNS SEED FILE...      LAST: a file that holds the input which is being tried
 *
 * A target that fails aborts, and its input is in LAST. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "sim/random.h"

enum { FILES_MAX = 64, INPUT_MAX = 64 * 1024 };

struct input {
    uint8_t bytes[INPUT_MAX];
    size_t size;
};

static struct input corpus[FILES_MAX], mutant;

static bool load(const char *path, struct input *in)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL)
        return false;
    in->size = fread(in->bytes, 1, sizeof(in->bytes), f);
    fclose(f);
    return in->size > 0;
}

static void try(const char *last, const struct input *in)
{
    FILE *f = fopen(last, "wb");

    if (f == NULL || fwrite(in->bytes, 1, in->size, f) != in->size || fclose(f) != 0) {
        perror(last);
        exit(2);
    }
    LLVMFuzzerTestOneInput(in->bytes, in->size);
}

/* Puts n bytes in the place of `gone` at `at`. */
static void splice(struct input *in, size_t at, size_t gone, const uint8_t *bytes, size_t n)
{
    if (in->size - gone + n > sizeof(in->bytes))
        return;
    memmove(in->bytes + at + n, in->bytes + at + gone, in->size - at - gone);
    memcpy(in->bytes + at, bytes, n);
    in->size += n - gone;
}

static void mutate(struct dice *d, struct input *in, const struct input *other)
{
    static const char marks[] = "\n\n=[]:;#$${}'\"\\ ,-09\t\r\xff";
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
        splice(in, at, 0, (const uint8_t *)&marks[below(d, sizeof(marks) - 1)], 1);
        break;
    case 2: /* something is missing */
        if (gone < in->size)
            splice(in, at, gone, in->bytes, 0);
        break;
    default: /* something of another */
        splice(in, at, gone, other->bytes + from, length);
    }
}

int main(int argc, char **argv)
{
    size_t files = 0;
    unsigned long runs;
    struct dice d;

    if (argc < 5)
        return 64;
    runs = strtoul(argv[2], NULL, 10);
    d = (struct dice){ .state = strtoul(argv[3], NULL, 10) };
    for (int k = 4; k < argc && files < FILES_MAX; k++) {
        if (!load(argv[k], &corpus[files])) {
            perror(argv[k]);
            return 2;
        }
        try(argv[1], &corpus[files++]);
    }
    for (unsigned long k = 0; k < runs; k++) {
        mutant = corpus[below(&d, (unsigned)files)];
        for (unsigned n = 1 + below(&d, 8); n > 0 && mutant.size > 0; n--)
            mutate(&d, &mutant, &corpus[below(&d, (unsigned)files)]);
        try(argv[1], &mutant);
    }
    printf("%zu files, %lu mutants\n", files, runs);
    return 0;
}
