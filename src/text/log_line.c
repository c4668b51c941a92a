#include "text/log_line.h"

#include <string.h>

#include "text/json_escape.h"
#include "text/utc.h"

enum { ESCAPED_MAX = 6 }; /* bytes that json_escape() makes of one */

static const char *const level_names[] = {
    [STORY_LEVEL_ERROR] = "error",
    [STORY_LEVEL_WARN] = "warn",
    [STORY_LEVEL_INFO] = "info",
    [STORY_LEVEL_DEBUG] = "debug",
};

void log_line_text(struct str *out, const char *line)
{
    str_add(out, "lastcall: ");
    for (; *line != '\0'; line++)
        str_addc(out, (unsigned char)*line < ' ' || *line == 0x7f ? '?' : *line);
}

void log_line_json(struct str *out, int64_t when, enum story_level level, const char *service,
                   const char *line)
{
    static const char end[] = "\"}";
    char time[UTC_SIZE];
    size_t room;

    utc_format(when, time);
    str_addf(out, "{\"time\":\"%s\",\"level\":\"%s\",", time, level_names[level]);
    if (service != NULL) {
        str_add(out, "\"service\":\"");
        json_escape(out, service, strlen(service));
        str_add(out, "\",");
    }
    str_add(out, "\"line\":\"");
    room = out->size - out->len < sizeof(end) ? 0 : (out->size - out->len - sizeof(end)) / ESCAPED_MAX;
    json_escape(out, line, strnlen(line, room));
    str_add(out, end);
}
