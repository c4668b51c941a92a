/* What every rule is made of: actions, states, time, needs. */
#include "core/rules.h"

/* So long after its time a hook, which got KILL then, is still waited for. */
#define HOOK_KILLED (1 * SECOND)

struct action *emit(struct supervisor *s, enum action_type type, size_t service)
{
    struct actions *out = s->out;
    struct action *a = &out->list[out->count < ACTIONS_MAX ? out->count : ACTIONS_MAX - 1];

    if (out->count < ACTIONS_MAX)
        out->count++;
    else
        out->dropped++;
    *a = (struct action){ .type = type, .service = (uint8_t)service };
    if (service < SERVICES_MAX) {
        a->generation = s->service[service].generation;
        if (type != ACT_LOOK) /* the first rule: those behind it know of it */
            ask_again(s, SET_OF(service));
    }
    return a;
}

void tell(struct supervisor *s, size_t service, enum story id, int64_t a, int64_t b, int64_t c)
{
    struct action *act;

    if (s->out->count >= STORIES_UNTIL)
        return;
    act = emit(s, ACT_STORY, service);
    act->story.id = id;
    act->story.a = a;
    act->story.b = b;
    act->story.c = c;
}

void enter(struct supervisor *s, size_t service, enum service_state state)
{
    struct service *v = &s->service[service];

    tell(s, service, STORY_STATE, v->state, state, 0);
    v->state = state;
    s->changed = true;
    if (state == STATE_DONE || state == STATE_FAILED)
        s->down |= SET_OF(service);
    else
        s->down &= ~SET_OF(service);
}

/* KILL was sent long ago (uninterruptible sleep): it must not hold up the others. */
static bool outlives_kill(const struct supervisor *s, size_t service)
{
    const struct life *life = &s->service[service].life;
    bool last = life->ladder_begun && life->step + 1 == s->spec->service[service].stop.count;

    return (s->alive & SET_OF(service)) && last && !life->post_exit_begun &&
           s->counted - life->step_c >= SURVIVOR_AFTER;
}

bool holds_up(const struct supervisor *s, service_set services)
{
    for (service_set rest = services; rest; rest &= rest - 1)
        if (!outlives_kill(s, (size_t)__builtin_ctzll(rest)))
            return true;
    return false;
}

static bool lives_or_returns(const struct supervisor *s, size_t service)
{
    return (s->alive & SET_OF(service)) || s->service[service].state == STATE_BACKOFF;
}

bool is_needed_by_living(const struct supervisor *s, size_t service)
{
    for (service_set rest = s->spec->stop_first[service]; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);

        if (lives_or_returns(s, i) && !outlives_kill(s, i))
            return true;
    }
    return false;
}

void exec_begin(struct supervisor *s, size_t service, enum exec_purpose purpose, int64_t ms)
{
    struct life *life = &s->service[service].life;
    struct action *a;

    ms = time_min(ms, time_max(s->deadline_at - s->margin - s->now, 0)); /* NEVER: far away */
    a = emit(s, ACT_EXEC, service);
    a->exec.purpose = purpose;
    a->exec.step = life->step;
    a->exec.ms = ms;
    life->exec_running |= (uint8_t)(1u << purpose);
}

void exec_end(struct supervisor *s, size_t service, enum exec_purpose purpose)
{
    struct life *life = &s->service[service].life;

    if (!exec_runs(s, service, purpose))
        return;
    emit(s, ACT_EXEC_END, service)->exec.purpose = purpose;
    life->exec_running &= (uint8_t)~(1u << purpose);
}

void hook_begin(struct supervisor *s, enum hook hook)
{
    const struct command *command = hook_command(&s->spec->hooks, hook);
    int64_t ms = s->spec->hooks.timeout;
    struct action *a;

    if (command == NULL || command->argv == NULL)
        return;
    ms = time_min(ms, time_max(s->deadline_at - s->margin - s->now, 0)); /* NEVER: far away */
    a = emit(s, ACT_HOOK, NO_SERVICE);
    a->hook.hook = hook;
    a->hook.ms = ms;
    s->hooks_running |= (uint8_t)(1u << hook);
    s->hooks_end_c = time_max(s->hooks_end_c, time_add(s->counted, ms + HOOK_KILLED));
}
