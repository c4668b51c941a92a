/* A fuzz target, as libFuzzer wants it: aborts where something is wrong. */
#ifndef LASTCALL_FUZZ_FUZZ_H
#define LASTCALL_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
