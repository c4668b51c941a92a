/* /status: the JSON of SPEC 7, both ways. */
#ifndef LASTCALL_TEXT_JSON_STATUS_H
#define LASTCALL_TEXT_JSON_STATUS_H

#include "text/status.h"

/* malloc'ed, with a line end and a NUL behind; NULL: out of memory. */
char *json_status(const struct status *s);

/* Reads it back into *out, but for what only metrics need. The strings belong to what is
 * returned, for json_status_free(); NULL: it is no status, *error says why (static). */
void *json_status_read(const char *text, size_t n, struct status *out, const char **error);
void json_status_free(void *document);

#endif
