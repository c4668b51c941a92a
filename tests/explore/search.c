/* Breadth first through all moments of a world, none of them twice.
 *
 * Visited moments are kept as 64-bit hashes (of N of them two are taken for one with
 * a chance of about N * N / 4e19, one in 400,000 for ten million), each with how it was
 * reached; only those of the present depth and the next are kept whole. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

struct origin {
    uint32_t from;
    struct choice by;
};

struct moments {
    unsigned char *packed;
    uint32_t *number;
    uint64_t count, room;
};

struct searching {
    const struct world *world;
    size_t size;              /* of a packed moment */
    uint64_t *visited;        /* hashes, by open addressing; 0: free */
    uint64_t slots;           /* a power of two, half of them free */
    struct origin *origins;   /* of as many as there is room for without a larger table */
    uint64_t most;
    struct moments now, next;
    struct outcome *out;
};

/* The slots of services that are not there take most of a moment. */
static size_t pack(const struct moment *m, size_t services, unsigned char *to)
{
    const struct supervisor *s = &m->supervisor;
    size_t head = offsetof(struct supervisor, service), tail = offsetof(struct supervisor, changed);
    size_t watched = offsetof(struct invariants, service) + services * sizeof(m->watch.service[0]);
    size_t of_model = offsetof(struct model, part) + services * sizeof(m->model.part[0]);
    unsigned char *at = to;

#define PUT(from, bytes) (memcpy(at, (from), (bytes)), at += (bytes))
    PUT(&m->model, of_model);
    PUT(&m->watch, watched);
    PUT(s, head);
    PUT(s->service, services * sizeof(s->service[0]));
    PUT((const unsigned char *)s + tail, sizeof(*s) - tail);
#undef PUT
    return (size_t)(at - to);
}

static void unpack(struct moment *m, size_t services, const unsigned char *from)
{
    struct supervisor *s = &m->supervisor;
    size_t head = offsetof(struct supervisor, service), tail = offsetof(struct supervisor, changed);
    size_t watched = offsetof(struct invariants, service) + services * sizeof(m->watch.service[0]);
    size_t of_model = offsetof(struct model, part) + services * sizeof(m->model.part[0]);

#define TAKE(to, bytes) (memcpy((to), from, (bytes)), from += (bytes))
    TAKE(&m->model, of_model);
    TAKE(&m->watch, watched);
    TAKE(s, head);
    TAKE(s->service, services * sizeof(s->service[0]));
    TAKE((unsigned char *)s + tail, sizeof(*s) - tail);
#undef TAKE
}

static uint64_t hash_of(const unsigned char *bytes, size_t size)
{
    uint64_t h = UINT64_C(0x9e3779b97f4a7c15), word;

    for (; size >= 8; bytes += 8, size -= 8) {
        memcpy(&word, bytes, 8);
        h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, bytes, size);
    h = (h ^ word) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;
    return h != 0 ? h : 1;
}

/* True if it was not there. */
static bool note(uint64_t *visited, uint64_t slots, uint64_t hash)
{
    uint64_t at = hash & (slots - 1);

    for (; visited[at] != 0; at = (at + 1) & (slots - 1))
        if (visited[at] == hash)
            return false;
    visited[at] = hash;
    return true;
}

/* Twice the room for what was visited. */
static bool grow(struct searching *g)
{
    uint64_t slots = g->slots > 0 ? 2 * g->slots : 4096;
    uint64_t *visited = calloc(slots, sizeof(*visited));
    struct origin *origins = realloc(g->origins, slots / 2 * sizeof(*origins));

    g->origins = origins != NULL ? origins : g->origins;
    if (visited == NULL || origins == NULL) {
        free(visited);
        return false;
    }
    for (uint64_t k = 0; k < g->slots; k++)
        if (g->visited[k] != 0)
            note(visited, slots, g->visited[k]);
    free(g->visited);
    g->visited = visited;
    g->slots = slots;
    return true;
}

