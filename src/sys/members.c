#include "sys/members.h"

#include <stdlib.h>

static int by_pid(const void *key, const void *element)
{
    int32_t pid = *(const int32_t *)key;
    int32_t other = ((const struct proc_entry *)element)->pid;

    return (pid > other) - (pid < other);
}

static struct proc_entry *table_find(struct proc_table *table, int32_t pid)
{
    if (table->count == 0)
        return NULL;
    return bsearch(&pid, table->entry, table->count, sizeof *table->entry, by_pid);
}

static bool is_excepted(const struct proc_entry *e, const int32_t *except, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (except[i] == e->pid)
            return true;
    return false;
}

/* Marks the descendants of what is marked. Children have higher pids than their
 * parents until the numbers wrap around, so that one round mostly does. */
static void descendants_mark(struct proc_table *table, const int32_t *except, size_t count)
{
    bool changed;

    do {
        changed = false;
        for (size_t i = 0; i < table->count; i++) {
            struct proc_entry *e = &table->entry[i];
            const struct proc_entry *parent;

            if (e->marked || is_excepted(e, except, count))
                continue;
            parent = table_find(table, e->parent);
            if (parent == NULL || !parent->marked)
                continue;
            e->marked = true;
            changed = true;
        }
    } while (changed);
}

static void table_unmark(struct proc_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        table->entry[i].marked = false;
}

static void known_mark(struct proc_table *table, const struct members_query *query)
{
    for (size_t i = 0; i < query->known_count; i++) {
        struct proc_entry *e = table_find(table, query->known[i].pid);

        if (e != NULL && e->start == query->known[i].start)
            e->marked = true;
    }
}

/* Copies what is marked and not `apart`. */
static size_t marked_copy(const struct proc_table *table, int32_t apart, struct proc_entry *out,
                          size_t count, size_t max, bool *complete)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct proc_entry *e = &table->entry[i];

        if (!e->marked || e->pid == apart)
            continue;
        if (count < max)
            out[count++] = *e;
        else
            *complete = false;
    }
    return count;
}

size_t members_of(struct proc_table *table, const struct members_query *query,
                  struct proc_entry *out, size_t max, bool *complete)
{
    size_t count = 0;

    *complete = table->complete;
    for (size_t i = 0; i < table->count; i++) {
        struct proc_entry *e = &table->entry[i];

        e->marked = (query->leader != 0 && e->pid == query->leader) ||
                    (query->session != 0 && e->session == query->session) ||
                    (query->group != 0 && e->group == query->group);
    }
    known_mark(table, query);
    descendants_mark(table, NULL, 0);
    if (query->leader != 0) {
        const struct proc_entry *leader = table_find(table, query->leader);

        if (leader != NULL && max > 0)
            out[count++] = *leader;
        else
            *complete = false;
    }
    return marked_copy(table, query->leader, out, count, max, complete);
}

size_t members_descend_from(struct proc_table *table, int32_t self, const int32_t *except,
                            size_t except_count, struct proc_entry *out, size_t max,
                            bool *complete)
{
    struct proc_entry *ancestor = table_find(table, self);

    *complete = table->complete && ancestor != NULL;
    table_unmark(table);
    if (ancestor == NULL)
        return 0;
    ancestor->marked = true;
    descendants_mark(table, except, except_count);
    return marked_copy(table, self, out, 0, max, complete);
}

void members_told(struct proc_table *table, const struct proc_entry *listed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct proc_entry *e = table_find(table, listed[i].pid);

        if (e != NULL && e->start == listed[i].start)
            e->told = true;
    }
}
