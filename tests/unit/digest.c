#include "unit/digest.h"

/* Fields are taken one by one, as what lies between them has no value. */
static void add(uint64_t *digest, int64_t value)
{
    uint64_t h = (*digest ^ (uint64_t)value) * UINT64_C(0xff51afd7ed558ccd);

    *digest = h ^ h >> 32;
}

static void add_action(uint64_t *digest, const struct action *a)
{
    add(digest, a->type);
    add(digest, a->service);
    add(digest, a->generation);
    switch (a->type) {
    case ACT_SIGNAL:
    case ACT_QUIET:
    case ACT_ORPHANS:
        add(digest, a->signal.signo);
        add(digest, a->signal.target);
        add(digest, a->signal.stop);
        break;
    case ACT_EXEC:
    case ACT_EXEC_END:
        add(digest, a->exec.purpose);
        add(digest, a->exec.step);
        add(digest, a->exec.ms);
        break;
    case ACT_HOOK:
        add(digest, a->hook.hook);
        add(digest, a->hook.ms);
        break;
    case ACT_REPLY:
        add(digest, a->reply.token);
        add(digest, a->reply.verdict);
        break;
    case ACT_STORY:
        add(digest, a->story.id);
        add(digest, a->story.a);
        add(digest, a->story.b);
        add(digest, a->story.c);
        break;
    case ACT_EXIT:
        add(digest, a->code);
        break;
    case ACT_SPAWN:
    case ACT_LOOK:
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_RELOAD:
    case ACTION_COUNT:
        break;
    }
}

uint64_t digest_of(uint64_t digest, const struct supervisor *s, const struct event *e,
                   const struct actions *out)
{
    add(&digest, e->type);
    add(&digest, e->now);
    for (uint32_t k = 0; k < out->count; k++)
        add_action(&digest, &out->list[k]);
    add(&digest, next_deadline(s));
    for (size_t i = 0; i < s->spec->count; i++)
        add(&digest, supervisor_waits_for(s, i));
    add(&digest, supervisor_phase(s));
    add(&digest, supervisor_drain_outcome(s));
    return digest;
}
