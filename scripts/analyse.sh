#!/bin/bash
# gcc's -fanalyzer, clang-tidy (.clang-tidy) and cppcheck over src/.
#
#   scripts/analyse.sh [TOOL...]      gcc_analyzer clang_tidy cppcheck
#
# What they report and is not so stands in analyse.expected, with the reason; a line there that is
# reported no more is a failure too. Ends with `N passed, N failed`, a tool being what passes.
set -u
cd "$(dirname "$0")/.." || exit 1

expected=scripts/analyse.expected
flags=(-std=gnu11 -D_GNU_SOURCE '-DLASTCALL_VERSION="0"' -Isrc)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

each_source() { # COMMAND...: with some files at a time, two at once
    find src -name '*.c' -print0 | sort -z | xargs -0 -n 6 -P "$(nproc)" "$@"
}

# Each writes lines of FILE:LINE:... message [FLAG].
gcc_analyzer() {
    # shellcheck disable=SC2016
    each_source bash -c 'for f in "${@:5}"; do gcc "${@:1:4}" -O2 -fanalyzer -c -o /dev/null "$f"; done' bash "${flags[@]}" 2>&1 |
        grep -E ': (warning|(fatal |internal compiler )?error): '
}
clang_tidy() {
    # shellcheck disable=SC2016
    each_source bash -c 'clang-tidy-14 --quiet "${@:5}" -- "${@:1:4}"' bash "${flags[@]}" 2>/dev/null |
        grep -E ': (warning|error): ' | sed "s|$PWD/||"
}
cppcheck() {
    command cppcheck --quiet --std=c11 --enable=warning,performance,portability \
        --template='{file}:{line}: warning: {message} [{id}]' "${flags[@]:1}" src 2>&1
}

[ $# -gt 0 ] || set -- gcc_analyzer clang_tidy cppcheck
passed=0 failed=0
for tool in "$@"; do
    "$tool" >"$log"
    problems=$(awk -v tool="$tool" '
        FILENAME == ARGV[1] {
            if ($1 == tool) known[$2 " [" $3 "]"] = FNR
            next
        }
        {
            file = $0; sub(/:.*/, "", file)
            flag = $0; sub(/.*\[/, "[", flag); sub(/ \[CWE-[0-9]*\]/, "", flag)
            if ((file " " flag) in known) seen[file " " flag]
            else print
        }
        END {
            for (k in known)
                if (!(k in seen)) printf "%s:%d: %s is not reported any more\n", ARGV[1], known[k], k
        }' "$expected" "$log")
    if [ -n "$problems" ]; then
        echo "$problems"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
