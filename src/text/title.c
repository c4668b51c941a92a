#include "text/title.h"

#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

static bool skip(const char **at, const char *end, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(end - *at) < n || memcmp(*at, text, n) != 0)
        return false;
    *at += n;
    return true;
}

/* A word such as `7.3.2` or `8.0.0.beta1`: at least two numbers, then anything.
 * Leaves *at behind it. */
static bool version(const char **at, const char *end, int16_t *major)
{
    uint64_t n, minor;
    if (!number_read(at, end, INT16_MAX, &n) || !skip(at, end, ".") ||
        !number_read(at, end, INT32_MAX, &minor))
        return false;
    while (*at < end && **at != ' ')
        ++*at;
    *major = (int16_t)n;
    return true;
}

static bool skip_digits(const char **at, const char *end)
{
    const char *begin = *at;
    while (*at < end && ascii_is_digit(**at))
        ++*at;
    return *at > begin;
}

/* `[N of M busy]` at *at, of whatever size N and M are; *at is left behind it. */
static bool bracket(const char **at, const char *end, struct look_title *out)
{
    const char *p = *at, *n, *m;
    if (!skip(&p, end, "["))
        return false;
    n = p;
    if (!skip_digits(&p, end) || !skip(&p, end, " of "))
        return false;
    m = p;
    if (!skip_digits(&p, end) || !skip(&p, end, " busy]"))
        return false;
    *at = p;
    uint64_t busy, total;
    if (number_read(&n, end, INT32_MAX, &busy) && number_read(&m, end, INT32_MAX, &total) &&
        total > 0 && busy <= total) {
        out->busy = (int32_t)busy;
        out->total = (int32_t)total;
    }
    return true;
}

/* The last bracket; NULL, or what is behind it. */
static const char *last_bracket(const char *begin, const char *end, struct look_title *out)
{
    for (const char *p = end; p > begin; p--) {
        const char *at = p - 1;
        if (*at == '[' && bracket(&at, end, out))
            return at;
    }
    return NULL;
}

/* Every word counts that has a space before it. */
static bool has_word(const char *at, const char *end, const char *word)
{
    while ((at = memchr(at, ' ', (size_t)(end - at))) != NULL) {
        at++;
        if (skip(&at, end, word) && (at == end || *at == ' '))
            return true;
    }
    return false;
}

static void sidekiq(const char *at, const char *end, struct look_title *out)
{
    int16_t major;
    if (!version(&at, end, &major))
        return;
    const char *behind = last_bracket(at, end, out);
    if (behind == NULL)
        return;
    out->sidekiq = true;
    out->major = major;
    out->stopping = has_word(behind, end, "stopping");
}

/* A word of a plain argv is, or is a path to, sidekiqswarm. */
static bool swarm_argv(const char *at, const char *end)
{
    static const char name[] = "sidekiqswarm";
    while (at < end) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        const char *stop = nul != NULL ? nul : end;
        const char *slash = memrchr(at, '/', (size_t)(stop - at));
        const char *base = slash != NULL ? slash + 1 : at;
        if ((size_t)(stop - base) == strlen(name) && memcmp(base, name, strlen(name)) == 0)
            return true;
        at = nul != NULL ? stop + 1 : end;
    }
    return false;
}

void title_parse(const char *bytes, size_t n, struct look_title *out)
{
    *out = (struct look_title){.read = true, .major = -1, .busy = -1, .total = -1};
    while (n > 0 && (bytes[n - 1] == '\0' || bytes[n - 1] == ' ' || bytes[n - 1] == '\n'))
        n--;
    const char *at = bytes, *end = bytes + n;
    if (memchr(bytes, '\0', n) != NULL) {
        out->swarm = swarm_argv(at, end);
    } else if (skip(&at, end, "sidekiqswarm")) {
        out->swarm = true;
    } else if (skip(&at, end, "sidekiq ")) {
        sidekiq(at, end, out);
    } else if (skip(&at, end, "puma ")) {
        out->puma = version(&at, end, &out->major);
    } else if (skip(&at, end, "puma: ")) {
        out->puma = true;
    } else {
        out->swarm = swarm_argv(at, end);
    }
}