static bool keep(struct moments *list, const unsigned char *packed, size_t size, uint32_t number)
{
    if (list->count == list->room) {
        uint64_t room = list->room > 0 ? list->room * 2 : 1024;
        unsigned char *bytes = realloc(list->packed, room * size);
        uint32_t *numbers;

        if (bytes == NULL)
            return false;
        list->packed = bytes;
        numbers = realloc(list->number, room * sizeof(*numbers));
        if (numbers == NULL)
            return false;
        list->number = numbers;
        list->room = room;
    }
    memcpy(list->packed + list->count * size, packed, size);
    list->number[list->count++] = number;
    return true;
}

/* The way to a moment, from the beginning on. */
static void tell_path(const struct searching *g, uint32_t number, const struct choice *last)
{
    static struct moment m;
    struct choice *path = malloc((g->out->depth + 2) * sizeof(*path));
    uint32_t n = 0;

    if (path == NULL)
        return;
    path[n++] = *last;
    for (; number != 0; number = g->origins[number].from)
        path[n++] = g->origins[number].by;
    model_verbose = true;
    printf("%s: %s\n", g->world->name, g->out->wrong);
    model_begin(g->world, &m);
    while (n > 0)
        model_take(g->world, &m, &path[--n]);
    model_verbose = false;
    free(path);
}

/* All that can come of one moment. False: no memory, or something is wrong. */
static bool expand(struct searching *g, const unsigned char *packed, uint32_t number)
{
    static struct moment before, after;
    static unsigned char bytes[sizeof(struct moment)];
    struct choice choices[CHOICES_MAX];
    uint32_t n;

    unpack(&before, g->world->spec.count, packed);
    n = model_choices(g->world, &before, choices);
    g->out->ended += before.supervisor.exiting;
    g->out->cut += n == 0 && !before.supervisor.exiting;
    for (uint32_t k = 0; k < n; k++) {
        unpack(&after, g->world->spec.count, packed);
        g->out->wrong = model_take(g->world, &after, &choices[k]);
        g->out->steps++;
        if (g->out->wrong != NULL) {
            tell_path(g, number, &choices[k]);
            return false;
        }
        pack(&after, g->world->spec.count, bytes);
        if (!note(g->visited, g->slots, hash_of(bytes, g->size)))
            continue;
        if (g->out->states == g->most) {
            g->out->wrong = "more states than were allowed";
            return false;
        }
        if (g->out->states == g->slots / 2 && !grow(g))
            return false;
        g->origins[g->out->states] = (struct origin){ number, choices[k] };
        if (!keep(&g->next, bytes, g->size, (uint32_t)g->out->states++))
            return false;
    }
    return true;
}

static bool go_through(struct searching *g)
{
    static struct moment first;
    static unsigned char bytes[sizeof(struct moment)];

    g->out->wrong = model_begin(g->world, &first);
    if (g->out->wrong != NULL)
        return false;
    g->size = pack(&first, g->world->spec.count, bytes);
    if (!grow(g))
        return false;
    note(g->visited, g->slots, hash_of(bytes, g->size));
    g->out->states = 1;
    if (!keep(&g->next, bytes, g->size, 0))
        return false;
    for (; g->next.count > 0; g->out->depth++) {
        struct moments done = g->now;

        g->now = g->next;
        g->next = done;
        g->next.count = 0;
        for (uint64_t k = 0; k < g->now.count; k++)
            if (!expand(g, g->now.packed + k * g->size, g->now.number[k]))
                return false;
    }
    return true;
}

bool search(const struct world *w, uint64_t states_max, struct outcome *out)
{
    struct searching g = { .world = w, .most = states_max, .out = out };
    bool done;

    *out = (struct outcome){ 0 };
    done = go_through(&g);
    free(g.visited);
    free(g.origins);
    free(g.now.packed);
    free(g.now.number);
    free(g.next.packed);
    free(g.next.number);
    return done || out->wrong != NULL;
}
