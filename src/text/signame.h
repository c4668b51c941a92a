/* Signals by name. Numbers are those of Linux on every architecture that
 * lastcall is built for but mips, alpha and sparc. */
#ifndef LASTCALL_TEXT_SIGNAME_H
#define LASTCALL_TEXT_SIGNAME_H

/* `TERM`, `SIGTERM`, `sigterm`, `RTMIN`, `RTMIN+3`, `RTMAX-1`, or a plain number
 * from 1 to 64. 0: no such signal. */
int signal_number(const char *name);

/* `TERM`, `RTMIN+3`; the two that the C library keeps for itself are `32`, `33`.
 * Never NULL: `?` for what is no signal. Static, not to be freed. */
const char *signal_name(int signo);

#endif
