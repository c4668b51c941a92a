/* Durations, a line each: read as the grammar says and no other way, never beyond the range, and
 * what is shown of one is read as the same, but for what is cut off. */
#include <inttypes.h>

#include "core/time.h"
#include "fuzz/fuzz.h"
#include "text/duration.h"

enum { SHOWN_SIZE = 32 };

/* The digits at *at; what is too large is NEVER or more. */
static __int128 digits(const char **at)
{
    __int128 n = 0;

    for (; **at >= '0' && **at <= '9'; ++*at)
        n = n < NEVER ? n * 10 + (**at - '0') : n;
    return n;
}

/* What the text means; -1: nothing. */
static int64_t meaning(const char *text)
{
    static const struct { const char *name; int64_t ms; } units[] = {
        { "h", HOUR }, { "m", MINUTE }, { "s", SECOND }, { "ms", 1 },
    };
    const char *at = text;
    __int128 sum = digits(&at) * SECOND;

    if (*text == '\0')
        return -1;
    if (*at == '\0')
        return sum < NEVER ? (int64_t)sum : -1;
    sum = 0;
    at = text;
    for (size_t k = 0; k < 4; k++) {
        const char *from = at;
        __int128 n = digits(&at);
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");

        /* `m5s`: letters may be followed by the digits of the next unit */
        if (at > from && length == strlen(units[k].name) && memcmp(at, units[k].name, length) == 0) {
            sum += n * units[k].ms;
            at += length;
        } else {
            at = from;
        }
    }
    return *at == '\0' && sum < NEVER ? (int64_t)sum : -1;
}

static void show(int64_t ms, char text[SHOWN_SIZE])
{
    struct str s;

    str_init(&s, text, SHOWN_SIZE);
    duration_format(&s, ms);
    require(!s.truncated && s.len > 0, "longer than any duration is");
}

static void check_shown(int64_t ms)
{
    char text[SHOWN_SIZE];
    int64_t again = -1;

    show(ms, text);
    if (ms == NEVER) {
        require(strcmp(text, "none") == 0 && duration_parse(text, &again) != 0, "none is a duration");
    } else if (ms <= 0) {
        require(strcmp(text, "0s") == 0, "less than nothing");
    } else if (strchr(text, '.') != NULL) {
        require(ms >= SECOND && ms < 10 * SECOND, "a fraction where none belongs");
    } else {
        require(duration_parse(text, &again) == 0, "what is shown is refused");
        require(again <= ms && ms - again < SECOND, "what is shown is another duration");
        require(ms % SECOND != 0 || again == ms, "whole seconds that are lost");
    }
}

static void check_text(const char *text)
{
    int64_t ms = -7, again = -7, expected = meaning(text);
    char exact[SHOWN_SIZE];
    int r = duration_parse(text, &ms);

    require(r == 0 || r == -1, "neither read nor refused");
    require((r == 0) == (expected >= 0), r == 0 ? "taken, but it is none" : "refused, but it is one");
    if (r != 0)
        return;
    require(ms == expected, "read as another");
    snprintf(exact, sizeof(exact), "%" PRId64 "ms", ms);
    require(duration_parse(exact, &again) == 0 && again == ms, "not the same in ms");
    check_shown(ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data;
    size_t left = size;
    int64_t any;
    char *line;

    for (; size - (size_t)(at - data) >= sizeof(any); at += sizeof(any)) {
        memcpy(&any, at, sizeof(any));
        check_shown(any);
        check_shown(any & 0xffffff); /* hours, not aeons */
    }
    for (at = data; (line = next_line(&at, &left)) != NULL; free(line))
        check_text(line);
    return 0;
}
