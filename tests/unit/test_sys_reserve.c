#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool no_memory;

static void *try_malloc(size_t size)
{
    return no_memory ? NULL : malloc(size);
}

static void *try_realloc(void *old, size_t size)
{
    return no_memory ? NULL : realloc(old, size);
}

/* Its own calls, so that they can fail. */
#define malloc try_malloc
#define realloc try_realloc
#include "../../src/sys/reserve.c"

static void it_is_realloc_where_there_is_memory(void **state)
{
    char *p = reserve_allocate(NULL, 5);

    (void)state;
    memcpy(p, "four", 5);
    p = reserve_allocate(p, 1 << 20);
    assert_string_equal(p, "four");
    p[(1 << 20) - 1] = 'x';
    p = reserve_allocate(p, 5);
    assert_string_equal(p, "four");
    assert_null(reserve_allocate(p, 0));
    assert_null(reserve_allocate(NULL, 0));
}

static void without_memory_the_reserve_gives(void **state)
{
    long half = RESERVE_SIZE / 2;
    char *p = reserve_allocate(NULL, 100), *q;

    (void)state;
    memset(p, 'a', 100);
    no_memory = true;
    p = reserve_allocate(p, half);
    assert_non_null(p);
    assert_true((uintptr_t)p % alignof(max_align_t) == 0);
    assert_int_equal(p[0], 'a');
    assert_int_equal(p[99], 'a');
    memset(p, 'b', (size_t)half);
    assert_null(reserve_allocate(NULL, half)); /* that much is not left */
    q = reserve_allocate(NULL, 1001);
    assert_non_null(q);
    memset(q, 'c', 1001);
    q = reserve_allocate(NULL, 1);
    assert_true((uintptr_t)q % alignof(max_align_t) == 0);
    assert_null(reserve_allocate(q, 0));
    assert_int_equal(p[half - 1], 'b');

    no_memory = false;
    p = reserve_allocate(p, half + 1); /* out of the reserve again */
    assert_int_equal(p[half - 1], 'b');
    assert_null(reserve_allocate(p, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_realloc_where_there_is_memory),
        cmocka_unit_test(without_memory_the_reserve_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
