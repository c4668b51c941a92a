#include "core/budget.h"

enum { WHOLE = 1 << 30 }; /* a factor of 1; exact to the ms in waits of 12 days */

#define SMALLEST_WAIT (1 * SECOND) /* SPEC 4: waits shrink down to 1 s first */
#define POST_EXIT_WAIT (5 * SECOND)

/* The waits before any shrinking. */
struct nominal {
    int64_t wait[SERVICES_MAX][LADDER_STEPS_MAX + 1];
    int64_t tail[SERVICES_MAX];
};

/* w * factor / WHOLE without overflow; w >= 0. */
static int64_t scale(int64_t w, int64_t factor)
{
    return w / WHOLE * factor + w % WHOLE * factor / WHOLE;
}

static int64_t scale_to_smallest(int64_t w, int64_t factor)
{
    return time_max(time_min(w, SMALLEST_WAIT), scale(w, factor));
}

static int64_t row_need(const struct budget_row *row)
{
    int64_t need = row->tail;

    for (size_t k = row->first; k < row->count; k++)
        need = time_add(need, row->wait[k]);
    return need;
}

/* Fills in the chains of these, as if there were no others: whole where all that must stop after it
 * is among them. True if all of them fit into the room behind their linger. */
static bool chains_fit(struct budget *b, const struct spec *spec, service_set of, int64_t room)
{
    int64_t behind[SERVICES_MAX] = { 0 }; /* what it costs those that are after it */
    bool fit = true;

    for (size_t n = 0; n < spec->count; n++) {
        size_t i = spec->start_order[n]; /* what stops later comes earlier here */
        struct budget_row *row = &b->row[i];
        int64_t longest = 0;

        if (!(of & SET_OF(i)))
            continue;
        for (service_set rest = spec->start_after[i] & of; rest; rest &= rest - 1)
            longest = time_max(longest, behind[__builtin_ctzll(rest)]);
        row->chain = row->down ? longest : time_add(row_need(row), longest);
        behind[i] = row->over ? longest : row->chain;
        if (!row->down && time_add(row->linger, row->chain) > room)
            fit = false;
    }
    return fit;
}

void budget_chains(struct budget *b, const struct spec *spec)
{
    chains_fit(b, spec, spec_all(spec), NEVER);
}

/* It, and all that stops before it or after it: no other has a part in a way through it. */
static service_set on_ways_through(const struct spec *spec, size_t at)
{
    service_set set = SET_OF(at) | spec->stop_first[at];

    for (size_t i = 0; i < spec->count; i++)
        if (spec->stop_first[i] & SET_OF(at))
            set |= SET_OF(i);
    return set;
}

/* From the beginning until row `at` is over and all that stops after it, along the
 * longest way that leads through it. */
static int64_t longest_through(struct budget *b, const struct spec *spec, service_set ways, size_t at)
{
    int64_t before[SERVICES_MAX] = { 0 }; /* until its ladder may begin */
    size_t n = spec->count, i;

    chains_fit(b, spec, ways, NEVER);
    do {
        i = spec->start_order[--n]; /* what stops first comes first here */
        if (!(ways & SET_OF(i)))
            continue;
        before[i] = b->row[i].down ? 0 : b->row[i].linger;
        for (service_set rest = b->row[i].over ? 0 : spec->stop_first[i]; rest; rest &= rest - 1) {
            size_t k = (size_t)__builtin_ctzll(rest);
            int64_t need = b->row[k].down ? 0 : row_need(&b->row[k]);

            before[i] = time_max(before[i], time_add(before[k], need));
        }
    } while (i != at);
    return time_add(before[at], b->row[at].chain);
}

/* One stage of shrinking: which waits. */
enum stage { SHRINK_OTHERS, SHRINK_JOBS, SHRINK_ALL };

static bool takes_part(const struct budget_row *row, enum stage stage)
{
    return !row->down && (stage == SHRINK_ALL || row->jobs == (stage == SHRINK_JOBS));
}

static void apply_factor(struct budget *b, const struct nominal *was, size_t i, enum stage stage,
                         int64_t factor)
{
    struct budget_row *row = &b->row[i];

    for (size_t k = row->first; k < row->count; k++)
        row->wait[k] = stage == SHRINK_ALL ? scale(was->wait[i][k], factor)
                                           : scale_to_smallest(was->wait[i][k], factor);
    if (stage == SHRINK_ALL)
        row->tail = scale(was->tail[i], factor);
}

