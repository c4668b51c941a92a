/* Memory for those who end the process where they get none: libev calls abort(). */
#ifndef LASTCALL_SYS_RESERVE_H
#define LASTCALL_SYS_RESERVE_H

enum { RESERVE_SIZE = 64 * 1024 }; /* bytes; the loop of 64 services and 150 connections needs 12,000 */

/* As realloc(3), and free(3) with size 0; what malloc has not got comes from a reserve of
 * RESERVE_SIZE, of which nothing is ever given back. NULL: that is used up too. */
void *reserve_allocate(void *old, long size);

#endif
