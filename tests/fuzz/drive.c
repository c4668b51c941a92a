#include "fuzz/drive.h"

#include <signal.h>

#include "core/invariants.h"
#include "core/supervisor.h"
#include "fuzz/fuzz.h"
#include "sim/random.h"

#define BEGIN INT64_C(1000000) /* the monotonic clock at the start */

enum {
    STEPS_MAX = 400,
    TERM_AT = 60,        /* the step, at the latest */
    TIMERS_AT_ONCE = 100, /* without time going on: it would never */
    QUEUE_SIZE = 4 * SERVICES_MAX
};

/* What becomes of a service's processes: at most a leader and what it leaves behind. */
struct child {
    struct facts facts;
    bool lives; /* the leader */
    bool boots;
};

static struct run {
    const struct spec *spec;
    struct dice dice;
    struct supervisor supervisor;
    struct invariants watch;
    struct actions out;
    struct child child[SERVICES_MAX];
    struct event queue[QUEUE_SIZE]; /* what answers an action at once */
    uint32_t first, queued;
    int64_t now, timer_at; /* timer_at: the last one's */
    int at_once;           /* timers since time went on */
    uint32_t orphans;
    bool exited;
} run;

static void queue(struct event e)
{
    require(run.queued - run.first < QUEUE_SIZE, "more answers than there can be");
    run.queue[run.queued++ % QUEUE_SIZE] = e;
}

static struct event of(size_t i, enum event_type type)
{
    return (struct event){ .type = type, .service = (uint8_t)i, .generation = run.supervisor.service[i].generation };
}

/* --- children ------------------------------------------------------------ */

static void look(size_t i)
{
    const struct service_spec *s = &run.spec->service[i];
    struct child *c = &run.child[i];
    struct facts *f = &c->facts;
    struct event e = of(i, EVENT_LOOKED);
    bool worker = spec_is_worker(s), catches = s->quiet.signo > 0 && !c->boots;

    f->busy = f->total = f->unended = -1;
    f->work = WORK_UNKNOWN;
    if (f->members == 0) {
        f->work = s->inflight.kind == INFLIGHT_NONE ? WORK_UNKNOWN : WORK_IDLE;
        f->quiet_told = f->quiet_seen = f->booting = false;
        f->untold = f->unconfirmed = 0;
    } else {
        f->booting = c->boots;
        f->titled = f->capacity_reached = !c->boots;
        f->major = (int16_t)(c->boots ? -1 : 7);
        f->untold = catches && !f->quiet_told;
        f->quiet_seen = f->quiet_told && worker && percent(&run.dice, 80);
        f->unconfirmed = f->quiet_told && worker && !f->quiet_seen;
        if (worker && percent(&run.dice, 80)) {
            f->busy = (int32_t)below(&run.dice, 4);
            f->total = 5;
            f->busy_exact = true;
            if (f->quiet_seen)
                f->work = f->busy > 0 ? WORK_BUSY : WORK_IDLE;
        }
    }
    e.facts = *f;
    queue(e);
}

static void end_leader(size_t i, uint8_t code, uint8_t signo, uint16_t left)
{
    struct event e = of(i, EVENT_EXITED);

    if (run.child[i].lives) {
        e.exit.code = code;
        e.exit.signo = signo;
        run.child[i].lives = false;
        queue(e);
    }
    run.child[i].facts.members = left;
}

static void take_spawn(size_t i)
{
    struct event e = of(i, EVENT_SPAWNED);

    run.child[i] = (struct child){ .boots = percent(&run.dice, 30) };
    run.child[i].facts = (struct facts){ .busy = -1, .total = -1, .major = -1, .unended = -1 };
    if (percent(&run.dice, 10)) {
        e = of(i, EVENT_SPAWN_FAILED);
        e.spawn.stage = (enum spawn_stage)below(&run.dice, SPAWN_EXEC + 1);
        e.spawn.missing = percent(&run.dice, 50);
        e.spawn.transient = e.spawn.stage == SPAWN_FORK;
    } else {
        run.child[i].lives = true;
        run.child[i].facts.members = 1;
    }
    queue(e);
}

static void take_signal(const struct action *a)
{
    size_t i = a->service;
    uint8_t signo = a->signal.signo;

    if (run.child[i].facts.members == 0)
        return;
    if (signo == SIGKILL)
        end_leader(i, 0, SIGKILL, 0);
    else if (a->signal.stop && percent(&run.dice, 60))
        end_leader(i, (uint8_t)(percent(&run.dice, 70) ? 0 : 3), percent(&run.dice, 20) ? signo : 0,
                   percent(&run.dice, 20));
    look(i);
}

static void take_command(const struct action *a)
{
    struct event e = of(a->service, EVENT_EXEC_DONE);

    e.exec.purpose = a->exec.purpose;
    e.exec.ok = percent(&run.dice, 80);
    queue(e);
}

