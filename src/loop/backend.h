/* What libev stands on. It ends the program where a call fails that it cannot do without:
 * PID 1 goes on instead, as long as it can. */
#ifndef LASTCALL_LOOP_BACKEND_H
#define LASTCALL_LOOP_BACKEND_H

struct ev_loop;

struct ev_loop *backend_open(void); /* NULL: none can be had */

#endif
