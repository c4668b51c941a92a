/* The config file: whatever its bytes are, it is read to a spec that keeps its promises, or to
 * errors that name their lines; and what is taken can be run. */
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/pod.h"
#include "core/budget.h"
#include "fuzz/drive.h"
#include "fuzz/fuzz.h"

static char *environment[] = { "A=1", "EMPTY=", "GRACE=90s", "WORDS=a 'b c' \\\"", NULL };

static void check_problems(const struct pod *pod, const uint8_t *data, size_t size)
{
    size_t lines = 1;

    for (size_t k = 0; k < size; k++)
        lines += data[k] == '\n';
    for (size_t k = 0; k < pod->problems.count; k++) {
        const struct problem *p = &pod->problems.at[k];

        require(p->line <= lines, "a problem in a line that is not there");
        require(p->text[0] != '\0', "a problem without a word");
        for (const char *at = p->text; *at != '\0'; at++)
            require((unsigned char)*at >= ' ' && *at != 0x7f, "a message that a terminal would obey");
    }
}

static void check_spec(const struct spec *spec)
{
    static struct budget b;
    service_set started = 0;

    require(spec->count >= 1 && spec->count <= SERVICES_MAX, "no services, or too many");
    for (size_t n = 0; n < spec->count; n++) {
        size_t i = spec->start_order[n];

        require(i < spec->count && !(started & SET_OF(i)), "a service started twice");
        require((spec->service[i].after & ~started) == 0, "started before what it is after");
        require(spec->service[i].command.argv != NULL && spec->service[i].command.argv[0] != NULL,
                "a service without a command");
        started |= SET_OF(i);
    }
    budget_of_spec(&b, spec);
    for (size_t i = 0; i < spec->count; i++) {
        const struct budget_row *row = &b.row[i];
        int64_t need = row->tail;

        for (size_t k = 0; k < row->count; k++) {
            require(row->wait[k] >= 0, "a wait below 0");
            need = time_add(need, row->wait[k]);
        }
        for (service_set rest = spec->service[i].after; rest; rest &= rest - 1) {
            size_t later = (size_t)__builtin_ctzll(rest); /* stops when this one is down */

            require(row->down || b.row[later].over || row->chain >= time_add(need, b.row[later].chain),
                    "no time for what stops after it");
        }
        require(row->linger >= 0 && row->chain >= 0, "a time below 0");
        require(spec->deadline == NEVER || row->chain <= spec->deadline - spec->margin,
                "a KILL after the deadline");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("lastcall.ini", MFD_CLOEXEC);
    struct settings settings = { .deadline = NEVER, .margin = NEVER };
    struct pod *pod = calloc(1, sizeof(*pod));
    char path[40];
    int code;

    require(fd >= 0 && pod != NULL && write(fd, data, size) == (ssize_t)size, "no memory");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    settings.config = path;
    code = pod_build(pod, &settings, environment);
    close(fd);
    require(code == 0 || code == EXIT_CONFIG, "neither read nor refused");
    require((code == 0) == (pod->problems.errors == 0), "refused without an error, or taken with one");
    check_problems(pod, data, size);
    if (code == 0) {
        check_spec(&pod->spec);
        drive(&pod->spec, hash_bytes(data, size));
    }
    pod_free(pod);
    return 0;
}
