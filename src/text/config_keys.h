/* The keys of the config file: one list that parses them, knows their defaults, and
 * documents them (docs/config.md is made of it). */
#ifndef LASTCALL_TEXT_CONFIG_KEYS_H
#define LASTCALL_TEXT_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "core/spec.h"
#include "text/door.h"

/* What a key's section is. */
enum config_where { IN_LASTCALL, IN_SERVICE, IN_HOOKS, CONFIG_WHERES };

/* What [lastcall] says beyond the spec. NULL, -1: nothing. */
struct config_globals {
    bool has_deadline, has_margin, has_linger;
    int64_t deadline, margin, linger; /* ms; deadline NEVER: none */
    const char *control;
    struct door door;
    struct logs_spec logs;
    int level; /* 0 error, 1 warn, 2 info, 3 debug */
    int json;
};

/* What a section's keys are written to, and what else they say. */
struct config_target {
    struct config_globals *globals;
    struct service_spec *service;
    struct hook_spec *hooks;
    struct arena *arena;
    const char *const *environment; /* of `environment`, then NULL */
    const char *environment_file;   /* a `-` in front: it may be missing */
    bool essential_given;
};

struct config_key {
    const char *name;
    enum config_where where;
    const char *initial; /* its default, in words of the file */
    const char *meaning;
    /* 0; -1 with a static message in *error. text: expanded; shown: as it stands in the
     * file, which is all that may be shown of a command. NULL: others have to do with it. */
    int (*parse)(struct config_target *to, const char *text, const char *shown,
                 const char **error);
    bool later; /* read, and not carried out yet */
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* NULL: there is none. Every `rlimit_NAME` that the kernel knows is the one of that name. */
const struct config_key *config_key_find(enum config_where where, const char *name);

/* Is it a key, or a signal, of any section? */
bool config_key_known(const char *name);

/* The key that was probably meant; NULL: none is near. */
const char *config_key_nearest(enum config_where where, const char *name);

/* Globals of which nothing was said. */
void config_globals_init(struct config_globals *g);

#endif
