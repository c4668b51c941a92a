#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void test_aligned_and_bounded(void **state)
{
    (void)state;
    char block[256];
    struct arena a;
    arena_init(&a, block + 1, sizeof block - 1);
    char *c = arena_strndup(&a, "abc", 2);
    assert_string_equal(c, "ab");
    void *p = arena_alloc(&a, 24);
    assert_non_null(p);
    assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
    memset(p, 0xff, 24);
    assert_string_equal(c, "ab");
    assert_null(arena_alloc(&a, sizeof block));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_strndup(&a, "", SIZE_MAX));
}

static void test_full_to_the_last_byte(void **state)
{
    (void)state;
    char block[4];
    struct arena a;
    arena_init(&a, block, sizeof block);
    assert_non_null(arena_strndup(&a, "abc", 3));
    assert_int_equal(a.used, 4);
    assert_null(arena_strndup(&a, "", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aligned_and_bounded),
        cmocka_unit_test(test_full_to_the_last_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
