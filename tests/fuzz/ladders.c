/* Ladders of `stop`: KILL is last and only there, each step has what it needs. */
#include <signal.h>

#include "base/arena.h"
#include "core/spec.h"
#include "fuzz/fuzz.h"
#include "text/ladder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    static char block[4096];
    struct arena arena;
    struct ladder l = { 0 };
    const char *error = NULL;

    arena_init(&arena, block, sizeof(block));
    if (ladder_parse(text, NULL, &arena, &l, &error) != 0) {
        require(error != NULL && error[0] != '\0', "refused without a word");
    } else {
        ladder_finish(&l);
        require(l.count >= 1 && l.count <= LADDER_STEPS_MAX + 1, "no step, or too many");
        for (size_t k = 0; k < l.count; k++) {
            const struct ladder_step *step = &l.step[k];

            require((step->signo == SIGKILL) == (k + 1 == l.count), "KILL is not last");
            require(step->wait >= 0 && step->wait < NEVER, "a wait that is none");
            require(step->signo >= 0 && step->signo <= 64, "a signal that is none");
            require(step->signo > 0 || (step->exec.argv != NULL && step->exec.argv[0] != NULL), "a step of nothing");
        }
    }
    free(text);
    return 0;
}
