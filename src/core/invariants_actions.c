/* The invariants about what is done: each action as it is given. */
#include <signal.h>

#include "core/invariants_views.h"

static enum ask highest_ask(const struct supervisor *s, size_t i)
{
    enum ask own = s->service[i].life.ask;
    return has(s->alive, i) && own > s->ask ? own : s->ask;
}

static bool may_hold_work(const struct service_spec *spec)
{
    return spec->inflight.kind == INFLIGHT_SIDEKIQ || spec_may_hold_unseen_work(spec);
}

/* 3: at most one incarnation lives. Called when an action names a newer life. */
static const char *begin_life(struct invariants_service *w, uint32_t generation)
{
    if (w->begun && !is_over(w))
        return "3: a life began before the former had ended";
    *w = (struct invariants_service){ .generation = generation, .begun = true, .latest = NEVER };
    return NULL;
}

/* 4: from a global drain on nothing is started but what is needed. */
static const char *check_start(const struct invariants *watch, const struct supervisor *s, size_t i)
{
    if (!watch->started)
        return "4: started before the start";
    if (watch->ask_then < ASK_DRAIN)
        return NULL;
    if (watch->ask_then >= ASK_KILL)
        return "4: started when everything is killed";
    if (spec_is_worker(&s->spec->service[i]))
        return "4: a worker was started in a shutdown: it would fetch again";
    if (!needed_by_living(watch, s, i))
        return "4: started in a shutdown, and not needed";
    return NULL;
}

/* The latest moment, or a bound that a verb on the service has set, has come. */
static bool forced(const struct invariants_service *w, const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    int64_t early = one_signal(s, i) && !w->quiet_told ? SIGNALS_APART : 0;

    return s->now >= time_sub(v->latest, early) ||
           (v->life.ask >= ASK_STOP && s->now >= v->life.ask_latest);
}

/* 5, 6, 7, 10: the first step of a ladder. */
static const char *check_first_step(const struct invariants_service *w, const struct supervisor *s,
                                    size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;
    bool verb = life->ask >= ASK_STOP;
    bool boots = spec_is_worker(spec) && w->boots && !life->ready;

    if (s->ask >= ASK_KILL)
        return NULL;
    if (must_wait(s, i) && !verb && !w->clears && !forced(w, s, i))
        return "5: told to stop before what must stop before it was down";
    if (spec->quiet.signo > 0 && !w->quiet_told && !one_signal(s, i))
        return "6: told to stop without the quiet";
    if (spec->quiet.exec.argv != NULL && !w->quiet_command)
        return "6: told to stop without its quiet command";
    if (s->ask < ASK_DRAIN && !verb && !w->clears)
        return "7: told to stop though nobody asked";
    if (s->ask == ASK_DRAIN && !verb && !w->clears && !boots && !forced(w, s, i))
        return "7: told to stop under a drain";
    if (highest_ask(s, i) >= ASK_NOW || forced(w, s, i) || w->clears || boots)
        return NULL;
    if (spec->linger > 0 && s->clock && s->counted < s->service[i].linger_end_c)
        return "4: told to stop while it lingers";
    if (first_quiet_command_runs(s, i))
        return "6: told to stop while its quiet command runs";
    if (!bounded(s, i))
        return NULL;
    if (spec_is_worker(spec) && w->work != WORK_IDLE)
        return "10: a worker was told to stop that is not known to be idle";
    if (spec->kind == KIND_TASK)
        return "10: a task was told to stop before its latest moment";
    return NULL;
}

/* 8: a KILL or QUIT that only a profile put on the ladder, after the first step. */
static const char *check_hard_step(const struct invariants_service *w, const struct supervisor *s,
                                   size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct service *v = &s->service[i];

    if (spec->stop.by_user || !may_hold_work(spec) || w->idle_at_stop || w->clears ||
        v->life.ask >= ASK_STOP || s->ask >= ASK_NOW || is_internal_cause(s->cause))
        return NULL;
    if (s->deadline_at == NEVER && s->cause != CAUSE_SIGNAL && s->cause != CAUSE_PRESTOP)
        return NULL; /* nobody else would end it */
    if (s->now < time_add(time_min(v->latest, w->latest), v->wait[0]))
        return "8: a KILL or QUIT of a profile before its patience was over";
    return NULL;
}

