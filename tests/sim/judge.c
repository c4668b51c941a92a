/* Knows the truth about jobs and processes, and the contract: no job interrupted
 * where the deadline allowed it, none lost, the right exit code, in time. */
#include <signal.h>
#include <stdio.h>

#include "sim/sim.h"

#define POST_EXIT (5 * SECOND)
#define SIGNALS_APART (5 * SECOND) /* what an old Sidekiq needs between two signals */
#define IDLE_KNOWN (40 * SECOND) /* two beats of 10.8 s, 5 s, and the looks */
#define QUIET_KNOWN (3 * SECOND) /* told anew every 2 s at most */
#define HAND_BACK_ROOM (5 * SECOND) /* of a ladder's first wait beyond the -t */

static void wrong(struct sim *sim, const char *what)
{
    if (sim->wrong == NULL)
        sim->wrong = what;
}

static int64_t nominal_need(const struct service_spec *spec)
{
    int64_t need = spec->post_exit.argv != NULL ? POST_EXIT : 0;

    for (size_t k = 0; k < spec->stop.count; k++)
        need = time_add(need, spec->stop.step[k].wait);
    return need;
}

/* Its ladder and those of all that live and stop after it, as the spec gives them. */
static int64_t nominal_chain(const struct spec *spec, size_t i, service_set down)
{
    int64_t longest = 0;

    for (service_set rest = spec->start_after[i]; rest; rest &= rest - 1)
        longest = time_max(longest, nominal_chain(spec, (size_t)__builtin_ctzll(rest), down));
    return down & SET_OF(i) ? longest : time_add(nominal_need(&spec->service[i]), longest);
}

/* There was time for everything, and nobody took it away. */
static bool time_was_enough(const struct sim *sim)
{
    const struct spec *spec = &sim->spec;

    if (sim->hurried || sim->deadline == NEVER)
        return false;
    for (size_t i = 0; i < spec->count; i++)
        if (time_add(spec->service[i].linger, nominal_chain(spec, i, 0)) >
            spec->deadline - spec->margin)
            return false;
    return true;
}

/* An old Sidekiq that had no quiet yet gets its TERM instead of one close before. */
static int64_t early(const struct sim *sim, size_t i)
{
    bool old = sim->spec.service[i].profile == PROFILE_SIDEKIQ &&
               sim->supervisor.service[i].life.facts.major < 7;

    return old && !sim->child[i].quieted ? SIGNALS_APART : 0;
}

static int64_t nominal_latest(const struct sim *sim, size_t i)
{
    return sim->deadline - sim->spec.margin - early(sim, i) -
           nominal_chain(&sim->spec, i, sim->supervisor.down);
}

/* May the ladder of a worker begin although it is at work? */
static bool excused(const struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;
    const struct service *v = &s->service[i];
    int64_t latest =
        time_was_enough(sim) ? nominal_latest(sim, i) : time_sub(v->latest, early(sim, i));

    if (s->ask >= ASK_NOW || sim->child[i].leader_gone || sim->child[i].kill_asked)
        return true;
    if (v->life.ask > s->ask && v->life.ask >= ASK_STOP)
        return v->life.ask_latest == NEVER || s->now >= v->life.ask_latest || s->now >= latest;
    return sim->deadline == NEVER || s->now >= latest;
}

/* Lack of time, with work in flight or unknown: the 75 of SPEC 5. */
static bool is_forced(const struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;
    const struct service_spec *spec = &sim->spec.service[i];
    const struct life *life = &s->service[i].life;
    bool holds = spec_is_worker(spec) || spec_is_job_profile(spec) || spec->kind == KIND_TASK;

    return holds && life->stop_reason == STOP_LATEST && life->facts.work != WORK_IDLE;
}

static bool all_quiet(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];

    if (!sim->manner[i].sidekiq)
        return c->leader_gone || c->quiet_at <= sim->now;
    for (uint8_t k = 0; k < c->count; k++)
        if (c->process[k].lives && c->process[k].role == ROLE_SIDEKIQ &&
            c->process[k].sidekiq.quiet_at == NEVER)
            return false;
    return true;
}

