#include "sys/manager.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sys/detached.h"

/* LASTCALL_STATIC: of a static program, which can load nothing. */
#if __has_include(<systemd/sd-daemon.h>) && !defined(LASTCALL_STATIC)
#include <systemd/sd-daemon.h>
#define SUPPORTED true
typedef __typeof__(sd_notify) notify_function;

static notify_function *load(void)
{
    void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
    notify_function *notify = NULL;

    if (library != NULL)
        *(void **)&notify = dlsym(library, "sd_notify");
    return notify;
}
#else
#define SUPPORTED false
typedef int notify_function(int unset_environment, const char *state);

static notify_function *load(void)
{
    return NULL;
}
#endif

enum { STATUS_SIZE = 256, MESSAGE_SIZE = STATUS_SIZE + 128 };

#define STACK_ROOM ((size_t)128 * 1024) /* dlopen(3) needs more than a thread that writes */

struct manager {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something is to be told, or was */
    bool ready, stopping, busy, over;
    int64_t extend_ms;
    char status[STATUS_SIZE];
};

bool manager_supported(void)
{
    return SUPPORTED;
}

static bool has_news(const struct manager *m)
{
    return m->ready || m->stopping || m->extend_ms > 0 || m->status[0] != '\0';
}

/* Takes what is to be told out of *m. */
static void compose(struct manager *m, char message[MESSAGE_SIZE])
{
    char extend[64] = "";

    if (m->extend_ms > 0)
        snprintf(extend, sizeof(extend), "EXTEND_TIMEOUT_USEC=%lld\n", (long long)m->extend_ms * 1000);
    snprintf(message, MESSAGE_SIZE, "%s%s%s%s%s%s", m->ready ? "READY=1\n" : "",
             m->stopping ? "STOPPING=1\n" : "", extend, m->status[0] != '\0' ? "STATUS=" : "",
             m->status, m->status[0] != '\0' ? "\n" : "");
    m->ready = m->stopping = false;
    m->extend_ms = 0;
    m->status[0] = '\0';
}

static void *tell(void *argument)
{
    struct manager *m = argument;
    notify_function *notify = load();
    char message[MESSAGE_SIZE];

    pthread_mutex_lock(&m->lock);
    while (notify != NULL && !m->over) {
        if (!has_news(m)) {
            pthread_cond_wait(&m->changed, &m->lock);
            continue;
        }
        compose(m, message);
        m->busy = true;
        pthread_mutex_unlock(&m->lock);
        notify(0, message);
        pthread_mutex_lock(&m->lock);
        m->busy = false;
        pthread_cond_broadcast(&m->changed);
    }
    m->over = true; /* nobody tells anything any more */
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

static int start_thread(struct manager *m)
{
    pthread_condattr_t clock;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&m->lock, NULL);
    return detached_start(tell, m, STACK_ROOM);
}

struct manager *manager_open(const char **error)
{
    static struct manager only; /* stays when it is closed: the thread may still look at it */
    const char *socket = getenv("NOTIFY_SOCKET");

    *error = NULL;
    if (socket == NULL || *socket == '\0')
        return NULL;
    *error = "this build is without libsystemd";
    if (!manager_supported())
        return NULL;
    *error = "no thread can be had";
    if (start_thread(&only) != 0)
        return NULL;
    *error = NULL;
    return &only;
}

void manager_tell(struct manager *m, bool ready, bool stopping, int64_t extend_ms,
                  const char *status)
{
    if (m == NULL)
        return;
    pthread_mutex_lock(&m->lock);
    m->ready = m->ready || ready;
    m->stopping = m->stopping || stopping;
    if (extend_ms > 0)
        m->extend_ms = extend_ms;
    if (status != NULL)
        snprintf(m->status, sizeof(m->status), "%s", status);
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

bool manager_is_lost(struct manager *m)
{
    bool lost;

    pthread_mutex_lock(&m->lock);
    lost = m->over;
    pthread_mutex_unlock(&m->lock);
    return lost;
}

void manager_close(struct manager *m, int wait_ms)
{
    struct timespec until;

    if (m == NULL)
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)wait_ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&m->lock);
    while ((has_news(m) || m->busy) && !m->over &&
           pthread_cond_timedwait(&m->changed, &m->lock, &until) == 0)
        ;
    m->over = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}
