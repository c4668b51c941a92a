/* Looks at the processes of a service: who there is, what they catch, what their
 * titles and threads say. What follows from it is core/evidence.c's. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/edge.h"
#include "sys/clock.h"
#include "sys/kill.h"
#include "sys/members.h"
#include "sys/reap.h"
#include "sys/subreaper.h"
#include "sys/title_reader.h"
#include "text/thread_name.h"
#include "text/title.h"

enum {
    TABLE_FIRST = 256,    /* entries; doubled when there are more processes */
    TABLE_MOST = 1 << 16,
    KILL_ROUNDS = 4       /* what is forked between a list and its KILL is in the next */
};

/* All of /proc costs more than the known processes: so often while those suffice. */
#define SCAN_AGAIN (2 * SECOND)

/* Some 10,000 processes are read in this time; what takes longer is not complete. At the
 * deadline there is less. */
#define SCAN_FOR (200)
#define SCAN_LAST (50)

/* So long a look waits for titles, one that does not come with all others together. */
#define TITLES_WAIT (100)

int64_t look_until(const struct edge *edge)
{
    return clock_monotonic_ms() + (edge->supervisor.ask < ASK_KILL ? SCAN_FOR : SCAN_LAST);
}

static int grow_table(struct edge *edge)
{
    struct proc_table *table = &edge->table;
    size_t size = table->size == 0 ? TABLE_FIRST : table->size * 2;
    struct proc_entry *entry;

    if (size > TABLE_MOST)
        return -1;
    entry = realloc(edge->found, size * sizeof(*entry));
    if (entry == NULL)
        return -1;
    edge->found = entry;
    entry = realloc(table->entry, size * sizeof(*entry));
    if (entry == NULL)
        return -1;
    table->entry = entry;
    table->size = size;
    return 0;
}

int look_begin(struct edge *edge)
{
    return grow_table(edge);
}

int look_table(struct edge *edge)
{
    struct proc_table *table = &edge->table;
    int64_t until = look_until(edge);

    table->count = 0;
    table->complete = true;
    if (edge->adopts && reap_childless())
        return 0;
    while (proc_scan(edge->proc, table, until) == 0) {
        if (table->complete || table->count < table->size || clock_monotonic_ms() >= until ||
            grow_table(edge) != 0)
            return 0;
    }
    return -1;
}

static struct member *find_member(struct child *c, int32_t pid, uint64_t start)
{
    for (uint32_t k = 0; k < c->members; k++)
        if (c->member[k].pid == pid && c->member[k].start == start)
            return &c->member[k];
    return NULL;
}

static void drop_member(struct member *m)
{
    if (m->threads != NULL) {
        threads_close(m->threads);
        free(m->threads);
    }
    m->threads = NULL;
    if (m->stat >= 0)
        close(m->stat);
    m->stat = -1;
}

void look_forget(struct child *c)
{
    for (uint32_t k = 0; k < c->members; k++)
        drop_member(&c->member[k]);
    c->members = 0;
    c->scanned = NEVER;
    c->complete = false;
}

/* Takes the list over into member[], keeping what is known of those that stay. */
static void take_members(struct child *c, const struct proc_entry *entry, size_t count)
{
    struct member kept[EVIDENCE_PROCS_MAX];
    uint32_t n = 0;

    for (size_t k = 0; k < count; k++) {
        struct member *old = find_member(c, entry[k].pid, entry[k].start);

        if (entry[k].zombie)
            continue;
        if (old == NULL) {
            kept[n++] = (struct member){ .pid = entry[k].pid, .start = entry[k].start, .stat = -1 };
            continue;
        }
        kept[n++] = *old;
        old->threads = NULL; /* moved */
        old->stat = -1;
    }
    for (uint32_t k = 0; k < c->members; k++)
        drop_member(&c->member[k]);
    for (uint32_t k = 0; k < n; k++)
        c->member[k] = kept[k];
    c->members = n;
}

/* Its processes, out of the table as it is. */
static size_t pick_members(struct child *c, struct proc_entry *entry, size_t room, bool *complete)
{
    struct member_known known[EVIDENCE_PROCS_MAX];
    struct members_query query = {
        .leader = c->leader,
        .session = c->edge->foreground ? 0 : c->session,
        .group = c->edge->foreground ? c->session : 0,
        .known = known,
        .known_count = c->members,
    };

    for (uint32_t k = 0; k < c->members; k++)
        known[k] = (struct member_known){ c->member[k].pid, c->member[k].start };
    return members_of(&c->edge->table, &query, entry, room, complete);
}

static bool scan_for(const struct child *c)
{
    return c->edge->proc >= 0 && c->session != 0 && look_table(c->edge) == 0;
}

/* entry: as many as fit. Not edge->found, which the scan may move. */
static size_t list_members(struct child *c, struct proc_entry *entry, size_t room, bool *complete)
{
    *complete = c->edge->proc < 0; /* then a service is its leader, as far as we can know */
    return scan_for(c) ? pick_members(c, entry, room, complete) : 0;
}

/* All of them, into edge->found, which has room for every process that there is. The first
 * `told` that are there already have got a signal. */
