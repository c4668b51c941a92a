/* One section of a config file: its keys, its profile, what it is after. */
#ifndef LASTCALL_CMD_POD_SERVICE_H
#define LASTCALL_CMD_POD_SERVICE_H

#include "text/config_file.h"
#include "text/config_keys.h"
#include "text/problems.h"

enum { POD_LATER_SIZE = 240 };

/* A file while it is read. */
struct pod_reading {
    struct spec *spec;
    struct problems *problems;
    struct arena *arena;
    const char *const *environment;    /* for ${NAME} */
    struct config_section *sections;
    struct logs_spec logs;             /* of [lastcall] */
    char later[POD_LATER_SIZE];        /* keys that are not carried out yet */
    size_t later_more;                 /* and those that found no room there */
    uint32_t later_line;               /* of the first */
    struct {
        const char *after;             /* expanded; NULL: none */
        const char *after_shown;       /* as it stands in the file */
        uint32_t line, after_line;
    } of[SERVICES_MAX];
};

/* Reads an entry of section s, which is of this kind, into *to. */
void pod_read_entry(struct pod_reading *r, enum config_where where, const struct config_section *s,
                    const struct config_entry *e, struct config_target *to);

/* The first entry of this name; NULL: none. */
const struct config_entry *pod_entry_named(const struct config_section *s, const char *key);

/* Adds the service or task of a section to the spec. linger: [lastcall] linger, ms. */
void pod_read_service(struct pod_reading *r, const struct config_section *s, enum service_kind kind,
                      const char *name, int64_t linger);

/* Resolves every `after`, when all names are known. */
void pod_read_after(struct pod_reading *r);

#endif
