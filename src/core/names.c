/* The names of every enum, from the lists that define them. */
#include "core/supervisor.h"

const char *event_name(enum event_type t)
{
    switch (t) {
#define X(id, name) case id: return name;
        EVENTS(X)
#undef X
    case EVENT_COUNT:
        break;
    }
    return "?";
}

const char *action_name(enum action_type t)
{
    switch (t) {
#define X(id, name) case id: return name;
        ACTIONS(X)
#undef X
    case ACTION_COUNT:
        break;
    }
    return "?";
}

const char *state_name(enum service_state st)
{
    switch (st) {
#define X(id, name) case id: return name;
        STATES(X)
#undef X
    case STATE_COUNT:
        break;
    }
    return "?";
}

const char *hook_name(enum hook h)
{
    switch (h) {
#define X(id, name) case id: return name;
        HOOKS(X)
#undef X
    case HOOK_COUNT:
        break;
    }
    return "?";
}

/* Lists without a count at their end. */
#define NAMES(function, type, list)     \
    const char *function(enum type v)   \
    {                                   \
        switch (v) {                    \
            list(NAME_CASE)             \
        }                               \
        return "?";                     \
    }
#define NAME_CASE(id, name) case id: return name;

NAMES(ask_name, ask, ASKS)
NAMES(cause_name, cause, CAUSES)
NAMES(phase_name, phase, PHASES)
NAMES(wait_reason_name, wait_reason, WAIT_REASONS)
NAMES(stop_reason_name, stop_reason, STOP_REASONS)
NAMES(verdict_text, verdict, VERDICTS)
NAMES(request_name, request_verb, REQUESTS)
