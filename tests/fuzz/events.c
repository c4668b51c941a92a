/* An event log: whatever it says, it is refused line by line or the core takes it and keeps
 * within its bounds; an entry that was read is written as it was. */
#include "core/supervisor.h"
#include "fuzz/fuzz.h"
#include "text/json_events.h"

static struct spec spec, read;
static struct supervisor supervisor;
static struct actions out;

static void check_entry(const struct events_head *head, const struct logged *l)
{
    char *one = json_events_entry(head, 0, l), *two;
    struct events_head same = *head;
    struct logged again;
    const char *error;

    require(one != NULL, "an entry that cannot be written");
    require(json_events_read(one, strlen(one), &same, &read, &again, &error) == EVENTS_ENTRY,
            "an entry that cannot be read back");
    two = json_events_entry(head, 0, &again);
    require(two != NULL && strcmp(one, two) == 0, "an entry that has changed");
    free(one);
    free(two);
}

static void take(const struct events_head *head, const struct logged *l)
{
    check_entry(head, l);
    if (l->is_action)
        return;
    step(&supervisor, &l->event, &out);
    require(out.dropped == 0, "more actions than fit, or rules that do not rest");
    for (uint32_t k = 0; k < out.count; k++)
        require(out.list[k].service < head->spec->count || out.list[k].service == NO_SERVICE,
                "an action for a service that is not there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct events_head head = { .version = "1" };
    const char *at = (const char *)data, *end = at + size, *error = NULL;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at);
        struct logged l;
        service_set cycle;

        switch (json_events_read(at, n, &head, &read, &l, &error)) {
        case EVENTS_HEAD:
            if (head.spec != NULL || spec_finish(&read, &cycle) != 0)
                return 0;
            spec = read;
            head.spec = &spec;
            supervisor_init(&supervisor, &spec, head.at, head.seed);
            break;
        case EVENTS_ENTRY:
            take(&head, &l);
            break;
        case EVENTS_GAP:
            break;
        case EVENTS_BAD:
            require(error != NULL, "refused without a word");
            break;
        }
        at += n + 1;
    }
    return 0;
}
