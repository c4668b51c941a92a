#include "text/program.h"

#include <string.h>

#include "text/ascii.h"
#include "text/shell_words.h"

/* Some words of a command: what is left of it while wrappers are taken off. */
struct words {
    const char *const *w;
    size_t n;
};

static void drop(struct words *c, size_t n)
{
    if (n > c->n)
        n = c->n;
    c->w += n;
    c->n -= n;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool one_of(const char *s, const char *const *list)
{
    for (; *list != NULL; list++)
        if (equal(s, *list))
            return true;
    return false;
}

/* `ruby`, and `ruby3.1` as distributions name it. */
static bool versioned(const char *base, const char *name)
{
    size_t n = strlen(name);
    return strncmp(base, name, n) == 0 && base[n + strspn(base + n, "0123456789.")] == '\0';
}

static bool is_assignment(const char *s)
{
    const char *p = s;
    while (ascii_is_digit(*p) || *p == '_' || (ascii_upper(*p) >= 'A' && ascii_upper(*p) <= 'Z'))
        p++;
    return *p == '=' && p > s && !ascii_is_digit(*s);
}

/* Drops the options in front, together with the next word behind those of with_value. */
static void drop_options(struct words *c, const char *const *with_value)
{
    while (c->n > 0 && c->w[0][0] == '-') {
        if (equal(c->w[0], "--")) {
            drop(c, 1);
            return;
        }
        drop(c, one_of(c->w[0], with_value) ? 2 : 1);
    }
}

static const char *const no_values[] = {NULL};
static const char *const exec_values[] = {"-a", NULL};
static const char *const env_values[] = {"-u", "--unset", "-C", "--chdir", NULL};
static const char *const tini_values[] = {"-p", "-e", NULL};
static const char *const dumb_init_values[] = {"-r", "--rewrite", NULL};
static const char *const nice_values[] = {"-n", "--adjustment", NULL};
static const char *const ionice_values[] = {"-c", "--class", "-n", "--classdata", NULL};
static const char *const timeout_values[] = {"-k", "--kill-after", "-s", "--signal", NULL};
static const char *const setpriv_values[] = {
    "--reuid", "--regid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set",
    "--securebits", "--pdeathsig", NULL};

/* Programs that run the rest of their words, behind their options and `own` words. */
static const struct wrapper {
    const char *name;
    const char *const *with_value; /* options that take the next word */
    size_t own;
} wrappers[] = {
    {"exec", exec_values, 0},       {"env", env_values, 0},
    {"gosu", no_values, 1},         {"su-exec", no_values, 1},
    {"tini", tini_values, 0},       {"dumb-init", dumb_init_values, 0},
    {"catatonit", no_values, 0},    {"thrust", no_values, 0},
    {"nice", nice_values, 0},       {"ionice", ionice_values, 0},
    {"timeout", timeout_values, 1}, {"setpriv", setpriv_values, 0},
    {"nohup", no_values, 0},
};
static const char *const ruby_values[] = {"-I", "-r", "-C", "-E", "-X", NULL};
static const char *const python_values[] = {"-W", "-X", NULL};

/* ruby -e runs no file. */
static void drop_ruby(struct words *c)
{
    drop(c, 1);
    while (c->n > 0 && c->w[0][0] == '-') {
        bool last = equal(c->w[0], "--");
        if (strncmp(c->w[0], "-e", 2) == 0)
            c->n = 0;
        else
            drop(c, one_of(c->w[0], ruby_values) ? 2 : 1);
        if (last)
            return;
    }
}

/* -m NAME leaves NAME in front. */
static void drop_python(struct words *c)
{
    drop(c, 1);
    while (c->n > 0 && c->w[0][0] == '-') {
        bool module = equal(c->w[0], "-m");
        drop(c, one_of(c->w[0], python_values) ? 2 : 1);
        if (module)
            return;
    }
}

static bool drop_bundle_exec(struct words *c)
{
    struct words rest = *c;
    drop(&rest, 1);
    if (rest.n > 0 && rest.w[0][0] == '_')
        drop(&rest, 1); /* bundle _2.4.1_ exec */
    drop_options(&rest, no_values);
    if (rest.n == 0 || !equal(rest.w[0], "exec"))
        return false;
    drop(&rest, 1);
    drop_options(&rest, no_values);
    *c = rest;
    return true;
}

static const struct wrapper *wrapper_named(const char *base)
{
    for (size_t k = 0; k < sizeof wrappers / sizeof wrappers[0]; k++)
        if (equal(base, wrappers[k].name))
            return &wrappers[k];
    return NULL;
}

/* Takes one wrapper off the front; false when there is none. */
static bool drop_wrapper(struct words *c, bool *entrypoint)
{
    const char *base = base_name(c->w[0]);
    const struct wrapper *wrapper = wrapper_named(base);

    if (is_assignment(c->w[0])) {
        drop(c, 1);
    } else if (wrapper != NULL) {
        drop(c, 1);
        drop_options(c, wrapper->with_value);
        drop(c, wrapper->own);
    } else if (versioned(base, "ruby")) {
        drop_ruby(c);
    } else if (versioned(base, "python")) {
        drop_python(c);
    } else if (strstr(base, "entrypoint") != NULL) {
        *entrypoint = true;
        drop(c, 1);
    } else {
        return (versioned(base, "bundle") || versioned(base, "bundler")) && drop_bundle_exec(c);
    }
    return true;
}

/* A rake task, with or without [arguments]. */
static bool has_task(struct words c, const char *task)
{
    size_t n = strlen(task);
    for (size_t i = 1; i < c.n; i++)
        if (strncmp(c.w[i], task, n) == 0 && (c.w[i][n] == '\0' || c.w[i][n] == '['))
            return true;
    return false;
}

static enum profile task_profile(struct words c)
{
    static const struct {
        const char *task;
        enum profile profile;
    } tasks[] = {
        {"resque:work", PROFILE_RESQUE},          {"resque:workers", PROFILE_RESQUE},
        {"solid_queue:start", PROFILE_SOLID_QUEUE}, {"jobs:work", PROFILE_DELAYED_JOB},
        {"jobs:workoff", PROFILE_DELAYED_JOB},
    };
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
        if (has_task(c, tasks[i].task))
            return tasks[i].profile;
    return PROFILE_GENERIC;
}

static enum profile rails_profile(struct words c)
{
    if (c.n > 1 && (equal(c.w[1], "server") || equal(c.w[1], "s")))
        return PROFILE_PUMA;
    return task_profile(c);
}

/* Programs that are known by their name; `verbs`, where there are any, is what the
 * first word behind it must be, "" for none at all. */
static const struct known {
    const char *name;
    enum profile profile;
    const char *verbs[4];
} known[] = {
    {"puma", PROFILE_PUMA, {NULL}},
    {"sidekiq", PROFILE_SIDEKIQ, {NULL}},
    {"sidekiqswarm", PROFILE_SIDEKIQ, {NULL}},
    {"nginx", PROFILE_NGINX, {NULL}},
    {"fluent-bit", PROFILE_FLUENT_BIT, {NULL}},
    {"td-agent-bit", PROFILE_FLUENT_BIT, {NULL}},
    {"resque", PROFILE_RESQUE, {NULL}},
    {"resque-pool", PROFILE_RESQUE, {NULL}},
    {"shoryuken", PROFILE_SHORYUKEN, {NULL}},
    {"faktory-worker", PROFILE_FAKTORY, {NULL}},
    {"faktory_worker", PROFILE_FAKTORY, {NULL}},
    {"karafka", PROFILE_KARAFKA, {"server", "s", "swarm", NULL}},
    {"good_job", PROFILE_GOOD_JOB, {"", "start", NULL}},
    {"delayed_job", PROFILE_DELAYED_JOB, {NULL}},
    {"que", PROFILE_QUE, {NULL}},
};

static bool verb_fits(const struct known *k, struct words c)
{
    return k->verbs[0] == NULL || one_of(c.n > 1 ? c.w[1] : "", k->verbs);
}

static bool has_word(struct words c, const char *word)
{
    for (size_t i = 1; i < c.n; i++)
        if (equal(c.w[i], word))
            return true;
    return false;
}

/* `jobs` is too common a name without the folder that Rails puts it in. */
static bool is_bin_jobs(const char *path)
{
    static const char name[] = "bin/jobs";
    size_t n = strlen(path), want = strlen(name);
    return n >= want && equal(path + n - want, name) && (n == want || path[n - want - 1] == '/');
}

static enum profile named_profile(struct words c)
{
    const char *base = base_name(c.w[0]);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (equal(base, known[i].name) && verb_fits(&known[i], c))
            return known[i].profile;
    if (equal(base, "rails"))
        return rails_profile(c);
    if (equal(base, "rake"))
        return task_profile(c);
    if (is_bin_jobs(c.w[0]))
        return PROFILE_SOLID_QUEUE;
    if (equal(base, "celery") && has_word(c, "worker"))
        return PROFILE_CELERY;
    return PROFILE_GENERIC;
}

/* Reads one command that is no shell's string. */
static struct words unwrap(struct words c, bool *entrypoint)
{
    while (c.n > 0 && drop_wrapper(&c, entrypoint))
        ;
    return c;
}

/* The string of `sh -c STRING`; NULL if it is no shell or has none. Of a shell the
 * first word that is no option is a script; su has a user there. */
static const char *shell_string(struct words c)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh", NULL};
    const char *base = base_name(c.w[0]);
    bool su = equal(base, "su");
    if (!su && !one_of(base, shells))
        return NULL;
    for (size_t i = 1; i + 1 < c.n; i++) {
        const char *option = c.w[i];
        bool on = option[0] == '-' && option[1] != '-';
        if ((on && strchr(option, 'c') != NULL) || (su && equal(option, "--command")))
            return c.w[i + 1];
        if (!su && on && option[strlen(option) - 1] == 'o')
            i++;
        else if (!su && option[0] != '-' && option[0] != '+')
            return NULL;
    }
    return NULL;
}

