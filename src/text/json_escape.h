/* Bytes inside a JSON string. */
#ifndef LASTCALL_TEXT_JSON_ESCAPE_H
#define LASTCALL_TEXT_JSON_ESCAPE_H

#include <stddef.h>

#include "base/str.h"

/* Adds the n bytes without quotes around them. What is no UTF-8 (also overlong forms
 * and surrogates) becomes \ufffd, byte by byte. At most 6 n bytes are added; once out
 * is truncated its end may lie within an escape. */
void json_escape(struct str *out, const char *bytes, size_t n);

#endif
