/* Lists of processes: all that there are, and those of a service. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/clock.h"
#include "sys/members.h"
#include "sys/reap.h"

enum {
    TABLE_FIRST = 256,    /* entries; doubled when there are more processes */
    TABLE_MOST = 1 << 16
};

/* All of /proc costs more than the known processes: so often while those suffice. */
#define SCAN_AGAIN (2 * SECOND)

/* Some 10,000 processes are read in this time; what takes longer is not complete. At the
 * deadline there is less. */
#define SCAN_FOR (200)
#define SCAN_LAST (50)

int64_t look_until(const struct edge *edge)
{
    return clock_monotonic_ms() + (edge->supervisor.ask < ASK_KILL ? SCAN_FOR : SCAN_LAST);
}

static int grow_table(struct edge *edge)
{
    struct proc_table *table = &edge->table;
    size_t size = table->size == 0 ? TABLE_FIRST : table->size * 2;
    struct proc_entry *entry;

    if (size > TABLE_MOST)
        return -1;
    entry = realloc(edge->found, size * sizeof(*entry));
    if (entry == NULL)
        return -1;
    edge->found = entry;
    entry = realloc(table->entry, size * sizeof(*entry));
    if (entry == NULL)
        return -1;
    table->entry = entry;
    table->size = size;
    return 0;
}

int look_begin(struct edge *edge)
{
    return grow_table(edge);
}

int look_table(struct edge *edge)
{
    struct proc_table *table = &edge->table;
    int64_t until = look_until(edge);

    table->count = 0;
    table->complete = true;
    if (edge->adopts && reap_childless())
        return 0;
    while (proc_scan(edge->proc, table, until) == 0) {
        if (table->complete || table->count < table->size || clock_monotonic_ms() >= until ||
            grow_table(edge) != 0)
            return 0;
    }
    return -1;
}

struct member *look_member_of(struct child *c, int32_t pid, uint64_t start)
{
    for (uint32_t k = 0; k < c->members; k++)
        if (c->member[k].pid == pid && c->member[k].start == start)
            return &c->member[k];
    return NULL;
}

static void drop_member(struct member *m)
{
    if (m->threads != NULL) {
        threads_close(m->threads);
        free(m->threads);
    }
    m->threads = NULL;
    if (m->stat >= 0)
        close(m->stat);
    m->stat = -1;
}

void look_forget(struct child *c)
{
    for (uint32_t k = 0; k < c->members; k++)
        drop_member(&c->member[k]);
    c->members = 0;
    c->scanned = NEVER;
    c->complete = false;
}

/* Takes the list over into member[], keeping what is known of those that stay. */
static void take_members(struct child *c, const struct proc_entry *entry, size_t count)
{
    struct member kept[EVIDENCE_PROCS_MAX];
    uint32_t n = 0;

    for (size_t k = 0; k < count; k++) {
        struct member *old = look_member_of(c, entry[k].pid, entry[k].start);

        if (entry[k].zombie)
            continue;
        if (old == NULL) {
            kept[n++] = (struct member){ .pid = entry[k].pid, .start = entry[k].start, .stat = -1 };
            continue;
        }
        kept[n++] = *old;
        old->threads = NULL; /* moved */
        old->stat = -1;
    }
    for (uint32_t k = 0; k < c->members; k++)
        drop_member(&c->member[k]);
    for (uint32_t k = 0; k < n; k++)
        c->member[k] = kept[k];
    c->members = n;
}

/* Its processes, out of the table as it is. */
static size_t pick_members(struct child *c, struct proc_entry *entry, size_t room, bool *complete)
{
    struct member_known known[EVIDENCE_PROCS_MAX];
    struct members_query query = {
        .leader = c->leader,
        .session = c->edge->foreground ? 0 : c->session,
        .group = c->edge->foreground ? c->session : 0,
        .known = known,
        .known_count = c->members,
    };

    for (uint32_t k = 0; k < c->members; k++)
        known[k] = (struct member_known){ c->member[k].pid, c->member[k].start };
    return members_of(&c->edge->table, &query, entry, room, complete);
}

static bool scan_for(const struct child *c)
{
    return c->edge->proc >= 0 && c->session != 0 && look_table(c->edge) == 0;
}

/* entry: as many as fit. Not edge->found, which the scan may move. */
static size_t list_members(struct child *c, struct proc_entry *entry, size_t room, bool *complete)
{
    *complete = c->edge->proc < 0; /* then a service is its leader, as far as we can know */
    return scan_for(c) ? pick_members(c, entry, room, complete) : 0;
}

size_t look_list_all(struct child *c, size_t told, bool *complete)
{
    *complete = c->edge->proc < 0 || c->session == 0; /* as in list_members() */
    if (!scan_for(c))
        return 0;
    members_told(&c->edge->table, c->edge->found, told);
    return pick_members(c, c->edge->found, c->edge->table.size, complete);
}

int64_t look_memory(struct child *c, int64_t until)
{
    struct edge *edge = c->edge;
    bool complete;
    size_t n = c->session == 0 ? 0 : pick_members(c, edge->found, edge->table.size, &complete);
    int64_t sum = n > 0 ? 0 : -1, one;

    for (size_t k = 0; k < n; k++) {
        if (clock_monotonic_ms() >= until)
            return -1;
        if (proc_read_memory(edge->proc, edge->found[k].pid, &one) == 0)
            sum += one;
    }
    return sum;
}

/* The known ones once more, without a scan; false: one is gone, or cannot be read. */
static bool refresh(struct child *c, struct proc_entry *entry)
{
    for (uint32_t k = 0; k < c->members; k++)
        if (proc_read_held(c->edge->proc, c->member[k].pid, &c->member[k].stat, &entry[k]) != 0 ||
            entry[k].zombie || entry[k].start != c->member[k].start)
            return false;
    return true;
}

static bool is_listed(const struct proc_entry *entry, size_t count, const struct member *m)
{
    for (size_t k = 0; k < count; k++)
        if (entry[k].pid == m->pid && entry[k].start == m->start)
            return true;
    return false;
}

/* Whom a list that was cut lacks is not gone: the known ones are asked themselves. */
static size_t add_unlisted(struct child *c, struct proc_entry *entry, size_t count)
{
    for (uint32_t k = 0; k < c->members && count < EVIDENCE_PROCS_MAX; k++) {
        struct member *m = &c->member[k];
        struct proc_entry *e = &entry[count];

        if (is_listed(entry, count, m))
            continue;
        if (proc_read_held(c->edge->proc, m->pid, &m->stat, e) != 0) {
            if (errno == ENOENT || errno == ESRCH)
                continue;
            *e = (struct proc_entry){ .pid = m->pid, .start = m->start };
        }
        count += e->start == m->start; /* else its pid is another's by now */
    }
    return count;
}

size_t look_list(struct child *c, struct proc_entry *entry, bool scan)
{
    int64_t now = c->edge->supervisor.counted;
    size_t count = c->members;

    if (!scan && c->complete && c->leader != 0 && c->scanned != NEVER &&
        now - c->scanned < SCAN_AGAIN && refresh(c, entry))
        return count;
    count = list_members(c, entry, EVIDENCE_PROCS_MAX, &c->complete);
    if (!c->complete)
        count = add_unlisted(c, entry, count);
    take_members(c, entry, count);
    c->scanned = now;
    return count;
}
