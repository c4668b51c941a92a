/* Looks at the processes of a service: what they catch, what their titles and threads
 * say. What follows from it is core/evidence.c's. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/clock.h"
#include "sys/kill.h"
#include "sys/members.h"
#include "sys/subreaper.h"
#include "sys/title_reader.h"
#include "text/thread_name.h"
#include "text/title.h"

enum { KILL_ROUNDS = 4 }; /* what is forked between a list and its KILL is in the next */

/* So long a look waits for titles, one that does not come with all others together. */
#define TITLES_WAIT (100)

/* 0; -1: they could not be read, or not all. */
static int look_threads(struct child *c, struct member *m, struct look_proc *seen,
                        struct look_thread *pool, size_t room)
{
    static struct thread_seen threads[THREADS_MAX]; /* 16 KiB better not on the stack */
    bool whole = false;
    ssize_t n;

    if (m->threads == NULL) {
        m->threads = malloc(sizeof(*m->threads));
        if (m->threads == NULL)
            return -1;
        if (threads_open(m->threads, c->edge->proc, m->pid) != 0) {
            free(m->threads);
            m->threads = NULL;
            return -1;
        }
    }
    n = threads_look(m->threads, threads, THREADS_MAX, &whole);
    if (n < 0 || !whole || (size_t)n > room)
        return -1;
    for (ssize_t k = 0; k < n; k++)
        pool[k] = (struct look_thread){
            .tid = threads[k].tid,
            .start = threads[k].start,
            .processor = thread_is_processor(threads[k].name, THREAD_NAME_SIZE),
            .loop = thread_is_sidekiq_loop(threads[k].name, THREAD_NAME_SIZE),
        };
    seen->thread = pool;
    seen->threads = (uint32_t)n;
    return 0;
}

static int look_title(struct child *c, const struct member *m, struct look_proc *seen, int64_t *patience)
{
    char title[TITLE_SIZE];
    int fd = proc_open_title(c->edge->proc, m->pid);
    ssize_t n = fd < 0 ? -1 : title_read(fd, m->pid, m->start, title, patience);

    if (n < 0)
        return -1;
    title_parse(title, (size_t)n, &seen->title);
    return 0;
}

static bool has(uint64_t caught, int signo)
{
    return signo > 0 && (caught >> (signo - 1) & 1);
}

/* patience: as title_read()'s; NULL: without the title. */
static void look_member(struct child *c, struct member *m, struct look_proc *seen, int64_t *patience,
                        struct look_thread *pool, size_t room)
{
    const struct service_spec *spec = &c->edge->spec->service[c->service];
    int quiet = spec->quiet.signo;

    seen->readable = true;
    if (patience != NULL) {
        m->untitled = look_title(c, m, seen, patience) != 0;
        seen->readable = !m->untitled;
    }
    if (spec->inflight.kind == INFLIGHT_SIDEKIQ && look_threads(c, m, seen, pool, room) != 0)
        seen->readable = false;
    /* Last, so that it is true when TERM goes to what boots: its traps may come at any moment. */
    if (quiet > 0 && (patience != NULL || !m->caught_known)) {
        m->caught_known = proc_read_signals(c->edge->proc, m->pid, &m->caught) == 0;
        seen->readable = seen->readable && m->caught_known;
    }
    seen->catches_quiet = m->caught_known && has(m->caught, quiet);
}

static void look(struct child *c, bool scan)
{
    static struct look_thread pool[EDGE_THREADS];
    struct proc_entry entry[EVIDENCE_PROCS_MAX];
    struct look_proc seen[EVIDENCE_PROCS_MAX];
    int64_t now = c->edge->supervisor.counted, patience = TITLES_WAIT;
    bool titles = scan || evidence_wants_titles(c->evidence, now);
    size_t count = look_list(c, entry, scan), used = 0;
    struct look l = { .clock = clock_boot_ticks(), .proc = seen, .complete = c->complete };

    for (size_t k = 0; k < count; k++) {
        struct member *m = look_member_of(c, entry[k].pid, entry[k].start);
        struct look_proc *p = &seen[l.count];

        if (m == NULL)
            continue; /* a zombie */
        *p = (struct look_proc){ .pid = entry[k].pid, .parent = entry[k].parent,
                                 .start = entry[k].start, .stopped = entry[k].stopped };
        look_member(c, m, p, titles || m->untitled ? &patience : NULL, pool + used, EDGE_THREADS - used);
        used += p->threads;
        l.count++;
    }
    evidence_look(c->evidence, &l, now);
}

static void feed_facts(struct child *c)
{
    struct event e = edge_event(c, EVENT_LOOKED);

    evidence_facts(c->evidence, c->edge->supervisor.counted, &e.facts);
    edge_feed(c->edge, e);
}