/* The plan of the core against that of the spec; an old Sidekiq may be held a while. */
static bool is_too_late(const struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;

    return time_was_enough(sim) && !sim->uneven && s->ask >= ASK_DRAIN && s->ask < ASK_KILL &&
           s->service[i].life.stop_reason == STOP_LATEST && s->service[i].life.ask < ASK_STOP &&
           sim->now > time_max(nominal_latest(sim, i) + early(sim, i) + SIGNALS_APART,
                               sim->child[i].missed_until);
}

static bool lingered_too_short(const struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;
    const struct life *life = &s->service[i].life;
    bool waits = life->stop_reason == STOP_LINGER_OVER || life->stop_reason == STOP_IDLE;
    int64_t linger = time_min(sim->spec.service[i].linger, sim->spec.deadline / 3);

    return waits && life->ask < ASK_STOP && !sim->hurried && s->clock &&
           life->spawned_at < s->clock_at &&
           sim->now < s->clock_at + linger - 1;
}

void judge_stop(struct sim *sim, size_t i, int signo)
{
    const struct service_spec *spec = &sim->spec.service[i];
    struct child *c = &sim->child[i];

    if (signo == SIGKILL) {
        c->kill_at = time_min(c->kill_at, sim->now);
        if (c->leader_gone && child_living(c) > 0)
            c->killed_remains = true;
    }
    if (signo == SIGTERM || signo == SIGINT)
        c->term_at = time_min(c->term_at, sim->now);
    if (c->told)
        return;
    c->told = true;
    c->told_at = sim->now;
    c->forced = is_forced(sim, i);
    if (spec_is_worker(spec) && child_busy(sim, i) > 0 && !excused(sim, i))
        wrong(sim, "a ladder began while jobs were in flight, and there was time");
    if (sim->supervisor.service[i].life.stop_reason == STOP_IDLE && !all_quiet(sim, i))
        wrong(sim, "idle was concluded before the quiet was heeded");
    if (is_too_late(sim, i))
        wrong(sim, "a ladder was forced long after its latest moment");
    if (lingered_too_short(sim, i))
        wrong(sim, "a ladder began before the linger was over");
    if (time_was_enough(sim) && sim->supervisor.service[i].life.stop_reason == STOP_LATEST &&
        sim->supervisor.service[i].life.ask < ASK_STOP && sim->now < nominal_latest(sim, i))
        wrong(sim, "a ladder was forced before its latest moment");
}

void judge_stop_again(struct sim *sim, size_t i)
{
    if (sim->supervisor.service[i].life.stop_reason == STOP_BOOTING && child_busy(sim, i) > 0 &&
        !excused(sim, i))
        wrong(sim, "a stop was repeated while jobs were in flight, and there was time");
    sim->child[i].missed_until = sim->now;
}

/* Its stop was no stop: whatever follows is judged as if it had not begun. */
void judge_taken_back(struct sim *sim, size_t i)
{
    sim->child[i].told = sim->child[i].forced = false;
    sim->child[i].term_at = NEVER;
    sim->child[i].missed_until = sim->now;
}

void judge_gone(struct sim *sim, size_t i, uint8_t index, int32_t busy)
{
    const struct service_spec *spec = &sim->spec.service[i];
    const struct child *c = &sim->child[i];
    const struct sidekiq *k = &c->process[index].sidekiq;
    int64_t kill_due = time_add(k->term_at, k->timeout + HAND_BACK_ROOM);
    bool late = c->missed_until > 0 && c->missed_until > nominal_latest(sim, i);
    bool enough = sim->deadline == NEVER || (time_was_enough(sim) && !late);

    sim->books.finished += k->done;
    sim->books.interrupted += k->interrupted;
    if (k->lost == 0 || busy == 0)
        return;
    if (c->process[index].signo != SIGKILL) {
        sim->books.crashed += busy;
        return;
    }
    sim->books.lost += busy;
    if (spec->stop.by_user || sim->supervisor.ask >= ASK_KILL || c->kill_asked)
        return;
    if (enough && k->term_at == NEVER)
        wrong(sim, "killed with jobs in flight, and never told to stop");
    else if (enough && sim->now < kill_due)
        wrong(sim, "jobs were lost: KILL came before -t and 5 s were over");
}

