/* Ladders: what is taken has the form that the core relies on, is the same when it is written and
 * read again, and takes no longer than the time that there is. */
#include <inttypes.h>
#include <signal.h>

#include "core/budget.h"
#include "fuzz/fuzz.h"
#include "text/ladder.h"
#include "text/signame.h"

enum { ARENA = 1 << 18, INPUT = 4096 };

static void check_form(const struct ladder *l)
{
    require(l->count >= 1 && l->count <= LADDER_STEPS_MAX, "no steps, or too many");
    require(l->by_user, "nobody's ladder");
    for (size_t k = 0; k < l->count; k++) {
        const struct ladder_step *s = &l->step[k];

        require(s->signo >= 0 && s->signo < SIGNALS_MAX, "a signal that is none");
        require((s->signo == 0) == (s->exec.argv != NULL), "a step that does nothing, or two things");
        require(s->exec.argv == NULL || (s->exec.argv[0] != NULL && s->exec.text != NULL), "an empty command");
        require(s->wait >= 0 && s->wait < NEVER, "a wait that is none");
        require(s->signo != SIGKILL || (k + 1 == l->count && s->wait == 0), "something behind KILL");
    }
}

static bool same_words(const char *const *a, const char *const *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0)
        a++, b++;
    return *a == *b;
}

static size_t write_word(char *to, const char *word)
{
    size_t n = (size_t)sprintf(to, "'");

    for (; *word != '\0'; word++)
        n += (size_t)sprintf(to + n, *word == '\'' ? "'\\''" : "%c", *word);
    return n + (size_t)sprintf(to + n, "' ");
}

static void write_ladder(const struct ladder *l, char *to)
{
    for (size_t k = 0; k < l->count; k++) {
        const struct ladder_step *s = &l->step[k];

        if (s->signo > 0)
            to += sprintf(to, "%s ", signal_name(s->signo));
        else
            to += sprintf(to, "exec:");
        for (const char *const *word = s->exec.argv; word != NULL && *word != NULL; word++)
            to += write_word(to, *word);
        to += sprintf(to, "%" PRId64 "ms%s", s->wait, k + 1 < l->count ? "," : "");
    }
}

static void check_written(const struct ladder *l)
{
    static char text[8 * INPUT + 1024], block[ARENA];
    struct ladder again;
    const char *error;
    struct arena a;

    arena_init(&a, block, sizeof(block));
    write_ladder(l, text);
    require(ladder_parse(text, "shown", &a, &again, &error) == 0, "what was written is refused");
    require(again.count == l->count, "other steps");
    for (size_t k = 0; k < l->count; k++) {
        require(again.step[k].signo == l->step[k].signo && again.step[k].wait == l->step[k].wait, "another step");
        require(same_words(again.step[k].exec.argv, l->step[k].exec.argv), "another command");
        require(again.step[k].exec.argv == NULL || strcmp(again.step[k].exec.text, "shown") == 0,
                "a command is shown that must not be");
    }
}

/* Alone in a pod, with little time, some, and all there is. */
static void check_time(const struct ladder *l)
{
    static const int64_t rooms[] = { -1, 0, 1, 999, 1000, 25 * SECOND, 3 * HOUR, NEVER - 1, NEVER };
    static struct spec spec;
    static struct budget b;
    service_set cycle;

    spec = (struct spec){ .count = 1, .deadline = NEVER, .margin = NEVER };
    service_spec_init(&spec.service[0], "one", KIND_SERVICE);
    spec.service[0].stop = *l;
    ladder_finish(&spec.service[0].stop);
    l = &spec.service[0].stop;
    require(l->count <= LADDER_STEPS_MAX + 1 && l->step[l->count - 1].signo == SIGKILL, "KILL is not the last");
    require(spec_finish(&spec, &cycle) == 0, "it waits for itself");
    for (size_t r = 0; r < sizeof(rooms) / sizeof(rooms[0]); r++) {
        int64_t room = rooms[r] < 0 ? 0 : rooms[r], sum = 0;
        bool shorter = false;

        budget_row_init(&b.row[0], &spec.service[0]);
        b.shrunk = false;
        budget_fit(&b, &spec, rooms[r], NEVER);
        require(b.row[0].count == l->count, "other steps in the budget");
        for (size_t k = 0; k < l->count; k++) {
            require(b.row[0].wait[k] >= 0 && b.row[0].wait[k] <= l->step[k].wait, "a wait that grew");
            shorter = shorter || b.row[0].wait[k] < l->step[k].wait;
            sum = time_add(sum, b.row[0].wait[k]);
        }
        require(sum <= room && b.row[0].chain <= room, "more than the time there is");
        require(b.row[0].chain >= sum, "a chain that is shorter than its ladder");
        require(shorter == b.shrunk, "shrunk, or not, and says otherwise");
    }
}

static void check_small_arena(const char *text, bool taken)
{
    size_t size = strlen(text);
    char *block = malloc(size);
    struct ladder l;
    const char *error = NULL;
    struct arena a;

    require(block != NULL || size == 0, "no memory");
    arena_init(&a, block, size);
    require(ladder_parse(text, NULL, &a, &l, &error) == 0 ? taken : error != NULL, "a small block changes the ladder");
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char block[ARENA];
    static const struct ladder untouched = { .count = 0xee };
    char *text = copy_string(data, size < INPUT ? size : INPUT);
    struct ladder l = untouched;
    const char *error = NULL;
    struct arena a;
    int r;

    arena_init(&a, block, sizeof(block));
    r = ladder_parse(text, NULL, &a, &l, &error);
    require(r == 0 || r == -1, "neither read nor refused");
    if (r == 0) {
        check_form(&l);
        check_written(&l);
        check_time(&l);
    } else {
        require(error != NULL && l.count == untouched.count, "refused without a word, or half taken");
    }
    check_small_arena(text, r == 0);
    free(text);
    return 0;
}
