/* Keeps what the core was told in a world, and what it said. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim.h"
#include "unit/action_words.h"

static struct record_entry *add(struct sim *sim)
{
    struct record *r = sim->record;

    if (r->count == r->size) {
        r->size = r->size == 0 ? 256 : r->size * 2;
        r->entry = realloc(r->entry, r->size * sizeof(*r->entry));
        if (r->entry == NULL)
            abort();
    }
    memset(&r->entry[r->count], 0, sizeof(r->entry[0]));
    r->entry[r->count].at = sim->now - sim->began;
    return &r->entry[r->count++];
}

void record_event(struct sim *sim, const struct event *e)
{
    struct record_entry *entry = add(sim);

    entry->event = *e;
    if (e->service < sim->spec.count)
        entry->late = sim->supervisor.service[e->service].generation - e->generation;
}

void record_pause(struct sim *sim, int64_t ms)
{
    add(sim)->pause = ms;
}

static void append(struct record_entry *entry, const char *words)
{
    size_t used = entry->words == NULL ? 0 : strlen(entry->words);
    size_t size = used + strlen(words) + sizeof("; ");
    char *text = realloc(entry->words, size);

    if (text == NULL)
        abort();
    snprintf(text + used, size - used, "%s%s", used > 0 ? "; " : "", words);
    entry->words = text;
}

void record_actions(struct sim *sim)
{
    struct record_entry *entry = &sim->record->entry[sim->record->count - 1];
    char words[128];

    for (uint32_t k = 0; k < sim->actions.count; k++) {
        const struct action *a = &sim->actions.list[k];

        if (action_words(a, a->service < sim->spec.count ? sim->spec.service[a->service].name : "all",
                         words, sizeof(words)))
            append(entry, words);
        if ((a->type == ACT_LOOK || a->type == ACT_ORPHANS) && entry->looks < LOOKS)
            entry->look[entry->looks++] = a->service;
    }
}

void record_clear(struct record *r)
{
    for (size_t k = 0; k < r->count; k++)
        free(r->entry[k].words);
    r->count = 0;
}

static bool facts_same(const struct facts *a, const struct facts *b)
{
    bool same = true;

#define X(type, name) same = same && a->name == b->name;
    FACTS(X)
#undef X
    return same;
}

/* What was last told of each service, and of the orphans. */
struct told {
    struct facts facts[WORLD_SERVICES];
    uint32_t orphans;
};

static bool tells_again(const struct record_entry *entry, const struct told *told)
{
    const struct event *e = &entry->event;

    if (entry->pause > 0 || entry->late > 0 || entry->words != NULL)
        return false;
    return (e->type == EVENT_LOOKED && facts_same(&e->facts, &told->facts[e->service])) ||
           (e->type == EVENT_ORPHANS && e->count == told->orphans);
}

static void note(struct told *told, const struct record_entry *entry)
{
    if (entry->pause == 0 && entry->event.type == EVENT_LOOKED)
        told->facts[entry->event.service] = entry->event.facts;
    else if (entry->pause == 0 && entry->event.type == EVENT_ORPHANS)
        told->orphans = entry->event.count;
}

/* A timer without a word, and looks that tell the same again: how many entries; 0: it is not. */
static size_t length_of_tick(const struct record *r, size_t k, const struct told *told)
{
    const struct record_entry *timer = &r->entry[k];

    if (timer->pause > 0 || timer->event.type != EVENT_TIMER || timer->words != NULL ||
        k + timer->looks + 1 >= r->count) /* the last is told, as it may be what is wrong */
        return 0;
    for (uint8_t n = 0; n < timer->looks; n++) {
        const struct record_entry *look = &r->entry[k + 1 + n];

        if (look->event.service != timer->look[n] || look->at != timer->at ||
            !tells_again(look, told))
            return 0;
    }
    return 1u + timer->looks;
}

/* Whatever is a row comes before a timer that is due at the same moment: where one came first, it
 * is a row too. */
static void unfold_before_rows(struct record *r)
{
    int64_t next = NEVER;

    for (size_t k = r->count; k-- > 0;) {
        struct record_entry *entry = &r->entry[k];

        if (entry->tick > 0 && next == entry->at)
            for (size_t n = 0; n < entry->tick; n++)
                r->entry[k + n].folded = false;
        if (!entry->folded)
            next = entry->at;
    }
}

size_t record_fold(struct record *r)
{
    struct told told = { 0 };
    size_t rows = 0;

    for (size_t k = 0; k < r->count;) {
        struct record_entry *entry = &r->entry[k];

        entry->tick = length_of_tick(r, k, &told);
        for (size_t n = 0; n < entry->tick; n++)
            r->entry[k + n].folded = true;
        note(&told, entry);
        k += entry->tick > 0 ? entry->tick : 1;
    }
    unfold_before_rows(r);
    for (size_t k = 0; k < r->count; k++)
        rows += !r->entry[k].folded;
    return rows;
}
