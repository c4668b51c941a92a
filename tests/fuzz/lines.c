/* Lines of the log: any bytes in a JSON string, any numbers in a line of the story; what comes out
 * is one line, and JSON that says the same. */
#include <jansson.h>

#include "base/str.h"
#include "core/event.h"
#include "fuzz/fuzz.h"
#include "text/json_escape.h"
#include "text/story.h"

static void check_escape(const char *bytes, size_t size)
{
    size_t room = 6 * size + 8;
    char *text = malloc(room);
    struct str s;
    json_t *value;

    require(text != NULL, "no memory");
    str_init(&s, text, room);
    str_add(&s, "\"");
    json_escape(&s, bytes, size);
    str_add(&s, "\"");
    require(!s.truncated, "more than six bytes for one");
    for (size_t k = 0; k < s.len; k++)
        require((unsigned char)text[k] >= ' ', "a byte that ends a line");
    value = json_loadb(text, s.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    require(json_is_string(value), "no JSON");
    require(json_string_length(value) >= size || size == 0 || json_string_length(value) > 0, "something is lost");
    json_decref(value);
    free(text);
}

/* The first bytes are numbers, the rest is a name. */
static void check_story(const char *bytes, size_t size)
{
    struct story_input in = { 0 };
    char line[256], name[64];
    size_t n = sizeof(in.a) + sizeof(in.b) + sizeof(in.c) + 2;

    if (size < n)
        return;
    in.id = (enum story)((unsigned char)bytes[0] % STORY_COUNT);
    in.signo = (uint8_t)bytes[1];
    memcpy(&in.a, bytes + 2, sizeof(in.a));
    memcpy(&in.b, bytes + 10, sizeof(in.b));
    memcpy(&in.c, bytes + 18, sizeof(in.c));
    snprintf(name, sizeof(name), "%.*s", (int)(size - n > 60 ? 60 : size - n), bytes + n);
    in.service = name;
    in.other = name;
    require(story_line(&in, line, sizeof(line)) < 4096, "a line without an end");
    require(memchr(line, '\0', sizeof(line)) != NULL, "a line without an end");
    require(strchr(line, '\n') == NULL || strchr(name, '\n') != NULL, "two lines");
    story_level(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = bytes_of(data, size);

    check_escape(bytes, size);
    check_story(bytes, size);
    free(bytes);
    return 0;
}