static void take(struct program *out, struct words c)
{
    out->profile = named_profile(c);
    out->word = c.w;
    out->count = c.n;
}

static bool has_exec(struct words c)
{
    for (size_t k = 0; k < c.n; k++)
        if (strcmp(c.w[k], "exec") == 0 && (k == 0 || strcmp(base_name(c.w[k - 1]), "bundle") != 0))
            return true;
    return false;
}

static void read_shell(const char *string, struct program *out)
{
    struct shell_words shell;
    shell_words_init(&shell, string, out->text, sizeof out->text);
    size_t used = 0, n;
    while ((n = shell_words_next(&shell, out->words + used, PROGRAM_WORDS_MAX - used)) > 0) {
        struct words c = {out->words + used, n};
        out->execs = out->execs || has_exec(c);
        c = unwrap(c, &out->entrypoint);
        if (c.n > 0 && named_profile(c) != PROFILE_GENERIC)
            take(out, c);
        used += n;
    }
}

void program_read(const char *const *argv, struct program *out)
{
    struct words all = {argv, 0};
    while (argv[all.n] != NULL)
        all.n++;
    out->profile = PROFILE_GENERIC;
    out->word = argv;
    out->count = all.n;
    out->shell = out->execs = out->entrypoint = false;
    struct words c = unwrap(all, &out->entrypoint);
    if (c.n == 0)
        return;
    const char *string = shell_string(c);
    out->shell = string != NULL;
    if (string != NULL)
        read_shell(string, out);
    else
        take(out, c);
}

enum profile program_profile(const char *const *argv)
{
    struct program program;
    program_read(argv, &program);
    return program.profile;
}
