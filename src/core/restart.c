/* How a life begins and ends, and what follows: SPEC 2 (restart, essential), 4
 * (needed, the final end of an essential service) and the records for 5. */
#include <signal.h>
#include <string.h>

#include "core/rules.h"

#define POST_EXIT_TIMEOUT (5 * SECOND)

void life_begin(struct supervisor *s, size_t i)
{
    struct service *v = &s->service[i];

    v->generation++;
    v->end = END_NONE;
    v->end_killed = v->end_handed_back = false;
    memset(&v->life, 0, sizeof(v->life));
    v->life.ready_c = v->life.look_c = v->life.inflight_c = v->life.reading_c = v->life.over_c = NEVER;
    v->life.ask = v->quiet_asked ? ASK_DRAIN : ASK_RUN;
    v->quiet_asked = false;
    v->life.ask_latest = NEVER;
    v->life.ask_c = v->life.spawned_c = s->counted;
    v->life.spawned_at = s->now;
    v->life.told_busy = v->life.told_total = -1;
    v->life.told_busy_c = s->counted - 1 * SECOND;
    v->life.jobs_seen = v->life.jobs_left = v->life.jobs_before = -1;
    v->life.facts.busy = v->life.facts.total = -1;
    v->life.facts.major = -1;
    s->alive |= SET_OF(i);
    s->killed &= ~SET_OF(i);
    s->planned_down = ~s->down; /* a plan of the life before does not know its whole ladder */
}

/* Under a shutdown: it is needed, and is no worker, which would fetch again. */
bool life_comes_back(const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];

    return is_needed_by_living(s, i) && s->ask < ASK_KILL && s->now < s->service[i].latest &&
           spec->kind == KIND_SERVICE && !spec_is_worker(spec);
}

/* The leader ended; what it left behind lives on, quiet and waiting as it was,
 * unless it has to make room or nobody asked for the end. */
void life_leader_gone(struct supervisor *s, size_t i)
{
    struct life *life = &s->service[i].life;

    life->leader_alive = false;
    life->exit_known = true;
    life->ended_by_us = life->exit_signal > 0 && (life->signals_sent >> (life->exit_signal - 1) & 1);
    life->stage = START_RUNNING;
    life->ended_itself = !life->ladder_begun;
    if (!life->ladder_begun && (asked_of(s, i) < ASK_DRAIN || life_comes_back(s, i)))
        life->clearing = true;
    life->look_pending = true; /* whether something of it lives is not known before that */
    life->look_c = s->counted;
    emit(s, ACT_LOOK, i);
}

bool life_over(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    if (!life->exit_known || exec_runs(s, i, EXEC_POST_EXIT))
        return false;
    return life->post_exit_begun || (life->facts.members == 0 && !life->look_pending);
}

static bool is_success(const struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;

    if (life->start_failed)
        return false;
    if (life->stage == START_PRE)
        return true; /* given up, or stopped by a verb: nothing of it ever ran */
    if (life->exit_signal > 0)
        return life->ended_by_us || (spec->success_signals >> (life->exit_signal - 1) & 1);
    return spec->success_codes[life->exit_code / 64] >> (life->exit_code % 64) & 1;
}

/* The code that its end gives; a failed start is never 0, nor our own signal. */
static uint8_t exit_status(const struct life *life)
{
    if (life->start_failed && (life->exit_signal > 0 || life->exit_code == 0))
        return 1;
    return life->exit_signal > 0 ? (uint8_t)(128 + life->exit_signal) : life->exit_code;
}

/* Sidekiq that hands jobs back takes its whole -t for it, from its TERM on, and exits 0 as well
 * when there was nothing to hand back: SPEC 5, 75. */
bool life_used_its_timeout(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;
    int64_t timeout = s->spec->service[i].sidekiq_timeout;

    /* not what its post_exit took, or its pause */
    return timeout > 0 && life->ladder_begun && life->term_c != NEVER &&
           time_min(life->over_c, s->counted) - life->term_c >= timeout - 1 * SECOND;
}

static bool was_handed_back(const struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    if (!life->forced)
        return false;
    return s->spec->service[i].sidekiq_timeout == 0 || life_used_its_timeout(s, i);
}

/* By lastcall, before its leader had ended by itself. */
static bool was_told_to_stop(const struct life *life)
{
    return life->ladder_begun && !life->ended_itself;
}

/* And nothing else is the cause of its end. */
static bool was_asked(const struct life *life)
{
    return was_told_to_stop(life) && !life->start_failed;
}

static bool is_task_that_succeeded(const struct supervisor *s, size_t i, bool success)
{
    return s->spec->service[i].kind == KIND_TASK && success && !was_asked(&s->service[i].life);
}

/* For the exit code. */
static void record_end(struct supervisor *s, size_t i, bool success)
{
    struct service *v = &s->service[i];
    const struct life *life = &v->life;

    if (was_asked(life))
        v->end = success ? END_NONE : END_WHEN_ASKED;
    else /* in the `--` form the command's own end counts, whatever its code */
        v->end = success && !s->spec->single ? END_NONE : END_BY_ITSELF;
    v->end_code = exit_status(life);
    v->end_killed = life->killed && (life->exit_signal == SIGKILL || life->killed_remains);
    v->end_handed_back = was_handed_back(s, i);
}

/* It is to be started at once by hand instead of after its pause: in case it never comes back. */
void life_record(struct supervisor *s, size_t i)
{
    record_end(s, i, is_success(s, i));
}

