#include "loop/backend.h"

#include <ev.h>
#include <time.h>

#include "sys/reserve.h"

/* A wait that failed is begun again; not so often that nothing else runs. */
static void wait_again(const char *call)
{
    struct timespec pause = { .tv_nsec = 10 * 1000000 };

    (void)call;
    nanosleep(&pause, NULL);
}

/* poll(2), not epoll: the kernel may have no memory or no place for one more descriptor in an
 * epoll, and libev then gives its watcher up, that of the signals too. There are few descriptors. */
struct ev_loop *backend_open(void)
{
    ev_set_allocator(reserve_allocate);
    ev_set_syserr_cb(wait_again);
    return ev_loop_new(EVFLAG_NOENV | EVBACKEND_POLL);
}
