/* When a service is told to stop, and how: SPEC section 4, stop and hand back. */
#include <signal.h>

#include "core/rules.h"

#define KILL_AGAIN (1 * SECOND) /* to what joined the service after the last KILL */
/* Sidekiq 6.4 dies, and its jobs are lost, when a signal comes before it has read the
 * one before (sidekiq #5190). How long a busy one takes to read is measured in
 * docs/performance.md. */
#define SIGNALS_APART (5 * SECOND)
#define QUIET_COMMAND (6 * SECOND) /* a command's 5 s (SPEC 2), and until KILL has ended it */
#define SIDEKIQ_NEEDS (3 * SECOND) /* beyond its -t until it is gone */

static bool has_bound(const struct supervisor *s, size_t i)
{
    return s->deadline_at != NEVER || s->service[i].life.ask_latest != NEVER;
}

/* The latest moment has come: of the shutdown, or of a verb on this service, which a
 * shutdown takes over from. */
static bool must_begin(struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    bool alone = drain_one_signal(s, i) && !v->life.quiet_begun; /* no quiet so soon before */

    /* after a change another pass follows, perhaps with a plan that leaves more time */
    if (s->ask >= ASK_DRAIN && !s->changed && !clock_plan_is_stale(s) &&
        due(s, time_sub(v->latest, alone ? SIGNALS_APART : 0)))
        return true;
    return v->life.ask > s->ask && due(s, v->life.ask_latest);
}

/* A quiet that is a command is to have its effect before the stop: it runs 5 s at most, then it
 * gets KILL. One that failed is tried again, which the stop does not wait for: it might fail for
 * ever. */
static bool quiet_command_runs(struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    if (s->spec->service[i].quiet.exec.argv == NULL)
        return false;
    return !life->quiet_begun ||
           (exec_runs(s, i, EXEC_QUIET) && life->quiet_c == life->quiet_first_c &&
            !due_counted(s, life->quiet_c + QUIET_COMMAND));
}

/* Everything but a deadline that lets a ladder begin; false: not yet. */
static bool may_begin(struct supervisor *s, size_t i, enum stop_reason *reason)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;
    enum ask ask = asked_of(s, i);
    bool alone = life->ask > s->ask; /* a verb on it: its user knows what it does */

    if (ask < ASK_STOP || (!alone && is_needed(s, i)))
        return false;
    if (ask >= ASK_NOW) {
        *reason = STOP_NOW;
        return true;
    }
    if (!drain_linger_over(s, i) || quiet_command_runs(s, i))
        return false;
    if (spec_is_worker(spec) && drain_idle(s, i))
        *reason = STOP_IDLE;
    else if ((spec_is_worker(spec) || spec->kind == KIND_TASK) && has_bound(s, i))
        return false; /* work, or not known to have none */
    else if (spec_is_worker(spec) || spec->kind == KIND_TASK)
        *reason = STOP_NO_DEADLINE;
    else
        *reason = alone ? STOP_ASKED : spec->linger > 0 ? STOP_LINGER_OVER
                                                        : STOP_NOTHING_TO_WAIT_FOR;
    return true;
}

/* It has been told to be quiet, and may not have read that yet. Its TERM is held
 * back as long as there is time for it to hand back afterwards. */
static bool is_held(struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    int64_t timeout = s->spec->service[i].sidekiq_timeout;
    int64_t spare = time_max(v->wait[0] - timeout - SIDEKIQ_NEEDS, 0);

    if (!drain_one_signal(s, i) || !v->life.quiet_begun || v->life.quiet_done)
        return false;
    if (!v->life.facts.quiet_told && !v->life.look_pending)
        return false; /* nobody could take it */
    return !due_counted(s, v->life.quiet_c + SIGNALS_APART) &&
           !due(s, time_add(v->latest, spare));
}

