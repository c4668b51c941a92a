/* `lastcall check`: what is wrong with a config file, what it will bring about, and how
 * the time until the deadline is shared out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/pod.h"
#include "core/budget.h"
#include "text/duration.h"
#include "text/endpoint.h"
#include "text/program.h"
#include "text/signame.h"

#define FARGATE_LIMIT (120 * SECOND)    /* ECS on Fargate: stopTimeout at most */
#define AUTOSCALER_LIMIT (600 * SECOND) /* cluster-autoscaler: --max-graceful-termination-sec */

static void warn_of_deadline(struct pod *pod, uint32_t line, int64_t grace)
{
    int64_t deadline = pod->spec.deadline;
    char has[NOTE_DURATION_SIZE], platform[NOTE_DURATION_SIZE];

    note_duration(deadline, has, sizeof(has));
    note_duration(grace, platform, sizeof(platform));
    if (grace != NEVER && deadline == NEVER)
        problem_warning(&pod->problems, line, "the grace is %s, and no deadline is set: nothing waits for running "
                        "jobs; set deadline = %s", platform, platform);
    else if (grace != NEVER && deadline > grace)
        problem_error(&pod->problems, line, "the deadline of %s is longer than the grace of %s: the platform kills "
                      "before it, and running jobs are lost", has, platform);
    else if (grace != NEVER && deadline < grace)
        problem_warning(&pod->problems, line, "the deadline of %s is shorter than the grace of %s: jobs are handed "
                        "back earlier than they must be", has, platform);
    if (deadline != NEVER && deadline > AUTOSCALER_LIMIT)
        problem_warning(&pod->problems, line, "the deadline of %s is longer than 600s: cluster-autoscaler kills then "
                        "unless it is told otherwise (--max-graceful-termination-sec)", has);
    if (deadline != NEVER && deadline > FARGATE_LIMIT)
        problem_warning(&pod->problems, line, "the deadline of %s is longer than 120s: ECS on Fargate kills then", has);
}

static bool has_word(const struct program *program, const char *part)
{
    for (size_t k = 0; k < program->count; k++)
        if (strstr(program->word[k], part) != NULL)
            return true;
    return false;
}

static void warn_of_command(struct pod *pod, size_t i)
{
    static struct program program;
    const struct service_spec *s = &pod->spec.service[i];

    program_read(s->command.argv, &program);
    if (s->profile == PROFILE_NGINX && !has_word(&program, "daemon off"))
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: no 'daemon off' is to be seen: an nginx that goes to "
                        "the background is taken for one that has ended", s->name);
    if (program.shell && !program.execs && s->kind == KIND_SERVICE)
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: a shell stands in front without exec: %s", s->name,
                        s->profile == PROFILE_SIDEKIQ
                            ? "no -t can be added, and until Sidekiq has booted the shell gets its signals"
                            : "it gets the signals, and the program behind it does not");
}

static void warn_of_ready(struct pod *pod, size_t i)
{
    const struct service_spec *s = &pod->spec.service[i];
    const char *at = s->ready.target;
    struct endpoint end;

    if (s->ready.kind != READY_TCP && s->ready.kind != READY_HTTP)
        return;
    if (s->ready.kind == READY_HTTP)
        at += strlen(READY_HTTP_PREFIX);
    if (endpoint_parse(at, strcspn(at, "/"), &end) == 0 && !endpoint_is_number(end.host))
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: names are not looked up, and it cannot become "
                        "ready: say an address or localhost in ready", s->name);
}

static void warn_of_work(struct pod *pod, size_t i)
{
    const struct service_spec *s = &pod->spec.service[i];

    if (spec_is_job_profile(s) && !spec_is_worker(s) && pod->spec.deadline != NEVER)
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: nobody can see its jobs, so nothing waits for them "
                        "before it is stopped; inflight = notify or exec:COMMAND would show them", s->name);
    if (s->profile == PROFILE_FLUENT_BIT && !s->sidecar)
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: it is no sidecar, so it stops with the others, "
                        "and their last lines are not shipped", s->name);
    if (s->linger > 0 && pod->spec.deadline == NEVER)
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: it lingers without a deadline: the platform may kill "
                        "before that is over", s->name);
}

static void warn_of_signal(struct pod *pod, uint32_t line, const char *where, size_t i, int signo)
{
    const struct service_spec *s = &pod->spec.service[i];
    const char *harm = profile_signal_harm(s->profile, signo);

    if (signo != 0 && harm != NULL)
        problem_warning(&pod->problems, line, "%s: %s to %s: %s", where, signal_name(signo), s->name, harm);
}

static void warn_of_signals(struct pod *pod)
{
    const struct config_section *s = pod->reading.sections;

    for (size_t i = 0; i < pod->spec.count; i++) {
        warn_of_signal(pod, pod->reading.of[i].line, "quiet", i, pod->spec.service[i].quiet.signo);
        if (pod->spec.service[i].stop.count > 1)
            warn_of_signal(pod, pod->reading.of[i].line, "stop", i, pod->spec.service[i].stop.step[0].signo);
    }
    while (s != NULL && strcmp(s->name, "signals") != 0)
        s = s->next;
    for (const struct config_entry *e = s == NULL ? NULL : s->first; e != NULL; e = e->next) {
        const struct signal_sequence *q = &pod->spec.signal[signal_number(e->key)];

        for (size_t k = q->first; k < (size_t)q->first + q->count; k++)
            if (pod->spec.signal_step[k].kind == SIGNAL_STEP_SEND)
                warn_of_signal(pod, e->line, e->key, pod->spec.signal_step[k].service,
                               pod->spec.signal_step[k].signo);
    }
}

