/* Durations: what is taken is below NEVER, and what is written of it is read as the same again. */
#include "base/str.h"
#include "core/time.h"
#include "fuzz/fuzz.h"
#include "text/duration.h"

static void check_format(int64_t ms)
{
    char text[64];
    struct str s;
    int64_t again;

    str_init(&s, text, sizeof(text));
    duration_format(&s, ms);
    require(s.len > 0 && !s.truncated, "nothing is written, or too much");
    if (ms == NEVER || strchr(text, '.') != NULL)
        return;
    require(duration_parse(text, &again) == 0, "what was written cannot be read");
    require(again <= time_max(ms, 0) && time_max(ms, 0) - again < 1 * HOUR, "it was written as another");
    require(ms < 0 || ms % SECOND != 0 || again == ms || ms >= 2 * MINUTE, "whole seconds did not survive");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = text_of(data, size);
    int64_t ms = -1;

    if (duration_parse(text, &ms) == 0) {
        require(ms >= 0 && ms < NEVER, "a duration that is none");
        require(strpbrk(text, " -+.") == NULL && text[0] != '\0', "a duration that is not written so");
        check_format(ms);
    }
    if (size >= sizeof(ms)) {
        memcpy(&ms, data, sizeof(ms));
        check_format(ms);
    }
    free(text);
    return 0;
}
