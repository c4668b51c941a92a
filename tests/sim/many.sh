#!/bin/bash
# Many worlds over all cores.
#
#   tests/sim/many.sh SIM WORLDS SEED
#
# Each core has a range of seeds of its own. The first world that fails is made small and
# printed as a unit test. Ends with the sum, `N passed, N failed`; worlds that nobody heard of
# (a simulation that died) have failed.
set -u
sim=$1 worlds=$2 seed=$3
cores=$(nproc)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

began=$(date +%s)
for ((k = 0; k < cores; k++)); do
    first=$((worlds * k / cores)) next=$((worlds * (k + 1) / cores))
    [ $next -eq $first ] || "$sim" --worlds $((next - first)) --seed $((seed + first)) >"$logs/$k" 2>&1 &
done
wait
grep -hE '^(seed|and) ' "$logs"/*
first=$(sed -n 's/^seed \([0-9]*\): .*/\1/p' "$logs"/* | sort -n | head -n 1)
[ -z "$first" ] || "$sim" --as-scenario --worlds 1 --seed "$first"
awk -v took=$(($(date +%s) - began)) -v seed="$seed" -v wanted="$worlds" '
    / worlds, .* steps / { worlds += $1; steps += $3 }
    /^[0-9]+ passed, / { passed += $1; failed += $3 }
    END {
        printf "%d worlds from seed %d on, %d steps, in %d s\n", worlds, seed, steps, took
        failed += wanted - passed - failed
        printf "%d passed, %d failed\n", passed, failed
        exit failed > 0 || passed == 0
    }' "$logs"/*
