#include "sim/sim.h"

void queue_init(struct queue *q)
{
    q->count = q->order = 0;
    q->overflow = false;
    q->free_count = QUEUE;
    for (uint32_t k = 0; k < QUEUE; k++)
        q->free[k] = QUEUE - 1 - k;
}

static bool sooner(const struct queue_entry *a, const struct queue_entry *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

struct happening *queue_add(struct queue *q, int64_t at)
{
    struct queue_entry e;
    uint32_t k;

    if (q->free_count == 0) {
        q->overflow = true;
        return &q->slot[0];
    }
    e = (struct queue_entry){ at, q->order++, q->free[--q->free_count] };
    for (k = q->count++; k > 0 && sooner(&e, &q->heap[(k - 1) / 2]); k = (k - 1) / 2)
        q->heap[k] = q->heap[(k - 1) / 2];
    q->heap[k] = e;
    return &q->slot[e.slot];
}

int64_t queue_next(const struct queue *q)
{
    return q->count > 0 ? q->heap[0].at : NEVER;
}

struct happening queue_take(struct queue *q)
{
    uint32_t slot = q->heap[0].slot;
    struct queue_entry last = q->heap[--q->count];
    uint32_t k = 0;

    for (;;) {
        uint32_t next = 2 * k + 1;

        if (next + 1 < q->count && sooner(&q->heap[next + 1], &q->heap[next]))
            next++;
        if (next >= q->count || !sooner(&q->heap[next], &last))
            break;
        q->heap[k] = q->heap[next];
        k = next;
    }
    q->heap[k] = last;
    q->free[q->free_count++] = slot;
    return q->slot[slot];
}
