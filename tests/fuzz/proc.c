/* Files of /proc, as the kernel gives them and as it does not: a name that a process chose changes
 * nothing beside it, and a file that was cut short is none. */
#include <inttypes.h>

#include "fuzz/fuzz.h"
#include "text/proc_text.h"

enum { NAME_MAX_BYTES = 15, LINE = 256 }; /* of a name, as the kernel cuts it */

static int stat_of(const char *bytes, size_t n, struct proc_stat *out)
{
    char *exact = copy_bytes(bytes, n);
    int r = proc_stat_parse(exact, n, out);

    free(exact);
    require(r == 0 || r == -1, "neither read nor refused");
    return r;
}

static int status_of(const char *bytes, size_t n, struct proc_status *out)
{
    char *exact = copy_bytes(bytes, n);
    int r = proc_status_parse(exact, n, out);

    free(exact);
    require(r == 0 || r == -1, "neither read nor refused");
    return r;
}

static bool same_stat(const struct proc_stat *a, const struct proc_stat *b)
{
    return a->pid == b->pid && strcmp(a->comm, b->comm) == 0 && a->state == b->state && a->parent == b->parent &&
           a->pgrp == b->pgrp && a->session == b->session && a->start == b->start;
}

static size_t write_stat(const struct proc_stat *s, char *to, size_t size)
{
    return (size_t)snprintf(to, size, "%d (%s) %c %d %d %d 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 6 0 %" PRIu64
                            " 999 0\n", s->pid, s->comm, s->state, s->parent, s->pgrp, s->session, s->start);
}

/* As written, and cut at every byte: a name that a process may choose has no room for the fields. */
static void check_written(const struct proc_stat *s)
{
    char text[LINE];
    struct proc_stat again;
    size_t n = write_stat(s, text, sizeof(text));

    require(stat_of(text, n, &again) == 0 && same_stat(s, &again), "what was written is another");
    for (size_t cut = 0; cut < n && strlen(s->comm) <= NAME_MAX_BYTES; cut++)
        if (stat_of(text, cut, &again) == 0)
            require(same_stat(s, &again), "another process when it is cut short");
}

static void check_stat(const char *bytes, size_t n)
{
    struct proc_stat s = { .pid = 17, .state = 'S', .parent = 1, .pgrp = 17, .session = 17, .start = 123456 };
    struct proc_stat any = s;

    if (stat_of(bytes, n, &any) == 0) {
        require(any.pid >= 0 && any.parent >= 0 && any.pgrp >= 0 && any.session >= 0, "an id below 0");
        require(memchr(any.comm, '\0', sizeof(any.comm)) != NULL, "a name without an end");
        check_written(&any);
    } else {
        require(same_stat(&any, &s), "refused, and changed");
    }
    snprintf(s.comm, NAME_MAX_BYTES + 1, "%.*s", (int)(n < NAME_MAX_BYTES ? n : NAME_MAX_BYTES), bytes);
    check_written(&s);
}

/* The kernel writes backslashes and line ends of a name as \\ and \n. */
static size_t write_name(const char *bytes, size_t n, char *to)
{
    char *from = to;

    for (size_t k = 0; k < n && k < NAME_MAX_BYTES && bytes[k] != '\0'; k++)
        if (bytes[k] == '\n' || bytes[k] == '\\')
            to += sprintf(to, bytes[k] == '\n' ? "\\n" : "\\\\");
        else
            *to++ = bytes[k];
    return (size_t)(to - from);
}

static void check_status(const char *bytes, size_t n)
{
    uint64_t caught = hash_bytes(bytes, n);
    char text[LINE] = "Name:\t";
    struct proc_status s;
    size_t length = strlen(text), whole;

    if (status_of(bytes, n, &s) == 0)
        require(s.state != '\0', "no state");
    length += write_name(bytes, n, text + length);
    length += (size_t)snprintf(text + length, sizeof(text) - length,
                               "\nUmask:\t0022\nState:\tS (sleeping)\nSigIgn:\t0000000000000001\nSigCgt:\t%016" PRIx64,
                               caught);
    whole = length;
    length += (size_t)snprintf(text + length, sizeof(text) - length, "\nCapInh:\t0000000000000000\n");
    require(status_of(text, length, &s) == 0 && s.state == 'S' && s.caught == caught, "what was written is another");
    for (size_t cut = 0; cut <= whole; cut++)
        if (status_of(text, cut, &s) == 0)
            require(s.state == 'S' && s.caught == caught, "other signals when it is cut short");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_stat((const char *)data, size);
    check_status((const char *)data, size);
    return 0;
}