static bool is_success(const struct sim *sim, size_t i)
{
    const struct service_spec *spec = &sim->spec.service[i];
    const struct child *c = &sim->child[i];

    if (c->start_failed || sim->supervisor.service[i].life.start_failed)
        return false;
    if (c->exit_signal > 0)
        return (spec->success_signals | c->signals) >> (c->exit_signal - 1) & 1;
    return spec->success_codes[c->exit_code / 64] >> (c->exit_code % 64) & 1;
}

static uint8_t code_of(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];

    if ((c->start_failed || sim->supervisor.service[i].life.start_failed) &&
        (c->exit_code == 0 || c->exit_signal > 0))
        return 1;
    return c->exit_signal > 0 ? (uint8_t)(128 + c->exit_signal) : c->exit_code;
}

/* Nothing of it is left, but perhaps its post_exit. */
static bool ended(const struct sim *sim, size_t i)
{
    return sim->child[i].over_at != NEVER || sim->supervisor.service[i].life.post_exit_begun;
}

static bool was_killed(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];

    if (!c->leader_gone)
        return c->kill_at != NEVER;
    return c->kill_at != NEVER && (c->exit_signal == SIGKILL || c->killed_remains);
}

static bool was_handed_back(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];
    int64_t timeout = sim->spec.service[i].sidekiq_timeout;

    if (!c->forced || timeout == 0)
        return c->forced;
    return c->term_at != NEVER && time_min(c->ended_at, sim->now) - c->term_at >= timeout - 1 * SECOND;
}

/* An end whose code counts: in the `--` form its own end, whatever that is. */
static bool counts(const struct sim *sim, size_t i)
{
    return !is_success(sim, i) || (sim->spec.single && sim->child[i].by_itself);
}

/* Ended by itself: nobody had told it to, or its start failed. */
static bool by_itself(const struct sim *sim, size_t i)
{
    const struct child *c = &sim->child[i];

    return ended(sim, i) && (c->by_itself || sim->supervisor.service[i].life.start_failed) &&
           counts(sim, i);
}

/* By an operator, between two lives: its last end is nobody's business any more. */
static bool stopped_in_pause(const struct sim *sim, size_t i)
{
    const struct service *v = &sim->supervisor.service[i];

    return v->held && v->end == END_NONE && (counts(sim, i) || sim->child[i].pause_cut);
}

/* SPEC 5. True if `code` is what the first row that applies gives. */
static bool code_fits(const struct sim *sim, uint8_t code)
{
    bool killed = false, maybe = false, handed_back = false;
    bool any = false, asked = false, fits = false;
    size_t first = sim->supervisor.cause_detail;

    if (sim->supervisor.cause == CAUSE_ESSENTIAL && sim->child[first].generation > 0 &&
        by_itself(sim, first))
        return code == code_of(sim, first);
    for (size_t i = 0; i < sim->spec.count; i++) {
        if (sim->spec.service[i].essential && sim->supervisor.service[i].end == END_BY_ITSELF &&
            (sim->child[i].generation == 0 || !by_itself(sim, i))) {
            any = true; /* what it is after has failed */
            fits = fits || code == sim->supervisor.service[i].end_code;
        }
        if (sim->child[i].generation == 0 || !sim->spec.service[i].essential ||
            stopped_in_pause(sim, i) || !by_itself(sim, i))
            continue;
        any = true;
        fits = fits || code == code_of(sim, i);
    }
    if (any)
        return fits;
    for (size_t i = 0; i < sim->spec.count; i++) {
        const struct child *c = &sim->child[i];

        if (c->generation == 0 || !c->spawned || stopped_in_pause(sim, i))
            continue;
        killed = killed || was_killed(sim, i);
        maybe = maybe || (c->kill_at != NEVER && c->leader_gone);
        handed_back = handed_back || (ended(sim, i) && was_handed_back(sim, i));
        if (sim->spec.service[i].essential && ended(sim, i) && !is_success(sim, i)) {
            asked = true;
            fits = fits || code == code_of(sim, i);
        }
    }
    if (killed || (maybe && code == 137)) /* remains that ended unseen an instant before */
        return code == 137;
    if (handed_back || (sim->paused && code == 75)) /* it counts counted time */
        return code == 75 || sim->paused;
    return asked ? fits : code == 0;
}

