/* How much of this program is in memory. */
#ifndef LASTCALL_SYS_RESIDENT_H
#define LASTCALL_SYS_RESIDENT_H

/* The pages of the program's own files leave this process, as only the start needed most of them:
 * the kernel maps sixteen around each one that is touched. What is needed again comes from the page
 * cache, without reading a disk; those around the addresses in keep, up to NULL, are there at once. */
void resident_drop_program(const void *const *keep);

#endif
