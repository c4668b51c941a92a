/* The config file: whatever its bytes are, it is read to a spec that keeps its promises and that the
 * core brings to its end, or to errors that name their lines. */
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/pod.h"
#include "core/budget.h"
#include "core/invariants.h"
#include "fuzz/fuzz.h"

static char *environment[] = { "A=1", "EMPTY=", "GRACE=90s", "WORDS=a 'b c' \\\"", NULL };

static void check_problems(const struct pod *pod, const uint8_t *data, size_t size)
{
    size_t lines = 1;

    for (size_t k = 0; k < size; k++)
        lines += data[k] == '\n';
    for (size_t k = 0; k < pod->problems.count; k++) {
        const struct problem *p = &pod->problems.at[k];

        require(p->line <= lines, "a problem in a line that is not there");
        require(p->text[0] != '\0', "a problem without a word");
        for (const char *at = p->text; *at != '\0'; at++)
            require((unsigned char)*at >= ' ' && *at != 0x7f, "a message that a terminal would obey");
    }
}

static void check_spec(const struct spec *spec)
{
    static struct budget b;
    service_set started = 0;

    require(spec->count >= 1 && spec->count <= SERVICES_MAX, "no services, or too many");
    for (size_t n = 0; n < spec->count; n++) {
        size_t i = spec->start_order[n];

        require(i < spec->count && !(started & SET_OF(i)), "a service started twice");
        require((spec->service[i].after & ~started) == 0, "started before what it is after");
        require(spec->service[i].command.argv != NULL && spec->service[i].command.argv[0] != NULL,
                "a service without a command");
        started |= SET_OF(i);
    }
    budget_of_spec(&b, spec);
    for (size_t i = 0; i < spec->count; i++) {
        const struct budget_row *row = &b.row[i];

        for (size_t k = 0; k < row->count; k++)
            require(row->wait[k] >= 0, "a wait below 0");
        require(row->linger >= 0 && row->chain >= 0, "a time below 0");
        require(spec->deadline == NEVER || row->chain <= spec->deadline - spec->margin,
                "a KILL after the deadline");
    }
}

/* ---- a life of it: all goes well, and TERM comes in the middle ----------------- */

enum { STEPS_MAX = 20000, TERM_AFTER = 12 };

struct run {
    struct supervisor supervisor;
    struct invariants watch;
    struct actions out;
    struct event due[ACTIONS_MAX]; /* what answers the actions, in their order */
    uint32_t first, count;
    bool lives[SERVICES_MAX];
};

static struct event *answer(struct run *r, enum event_type type, const struct action *a)
{
    struct event *e = &r->due[(r->first + r->count) % ACTIONS_MAX];

    require(++r->count < ACTIONS_MAX, "more to answer than can be kept");
    *e = (struct event){ .type = type, .service = a->service, .generation = a->generation };
    return e;
}

static void answer_look(struct run *r, const struct action *a)
{
    struct facts *facts = &answer(r, EVENT_LOOKED, a)->facts;

    *facts = (struct facts){ .members = r->lives[a->service], .titled = true, .quiet_told = true, .quiet_seen = true,
                             .major = 7, .busy = 0, .total = 5, .unended = 0, .busy_exact = true, .work = WORK_IDLE };
}

static void take(struct run *r, const struct action *a)
{
    switch (a->type) {
    case ACT_SPAWN:
        r->lives[a->service] = true;
        answer(r, EVENT_SPAWNED, a);
        break;
    case ACT_SIGNAL:
        if (r->lives[a->service] && (a->signal.stop || a->signal.target >= TARGET_ALL)) {
            r->lives[a->service] = false;
            answer(r, EVENT_EXITED, a);
        }
        break;
    case ACT_QUIET:
        if (a->signal.signo > 0)
            answer_look(r, a);
        break;
    case ACT_LOOK:
        answer_look(r, a);
        break;
    case ACT_PROBE:
        answer(r, EVENT_READY, a);
        break;
    case ACT_EXEC:
        if (a->exec.purpose == EXEC_STOP && r->lives[a->service]) {
            r->lives[a->service] = false;
            answer(r, EVENT_EXITED, a);
        } else {
            struct event *e = answer(r, EVENT_EXEC_DONE, a);

            e->exec.purpose = a->exec.purpose;
            e->exec.ok = true;
        }
        break;
    case ACT_HOOK: {
        struct event *e = answer(r, EVENT_HOOK_DONE, a);

        e->hook.hook = a->hook.hook;
        e->hook.ok = true;
        break;
    }
    case ACT_ORPHANS:
        answer(r, EVENT_ORPHANS, a);
        break;
    case ACT_PROBE_END:
    case ACT_EXEC_END:
    case ACT_RELOAD:
    case ACT_REPLY:
    case ACT_STORY:
    case ACT_EXIT:
    case ACTION_COUNT:
        break;
    }
}

static void feed(struct run *r, struct event *e, int64_t now)
{
    const char *broken;

    e->now = now;
    step(&r->supervisor, e, &r->out);
    broken = invariants_check(&r->watch, &r->supervisor, e, &r->out);
    require(broken == NULL, broken == NULL ? "" : broken);
    for (uint32_t k = 0; k < r->out.count; k++)
        take(r, &r->out.list[k]);
}

static struct event next_event(struct run *r, int64_t *now)
{
    struct event e = { .type = EVENT_TIMER, .service = NO_SERVICE };

    if (r->count > 0) {
        e = r->due[r->first];
        r->first = (r->first + 1) % ACTIONS_MAX;
        r->count--;
        return e;
    }
    require(next_deadline(&r->supervisor) != NEVER, "nothing will ever happen again, and it has not ended");
    *now = time_max(*now, next_deadline(&r->supervisor));
    return e;
}

static void run_spec_to_its_end(const struct spec *spec)
{
    static struct run r;
    struct event e = { .type = EVENT_START, .service = NO_SERVICE };
    int64_t now = 0;
    bool asked = false;

    memset(&r, 0, sizeof(r));
    supervisor_init(&r.supervisor, spec, now, 1);
    invariants_init(&r.watch, &r.supervisor);
    feed(&r, &e, now);
    for (int k = 0; !r.supervisor.exiting; k++) {
        require(k < STEPS_MAX, "it makes steps without end");
        if (!asked && (k >= TERM_AFTER || (r.count == 0 && next_deadline(&r.supervisor) == NEVER))) {
            e = (struct event){ .type = EVENT_REQUEST, .service = NO_SERVICE };
            e.request.verb = REQUEST_SHUTDOWN; /* TERM may mean anything here */
            asked = true;
        } else {
            e = next_event(&r, &now);
        }
        feed(&r, &e, now);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("lastcall.ini", MFD_CLOEXEC);
    struct settings settings = { .deadline = NEVER, .margin = NEVER };
    struct pod *pod = calloc(1, sizeof(*pod));
    char path[40];
    int code;

    require(fd >= 0 && pod != NULL && write(fd, data, size) == (ssize_t)size, "no memory");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    settings.config = path;
    code = pod_build(pod, &settings, environment);
    close(fd);
    require(code == 0 || code == EXIT_CONFIG, "neither read nor refused");
    require((code == 0) == (pod->problems.errors == 0), "refused without an error, or taken with one");
    check_problems(pod, data, size);
    if (code == 0) {
        check_spec(&pod->spec);
        run_spec_to_its_end(&pod->spec);
    }
    pod_free(pod);
    return 0;
}
