/* What is known of a service's processes at one moment: the summary that
 * evidence.c makes of looks, titles and datagrams, and that the core decides
 * upon. Unknown is never idle. */
#ifndef LASTCALL_CORE_FACTS_H
#define LASTCALL_CORE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

enum knowledge { WORK_UNKNOWN, WORK_BUSY, WORK_IDLE };

/* One list gives the fields, and lets the event log write and read them. */
#define FACTS(X)                                                                           \
    X(uint16_t, members)      /* living processes of the service; zombies are not counted */ \
    X(uint16_t, untold)       /* can take the quiet and have not been told */              \
    X(uint16_t, unconfirmed)  /* were told, its effect could be seen and is not */         \
    X(bool, quiet_told)       /* at least one was told in this life */                     \
    X(bool, quiet_seen)       /* the quiet is confirmed for all of at least one */         \
    X(bool, booting)          /* it was seen, and nothing of it can have taken work */     \
    X(bool, titled)           /* a process shows its program's title */                    \
    X(bool, capacity_reached) /* as many worker threads as the title promises were seen */ \
    X(bool, stop_unheard)     /* all that got the present stop signal are gone, others live */ \
    X(bool, stop_missed)      /* one that got it catches signals only since then, and lives */ \
    X(int16_t, major)         /* major version that the title tells; -1 unknown */         \
    X(enum knowledge, work)                                                                \
    X(int32_t, busy)          /* jobs in flight; -1 unknown */                             \
    X(int32_t, total)         /* capacity; -1 unknown */                                   \
    X(bool, busy_exact)       /* busy is no stale title: it tells of now, after the quiet */ \
    X(int32_t, unended)       /* worker threads that have not ended: no fewer than jobs; -1 */

struct facts {
#define X(type, name) type name;
    FACTS(X)
#undef X
};

#endif