static void warn_of_linger(struct pod *pod, size_t i, int64_t gets)
{
    const struct service_spec *s = &pod->spec.service[i];
    char has[NOTE_DURATION_SIZE], wants[NOTE_DURATION_SIZE];

    if (gets >= s->linger)
        return;
    note_duration(s->linger, wants, sizeof(wants));
    note_duration(gets, has, sizeof(has));
    problem_warning(&pod->problems, pod->reading.of[i].line, "%s: its linger of %s is cut to %s: "
                    STORY_LOSS_OF_LINGER, s->name, wants, has);
}

static void warn_of_budget(struct pod *pod, const struct budget *b)
{
    for (size_t i = 0; i < pod->spec.count; i++) {
        const struct ladder *stop = &pod->spec.service[i].stop;
        int64_t asked = 0, gets = 0;
        char has[NOTE_DURATION_SIZE], wants[NOTE_DURATION_SIZE];

        for (size_t k = 0; k < stop->count; k++) {
            asked = time_add(asked, stop->step[k].wait);
            gets = time_add(gets, b->row[i].wait[k]);
        }
        warn_of_linger(pod, i, b->row[i].linger);
        if (gets >= asked)
            continue;
        note_duration(asked, wants, sizeof(wants));
        note_duration(gets, has, sizeof(has));
        problem_warning(&pod->problems, pod->reading.of[i].line, "%s: its ladder takes %s, and there is time for "
                        "%s: %s", pod->spec.service[i].name, wants, has,
                        b->row[i].jobs ? STORY_LOSS_OF_JOBS : STORY_LOSS_OF_LADDER);
    }
}

/* The moments count from the one at which the shutdown begins. */
static void print_budget(const struct pod *pod, const struct budget *b)
{
    const struct spec *spec = &pod->spec;

    printf("\n%-20s %-12s %8s %8s %14s\n", "service", "profile", "linger", "ladder", "stop at latest");
    for (size_t n = spec->count; n-- > 0;) {
        size_t i = spec->start_order[n];
        char linger[NOTE_DURATION_SIZE], ladder[NOTE_DURATION_SIZE], latest[NOTE_DURATION_SIZE];
        int64_t takes = 0;

        for (size_t k = 0; k < b->row[i].count; k++)
            takes = time_add(takes, b->row[i].wait[k]);
        note_duration(b->row[i].linger, linger, sizeof(linger));
        note_duration(takes, ladder, sizeof(ladder));
        note_duration(spec->deadline == NEVER ? NEVER : spec->deadline - spec->margin - b->row[i].chain, latest,
                      sizeof(latest));
        printf("%-20s %-12s %8s %8s %14s\n", spec->service[i].name, profile_name(spec->service[i].profile), linger,
               ladder, latest);
    }
}

/* What the log will say at start; a warning is a problem here, and has its line. */
static void print_notes(const struct pod *pod)
{
    for (size_t k = 0; k < pod->notes.count; k++)
        if (pod->notes.note[k].level == STORY_LEVEL_WARN)
            printf("%s:%u: %s\n", pod->path, pod->notes.at[k] > 0 ? pod->notes.at[k] : 1, pod->notes.text[k]);
        else
            printf("%s\n", pod->notes.text[k]);
}

static int check(struct pod *pod, const struct settings *settings, int64_t grace)
{
    struct budget *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return EXIT_INTERNAL;
    budget_of_spec(b, &pod->spec);
    warn_of_deadline(pod, pod_line_of(&pod->reading, "deadline", settings->has_deadline), grace);
    for (size_t i = 0; i < pod->spec.count; i++) {
        warn_of_command(pod, i);
        warn_of_ready(pod, i);
        warn_of_work(pod, i);
    }
    warn_of_signals(pod);
    warn_of_budget(pod, b);
    pod_print_problems(pod, true, stdout);
    print_notes(pod);
    print_budget(pod, b);
    free(b);
    return pod->problems.errors > 0 ? EXIT_CONFIG : 0;
}

/* Takes `--grace DUR` out of the words; the others are those of all commands. */
static int take_grace(struct invocation *in, int64_t *grace)
{
    int kept = 1;

    *grace = NEVER;
    for (int k = 1; k < in->argc; k++) {
        const char *value = strncmp(in->argv[k], "--grace=", 8) == 0 ? in->argv[k] + 8 : NULL;

        if (strcmp(in->argv[k], "--grace") == 0 && k + 1 < in->argc)
            value = in->argv[++k];
        if (value == NULL) {
            in->argv[kept++] = in->argv[k];
        } else if (duration_parse(value, grace) != 0) {
            fprintf(stderr, "lastcall: --grace: '%s' is no duration; expected one such as 90s, 5m, 3h5m\n", value);
            return EXIT_USAGE;
        }
    }
    in->argc = kept;
    in->argv[kept] = NULL;
    return 0;
}

int cmd_check(const struct invocation *given)
{
    struct invocation in = *given;
    struct settings settings;
    struct pod *pod;
    int64_t grace;
    int code = take_grace(&in, &grace);

    if (code == 0)
        code = settings_read(&in, &settings);
    if (code != 0)
        return code;
    if (settings.version)
        return cmd_version();
    if (settings.help)
        return cmd_help(subcommand_find("check"));
    if (settings.rest < in.argc) {
        fprintf(stderr, "lastcall: check takes no '%s'; name a config file with -c\n", in.argv[settings.rest]);
        return EXIT_USAGE;
    }
    pod = calloc(1, sizeof(*pod));
    if (pod == NULL)
        return EXIT_INTERNAL;
    code = pod_build(pod, &settings, in.environment);
    if (code == 0)
        code = check(pod, &settings, grace);
    else
        pod_print_problems(pod, true, stdout);
    pod_free(pod);
    return code != 0 ? code : cmd_printed();
}
