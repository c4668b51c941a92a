/* Who belongs to whom, out of one scan of /proc. No system calls. */
#ifndef LASTCALL_SYS_MEMBERS_H
#define LASTCALL_SYS_MEMBERS_H

#include "sys/proc.h"

/* A process that was found to belong to the service earlier. */
struct member_known {
    int32_t pid;
    uint64_t start;
};

struct members_query {
    int32_t leader;  /* 0: gone and reaped */
    int32_t session; /* 0: none */
    int32_t group;   /* 0: none; of a service that is its process group */
    const struct member_known *known; /* a su in a session of its own is found through its
                                         parent, and still belongs when that has died */
    size_t known_count;
};

/* The processes of one service: in its session or group, the leader, those known,
 * and all their descendants; zombies too, flagged. The leader first, then by pid.
 * Writes up to `max` to `out`, returns how many. *complete: these are all; false if
 * the table is not, if there is no room, or if the leader is missing.
 *
 * A number of a session or group is not given to others while one of its processes
 * lives. Once a complete look found none, do not ask for it again. */
size_t members_of(struct proc_table *table, const struct members_query *query,
                  struct proc_entry *out, size_t max, bool *complete);

/* All descendants of process `self`, those that it adopted included, without the
 * pids in `except` and without their descendants. Zombies too, flagged. Writes up
 * to `max`, returns how many; *complete as above. */
size_t members_descend_from(struct proc_table *table, int32_t self, const int32_t *except,
                            size_t except_count, struct proc_entry *out, size_t max,
                            bool *complete);

/* Marks as `told` who of the table, just scanned, is also in `listed`, which was picked out of
 * an earlier scan and got a signal since; what is picked out of the table now shows it. */
void members_told(struct proc_table *table, const struct proc_entry *listed, size_t count);

#endif
