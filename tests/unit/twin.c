#include <stddef.h>
#include <string.h>

#include "unit/digest.h"
#include "unit/twin.h"

static struct supervisor twin;
static struct actions actions;

static size_t size_to(const struct supervisor *s)
{
    return offsetof(struct supervisor, service) + s->spec->count * sizeof(s->service[0]);
}

/* Slots of services that are not there are most of a supervisor, and stay empty. */
void twin_before(const struct supervisor *s)
{
    static size_t used;
    size_t tail = offsetof(struct supervisor, changed), size = size_to(s);

    memcpy(&twin, s, size);
    if (used > size)
        memset((char *)&twin + size, 0, used - size);
    used = size;
    memcpy((char *)&twin + tail, (const char *)s + tail, sizeof(*s) - tail);
    twin.again = ~(service_set)0;
}

const char *twin_after(const struct supervisor *s, const struct event *e, const struct actions *out)
{
    step(&twin, e, &actions);
    if (digest_of(0, &twin, e, &actions) != digest_of(0, s, e, out))
        return "a service was not asked that had something to say";
    if (memcmp(&twin, s, size_to(s)) != 0)
        return "a service was not asked that had something to remember";
    return NULL;
}
