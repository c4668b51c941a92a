#include "core/event_log.h"

static struct logged *add(struct event_log *log)
{
    return &log->entry[log->next++ % EVENT_LOG_SIZE];
}

void event_log_event(struct event_log *log, const struct event *e)
{
    struct logged *l = add(log);

    l->is_action = false;
    l->at = e->now;
    l->event = *e;
}

void event_log_actions(struct event_log *log, const struct actions *out, int64_t at)
{
    for (uint32_t k = 0; k < out->count; k++) {
        struct logged *l = add(log);

        l->is_action = true;
        l->at = at;
        l->action = out->list[k];
    }
}

uint64_t event_log_first(const struct event_log *log)
{
    return log->next > EVENT_LOG_SIZE ? log->next - EVENT_LOG_SIZE : 0;
}

const struct logged *event_log_get(const struct event_log *log, uint64_t number)
{
    if (number < event_log_first(log) || number >= log->next)
        return NULL;
    return &log->entry[number % EVENT_LOG_SIZE];
}
