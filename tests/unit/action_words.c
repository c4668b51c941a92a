#include "unit/action_words.h"

#include <signal.h>
#include <stdio.h>

#include "core/supervisor.h"

static const char *signal_name(int signo)
{
    static char number[16];

    switch (signo) {
    case SIGHUP: return "HUP";
    case SIGINT: return "INT";
    case SIGQUIT: return "QUIT";
    case SIGKILL: return "KILL";
    case SIGUSR1: return "USR1";
    case SIGUSR2: return "USR2";
    case SIGTERM: return "TERM";
    case SIGTSTP: return "TSTP";
    }
    snprintf(number, sizeof(number), "%d", signo);
    return number;
}

static const char *purpose_name(enum exec_purpose purpose)
{
    static const char *const names[EXEC_PURPOSES] = {
        [EXEC_PRE_START] = "pre_start", [EXEC_POST_EXIT] = "post_exit", [EXEC_READY] = "ready",
        [EXEC_QUIET] = "quiet", [EXEC_INFLIGHT] = "inflight", [EXEC_STOP] = "stop",
    };
    return names[purpose];
}

bool action_words(const struct action *a, const char *name, char *text, size_t size)
{
    switch (a->type) {
    case ACT_SPAWN:
    case ACT_QUIET:
        snprintf(text, size, "%s %s", action_name(a->type), name);
        return true;
    case ACT_SIGNAL:
        snprintf(text, size, "signal %s %s", name, signal_name(a->signal.signo));
        return true;
    case ACT_EXEC:
    case ACT_EXEC_END:
        snprintf(text, size, "%s %s %s", action_name(a->type), name, purpose_name(a->exec.purpose));
        return true;
    case ACT_HOOK:
        snprintf(text, size, "hook %s", hook_name(a->hook.hook));
        return true;
    case ACT_ORPHANS:
        snprintf(text, size, "orphans %s", signal_name(a->signal.signo));
        return a->signal.signo != 0;
    case ACT_RELOAD:
        snprintf(text, size, "reload");
        return true;
    case ACT_REPLY:
        snprintf(text, size, "refused: %s", verdict_text(a->reply.verdict));
        return a->reply.verdict != VERDICT_ACCEPTED;
    case ACT_EXIT:
        snprintf(text, size, "exit %d", a->code);
        return true;
    case ACT_LOOK:
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_STORY:
    case ACTION_COUNT:
        break;
    }
    return false;
}
