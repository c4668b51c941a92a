/* One description of a value's fields for both ways: with .reading they are taken out of
 * a JSON object, else put in. Zero and false are left out, and read as such. */
#ifndef LASTCALL_TEXT_JSON_CODEC_H
#define LASTCALL_TEXT_JSON_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct codec {
    json_t *object;
    bool reading;
    const char *bad; /* the field that could not be read; NULL: none */
};

/* A number, from min to max where it is read. Returns what it is. */
int64_t codec_number(struct codec *c, const char *name, int64_t v, int64_t min, int64_t max);

/* A number that has a name, among `count` of them; written as the name. */
int64_t codec_name(struct codec *c, const char *name, int64_t v, const char *const *names,
                   size_t count);

/* An object within the object, or an element of an array; NULL object: it is not there. */
struct codec codec_inside(struct codec *c, const char *name);

/* The same of lvalues of any integer type. */
#define CODEC_RANGE(c, name, lvalue, min, max) \
    ((lvalue) = (__typeof__(lvalue))codec_number((c), (name), (int64_t)(lvalue), (min), (max)))
#define CODEC_BOOL(c, name, lvalue) \
    ((lvalue) = codec_number((c), (name), (lvalue), 0, 1) != 0)
#define CODEC_NAME(c, name, lvalue, names)                                                 \
    ((lvalue) = (__typeof__(lvalue))codec_name((c), (name), (int64_t)(lvalue), (names),    \
                                               sizeof(names) / sizeof((names)[0])))

#endif