static size_t find_all(struct child *c, size_t told, bool *complete)
{
    *complete = c->edge->proc < 0 || c->session == 0; /* as in list_members() */
    if (!scan_for(c))
        return 0;
    members_told(&c->edge->table, c->edge->found, told);
    return pick_members(c, c->edge->found, c->edge->table.size, complete);
}

int64_t look_memory(struct child *c, int64_t until)
{
    struct edge *edge = c->edge;
    bool complete;
    size_t n = c->session == 0 ? 0 : pick_members(c, edge->found, edge->table.size, &complete);
    int64_t sum = n > 0 ? 0 : -1, one;

    for (size_t k = 0; k < n; k++) {
        if (clock_monotonic_ms() >= until)
            return -1;
        if (proc_read_memory(edge->proc, edge->found[k].pid, &one) == 0)
            sum += one;
    }
    return sum;
}

/* The known ones once more, without a scan; false: one is gone, or cannot be read. */
static bool refresh(struct child *c, struct proc_entry *entry)
{
    for (uint32_t k = 0; k < c->members; k++)
        if (proc_read_held(c->edge->proc, c->member[k].pid, &c->member[k].stat, &entry[k]) != 0 ||
            entry[k].zombie || entry[k].start != c->member[k].start)
            return false;
    return true;
}

static bool is_listed(const struct proc_entry *entry, size_t count, const struct member *m)
{
    for (size_t k = 0; k < count; k++)
        if (entry[k].pid == m->pid && entry[k].start == m->start)
            return true;
    return false;
}

/* Whom a list that was cut lacks is not gone: the known ones are asked themselves. */
static size_t add_unlisted(struct child *c, struct proc_entry *entry, size_t count)
{
    for (uint32_t k = 0; k < c->members && count < EVIDENCE_PROCS_MAX; k++) {
        struct member *m = &c->member[k];
        struct proc_entry *e = &entry[count];

        if (is_listed(entry, count, m))
            continue;
        if (proc_read_held(c->edge->proc, m->pid, &m->stat, e) != 0) {
            if (errno == ENOENT || errno == ESRCH)
                continue;
            *e = (struct proc_entry){ .pid = m->pid, .start = m->start };
        }
        count += e->start == m->start; /* else its pid is another's by now */
    }
    return count;
}

static size_t update_members(struct child *c, struct proc_entry *entry, bool scan)
{
    int64_t now = c->edge->supervisor.counted;
    size_t count = c->members;

    if (!scan && c->complete && c->leader != 0 && c->scanned != NEVER &&
        now - c->scanned < SCAN_AGAIN && refresh(c, entry))
        return count;
    count = list_members(c, entry, EVIDENCE_PROCS_MAX, &c->complete);
    if (!c->complete)
        count = add_unlisted(c, entry, count);
    take_members(c, entry, count);
    c->scanned = now;
    return count;
}

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

/* patience: as title_read()'s; NULL: without the title. */
static void look_member(struct child *c, struct member *m, struct look_proc *seen, int64_t *patience,
                        struct look_thread *pool, size_t room)
{
    const struct service_spec *spec = &c->edge->spec->service[c->service];
    int quiet = spec->quiet.signo;

    seen->readable = true;
    if (quiet > 0 && (patience != NULL || !m->caught_known)) {
        m->caught_known = proc_read_signals(c->edge->proc, m->pid, &m->caught) == 0;
        seen->readable = m->caught_known;
    }
    seen->catches_quiet = quiet > 0 && m->caught_known && (m->caught >> (quiet - 1) & 1);
    if (patience != NULL) {
        m->untitled = look_title(c, m, seen, patience) != 0;
        seen->readable = seen->readable && !m->untitled;
    }
    if (spec->inflight.kind == INFLIGHT_SIDEKIQ && look_threads(c, m, seen, pool, room) != 0)
        seen->readable = false;
}

static void look(struct child *c, bool scan)
{
    static struct look_thread pool[EDGE_THREADS];
    struct proc_entry entry[EVIDENCE_PROCS_MAX];
    struct look_proc seen[EVIDENCE_PROCS_MAX];
    int64_t now = c->edge->supervisor.counted, patience = TITLES_WAIT;
    bool titles = scan || evidence_wants_titles(c->evidence, now);
    size_t count = update_members(c, entry, scan), used = 0;
    struct look l = { .clock = clock_boot_ticks(), .proc = seen, .complete = c->complete };

    for (size_t k = 0; k < count; k++) {
        struct member *m = find_member(c, entry[k].pid, entry[k].start);
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
        n = find_all(c, n, &over);
        for (size_t k = 0; k < n && over; k++)
            over = !is_new(&edge->found[k]);
        signal_members(edge->found, n, SIGKILL);
    }
    if (c->leader > 0)
        signal_process(c->leader, SIGKILL); /* also where /proc cannot be read */
    return over;
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
    pids[0] = c->leader;
    if (!stop && c->edge->spec->service[c->service].inflight.kind == INFLIGHT_SIDEKIQ)
        look(c, true); /* the last look may be days old */
    if (target == TARGET_WORKERS)
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