static void take(const struct action *a)
{
    size_t i = a->service;
    struct event e = { .service = NO_SERVICE };

    switch (a->type) {
    case ACT_SPAWN:
        take_spawn(i);
        break;
    case ACT_SIGNAL:
        take_signal(a);
        break;
    case ACT_QUIET:
        if (run.child[i].facts.members > 0 && !run.child[i].boots && a->signal.signo > 0)
            run.child[i].facts.quiet_told = true;
        look(i);
        break;
    case ACT_LOOK:
        look(i);
        break;
    case ACT_EXEC:
        take_command(a);
        break;
    case ACT_HOOK:
        e.type = EVENT_HOOK_DONE;
        e.hook.hook = a->hook.hook;
        e.hook.ok = percent(&run.dice, 80);
        queue(e);
        break;
    case ACT_ORPHANS:
        e.type = EVENT_ORPHANS;
        run.orphans = a->signal.signo != 0 ? 0 : below(&run.dice, 8) / 7;
        e.count = run.orphans;
        queue(e);
        break;
    case ACT_EXIT:
        run.exited = true;
        break;
    case ACT_PROBE:
    case ACT_PROBE_END:
    case ACT_EXEC_END:
    case ACT_RELOAD:
    case ACT_REPLY:
    case ACT_STORY:
    case ACTION_COUNT:
        break;
    }
}

/* --- steps --------------------------------------------------------------- */

static void feed(struct event e)
{
    const char *broken;

    e.now = run.now;
    step(&run.supervisor, &e, &run.out);
    require(run.out.dropped == 0, "more actions than fit, or rules that do not rest");
    broken = invariants_check(&run.watch, &run.supervisor, &e, &run.out);
    require(broken == NULL, broken);
    for (uint32_t k = 0; k < run.out.count; k++) {
        const struct action *a = &run.out.list[k];

        require(a->service < run.spec->count || a->service == NO_SERVICE, "an action for nobody");
        take(a);
    }
}

static void timer(void)
{
    int64_t next = next_deadline(&run.supervisor);

    if (next == NEVER)
        return;
    run.now = time_max(run.now, next);
    run.at_once = run.now == run.timer_at ? run.at_once + 1 : 0;
    run.timer_at = run.now;
    require(run.at_once < TIMERS_AT_ONCE, "the timer never rests");
    feed((struct event){ .type = EVENT_TIMER, .service = NO_SERVICE });
}

static void send(uint8_t signo)
{
    struct event e = { .type = EVENT_SIGNAL, .service = NO_SERVICE };

    e.signal.signo = signo;
    feed(e);
}

static void ask(void)
{
    struct event e = { .type = EVENT_REQUEST };

    e.request.verb = (enum request_verb)below(&run.dice, REQUEST_SIGNAL + 1);
    e.service = (uint8_t)(e.request.verb < REQUEST_QUIET ? NO_SERVICE : below(&run.dice, run.spec->count));
    e.request.signo = (uint8_t)(1 + below(&run.dice, SIGNALS_MAX - 1));
    e.request.ms = between(&run.dice, 0, 200 * SECOND);
    feed(e);
}

/* Something of a service's own accord. */
static void happen(size_t i)
{
    struct child *c = &run.child[i];

    if (!c->lives)
        return;
    switch (below(&run.dice, 4)) {
    case 0:
        end_leader(i, (uint8_t)below(&run.dice, 3), 0, percent(&run.dice, 20));
        break;
    case 1:
        c->boots = false;
        c->facts.stop_missed = run.supervisor.service[i].life.ladder_begun;
        look(i);
        break;
    case 2: {
        struct event e = of(i, EVENT_READY);

        e.by_notify = run.spec->service[i].ready.kind == READY_NOTIFY;
        queue(e);
        break;
    }
    default:
        look(i);
    }
}

static void some_signal(void)
{
    static const uint8_t signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGTSTP, SIGWINCH, 37 };

    send(signals[below(&run.dice, sizeof(signals))]);
}

static void go_on(void)
{
    uint32_t what = below(&run.dice, 100);

    if (run.first < run.queued) {
        feed(run.queue[run.first++ % QUEUE_SIZE]);
    } else if (what < 55) {
        timer();
    } else if (what < 90) {
        happen(below(&run.dice, run.spec->count));
    } else if (what < 94) {
        some_signal();
    } else if (what < 98) {
        ask();
    } else {
        run.now += between(&run.dice, 0, 20 * SECOND); /* the container stood still */
        timer();
    }
}

void drive(const struct spec *spec, uint64_t seed)
{
    memset(&run, 0, sizeof(run));
    run.spec = spec;
    run.dice.state = seed;
    run.now = BEGIN;
    supervisor_init(&run.supervisor, spec, BEGIN, (uint32_t)seed);
    invariants_init(&run.watch, &run.supervisor);
    feed((struct event){ .type = EVENT_START, .service = NO_SERVICE });
    for (int k = 0; k < STEPS_MAX && !run.exited; k++) {
        if (k == TERM_AT)
            send(SIGTERM);
        else
            go_on();
    }
}
