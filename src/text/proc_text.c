#include "text/proc_text.h"

#include <stdbool.h>
#include <string.h>

#include "text/ascii.h"
#include "text/number.h"

/* The fields behind comm, counted as proc(5) does. */
enum { FIELD_STATE = 3, FIELD_PARENT, FIELD_PGRP, FIELD_SESSION, FIELD_START = 22 };

/* Moves *at to the next field; false at the end. */
static bool next_field(const char **at, const char *end)
{
    while (*at < end && !ascii_is_space(**at))
        ++*at;
    while (*at < end && ascii_is_space(**at))
        ++*at;
    return *at < end;
}

static bool read_id(const char *at, const char *end, int32_t *out)
{
    uint64_t value;
    if (!number_read(&at, end, INT32_MAX, &value))
        return false;
    *out = (int32_t)value;
    return true;
}

static bool read_field(int field, const char *at, const char *end, struct proc_stat *out)
{
    switch (field) {
    case FIELD_STATE:
        out->state = *at;
        return true;
    case FIELD_PARENT:
        return read_id(at, end, &out->parent);
    case FIELD_PGRP:
        return read_id(at, end, &out->pgrp);
    case FIELD_SESSION:
        return read_id(at, end, &out->session);
    case FIELD_START: /* more digits might follow where the text ends */
        return number_read(&at, end, UINT64_MAX, &out->start) && at < end;
    default:
        return true;
    }
}

int proc_stat_parse(const char *bytes, size_t n, struct proc_stat *out)
{
    struct proc_stat stat = {0};
    const char *end = bytes + n;
    const char *open = memchr(bytes, '(', n);
    /* comm may hold a `)`, what is behind it never does */
    const char *close = memrchr(bytes, ')', n);
    if (open == NULL || close == NULL || close < open || !read_id(bytes, open, &stat.pid))
        return -1;
    size_t length = (size_t)(close - open - 1);
    if (length >= sizeof stat.comm)
        return -1;
    memcpy(stat.comm, open + 1, length);
    const char *at = close;
    for (int field = FIELD_STATE; field <= FIELD_START; field++)
        if (!next_field(&at, end) || !read_field(field, at, end, &stat))
            return -1;
    *out = stat;
    return 0;
}

static int hex_digit(char c)
{
    if (ascii_is_digit(c))
        return c - '0';
    c = ascii_upper(c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_hex(const char *at, const char *end, uint64_t *out)
{
    uint64_t value = 0;
    const char *begin = at;
    for (; at < end && hex_digit(*at) >= 0; at++) {
        if (value >> 60 != 0)
            return false;
        value = value << 4 | (uint64_t)hex_digit(*at);
    }
    *out = value;
    return at > begin;
}

/* The value of `KEY:\tVALUE` where such a line begins at `line`; NULL otherwise. */
static const char *value_of(const char *line, const char *end, const char *key)
{
    size_t n = strlen(key);
    if ((size_t)(end - line) <= n || memcmp(line, key, n) != 0)
        return NULL;
    line += n;
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    return line < end ? line : NULL;
}

int proc_status_parse(const char *bytes, size_t n, struct proc_status *out)
{
    struct proc_status status = {0};
    const char *end = bytes + n, *value;
    bool caught = false;
    for (const char *line = bytes; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (stop == NULL)
            stop = end;
        if ((value = value_of(line, stop, "State:")) != NULL)
            status.state = *value;
        else if ((value = value_of(line, stop, "SigCgt:")) != NULL)
            caught = stop < end && read_hex(value, stop, &status.caught);
        line = stop < end ? stop + 1 : end;
    }
    if (status.state == '\0' || !caught)
        return -1;
    *out = status;
    return 0;
}