static void record_final_end(struct supervisor *s, size_t i, bool success)
{
    record_end(s, i, success);
    exit_books(s, i);
}

/* A random pause in the last quarter below `ms`, so that services which died
 * together do not come back together. */
static int64_t with_jitter(struct supervisor *s, int64_t ms)
{
    int64_t quarter, share;
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    quarter = ms / 4;
    share = s->random % 1024;
    return ms - (quarter / 1024 * share + quarter % 1024 * share / 1024);
}

static void back_off(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct service *v = &s->service[i];
    int64_t pause = spec->backoff_first;

    for (uint16_t n = 0; n < v->restarts && pause < spec->backoff_max; n++)
        pause = time_add(pause, pause);
    pause = with_jitter(s, time_min(pause, spec->backoff_max));
    v->restarts++;
    v->restarts_total++;
    v->backoff_end_c = time_add(s->counted, pause);
    tell(s, i, STORY_BACKOFF, pause, v->restarts, spec->restart_limit);
    enter(s, i, STATE_BACKOFF);
}

/* It was to be started again, and a shutdown came: its last end was the final one. */
void life_stays_over(struct supervisor *s, size_t i)
{
    record_final_end(s, i, is_success(s, i));
    enter(s, i, STATE_DONE);
}

/* Its end is final. */
static void finish(struct supervisor *s, size_t i, bool success)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct service *v = &s->service[i];
    bool asked = was_asked(&v->life);

    record_final_end(s, i, success || is_success(s, i)); /* too often, it may have failed with success */
    v->ever_ready = v->ever_ready || is_task_that_succeeded(s, i, success);
    enter(s, i, success || asked ? STATE_DONE : STATE_FAILED);
    if (asked || s->clock || !spec->essential)
        return;
    if (spec->kind == KIND_TASK && success)
        return;
    clock_ask(s, ASK_NOW, CAUSE_ESSENTIAL, (uint8_t)i);
}

/* Once more, unless it came back too often without having been ready for long. */
static void try_again(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct service *v = &s->service[i];

    /* ready_c: NEVER if it was not; a task is ready when it has succeeded */
    if (spec->kind == KIND_SERVICE && s->counted - v->life.ready_c >= spec->restart_window)
        v->restarts = 0;
    if (v->restarts < spec->restart_limit) {
        back_off(s, i);
        return;
    }
    tell(s, i, STORY_FAILED, v->restarts, 0, 0);
    finish(s, i, false);
}

static bool wants_restart(const struct supervisor *s, size_t i, bool success)
{
    const struct service_spec *spec = &s->spec->service[i];
    const struct life *life = &s->service[i].life;

    if (life->transient)
        return true;
    if (spec->kind == KIND_TASK && success)
        return false;
    if (spec_is_worker(spec) && life->ask == ASK_DRAIN)
        return false; /* it was told to take no more work, and would */
    return spec->restart == RESTART_ALWAYS || (spec->restart == RESTART_ON_FAILURE && !success);
}

/* The end of a life under a global drain or beyond. */
static void end_in_shutdown(struct supervisor *s, size_t i, bool success)
{
    struct life *life = &s->service[i].life;
    bool turn_came = life->ladder_begun && !life->clearing && !life->restart_wanted;
    if (!turn_came && life_comes_back(s, i))
        try_again(s, i);
    else
        finish(s, i, success);
}

static void end_by_verb(struct supervisor *s, size_t i, bool success)
{
    struct service *v = &s->service[i];

    if (v->life.restart_wanted) {
        v->restarts = 0;
        v->restarts_total++;
        record_end(s, i, success); /* in case it never comes back */
        enter(s, i, STATE_WAITING);
        return;
    }
    record_final_end(s, i, success);
    v->ever_ready = v->ever_ready || is_task_that_succeeded(s, i, success);
    v->held = !is_task_that_succeeded(s, i, success);
    enter(s, i, STATE_DONE);
}

static void tell_end(struct supervisor *s, size_t i)
{
    const struct life *life = &s->service[i].life;

    if (life->stage < START_RUNNING)
        return; /* nothing of it ran; why not was told */
    if (was_told_to_stop(life))
        tell(s, i, STORY_STOPPED, s->counted - life->stop_c, life->exit_code, life->exit_signal);
    else
        tell(s, i, STORY_EXITED, life->exit_code, life->exit_signal, life->ended_by_us);
}

void life_end(struct supervisor *s, size_t i)
{
    const struct service_spec *spec = &s->spec->service[i];
    struct life *life = &s->service[i].life;
    bool success = is_success(s, i);

    if (!life->post_exit_begun) {
        life->over_c = s->counted;
        emit(s, ACT_PROBE_END, i);
        for (int p = 0; p < EXEC_PURPOSES; p++)
            exec_end(s, i, (enum exec_purpose)p);
        tell_end(s, i);
        if (spec->post_exit.argv != NULL && life->stage >= START_RUNNING) {
            life->post_exit_begun = true;
            enter(s, i, STATE_STOPPING);
            exec_begin(s, i, EXEC_POST_EXIT, POST_EXIT_TIMEOUT);
            return;
        }
    }
    s->alive &= ~SET_OF(i);
    if (s->ask >= ASK_DRAIN)
        end_in_shutdown(s, i, success);
    else if (life->by_verb)
        end_by_verb(s, i, success);
    else if (wants_restart(s, i, success))
        try_again(s, i);
    else
        finish(s, i, success);
}
