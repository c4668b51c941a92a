/* A pod that lives: from its start through TERM, some hundred steps of it. */
#ifndef LASTCALL_FUZZ_DRIVE_H
#define LASTCALL_FUZZ_DRIVE_H

#include <stdint.h>

#include "core/spec.h"

/* Children obey, fail, work and die as the seed says; the invariants hold after each step. Aborts
 * where they do not. The spec is finished. */
void drive(const struct spec *spec, uint64_t seed);

#endif
