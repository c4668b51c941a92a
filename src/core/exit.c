/* The end of everything: orphans, the last hook, the exit code of SPEC 5. */
#include <signal.h>

#include "core/rules.h"

#define ORPHANS_TERM (5 * SECOND)  /* SPEC 4, orphans */
#define ORPHANS_KILL (2 * SECOND)  /* what even KILL does not end by then stays */
#define ORPHANS_LOOK (100)

/* What became of the jobs that were in flight when the shutdown began. */
void exit_books(struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    const struct life *life = &v->life;
    int32_t seen = life->jobs_seen > 0 ? life->jobs_seen : 0;
    int32_t left = life->jobs_left > 0 ? life->jobs_left : 0;
    bool cut_off = v->end_killed || (v->end == END_BY_ITSELF && v->end_code != 0);

    if (!spec_is_worker(&s->spec->service[i]))
        return;
    if (cut_off && life->jobs_before > left)
        left = life->jobs_before;
    if (left > seen)
        seen = left;
    s->jobs_finished += seen;
    if (cut_off) {
        s->jobs_finished -= left;
        s->jobs_killed += left;
    } else if (v->end_handed_back || life_used_its_timeout(s, i)) {
        s->jobs_finished -= left;
        s->jobs_handed_back += left;
    }
}

static uint8_t exit_code_of(const struct supervisor *s)
{
    uint8_t asked = 0;
    bool killed = false, handed_back = false;

    if (s->cause == CAUSE_ESSENTIAL && s->service[s->cause_detail].end == END_BY_ITSELF)
        return s->service[s->cause_detail].end_code; /* it came first */
    for (size_t i = 0; i < s->spec->count; i++) {
        const struct service *v = &s->service[i];
        bool essential = s->spec->service[i].essential;

        if (essential && v->end == END_BY_ITSELF)
            return v->end_code;
        if (essential && v->end == END_WHEN_ASKED && asked == 0)
            asked = v->end_code;
        killed = killed || v->end_killed;
        handed_back = handed_back || v->end_handed_back;
    }
    if (killed)
        return 137;
    return handed_back ? 75 : asked;
}

static void leave(struct supervisor *s)
{
    if (s->orphans > 0)
        tell(s, NO_SERVICE, STORY_SURVIVED, s->orphans, 0, 0);
    s->exit_code = exit_code_of(s);
    tell(s, NO_SERVICE, STORY_BOOKS, s->jobs_finished, s->jobs_handed_back, s->jobs_killed);
    tell(s, NO_SERVICE, STORY_DONE, s->clock ? s->now - s->clock_at : 0,
         s->clock ? time_sub(s->deadline_at, s->clock_at) : NEVER, s->exit_code);
    s->exiting = true;
    emit(s, ACT_EXIT, NO_SERVICE)->code = s->exit_code;
}

/* Leaves, with the records of lives that even KILL did not end. */
static void give_up(struct supervisor *s)
{
    for (size_t i = 0; i < s->spec->count; i++) {
        if (!(s->alive & SET_OF(i)))
            continue;
        if (s->service[i].life.post_exit_begun) { /* only that is not over */
            life_stays_over(s, i);
            continue;
        }
        s->service[i].end_killed = true;
        exit_books(s, i);
        if (s->counted > s->service[i].life.step_c) /* with a margin of 0 it has had no time */
            tell(s, i, STORY_SURVIVED, s->service[i].life.facts.members, 0, 0);
    }
    leave(s);
}

/* KILL was sent long ago to all that still lives: waiting on is of no use. */
static bool only_survivors(struct supervisor *s)
{
    int64_t last = 0;

    for (service_set rest = s->alive; rest; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);
        const struct life *life = &s->service[i].life;

        if (!life->killed || life->post_exit_begun)
            return false;
        last = time_max(last, life->step_c);
    }
    return due_counted(s, last + SURVIVOR_AFTER);
}

static void signal_orphans(struct supervisor *s, int signo)
{
    if (signo != 0) {
        s->orphans_signal = (uint8_t)signo;
        s->orphans_c = s->counted;
        tell(s, NO_SERVICE, STORY_ORPHANS, s->orphans, signo, 0);
    }
    emit(s, ACT_ORPHANS, NO_SERVICE)->signal.signo = (uint8_t)signo;
    s->orphans_asked = true;
    s->orphans_look_c = s->counted;
}

/* True when none is left, or none that could be ended. */
static bool orphans_over(struct supervisor *s)
{
    if (s->orphans_asked)
        return false;
    if (!s->orphans_known) {
        signal_orphans(s, 0);
        return false;
    }
    if (s->orphans == 0)
        return true;
    if (s->orphans_signal == 0 && s->ask < ASK_KILL)
        signal_orphans(s, SIGTERM);
    else if (s->orphans_signal != SIGKILL &&
             (s->ask >= ASK_KILL || due_counted(s, s->orphans_c + ORPHANS_TERM)))
        signal_orphans(s, SIGKILL);
    else if (s->orphans_signal == SIGKILL && due_counted(s, s->orphans_c + ORPHANS_KILL))
        return true;
    else if (due_counted(s, s->orphans_look_c + ORPHANS_LOOK))
        signal_orphans(s, 0);
    return false;
}

/* Nothing of what could run is left: not what an operator stopped, and a sidecar
 * only where there is nothing else. */
static bool nothing_left(const struct supervisor *s)
{
    bool only_sidecars = true, all_down = true;

    if (s->down == 0)
        return false;
    for (size_t i = 0; i < s->spec->count; i++) {
        if (s->service[i].held && s->ask < ASK_DRAIN)
            return false;
        if (!(s->down & SET_OF(i)))
            all_down = false;
        if (s->spec->service[i].sidecar)
            continue;
        only_sidecars = false;
        if (!(s->down & SET_OF(i)))
            return false;
    }
    return !only_sidecars || all_down;
}

/* Those that run have their time, on_drained above all; then comes the last one. Who asks for
 * KILL waits for the last one only. */
static bool hooks_over(struct supervisor *s)
{
    if (!s->exit_hook_begun) {
        if (s->hooks_running != 0 && s->ask < ASK_KILL && !due_counted(s, s->hooks_end_c))
            return false;
        s->exit_hook_begun = true;
        hook_begin(s, HOOK_EXIT);
    }
    return !(s->hooks_running & (1u << HOOK_EXIT)) || due_counted(s, s->hooks_end_c);
}

void exit_advance(struct supervisor *s)
{
    service_set all = spec_all(s->spec);

    if (s->ask < ASK_STOP && nothing_left(s))
        clock_ask(s, ASK_NOW, CAUSE_FINISHED, 0);
    if (s->clock && due(s, time_sub(s->deadline_at, s->margin / 2))) {
        give_up(s);
        return;
    }
    if (s->ask < ASK_STOP)
        return;
    if ((s->down & all) != all) {
        /* who is in its pause or waits is down in another pass: its last end counts */
        if (s->alive != 0 && (s->alive | s->down) == all && only_survivors(s))
            give_up(s);
        return;
    }
    if (orphans_over(s) && hooks_over(s))
        leave(s);
}