void look_take(struct child *c, bool scan)
{
    look(c, scan);
    feed_facts(c);
}

void look_quiet(struct child *c, int signo)
{
    int32_t pids[EVIDENCE_PROCS_MAX];
    int64_t now = c->edge->supervisor.counted;
    uint32_t n = 0;

    look(c, true);
    if (signo > 0)
        n = evidence_quiet_targets(c->evidence, pids);
    for (uint32_t k = 0; k < n; k++)
        if (signal_process(pids[k], signo) == 0)
            evidence_told(c->evidence, pids[k], now);
    evidence_quiet_began(c->evidence, now);
    feed_facts(c);
}

static bool is_new(const struct proc_entry *e)
{
    return !e->zombie && !e->told;
}

/* All of them, however many, until a list of them all names nobody new. Who has got KILL forks
 * no more, but is listed until it has given back its memory: tens of milliseconds for some
 * hundred megabytes. False: they cannot be listed, or are forked faster than that. */
static bool kill_all(struct child *c)
{
    struct edge *edge = c->edge;
    int64_t until = look_until(edge);
    bool over = false;
    size_t n = 0;

    for (int round = 0; round < KILL_ROUNDS && !over && clock_monotonic_ms() < until; round++) {
        n = look_list_all(c, n, &over);
        for (size_t k = 0; k < n && over; k++)
            over = !is_new(&edge->found[k]);
        signal_members(edge->found, n, SIGKILL);
    }
    if (c->leader > 0)
        signal_process(c->leader, SIGKILL); /* also where /proc cannot be read */
    return over;
}

/* One of its processes does. The last look found none, but others may have been looked at since, for 100 ms each. */
static bool catches_quiet(struct child *c)
{
    int quiet = c->edge->spec->service[c->service].quiet.signo;
    uint64_t caught;

    for (uint32_t k = 0; k < c->members; k++)
        if (proc_read_signals(c->edge->proc, c->member[k].pid, &caught) == 0 && has(caught, quiet))
            return true;
    return false;
}

void look_signal(struct child *c, int signo, enum signal_target target, bool stop)
{
    int32_t pids[EVIDENCE_PROCS_MAX];
    uint32_t n = 1;

    if (target >= TARGET_ALL) {
        if (!kill_all(c) && target == TARGET_EVERYTHING && is_pid1())
            kill(-1, SIGKILL);
        return;
    }
    if (target == TARGET_BOOTING && catches_quiet(c)) {
        evidence_stop_withheld(c->evidence);
        return;
    }
    pids[0] = c->leader;
    if (!stop && c->edge->spec->service[c->service].inflight.kind == INFLIGHT_SIDEKIQ)
        look(c, true); /* the last look may be days old */
    if (target >= TARGET_WORKERS)
        n = evidence_stop_targets(c->evidence, c->leader, stop, pids);
    for (uint32_t k = 0; k < n; k++) {
        signal_process(pids[k], signo);
        if (!stop)
            continue;
        signal_process(pids[k], SIGCONT); /* a stopped process hears nothing else */
        evidence_told(c->evidence, pids[k], c->edge->supervisor.counted);
    }
}

bool look_is_member(struct child *c, int32_t pid)
{
    for (int round = 0; round < 2; round++) {
        for (uint32_t k = 0; k < c->members; k++)
            if (c->member[k].pid == pid)
                return true;
        if (pid == c->leader && c->scanned != NEVER)
            return true;
        if (round == 0)
            look(c, true); /* also for the leader: evidence knows whom a look has seen */
    }
    return false;
}

size_t look_orphans(struct edge *edge, int signo)
{
    int32_t except[EDGE_SIDES + SERVICES_MAX + 1];
    size_t excepted = 0, living = 0, n;
    bool complete;

    if (edge->proc < 0)
        return 0;
    if (look_table(edge) != 0)
        return 1; /* not known to be none */
    if (edge->table.complete && edge->table.count == 0)
        return 0;
    if (edge->journal.writer > 0)
        except[excepted++] = edge->journal.writer;
    for (size_t k = 0; k < edge->sides; k++)
        if (edge->side[k].pid > 0)
            except[excepted++] = edge->side[k].pid;
    for (size_t i = 0; i < edge->spec->count; i++)
        if (edge->child[i].failed > 0)
            except[excepted++] = edge->child[i].failed;
    n = members_descend_from(&edge->table, getpid(), except, excepted, edge->found,
                             edge->table.size, &complete);
    for (size_t k = 0; k < n; k++)
        living += !edge->found[k].zombie;
    if (signo > 0) {
        signal_members(edge->found, n, signo);
        if (signo != SIGKILL)
            signal_members(edge->found, n, SIGCONT);
    }
    return (living > 0 || complete) ? living : 1;
}