static bool should_begin(struct supervisor *s, size_t i, enum stop_reason *reason)
{
    const struct life *life = &s->service[i].life;
    enum ask ask = asked_of(s, i);

    *reason = STOP_KILL;
    if (ask >= ASK_KILL)
        return true;
    if (is_held(s, i))
        return false;
    *reason = STOP_REMAINS;
    if (life->clearing && !life->look_pending)
        return true;
    *reason = STOP_BOOTING;
    if (drain_boots(s, i) &&
        (life->ask >= ASK_STOP || (s->ask >= ASK_DRAIN && !is_needed(s, i))))
        return true;
    if (may_begin(s, i, reason))
        return true;
    *reason = STOP_LATEST;
    return ask >= ASK_DRAIN && must_begin(s, i);
}

/* Without a deadline nobody knows better than the platform when to kill: SPEC 4. Its
 * TERM may come after a `drain` that somebody else began. */
static bool platform_kills(const struct supervisor *s)
{
    return s->deadline_at == NEVER && s->platform && !is_internal(s->cause);
}

/* SPEC 4, patience is free. */
static bool is_patient(const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;

    if (spec->stop.by_user || life->ask > s->ask || life->clearing || s->ask >= ASK_NOW ||
        is_internal(s->cause))
        return false;
    if (spec->inflight.kind == INFLIGHT_SIDEKIQ)
        return !drain_idle(s, i);
    return spec_may_hold_unseen_work(spec);
}

static bool has_an_end(const struct supervisor *s)
{
    return s->deadline_at != NEVER || platform_kills(s);
}

/* Where no deadline is set and nobody outside will kill, there is no latest moment to
 * wait for: the ladder is carried out as written. */
static bool waits_patiently(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return life->patient && life->step == 0 && s->ask < ASK_NOW && has_an_end(s);
}

static void send_kill(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    struct action *a = emit(s, ACT_SIGNAL, i);

    a->signal.signo = SIGKILL;
    a->signal.target = s->ask >= ASK_KILL ? TARGET_EVERYTHING : TARGET_ALL;
    s->killed |= SET_OF(i);
    life->killed = true;
    life->killed_remains = life->killed_remains || !life->leader_alive;
    life->signals_sent |= (uint64_t)1 << (SIGKILL - 1);
    life->kill_c = s->counted;
}

static void send_step(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;
    const struct ladder_step *step = &spec->stop.step[life->step];
    struct action *a;

    life->said_c = s->counted;
    if (step->signo == SIGKILL) {
        send_kill(s, i);
        return;
    }
    if (step->signo == 0) {
        exec_begin(s, i, EXEC_STOP, s->service[i].wait[life->step]);
        return;
    }
    life->signals_sent |= (uint64_t)1 << (step->signo - 1);
    if (step->signo == SIGTERM || step->signo == SIGINT)
        life->term_c = time_min(life->term_c, s->counted);
    a = emit(s, ACT_SIGNAL, i);
    a->signal.signo = (uint8_t)step->signo;
    a->signal.target = life->stop_reason == STOP_BOOTING && asked_of(s, i) < ASK_NOW ? TARGET_BOOTING : TARGET_WORKERS;
    a->signal.stop = true;
    life->facts.stop_unheard = life->facts.stop_missed = false;
}

/* The wait of the present step as the log tells it: ms, or NEVER. */
static int64_t told_wait(const struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];

    if (!waits_patiently(s, i))
        return v->wait[v->life.step];
    return v->latest == NEVER ? NEVER : time_max(v->latest - s->now, 0) + v->wait[0];
}

static void enter_step(struct life *life, uint8_t step, int64_t now_c)
{
    life->step = step;
    life->step_c = now_c;
    life->extended_c = life->late_end_c = 0;
    life->late_c = life->missed_c = NEVER;
}

static void to_step(struct supervisor *s, size_t i, uint8_t step)
{
    struct life *life = &s->service[i].life;
    int64_t waited = s->counted - life->step_c;

    exec_end(s, i, EXEC_STOP);
    enter_step(life, step, s->counted);
    tell(s, i, STORY_STOP_STEP, s->spec->service[i].stop.step[step].signo, waited,
         told_wait(s, i));
    send_step(s, i);
    s->changed = true;
}

