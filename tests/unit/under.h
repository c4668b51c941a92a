#ifndef LASTCALL_UNIT_UNDER_H
#define LASTCALL_UNIT_UNDER_H

/* Of a test that cannot hold where the tests run under `tool`, as $LASTCALL_UNDER says: it is
 * skipped there, and says why. Does not come back then. */
void not_under(const char *tool, const char *why);

#endif
