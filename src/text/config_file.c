/* inih parses. It cuts lines at 199 bytes and names at 49, takes
 * `:` for `=` and ` ;` for a comment, joins continuations over empty lines, and tells no
 * line numbers, all without a word. So it sees one short line for each of ours,
 * `[N]` or `N = N`, N being its number, and names and values are taken from where they stand. */
#include "text/config_file.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "text/ascii.h"

struct span {
    const char *s;
    size_t n;
};

struct reader {
    const char *at, *end;
    uint32_t line;           /* of what lies before at */
    bool (*known)(const char *key);
    struct arena *arena;
    struct problems *problems;
    struct span present;         /* what inih has to decide on */
    struct config_entry *open;   /* its value may go on */
    size_t length;               /* of that value */
    struct config_section **tail, *section;
    struct config_entry **entry_tail;
    size_t sections, entries;
    bool over, full;             /* too much is in it; the arena is full */
};

static struct span trimmed(struct span s)
{
    while (s.n > 0 && ascii_is_space(s.s[0])) {
        s.s++;
        s.n--;
    }
    while (s.n > 0 && ascii_is_space(s.s[s.n - 1]))
        s.n--;
    return s;
}

/* The next line, without its end. */
static struct span next_line(struct reader *r)
{
    const char *from = r->at, *to = memchr(from, '\n', (size_t)(r->end - from));
    struct span line = { from, (size_t)((to == NULL ? r->end : to) - from) };

    r->at = to == NULL ? r->end : to + 1;
    r->line++;
    if (line.n > 0 && line.s[line.n - 1] == '\r')
        line.n--;
    return line;
}

static bool is_comment(struct span trim)
{
    return trim.n > 0 && (trim.s[0] == ';' || trim.s[0] == '#');
}

static bool is_indented(struct span line)
{
    return line.n > 0 && ascii_is_space(line.s[0]);
}

/* What stands before the first `=`; n 0: there is none. */
static struct span key_of(struct span trim)
{
    const char *equals = trim.n > 0 ? memchr(trim.s, '=', trim.n) : NULL;

    return equals == NULL ? (struct span){ trim.s, 0 }
                          : trimmed((struct span){ trim.s, (size_t)(equals - trim.s) });
}

static bool looks_like_key(const struct reader *r, struct span trim)
{
    struct span key = key_of(trim);
    char name[64];

    if (key.n == 0 || key.n >= sizeof(name))
        return false;
    memcpy(name, key.s, key.n);
    name[key.n] = '\0';
    return r->known(name);
}

/* How many bytes the lines behind the present one add to a value at most. */
static size_t continued(const struct reader *r)
{
    struct reader ahead = *r;
    size_t n = 0;

    while (ahead.at < ahead.end) {
        struct span line = next_line(&ahead), trim = trimmed(line);

        if (is_comment(trim))
            continue;
        if (trim.n == 0 || !is_indented(line) || looks_like_key(r, trim))
            break;
        n += 1 + trim.n;
    }
    return n;
}

static struct config_entry *add_entry(struct reader *r, struct span key, struct span value)
{
    struct config_entry *e = arena_alloc(r->arena, sizeof(*e));
    char *name = arena_strndup(r->arena, key.s, key.n);
    char *text = arena_alloc(r->arena, value.n + continued(r) + 1);

    if (e == NULL || name == NULL || text == NULL) {
        r->full = true;
        return NULL;
    }
    memcpy(text, value.s, value.n);
    text[value.n] = '\0';
    *e = (struct config_entry){ .key = name, .value = text, .line = r->line };
    return e;
}

/* The value has room for it: see add_entry(). */
static void go_on(struct reader *r, struct span trim)
{
    char *value = (char *)r->open->value + r->length;
    size_t space = r->length > 0;

    if (r->length + space + trim.n > CONFIG_VALUE_MAX) {
        problem_error(r->problems, r->open->line, "the value of '%.40s' is longer than %d bytes",
                      r->open->key, CONFIG_VALUE_MAX);
        r->open = NULL;
        return;
    }
    if (space)
        *value++ = ' ';
    memcpy(value, trim.s, trim.n);
    value[trim.n] = '\0';
    r->length += space + trim.n;
}

