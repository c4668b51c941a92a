#include "text/thread_name.h"

#include <string.h>

enum { COMM_MAX = 15 };

static const char prefix[] = "sidekiq.";
static const char job[] = "processor";

/* The other threads of Sidekiq 7 and 8 with so long a name. */
static const char *const others[] = {"schedul", "heartbe"};

static bool begins_job(const char *s, size_t n)
{
    return n <= strlen(job) && memcmp(s, job, n) == 0;
}

/* The seven bytes behind `sidekiq.`. */
static bool is_capsule(const char *shown, size_t n)
{
    if (memchr(shown, '/', n) != NULL) {
        for (size_t i = 0; i < n; i++)
            if (shown[i] == '/' && begins_job(shown + i + 1, n - i - 1))
                return true;
        return false;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (memcmp(shown, others[i], n) == 0)
            return false;
    return true;
}

static size_t length_of(const char *name, size_t n)
{
    n = strnlen(name, n);
    return n > 0 && name[n - 1] == '\n' ? n - 1 : n;
}

bool thread_is_sidekiq_loop(const char *name, size_t n)
{
    static const char *const loops[] = {"heartbeat", "scheduler", "sidekiq.heartbe", "sidekiq.schedul"};

    n = length_of(name, n);
    for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++)
        if (n == strlen(loops[i]) && memcmp(name, loops[i], n) == 0)
            return true;
    return false;
}

bool thread_is_processor(const char *name, size_t n)
{
    n = length_of(name, n);
    if (n == strlen(job))
        return memcmp(name, job, n) == 0;
    if (n != COMM_MAX || memcmp(name, prefix, strlen(prefix)) != 0)
        return false;
    return is_capsule(name + strlen(prefix), n - strlen(prefix));
}
