/* A value of [signals]: `worker:TSTP, wait:5s, web:USR2`. */
#ifndef LASTCALL_TEXT_CONFIG_SIGNALS_H
#define LASTCALL_TEXT_CONFIG_SIGNALS_H

#include <stddef.h>

#include "core/spec.h"

/* Sets what the signal does in *spec, whose services are all there. A step is SERVICE
 * (the same signal), SERVICE:SIG, wait:DUR, deadline:DUR, or one of shutdown, drain,
 * reload, ignore. 0; -1 with a message in error[size]. */
int config_signal(struct spec *spec, const char *name, const char *text, char *error, size_t size);

#endif
