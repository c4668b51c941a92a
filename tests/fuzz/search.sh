#!/bin/bash
# libFuzzer on every target, as many at a time as there are cores.
#
#   tests/fuzz/search.sh SECONDS TARGET...
#
# SECONDS is for all of them together. What it finds that is new stays in build/fuzz/TARGET for the
# next time, what fails in build/fuzz. Ends with `N passed, N failed`.
set -u
seconds=$1
shift
cores=$(nproc)
each=$((seconds * cores / $#))
failed=0

search() {
    local target=$1
    mkdir -p "build/fuzz/$target"
    "build/tests-libfuzzer/search/$target" -max_total_time=$((each > 0 ? each : 1)) -timeout=10 -rss_limit_mb=4096 \
        -artifact_prefix="build/fuzz/$target-" "build/fuzz/$target" "tests/fuzz/corpus/$target" \
        >"build/fuzz/$target.log" 2>&1
}

while [ $# -gt 0 ]; do
    running=()
    for ((k = 0; k < cores && $# > 0; k++)); do
        search "$1" &
        running+=("$! $1")
        shift
    done
    for one in "${running[@]}"; do
        if wait "${one% *}"; then
            echo "ok ${one#* }: $(grep -oE 'Done [0-9]+ runs.*' "build/fuzz/${one#* }.log")"
            passed=$((${passed:-0} + 1))
        else
            echo "not ok ${one#* }: see build/fuzz/${one#* }.log"
            tail -n 30 "build/fuzz/${one#* }.log"
            failed=$((failed + 1))
        fi
    done
done
echo "${passed:-0} passed, $failed failed"
[ $failed -eq 0 ]