/* What can hear it is told to be quiet, soon after it can: it would go on taking jobs. */
static void judge_quiet(struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;
    const struct child *c = &sim->child[i];

    if (s->ask < ASK_DRAIN || c->told || c->leader_gone || sim->paused ||
        s->counted - sim->clock_c < QUIET_KNOWN || s->service[i].life.quiet_c == s->counted)
        return;
    for (uint8_t k = 0; k < c->count; k++) {
        const struct process *p = &c->process[k];

        if (p->lives && p->role == ROLE_SIDEKIQ && p->sidekiq.boot_at < sim->now - QUIET_KNOWN &&
            p->sidekiq.quiet_at == NEVER && !p->sidekiq.quiet_waits)
            wrong(sim, "a worker that could hear it was not told to be quiet");
    }
}

/* Known to be idle soon after it is: threads at once, the title within two beats. */
static void judge_patience(struct sim *sim, size_t i)
{
    const struct supervisor *s = &sim->supervisor;
    const struct manner *m = &sim->manner[i];
    struct child *c = &sim->child[i];
    bool plain = m->sidekiq && !m->unreadable && m->freezes == 0 && m->late_looks == 0 &&
                 m->template.native_percent == 0;

    if (plain)
        judge_quiet(sim, i);
    if (!plain || s->ask < ASK_STOP || c->told || c->leader_gone || sim->paused ||
        (sim->spec.stop_first[i] & ~s->down) || s->counted < s->service[i].linger_end_c ||
        !all_quiet(sim, i) || child_busy(sim, i) > 0)
        c->idle_at = NEVER;
    else if (c->idle_at == NEVER)
        c->idle_at = sim->now;
    else if (sim->now - c->idle_at > IDLE_KNOWN)
        wrong(sim, "a worker was idle for long, and its ladder did not begin");
}

/* The deadline as the platform counts it. Called before the step. */
void judge_event(struct sim *sim, const struct event *e)
{
    if (e->type == EVENT_LOOKED && e->generation == sim->child[e->service].generation)
        judge_patience(sim, e->service);
    if (e->type == EVENT_REQUEST)
        sim->requests++;
    if (e->type == EVENT_REQUEST && e->request.verb == REQUEST_STOP && e->service < sim->spec.count &&
        sim->supervisor.service[e->service].state == STATE_BACKOFF)
        sim->child[e->service].pause_cut = true;
    if (e->type == EVENT_SIGNAL || (e->type == EVENT_REQUEST && e->request.verb == REQUEST_PRESTOP))
        sim->by_signal = true;
    if (e->type == EVENT_REQUEST && e->request.verb == REQUEST_DEADLINE &&
        e->request.ms >= 1 * SECOND) {
        int64_t at = time_add(e->now, e->request.ms);
        if (at < time_min(sim->deadline, time_add(e->now, sim->spec.deadline)))
            sim->hurried = true;
        sim->deadline = time_min(sim->deadline, at);
    }
}

void judge_end(struct sim *sim)
{
    if (sim->replies != sim->requests)
        wrong(sim, "a request got no answer, or two");
    if (sim->platform_killed && sim->spec.deadline == NEVER && sim->by_signal)
        return; /* SPEC 4, without a deadline: the last KILL is the platform's */
    if (!sim->exited) {
        wrong(sim, JUDGE_NO_END);
        return;
    }
    if (sim->now > sim->deadline && !sim->paused)
        wrong(sim, "it ended after the deadline");
    if (!code_fits(sim, sim->exit_code))
        wrong(sim, "the exit code is not what SPEC 5 says");
}