static const char *check_stop(struct invariants_service *w, const struct supervisor *s, size_t i,
                              int signo)
{
    const char *broken = NULL;

    if (!w->told) {
        broken = check_first_step(w, s, i);
        w->told = true;
        w->told_booting = spec_is_worker(&s->spec->service[i]) && w->boots;
        w->idle_at_stop = w->work == WORK_IDLE;
    }
    if (broken == NULL && s->service[i].life.step > 0 && !w->hard) {
        broken = check_hard_step(w, s, i);
        w->hard = true; /* its patience is over, even if there is more time later */
    }
    if (signo == SIGKILL)
        w->killed = true;
    return broken;
}

/* 9: the rows of SPEC 5, of what was recorded. */
static uint8_t code_of_records(const struct supervisor *s)
{
    uint8_t asked = 0;
    bool killed = false, handed_back = false;

    if (s->cause == CAUSE_ESSENTIAL && s->service[s->cause_detail].end == END_BY_ITSELF)
        return s->service[s->cause_detail].end_code;
    for (size_t i = 0; i < s->spec->count; i++) {
        const struct service *v = &s->service[i];

        if (s->spec->service[i].essential && v->end == END_BY_ITSELF)
            return v->end_code;
        if (s->spec->service[i].essential && v->end == END_WHEN_ASKED && asked == 0)
            asked = v->end_code;
        killed = killed || v->end_killed;
        handed_back = handed_back || v->end_handed_back;
    }
    return killed ? 137 : handed_back ? 75 : asked;
}

static const char *check_exit(struct invariants *watch, const struct supervisor *s,
                              const struct action *a)
{
    if (watch->exited)
        return "9: a second exit";
    watch->exited = true;
    if (!s->exiting || a->code != s->exit_code || a->code != code_of_records(s))
        return "9: the exit code is not what the records say";
    return NULL;
}

static const char *check_exec(struct invariants *watch, struct invariants_service *w,
                              const struct supervisor *s, const struct action *a)
{
    switch (a->exec.purpose) {
    case EXEC_PRE_START:
        return check_start(watch, s, a->service);
    case EXEC_STOP:
        return check_stop(w, s, a->service, 0);
    case EXEC_POST_EXIT:
        return is_over(w) ? NULL : "3: post_exit before the end";
    case EXEC_QUIET:
        w->quiet_command = true;
        break;
    case EXEC_READY:
    case EXEC_INFLIGHT:
    case EXEC_PURPOSES:
        break;
    }
    return w->spawned ? NULL : "3: a command for a process that was not started";
}

/* 3: only what lives is told anything. */
static const char *check_service_action(struct invariants *watch, struct invariants_service *w,
                                        const struct supervisor *s, const struct action *a)
{
    bool lives = w->spawned && !w->failed && has(s->alive, a->service);
    const char *broken;

    switch (a->type) {
    case ACT_SPAWN:
        broken = w->spawned ? "3: a life was spawned twice" : check_start(watch, s, a->service);
        w->spawned = true;
        w->members = 1;
        return broken;
    case ACT_SIGNAL:
        if (!lives)
            return "3: a signal to what does not live";
        if (a->signal.stop || a->signal.target >= TARGET_ALL)
            return check_stop(w, s, a->service, a->signal.signo);
        break;
    case ACT_QUIET:
        if (a->signal.signo > 0 || s->spec->service[a->service].quiet.signo == 0) {
            w->quiet_told = true; /* else it is but a look */
            w->quiet_c = s->counted;
        }
        return lives ? NULL : "3: a quiet to what does not live";
    case ACT_EXEC:
        return check_exec(watch, w, s, a);
    case ACT_LOOK:
    case ACT_PROBE:
        return lives ? NULL : "3: a look at what does not live";
    case ACT_PROBE_END:
    case ACT_EXEC_END:
    case ACT_STORY:
    case ACT_HOOK:
    case ACT_ORPHANS:
    case ACT_RELOAD:
    case ACT_REPLY:
    case ACT_EXIT:
    case ACTION_COUNT:
        break;
    }
    return NULL;
}

const char *invariants_action(struct invariants *watch, const struct supervisor *s,
                              const struct action *a)
{
    struct invariants_service *w;
    const char *broken = NULL;

    if (watch->exited)
        return "9: an action after the exit";
    if (a->type == ACT_EXIT)
        return check_exit(watch, s, a);
    if (a->type == ACT_STORY && (a->story.id == STORY_SHUTDOWN || a->story.id == STORY_ASK))
        watch->ask_then = (enum ask)a->story.b;
    if (a->service >= s->spec->count || a->type == ACT_STORY || a->type == ACT_REPLY)
        return NULL;
    w = &watch->service[a->service];
    if (a->generation < w->generation)
        return "3: an action names a dead life";
    if (a->generation > w->generation)
        broken = begin_life(w, a->generation);
    return broken != NULL ? broken : check_service_action(watch, w, s, a);
}
