/* The manager outside, if there is one that listens at our own $NOTIFY_SOCKET: systemd,
 * `podman --sdnotify=container`. Told through libsystemd, which is loaded only then. */
#ifndef LASTCALL_SYS_MANAGER_H
#define LASTCALL_SYS_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct manager;

/* Can this build tell one? It needs libsystemd's header when it is made, and cannot be static. */
bool manager_supported(void);

/* A thread does the telling, as sd_notify(3) may wait for its reader. Returns NULL where there
 * is none to tell, or no thread to be had; *error then is why, or NULL (static). */
struct manager *manager_open(const char **error);

/* What it is told next; nothing waits. Of two texts the later counts. NULL, 0 and false: leave as
 * it is. extend_ms: it is to wait at least so much longer (EXTEND_TIMEOUT_USEC). */
void manager_tell(struct manager *m, bool ready, bool stopping, int64_t extend_ms,
                  const char *status);

/* libsystemd cannot be loaded: nobody will be told anything. */
bool manager_is_lost(struct manager *m);

/* Waits at most wait_ms for what is not told yet, and leaves the thread to its fate if it is
 * still at it. */
void manager_close(struct manager *m, int wait_ms);

#endif
