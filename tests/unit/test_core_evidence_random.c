/* Worlds by chance: looks that make no sense, and a true Sidekiq, which is never called idle while a job runs. */
#include <signal.h>

#include "looks.h"

static uint64_t seed = 42;

static uint64_t below(uint64_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % n;
}

/* --- nonsense ----------------------------------------------------------- */

static int32_t odd_number(void)
{
    static const int32_t odd[] = { -1, 0, 1, 5, INT32_MAX, INT32_MIN, -2 };
    return odd[below(sizeof(odd) / sizeof(odd[0]))];
}

static void see_anything(void)
{
    uint32_t n = (uint32_t)below(6);

    for (uint32_t k = 0; k < n; k++) {
        struct look_proc *p = see((int32_t)below(4), (int32_t)below(4));

        p->start = below(3);
        p->zombie = below(8) == 0;
        p->stopped = below(8) == 0;
        p->readable = below(8) != 0;
        p->catches_quiet = below(2);
        p->title = (struct look_title){ .read = below(2), .sidekiq = below(2),
                                        .swarm = below(6) == 0, .puma = below(6) == 0,
                                        .stopping = below(2), .major = (int16_t)odd_number(),
                                        .busy = odd_number(), .total = odd_number() };
        for (uint64_t t = below(8); t > 0; t--)
            thread(p, (int32_t)below(6), below(2));
    }
}

/* Whatever comes: no crash, and never idle before the quiet nor of a complete look
 * at somebody who was not told. */
static void nonsense_does_no_harm(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_SIDEKIQ,
                                                INFLIGHT_NOTIFY, INFLIGHT_EXEC };
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    for (int run = 0; run < 400; run++) {
        bool quiet = false;

        begin_with(kinds[below(4)], SIGTSTP);
        for (int64_t now = 0; now < 60000; now += (int64_t)below(900)) {
            see_anything();
            look_as(now, below(8) != 0);
            evidence_said(&e, (int32_t)below(4), odd_number() & INT32_MAX, odd_number(), now);
            evidence_exec(&e, below(2), (int32_t)below(3), odd_number(), now);
            if (!quiet)
                assert_true(facts(now).work != WORK_IDLE || e.ever_recognised);
            if (now > 20000 && below(4) == 0) {
                quiet_at(now);
                quiet = true;
            }
            assert_in_range(evidence_stop_targets(&e, (int32_t)below(2), below(2), pids), 0,
                            EVIDENCE_PROCS_MAX);
            if (facts(now).untold > 0)
                assert_string_not_equal(e.inflight == INFLIGHT_SIDEKIQ ? work(now) : "", "idle");
        }
    }
}

/* --- a true Sidekiq ----------------------------------------------------- */

#define REPLACED_WITHIN 150 /* ms, after its job raised: longer than was seen */

/* The truth is simulated: jobs run on threads, the title is rewritten every beat and
 * stale between, threads end as the releases end them. Idle is never said while a
 * job runs, and always some time after. */
struct sidekiq {
    int16_t major;
    int32_t capacity;
    int64_t beat, kept;        /* how often its title is written; how long threads stay */
    int64_t heard;             /* when it has read the quiet */
    int64_t end[8];            /* of the job on each thread; 0: none */
    int64_t raises[8];         /* its thread is replaced then; 0: never */
    int32_t shown_busy;
    bool shown_stopping;
};

static bool runs(const struct sidekiq *s, int32_t t, int64_t now)
{
    return now < s->end[t];
}

static void show(struct sidekiq *s, int64_t now)
{
    struct look_proc *p;

    if (now % s->beat < 250) {
        s->shown_busy = 0;
        for (int32_t t = 0; t < s->capacity; t++)
            s->shown_busy += runs(s, t, now);
        s->shown_stopping = now >= s->heard;
    }
    p = titled(see(PID, 1), s->major, s->shown_busy, s->capacity);
    p->title.stopping = s->shown_stopping;
    for (int32_t t = 0; t < s->capacity; t++) {
        int64_t over = time_max(s->end[t], s->heard + (int64_t)below(2000));
        bool lives = runs(s, t, now) || now < over + s->kept;
        bool raised = s->raises[t] > 0 && now >= s->raises[t];
        int64_t born = raised ? s->raises[t] + REPLACED_WITHIN : 0;

        if (lives && now >= born) /* a new one has its name for some looks, then anything */
            thread(p, raised ? 50 + t : 1 + t, now < born + 500 || below(9) > 0);
    }
}

static void a_true_sidekiq_is_never_called_idle_too_early(void **state)
{
    (void)state;
    for (int run = 0; run < 2000; run++) {
        static const int16_t majors[] = { 5, 6, 7, 8 };
        struct sidekiq s = { .major = majors[below(4)], .capacity = 1 + (int32_t)below(8) };
        int64_t last = 0, now;

        s.beat = s.major < 7 ? 5000 : 10000;
        s.kept = s.major < 7 ? 3300 : 300;
        s.heard = 500 + (int64_t)below(1500);
        for (int32_t t = 0; t < s.capacity; t++) {
            s.end[t] = below(2) ? (int64_t)below(40000) : 0;
            s.raises[t] = s.end[t] > 5000 && below(4) == 0 ? (int64_t)below(5000) + 600 : 0;
            last = time_max(last, s.end[t]);
        }
        begin(PROFILE_SIDEKIQ);
        show(&s, 0);
        look(0);
        quiet_at(250);
        for (now = 500; now < 100000; now += 250) {
            show(&s, now);
            look(now);
            if (facts(now).work == WORK_IDLE)
                break;
        }
        assert_true(now >= last);
        assert_true(now <= time_max(last, s.heard) + 31000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nonsense_does_no_harm),
        cmocka_unit_test(a_true_sidekiq_is_never_called_idle_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
