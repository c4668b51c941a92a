/* What cannot be read, or is more than can be kept, is unknown; and as many as can be kept are no problem. */
#include <signal.h>

#include "looks.h"

/* --- what cannot be read ------------------------------------------------ */

static void what_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now <= 30000; now += 250) {
        see(PID, 1)->readable = false;
        look(now);
        assert_work(now, "unknown");
    }
}

static void it_is_known_again_when_it_can_be_read(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(250);
    see(PID, 1)->readable = false;
    look(500);
    see(PID, 1);
    look(750);
    assert_work(750, "busy"); /* counted anew */
    see(PID, 1);
    look(1000);
    assert_work(1000, "idle");
}

/* State T: it cannot end its threads, nor write its title, nor answer. */
static void a_stopped_process_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    for (int64_t now = 250; now <= 30000; now += 250) {
        stopping(titled(see(PID, 1), 7, 0, 5))->stopped = true;
        look(now);
        assert_work(now, "unknown");
    }
    stopping(titled(see(PID, 1), 7, 0, 5));
    look(30250);
    assert_string_not_equal(work(30250), "idle");
    stopping(titled(see(PID, 1), 7, 0, 5));
    look(30500);
    assert_work(30500, "idle"); /* its threads are gone, it runs */
}

static void an_incomplete_look_is_unknown(void **state)
{
    (void)state;
    begin_sidekiq(7, 0);
    see(PID, 1);
    look(250);
    see(PID, 1);
    look_as(500, false);
    assert_work(500, "unknown");
    look_as(750, false);
    assert_work(750, "unknown");
    assert_int_equal(facts(750).members, 1); /* what could not be listed may live */
    see(PID, 1);
    look(1000);
    see(PID, 1);
    look(1250);
    assert_string_not_equal(work(1250), "idle"); /* it had vanished: it has to be told again */
}

/* --- as many as can be kept --------------------------------------------- */

static void more_processes_than_can_be_kept_are_unknown(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    processors(titled(see(PID, 1), 7, 0, 1), 1, 1);
    look(0);
    quiet_at(0);
    for (int64_t now = 250; now <= 500; now += 250) {
        see(PID, 1);
        for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
            see(1000 + k, PID);
        look(now);
        assert_work(now, "unknown");
        assert_int_equal(facts(now).members, EVIDENCE_PROCS_MAX);
    }
    for (int64_t now = 750; now <= 1000; now += 250) {
        see(PID, 1);
        look(now);
    }
    assert_work(1000, "idle");
}

/* As many as can be kept, each time, whatever is asked of them. */
static void as_many_as_can_be_kept(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_NOTIFY, INFLIGHT_NONE };
    int32_t pids[EVIDENCE_PROCS_MAX];

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        begin_with(kinds[n], SIGTSTP);
        for (int round = 0; round < 3; round++) {
            for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++) {
                struct look_proc *p = see(PID + k, 1);

                if (round == 2 && k == 0)
                    swarm(p); /* mistaken for a Sidekiq until now */
            }
            look(round);
            evidence_quiet_began(&e, 0); /* nobody was told yet */
            assert_int_equal(evidence_quiet_targets(&e, pids), round == 2 ? EVIDENCE_PROCS_MAX - 1 : EVIDENCE_PROCS_MAX);
            evidence_said(&e, 1, 0, 0, 0); /* none of them */
            assert_int_equal(facts(round).members, EVIDENCE_PROCS_MAX);
            assert_int_equal(evidence_stop_targets(&e, 0, true, pids), round == 2 ? 1 : EVIDENCE_PROCS_MAX);
        }
    }
}

/* Each lives while the next begins: no more than two at a time are to be kept. */
static void who_is_gone_leaves_room_for_others(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int32_t k = 0; k < 3 * EVIDENCE_PROCS_MAX; k++) {
        see(PID + k, 1);
        see(PID + k + 1, 1);
        look(k);
        assert_int_equal(facts(k).members, 2);
        assert_true(e.complete);
    }
}

static void a_gap_among_as_many_as_can_be_kept_is_filled(void **state)
{
    (void)state;
    begin(PROFILE_SIDEKIQ);
    for (int32_t gone = 0; gone < 3; gone++) { /* all; all but the first; a new one in its place */
        for (int32_t k = gone > 0; k < EVIDENCE_PROCS_MAX; k++)
            see(PID + k, 1);
        if (gone == 2)
            see(PID + 1000, 1);
        look(gone);
        assert_true(e.complete);
        assert_int_equal(facts(gone).members, gone == 1 ? EVIDENCE_PROCS_MAX - 1 : EVIDENCE_PROCS_MAX);
    }
}

/* --- behind the table --------------------------------------------------- */

static struct {
    struct evidence full;
    struct evidence_proc behind;
} room;

/* A table that is full, and behind it what looks like one more process, told or not. */
static void fill_the_room(enum inflight_kind kind, bool told)
{
    begin_with(kind, SIGTSTP);
    for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
        see(PID + k, 1);
    look(0);
    room.full = e;
    room.behind = e.proc[0];
    room.behind.pid = 1;
    room.behind.told = told;
    room.behind.stopping = room.behind.sidekiq = true;
    room.behind.recognised = !told;
    room.behind.said_at = room.behind.said_busy = 0;
}

static void nothing_behind_the_last_process_is_looked_at(void **state)
{
    static const enum inflight_kind kinds[] = { INFLIGHT_SIDEKIQ, INFLIGHT_NOTIFY };
    static struct look_proc seen[EVIDENCE_PROCS_MAX];
    static struct evidence_proc behind;
    int32_t pids[EVIDENCE_PROCS_MAX + 1];

    (void)state;
    for (int32_t k = 0; k < EVIDENCE_PROCS_MAX; k++)
        seen[k] = (struct look_proc){ .pid = PID + k, .parent = 1, .start = (uint64_t)(PID + k), .readable = true,
                                      .catches_quiet = true };
    for (int n = 0; n < 4; n++) {
        struct look all = { .count = EVIDENCE_PROCS_MAX, .proc = seen, .complete = true };
        struct facts f;

        fill_the_room(kinds[n / 2], n % 2);
        behind = room.behind;
        evidence_look(&room.full, &all, 1000);
        assert_memory_equal(&room.behind, &behind, sizeof(behind));
        assert_int_equal(evidence_quiet_targets(&room.full, pids), EVIDENCE_PROCS_MAX);
        evidence_facts(&room.full, 1000, &f);
        assert_int_equal(f.members, EVIDENCE_PROCS_MAX);
        assert_int_equal(f.busy, UNKNOWN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_read_is_unknown),
        cmocka_unit_test(it_is_known_again_when_it_can_be_read),
        cmocka_unit_test(a_stopped_process_is_unknown),
        cmocka_unit_test(an_incomplete_look_is_unknown),
        cmocka_unit_test(more_processes_than_can_be_kept_are_unknown),
        cmocka_unit_test(as_many_as_can_be_kept),
        cmocka_unit_test(who_is_gone_leaves_room_for_others),
        cmocka_unit_test(a_gap_among_as_many_as_can_be_kept_is_filled),
        cmocka_unit_test(nothing_behind_the_last_process_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
