#include "cmd/sidekiq_fit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/budget.h"
#include "text/sidekiq_words.h"

enum {
    CONFIG_SIZE = 64 * 1024,   /* of a sidekiq.yml; what lies behind is not read */
    SIDEKIQ_DEFAULT = 25,      /* seconds, its -t from 6.0 on */
    SIDEKIQ_NEEDS = 5          /* seconds between its -t and KILL: SPEC 4 */
};

/* config/sidekiq.yml of the directory of -r, or of where it runs, as Sidekiq's cli.rb. */
static int open_usual_config(int at, const char *const *command)
{
    static const char *const names[] = { "config/sidekiq.yml", "config/sidekiq.yml.erb" };
    char required[1024], path[1100];
    bool from = sidekiq_path_option(command, 'r', required, sizeof(required)) == 1;
    int fd = -1, directory = from ? openat(at, required, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (directory >= 0)
        close(directory);
    for (size_t k = 0; k < 2 && fd < 0; k++) {
        snprintf(path, sizeof(path), "%s/%s", directory >= 0 ? required : ".", names[k]);
        fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    }
    return fd;
}

static int open_config(const struct service_spec *service)
{
    const char *const *command = service->command.argv;
    const char *directory = service->process.directory;
    char path[1024];
    int fd, at = directory == NULL ? AT_FDCWD : open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (at == -1)
        return -1;
    if (sidekiq_path_option(command, 'C', path, sizeof(path)) == 1)
        fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    else
        fd = open_usual_config(at, command);
    if (at != AT_FDCWD)
        close(at);
    return fd;
}

/* The `:timeout:` of the file that Sidekiq will read. */
static int config_timeout(const struct service_spec *service, int64_t *seconds)
{
    static char bytes[CONFIG_SIZE];
    int fd = open_config(service);
    ssize_t n;

    if (fd < 0)
        return 0;
    n = read(fd, bytes, sizeof(bytes));
    close(fd);
    return n <= 0 ? 0 : sidekiq_yml_timeout(bytes, (size_t)n, seconds);
}

static int append_timeout(struct command *command, struct arena *a, int64_t seconds)
{
    const char **argv;
    char *number;
    size_t n = 0;

    while (command->argv[n] != NULL)
        n++;
    argv = arena_alloc(a, (n + 3) * sizeof(*argv));
    number = arena_alloc(a, 16);
    if (argv == NULL || number == NULL) {
        fprintf(stderr, "lastcall: the command has too many words for a -t to be added; give it one\n");
        return -1;
    }
    memcpy(argv, command->argv, n * sizeof(*argv));
    snprintf(number, 16, "%d", (int)seconds);
    argv[n] = "-t";
    argv[n + 1] = number;
    argv[n + 2] = NULL;
    command->argv = argv;
    return 0;
}

/* Of several services each line says whose it is. */
static const char *whose(const struct spec *spec, size_t i, char *buf, size_t size)
{
    snprintf(buf, size, "%s%s", spec->single ? "" : spec->service[i].name, spec->single ? "" : ": ");
    return buf;
}

static void warn_if_it_cannot_fit(const struct spec *spec, size_t i, int64_t seconds,
                                  struct notes *notes)
{
    struct budget b;
    int64_t needs = (seconds + SIDEKIQ_NEEDS) * SECOND, fits = spec_sidekiq_timeout(spec, i);
    char has[NOTE_DURATION_SIZE], wants[NOTE_DURATION_SIZE], advice[48] = "no -t would fit";
    char name[SERVICE_NAME_MAX + 3];
    int64_t gets;

    budget_of_spec(&b, spec);
    gets = b.row[i].wait[ladder_step_of_term(&spec->service[i].stop)];
    if (gets >= needs)
        return;
    note_duration(gets, has, sizeof(has));
    note_duration(needs, wants, sizeof(wants));
    if (gets >= (fits + SIDEKIQ_NEEDS) * SECOND)
        snprintf(advice, sizeof(advice), "-t %lld would fit", (long long)fits);
    note_add(notes, STORY_LEVEL_WARN, "warning: %sSidekiq's timeout of %llds does not fit: it needs %s between "
             "TERM and KILL and gets %s; jobs that still run then are lost; %s",
             whose(spec, i, name, sizeof(name)), (long long)seconds, wants, has, advice);
}

int sidekiq_fit(struct spec *spec, size_t i, struct arena *a, struct notes *notes)
{
    struct service_spec *service = &spec->service[i];
    char name[SERVICE_NAME_MAX + 3];
    const char *who = whose(spec, i, name, sizeof(name));
    int64_t seconds = SIDEKIQ_DEFAULT;
    int given, configured;

    if (service->profile != PROFILE_SIDEKIQ)
        return 0;
    given = sidekiq_timeout_words(service->command.argv, &seconds);
    configured = given == 0 ? config_timeout(service, &seconds) : 0;
    if (configured < 0)
        note_add(notes, STORY_LEVEL_WARN, "warning: %sthe :timeout: in Sidekiq's config is no plain number and is "
                 "not read", who);
    if (configured == 1)
        given = 1;
    if (given == 0 && spec->deadline != NEVER && sidekiq_takes_timeout(service->command.argv)) {
        seconds = spec_sidekiq_timeout(spec, i);
        if (append_timeout(&service->command, a, seconds) != 0)
            return -1;
        note_add(notes, STORY_LEVEL_INFO, "%s-t %lld is added to the command: so long after TERM Sidekiq hands "
                 "unfinished jobs back", who, (long long)seconds);
        given = 1;
    }
    if (given < 0)
        note_add(notes, STORY_LEVEL_WARN, "warning: %sSidekiq's -t is no plain number; taken for 25", who);
    if (given == 0 && spec->deadline != NEVER)
        note_add(notes, STORY_LEVEL_WARN, "warning: %sno -t of Sidekiq is seen in the command, and none can "
                 "be added to it; taken for 25", who);
    service->sidekiq_timeout = seconds * SECOND;
    if (given == 1 && !service->stop.by_user)
        ladder_for_sidekiq(&service->stop, seconds);
    if (spec->deadline != NEVER)
        warn_if_it_cannot_fit(spec, i, seconds, notes);
    return 0;
}