static void begin(struct supervisor *s, size_t i, enum stop_reason reason)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;
    bool has_work = spec_is_worker(spec) || spec_is_job_profile(spec) || spec->kind == KIND_TASK;
    bool told_just_now = life->quiet_begun && life->quiet_c == s->counted;
    bool unasked = spec->quiet.signo > 0 ? !life->quiet_done : !life->quiet_begun;

    if (spec_has_quiet(spec) && unasked && !told_just_now && reason != STOP_KILL) {
        if (!drain_one_signal(s, i))
            drain_tell_quiet(s, i); /* each that can take it gets it before its first step */
        else if (!life->quiet_begun)
            emit(s, ACT_QUIET, i); /* a look, so that what TERM ends can be counted */
    }
    life->ladder_begun = true;
    life->stop_reason = reason;
    life->patient = is_patient(s, i);
    life->forced = reason == STOP_LATEST && has_work && !drain_idle(s, i);
    enter_step(life, reason == STOP_KILL ? (uint8_t)(spec->stop.count - 1) : 0, s->counted);
    life->stop_c = s->counted;
    life->term_c = NEVER;
    exec_end(s, i, EXEC_READY);
    emit(s, ACT_PROBE_END, i);
    enter(s, i, STATE_STOPPING);
    tell(s, i, STORY_STOP, reason, spec->stop.step[life->step].signo, told_wait(s, i));
    send_step(s, i);
}

void ladder_consider(struct supervisor *s, size_t i)
{
    enum stop_reason reason;

    if (s->service[i].life.stage < START_SPAWNING)
        return;
    if (should_begin(s, i, &reason))
        begin(s, i, reason);
}

static bool kill_is_left(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return !s->spec->service[i].stop.by_user && platform_kills(s) && life->ask <= s->ask &&
           !life->clearing;
}

/* The end of its present step, if its ladder begins at its latest moment. */
static int64_t end_of_wait(const struct service *v, int64_t latest)
{
    int64_t at = latest;

    for (size_t k = 0; k <= v->life.step; k++)
        at = time_add(at, v->wait[k]);
    return at;
}

/* What comes later has its time behind it. */
static int64_t latest_end(const struct service *v)
{
    return end_of_wait(v, v->latest);
}

/* What booted when it was told to stop is looked at once more before a harder step: it may
 * have missed that, and have work by now. */
static bool may_have_booted(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return (life->facts.booting || life->facts.stop_missed) &&
           spec_is_worker(&s->spec->service[i]) &&
           (life->look_pending || life->looked_c != s->counted);
}

/* Does EXTEND_TIMEOUT_USEC count? Where nothing else would end it, it does not: a shutdown without an end of its own, a
 * start that has failed, remains that make room. A verb on this one gives it the same waits beyond its latest moment. */
static bool may_be_extended(struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    if (s->ask >= ASK_DRAIN)
        return has_an_end(s);
    return life->ask >= ASK_STOP && !life->start_failed && !due(s, end_of_wait(&s->service[i], life->ask_latest));
}

static bool step_is_over(struct supervisor *s, size_t i)
{
    const struct service *v = &s->service[i];
    const struct life *life = &v->life;

    if (waits_patiently(s, i))
        return !clock_plan_is_stale(s) && due(s, latest_end(v));
    if (!due_counted(s, time_add(life->step_c, v->wait[life->step])))
        return false;
    if (due(s, latest_end(v)))
        return true;
    return due_counted(s, life->late_end_c) && (!may_be_extended(s, i) || due_counted(s, life->extended_c));
}

void ladder_extend(struct supervisor *s, size_t i, int64_t ms)
{
    struct life *life = &s->service[i].life;

    if (!life->ladder_begun || ms <= 0)
        return;
    life->extended_c = time_max(life->extended_c, time_add(s->counted, ms));
}

