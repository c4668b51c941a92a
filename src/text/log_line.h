/* One line of lastcall's own log, without its end: text, or a JSON object. */
#ifndef LASTCALL_TEXT_LOG_LINE_H
#define LASTCALL_TEXT_LOG_LINE_H

#include <stdint.h>

#include "base/str.h"
#include "text/story.h"

/* Room for a line of LOG_LINE_TEXT bytes, whatever they are; a longer one is cut. */
enum { LOG_LINE_SIZE = 4096, LOG_LINE_TEXT = 512 };

/* `lastcall: LINE`. A path may hold anything; it must neither end a line nor move a cursor,
 * so control characters are shown as `?`. */
void log_line_text(struct str *out, const char *line);

/* {"time":...,"level":...,"service":...,"line":...}. when: ms since 1970; service NULL:
 * lastcall's own, else at most SERVICE_NAME_MAX bytes. Whatever the line is, it is one object,
 * if out has LOG_LINE_SIZE. */
void log_line_json(struct str *out, int64_t when, enum story_level level, const char *service,
                   const char *line);

#endif
