#!/bin/bash
# Unit tests under valgrind, one after another: what it finds fails the test.
#
#   tests/unit/valgrind.sh PROGRAM...
set -u
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for program in "$@"; do
    if timeout 900 valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
        "$program" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
    else
        cat "$log"
        echo "not ok $program"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