static void indented_line(struct reader *r, struct span trim)
{
    struct span key = key_of(trim);

    if (looks_like_key(r, trim)) {
        problem_error(r->problems, r->line,
                      "'%.*s =' is indented, so it would go on the value above; begin it at the margin",
                      (int)key.n, key.s);
        r->open = NULL;
    } else if (r->open != NULL) {
        go_on(r, trim);
    } else {
        problem_error(r->problems, r->line, "an indented line goes on a value, and there is none above");
    }
}

static void begin_section(struct reader *r, struct span trim)
{
    struct config_section *s = arena_alloc(r->arena, sizeof(*s));
    const char *close = memchr(trim.s, ']', trim.n);
    struct span name = { trim.s + 1, 0 };

    if (close == NULL || close != trim.s + trim.n - 1)
        problem_error(r->problems, r->line, "a section is [NAME] alone on its line");
    name.n = (size_t)((close == NULL ? trim.s + trim.n : close) - name.s);
    name = trimmed(name);
    r->open = NULL;
    if (++r->sections > CONFIG_SECTIONS_MAX) {
        problem_error(r->problems, r->line, "more than %d sections", CONFIG_SECTIONS_MAX);
        r->over = true;
        return;
    }
    if (s != NULL)
        *s = (struct config_section){ .name = arena_strndup(r->arena, name.s, name.n),
                                      .line = r->line };
    if (s == NULL || s->name == NULL) {
        r->full = true;
        return;
    }
    *r->tail = r->section = s;
    r->tail = &s->next;
    r->entry_tail = &s->first;
}

static void begin_entry(struct reader *r, struct span trim)
{
    struct span key = key_of(trim);
    const char *equals = memchr(trim.s, '=', trim.n);
    struct span value = trimmed((struct span){ equals + 1, (size_t)(trim.s + trim.n - equals - 1) });

    r->open = NULL;
    if (r->section == NULL) {
        problem_error(r->problems, r->line, "'%.*s' stands before the first [SECTION]",
                      (int)(key.n < 40 ? key.n : 40), key.s);
        return;
    }
    if (value.n > CONFIG_VALUE_MAX) {
        problem_error(r->problems, r->line, "the value of '%.*s' is longer than %d bytes",
                      (int)(key.n < 40 ? key.n : 40), key.s, CONFIG_VALUE_MAX);
        return;
    }
    if (++r->entries > CONFIG_ENTRIES_MAX) {
        problem_error(r->problems, r->line, "more than %d keys", CONFIG_ENTRIES_MAX);
        r->over = true;
        return;
    }
    r->open = add_entry(r, key, value);
    if (r->open == NULL)
        return;
    r->length = value.n;
    *r->entry_tail = r->open;
    r->entry_tail = &r->open->next;
}

/* inih's reader, as fgets(): the next line that it must decide on, as a short one. */
static char *read_line(char *out, int size, void *stream)
{
    struct reader *r = stream;

    while (r->at < r->end && !r->full && !r->over) {
        struct span line = next_line(r), trim = trimmed(line);

        if (is_comment(trim))
            continue;
        if (memchr(line.s, '\0', line.n) != NULL) {
            problem_error(r->problems, r->line, "a NUL byte");
            r->open = NULL;
        } else if (trim.n == 0) {
            r->open = NULL;
        } else if (is_indented(line)) {
            indented_line(r, trim);
        } else if (trim.s[0] == '[') {
            begin_section(r, trim);
            snprintf(out, (size_t)size, "[%u]\n", r->line);
            return out;
        } else if (key_of(trim).n > 0) {
            r->present = trim;
            snprintf(out, (size_t)size, "%u = %u\n", r->line, r->line);
            return out;
        } else {
            problem_error(r->problems, r->line, "expected [SECTION] or KEY = VALUE");
            r->open = NULL;
        }
    }
    return NULL;
}

static int take_entry(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;

    (void)section;
    (void)name;
    (void)value;
    begin_entry(r, r->present);
    return 1;
}

int config_file_read(const char *bytes, size_t n, bool (*known)(const char *key), struct arena *a,
                     struct problems *problems, struct config_section **first)
{
    struct reader r = { .at = bytes, .end = bytes + n, .known = known, .arena = a,
                        .problems = problems, .tail = first };

    *first = NULL;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        r.at += 3;
    ini_parse_stream(read_line, &r, take_entry, &r);
    return r.full ? -1 : 0;
}
