/* A spec as JSON, as far as the core decides by it: for the event log. */
#ifndef LASTCALL_TEXT_JSON_SPEC_H
#define LASTCALL_TEXT_JSON_SPEC_H

#include "core/spec.h"
#include "text/json_codec.h"

/* Writes or reads it, as the codec says. Of commands only their being there is told: those
 * that are read are all one that stands for them. What is read lacks its spec_finish(). */
void json_spec(struct codec *c, struct spec *spec);

#endif