/* A Puma sets its traps, then its title, then loads the application and serves. Who was not ready when its stop came
 * may have swallowed that as it loaded Ruby's part; with a title it hears the next. One that did hear the first takes
 * no harm from another (docs/performance.md); other programs may. */
bool ladder_awaits_title(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return s->spec->service[i].profile == PROFILE_PUMA && life->leader_alive && !life->killed &&
           life->missed_c == NEVER && (!life->ready || life->ready_c > life->step_c);
}

/* By a look that was asked for after it. */
static bool stop_was_missed(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;
    bool missed = life->facts.stop_missed || (life->facts.titled && ladder_awaits_title(s, i));

    return missed && !life->look_pending && life->look_c > life->said_c;
}

/* Ruby loses a signal that comes in its first moments; or it keeps it until its threads begin, and a Sidekiq that hears
 * of its stop only then hands back, its -t over, jobs that had time. So what boots is told again and again. */
bool ladder_repeats(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return life->facts.booting && !life->ready && !life->killed && s->spec->service[i].quiet.signo > 0;
}

/* The present step's signal once more: to those who live on behind who got it, and to
 * a program that swallowed it while it booted and has set its traps since. */
static void say_again(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    int64_t wait = s->service[i].wait[life->step], bound;
    int64_t *first = stop_was_missed(s, i) ? &life->missed_c : &life->late_c;
    int signo = s->spec->service[i].stop.step[life->step].signo;

    if (signo == 0 || life->look_pending)
        return;
    if (!(life->facts.stop_unheard || stop_was_missed(s, i))) {
        if (ladder_repeats(s, i) && life->look_c > life->said_c)
            send_step(s, i);
        return;
    }
    if (stop_was_missed(s, i))
        tell(s, i, STORY_STOP_AGAIN, signo, 0, 0);
    /* who hears of it only now has its wait from now on; but others may come for ever: whole for
     * the first of each kind, however long the step has been patient, then within twice the wait */
    if (*first == NEVER)
        *first = s->counted;
    bound = time_max(time_add(*first, wait), time_add(life->step_c, time_add(wait, wait)));
    life->late_end_c = time_max(life->late_end_c, time_min(time_add(s->counted, wait), bound));
    send_step(s, i);
}

/* It was stopped because it had no work yet, and did not hear that (Ruby swallows a signal
 * now and then in the first moments of its life). It has booted since and may have jobs now. */
static bool works_after_all(struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    return life->stop_reason == STOP_BOOTING && stop_was_missed(s, i) && asked_of(s, i) < ASK_NOW;
}

/* As if its stop had not begun: it goes quiet and is waited for like any other. */
static void take_back(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    exec_end(s, i, EXEC_STOP);
    life->ladder_begun = life->patient = false;
    tell(s, i, STORY_STOP_MISSED, s->spec->service[i].stop.step[0].signo, 0, 0);
    enter(s, i, life->ready ? STATE_READY : STATE_STARTING);
}

void ladder_advance(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;
    const struct ladder *ladder = &s->spec->service[i].stop;
    uint8_t last = (uint8_t)(ladder->count - 1);

    if (life->step == last) {
        while (due_counted(s, life->kill_c + KILL_AGAIN))
            send_kill(s, i); /* and the next one has its time, too */
        return;
    }
    if (asked_of(s, i) >= ASK_KILL) {
        to_step(s, i, last);
        return;
    }
    if (works_after_all(s, i)) {
        take_back(s, i);
        return;
    }
    say_again(s, i);
    if (!step_is_over(s, i) || may_have_booted(s, i))
        return;
    if (life->step + 1 == last && kill_is_left(s, i)) {
        if (!life->kill_left)
            tell(s, i, STORY_KILL_LEFT, 0, 0, 0);
        life->kill_left = true;
        return;
    }
    to_step(s, i, (uint8_t)(life->step + 1));
}
