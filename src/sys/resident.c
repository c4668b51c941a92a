#include "sys/resident.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only what nobody can have written to: that would be lost. */
static int drop(struct dl_phdr_info *object, size_t size, void *data)
{
    uintptr_t page = *(const uintptr_t *)data;

    (void)size;
    for (int k = 0; k < object->dlpi_phnum; k++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[k];
        uintptr_t at = object->dlpi_addr + segment->p_vaddr;
        uintptr_t begin = at & ~(page - 1);

        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
            madvise((void *)begin, at + segment->p_memsz - begin, MADV_DONTNEED);
    }
    return 0;
}

void resident_drop_program(const void *const *keep)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    dl_iterate_phdr(drop, &page);
    for (; *keep != NULL; keep++)
        (void)*(const volatile char *)*keep;
}
