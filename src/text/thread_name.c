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

bool thread_is_processor(const char *name, size_t n)
{
    n = strnlen(name, n);
    if (n > 0 && name[n - 1] == '\n')
        n--;
    if (n == strlen(job))
        return memcmp(name, job, n) == 0;
    if (n != COMM_MAX || memcmp(name, prefix, strlen(prefix)) != 0)
        return false;
    return is_capsule(name + strlen(prefix), n - strlen(prefix));
}
