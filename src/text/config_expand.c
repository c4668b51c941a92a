#include "text/config_expand.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "text/ascii.h"

/* `${NAME}` or `${NAME:-default}`, taken apart. */
struct reference {
    const char *name, *otherwise; /* otherwise NULL: no default */
    size_t name_length, otherwise_length;
    const char *end; /* behind its } */
};

static size_t name_length(const char *s)
{
    size_t n = 0;

    while (s[n] == '_' || (ascii_upper(s[n]) >= 'A' && ascii_upper(s[n]) <= 'Z') ||
           (n > 0 && ascii_is_digit(s[n])))
        n++;
    return n;
}

/* False: what begins at the dollar sign s is none. */
static bool read_reference(const char *s, struct reference *out)
{
    if (s[0] != '$' || s[1] != '{')
        return false;
    *out = (struct reference){ .name = s + 2, .name_length = name_length(s + 2) };
    s = out->name + out->name_length;
    if (out->name_length > 0 && s[0] == ':' && s[1] == '-') {
        out->otherwise = s + 2;
        out->otherwise_length = strcspn(out->otherwise, "}");
        s = out->otherwise + out->otherwise_length;
    }
    out->end = s + 1;
    return out->name_length > 0 && *s == '}';
}

static const char *value_of(const struct reference *r, const char *const *environment)
{
    for (; *environment != NULL; environment++)
        if (strncmp(*environment, r->name, r->name_length) == 0 &&
            (*environment)[r->name_length] == '=')
            return *environment + r->name_length + 1;
    return NULL;
}

/* Walks over the text: what comes out goes to `out` unless that is NULL. Its length; -1
 * with a message. */
static long walk(const char *s, const char *const *environment, char *out, char *error, size_t size)
{
    size_t length = 0, told = 0; /* of the message: all that are not set, as far as it holds them */

    while (*s != '\0') {
        struct reference r;
        const char *from = s, *value;
        size_t n = 1;

        if (s[0] == '$' && s[1] == '$') {
            s += 2;
        } else if (!read_reference(s, &r)) {
            s++;
        } else {
            s = r.end;
            value = value_of(&r, environment);
            if (r.otherwise != NULL && (value == NULL || *value == '\0')) {
                from = r.otherwise;
                n = r.otherwise_length;
            } else if (value != NULL) {
                from = value;
                n = strlen(value);
            } else {
                int shown = (int)(r.name_length < 64 ? r.name_length : 64);

                if (told == 0)
                    told = (size_t)snprintf(error, size, "${%.*s} is not set; set it, or write ${%.*s:-DEFAULT}", shown,
                                            r.name, shown, r.name);
                else if (told < size)
                    told += (size_t)snprintf(error + told, size - told, "; nor is ${%.*s}", shown, r.name);
                n = 0;
            }
        }
        if (out != NULL)
            memcpy(out + length, from, n);
        length += n;
    }
    return told > 0 ? -1 : (long)length;
}

const char *config_expand(const char *text, const char *const *environment, struct arena *a,
                          char *error, size_t size)
{
    long n = walk(text, environment, NULL, error, size);
    char *out;

    if (n < 0)
        return NULL;
    out = arena_alloc(a, (size_t)n + 1);
    if (out == NULL) {
        snprintf(error, size, "too long with its variables replaced");
        return NULL;
    }
    walk(text, environment, out, error, size);
    out[n] = '\0';
    return out;
}
