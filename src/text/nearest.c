#include "text/nearest.h"

#include <string.h>

enum { WORD_MAX = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment distance, over three rows of the table. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= m; j++)
        last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *oldest = before;

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1, row[j]);
        }
        before = last;
        last = row;
        row = oldest;
    }
    return last[m];
}

const char *nearest_word(const char *word, const char *const *known, size_t count)
{
    size_t n = strlen(word), best = WORD_MAX;
    const char *found = NULL;

    if (n == 0 || n > WORD_MAX)
        return NULL;
    for (size_t k = 0; k < count; k++) {
        size_t m = strlen(known[k]), most = (n > m ? n : m) / 3, d;

        if (m > WORD_MAX)
            continue;
        d = distance(word, n, known[k], m);
        if (d < best && d <= (most > 1 ? most : 1)) {
            best = d;
            found = known[k];
        }
    }
    return found;
}
