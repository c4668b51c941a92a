#!/bin/bash
# Has the core decided in 2,000 worlds as it did when `decided` was written? A rule that was changed
# on purpose changes it: then it is written anew, and the change stands in the commit.
#
#   tests/sim/decided.sh SIM [--anew]
set -u
sim=$1
known=$(dirname "$0")/decided
if [ "${2:-}" = --anew ]; then
    "$sim" --worlds 2000 --seed 1 --digest | grep '^from ' >"$known"
    exit
fi
now=$("$sim" --worlds 2000 --seed 1 --digest | grep '^from ')
different=$(diff "$known" - <<<"$now" | sed -n 's/^> from \([0-9]*\).*/\1/p' | tr '\n' ' ')
total=$(wc -l <"$known")
failed=$(wc -w <<<"$different")
if [ "$failed" -gt 0 ] || [ "$total" -ne "$(wc -l <<<"$now")" ]; then
    echo "the core decides otherwise than it did in the 50 worlds from each of these seeds on: $different"
    echo "if a rule was to change: $0 $sim --anew, and say so in the commit"
    [ "$failed" -gt 0 ] || failed=1
fi
echo "$((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
