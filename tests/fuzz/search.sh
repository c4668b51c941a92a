#!/bin/bash
# libFuzzer on one target after another, on all cores.
#
#   tests/fuzz/search.sh SECONDS TARGET...      SECONDS: in all
#
# What it learns is kept in build/fuzz/TARGET for the next time, and an input that fails in
# build/fuzz/TARGET-*. Ends with `N passed, N failed`.
set -u
seconds=$1
shift
cores=$(nproc)
rounds=$((($# + cores - 1) / cores))
export each=$((seconds > rounds ? seconds / rounds : 1))

search() {
    local target=$1 log=build/fuzz/$1.log
    local program=build/tests-libfuzzer/search/$1
    mkdir -p "build/fuzz/$target"
    if "$program" -max_total_time="$each" -timeout=10 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="build/fuzz/$target-" "build/fuzz/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
        awk -v target="$target" -v each="$each" '
            /^stat::number_of_executed_units/ { runs = $2 }
            /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
            END { printf "%s: %d runs in %d s, %d edges\n", target, runs, each, cov }' "$log"
    else
        tail -n 60 "$log"
        echo "$target: failed"
        return 1
    fi
}
export -f search

mkdir -p build/fuzz
failures=$(mktemp)
trap 'rm -f "$failures"' EXIT
# shellcheck disable=SC2016
printf '%s\n' "$@" | xargs -P "$cores" -I{} bash -c 'search "$1" || echo "$1" >>"$2"' - {} "$failures"
failed=$(wc -l <"$failures")
echo "$(($# - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
