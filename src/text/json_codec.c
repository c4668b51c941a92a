#include "text/json_codec.h"

#include <string.h>

int64_t codec_number(struct codec *c, const char *name, int64_t v, int64_t min, int64_t max)
{
    const json_t *field;

    if (!c->reading) {
        if (v != 0)
            json_object_set_new(c->object, name, json_integer(v));
        return v;
    }
    field = json_object_get(c->object, name);
    if (field == NULL && min <= 0 && max >= 0)
        return 0;
    if (json_is_integer(field) && json_integer_value(field) >= min && json_integer_value(field) <= max)
        return json_integer_value(field);
    if (c->bad == NULL)
        c->bad = name;
    return min;
}

int64_t codec_name(struct codec *c, const char *name, int64_t v, const char *const *names,
                   size_t count)
{
    const char *text;

    if (!c->reading) {
        if (v >= 0 && (size_t)v < count)
            json_object_set_new(c->object, name, json_string(names[v]));
        return v;
    }
    if (json_object_get(c->object, name) == NULL)
        return 0;
    text = json_string_value(json_object_get(c->object, name));
    for (size_t k = 0; text != NULL && k < count; k++)
        if (strcmp(names[k], text) == 0)
            return (int64_t)k;
    if (c->bad == NULL)
        c->bad = name;
    return 0;
}

struct codec codec_inside(struct codec *c, const char *name)
{
    struct codec inside = { .reading = c->reading };

    if (c->reading) {
        inside.object = json_object_get(c->object, name);
        return inside;
    }
    inside.object = json_object();
    json_object_set_new(c->object, name, inside.object);
    return inside;
}