static void apply_to_all(struct budget *b, service_set of, const struct nominal *was,
                         enum stage stage, int64_t factor)
{
    for (service_set rest = of; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);

        if (takes_part(&b->row[i], stage))
            apply_factor(b, was, i, stage, factor);
    }
}

static void remember(struct nominal *n, const struct budget *b, const struct spec *spec)
{
    for (size_t i = 0; i < spec->count; i++) {
        for (size_t k = 0; k < b->row[i].count; k++)
            n->wait[i][k] = b->row[i].wait[k];
        n->tail[i] = b->row[i].tail;
    }
}

/* The largest factor of a stage with which every way through row i fits; 0: none. */
static int64_t factor_of(struct budget *b, const struct spec *spec, int64_t room,
                         const struct nominal *was, enum stage stage, size_t i)
{
    int64_t fits = 0, too_much = WHOLE;
    service_set ways = on_ways_through(spec, i);

    apply_to_all(b, ways, was, stage, WHOLE);
    if (longest_through(b, spec, ways, i) <= room)
        return WHOLE;
    while (too_much - fits > 1) {
        int64_t factor = (fits + too_much) / 2;

        apply_to_all(b, ways, was, stage, factor);
        if (longest_through(b, spec, ways, i) <= room)
            fits = factor;
        else
            too_much = factor;
    }
    return fits;
}

/* One factor for all that wait for each other and do not fit. What stops beside them
 * keeps its time: nothing would be gained by taking it. True if everything fits now. */
static bool shrink(struct budget *b, const struct spec *spec, int64_t room, enum stage stage)
{
    struct nominal was;
    int64_t factor[SERVICES_MAX];

    remember(&was, b, spec);
    for (size_t i = 0; i < spec->count; i++)
        if (takes_part(&b->row[i], stage))
            factor[i] = factor_of(b, spec, room, &was, stage, i);
    for (size_t i = 0; i < spec->count; i++)
        if (takes_part(&b->row[i], stage))
            apply_factor(b, &was, i, stage, factor[i]);
    return chains_fit(b, spec, spec_all(spec), room);
}

/* Of those alone that do not fit: SPEC 4, too little time. */
static void cap_lingers(struct budget *b, const struct spec *spec, int64_t room, int64_t cap)
{
    for (size_t i = 0; i < spec->count; i++)
        if (!b->row[i].down && time_add(b->row[i].linger, b->row[i].chain) > room)
            b->row[i].linger = time_min(b->row[i].linger, time_min(cap, room));
}

void budget_fit(struct budget *b, const struct spec *spec, int64_t room, int64_t linger_cap)
{
    room = time_max(room, 0);
    b->shrunk = false;
    if (chains_fit(b, spec, spec_all(spec), room))
        return;
    cap_lingers(b, spec, room, linger_cap);
    if (chains_fit(b, spec, spec_all(spec), room))
        return;
    b->shrunk = true;
    for (enum stage stage = SHRINK_OTHERS; stage <= SHRINK_ALL; stage++)
        if (shrink(b, spec, room, stage))
            return;
}

int64_t budget_tail(const struct service_spec *s)
{
    return s->post_exit.argv != NULL ? POST_EXIT_WAIT : 0;
}

void budget_row_init(struct budget_row *row, const struct service_spec *s)
{
    *row = (struct budget_row){
        .linger = s->linger,
        .tail = budget_tail(s),
        .count = s->stop.count,
        .jobs = spec_is_worker(s) || spec_is_job_profile(s),
    };
    for (size_t k = 0; k < s->stop.count; k++)
        row->wait[k] = s->stop.step[k].wait;
}

int64_t budget_linger_cap(int64_t deadline)
{
    return deadline == NEVER ? NEVER : deadline / 3;
}

void budget_of_spec(struct budget *b, const struct spec *spec)
{
    for (size_t i = 0; i < spec->count; i++) {
        budget_row_init(&b->row[i], &spec->service[i]);
        b->row[i].over = spec->service[i].kind == KIND_TASK;
    }
    budget_fit(b, spec, time_sub(spec->deadline, spec->margin), budget_linger_cap(spec->deadline));
}
