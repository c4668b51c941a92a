#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/resident.h"
#include "unit/under.h"

static int written = 1;

/* kB of files that are mapped and in memory. */
static long of_files(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[128];
    long kb = -1;

    assert_non_null(f);
    while (kb < 0 && fgets(line, sizeof(line), f) != NULL)
        sscanf(line, "RssFile: %ld", &kb);
    fclose(f);
    assert_true(kb > 0);
    return kb;
}

static void the_program_leaves_and_works_on(void **state)
{
    not_under("valgrind", "it has its own pages of the program");
    const void *const none[] = { NULL };
    const void *const some[] = { (const void *)regcomp, (const void *)qsort, NULL };
    long before = of_files(), without;

    (void)state;
    written = (int)getpid();
    resident_drop_program(none);
    assert_true(of_files() < before);
    resident_drop_program(none);
    without = of_files();
    resident_drop_program(some);
    assert_true(of_files() > without);
    assert_int_equal(written, getpid()); /* what was written stays */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_leaves_and_works_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
