#!/bin/bash
# Is a world that the simulation prints a unit test, and one that it made small still the one
# that failed? Worlds of the right core are printed, compiled and played; then a rule of a copy of
# the core is broken, and the first world that fails is made small.
#
#   tests/sim/self-test.sh OBJECTS     where make put them, as build/gcc
set -u
cd "$(dirname "$0")/../.." || exit 1
objects=${1:?usage: tests/sim/self-test.sh OBJECTS}
cc=${CC:-gcc}
flags=(-std=gnu11 -D_GNU_SOURCE -Isrc -Itests -Wall -Wextra -Wshadow -Wconversion -Werror)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

test_that() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        passed=$((passed + 1))
    else
        echo "sim self-test: not so: $what"
        tail -n 30 "$scratch/log"
        failed=$((failed + 1))
    fi
}

# The objects of the core, or of the one in which file $1 is broken.
core() { # [BROKEN]
    local object
    for object in "$objects"/src/{base,core}/*.o; do
        [ "${object##*/}" = "${1:-}.o" ] || echo "$object"
    done
    [ -z "${1:-}" ] || echo "$scratch/$1.o"
}

compile() { # TEST.c [BROKEN]: as $scratch/test
    # shellcheck disable=SC2046
    "$cc" "${flags[@]}" -o "$scratch/test" "$1" "$objects"/tests/unit/{scenario,action_words,digest,twin}.o \
        $(core "${2:-}") -lcmocka -lm
}

play() {
    timeout 60 "$scratch/test"
}

passes() { # TEST.c [BROKEN]
    compile "$@" && play
}

fails() { # with this MESSAGE, if any; TEST.c [BROKEN]
    local message=$1
    shift
    compile "$@" && ! play >"$scratch/played" 2>&1 && cat "$scratch/played" &&
        grep -q 'FAILED' "$scratch/played" && grep -q -- "$message" "$scratch/played"
}

print() { # SIM SEED WORLDS
    timeout 60 "$1" --as-scenario --seed "$2" --worlds "$3"
}

worlds_are_tests() {
    print "$scratch/sim" 1000 20 >"$scratch/worlds.c" && passes "$scratch/worlds.c"
}

# The last of them ends with another code.
worlds_can_fail() {
    tac "$scratch/worlds.c" | sed '0,/"exit /s//"exit 1/' | tac >"$scratch/changed.c"
    fails 'came out: .*exit' "$scratch/changed.c"
}

link() { # PROGRAM [BROKEN]
    # shellcheck disable=SC2046
    "$cc" -o "$1" "$objects"/tests/sim/*.o "$objects"/tests/unit/{action_words,digest,twin}.o $(core "${2:-}") -lm
}

# The simulation of a core with another rule, as $scratch/broken, and its first world that fails.
break_core() { # FILE SED
    sed "$2" "src/core/$1.c" >"$scratch/$1.c"
    ! cmp -s "src/core/$1.c" "$scratch/$1.c" &&
        "$cc" "${flags[@]}" -O1 -c -o "$scratch/$1.o" "$scratch/$1.c" &&
        link "$scratch/broken" "$1" || return
    seed=$(timeout 60 "$scratch/broken" --worlds 1000 --seed 1 | sed -n 's/^seed \([0-9]*\): .*/\1/p' | head -n 1)
    [ -n "$seed" ] && print "$scratch/broken" "$seed" 1 >"$scratch/small.c"
}

# No more services and rows than so many, and always the same.
is_small() { # SERVICES ROWS
    grep -E 'services|rows' "$scratch/small.c"
    [ "$(grep -c 'world_add' "$scratch/small.c")" -le "$1" ] &&
        [ "$(grep -cE '^        \{ [0-9.]+, ' "$scratch/small.c")" -le "$2" ] &&
        print "$scratch/broken" "$seed" 1 | cmp - "$scratch/small.c"
}

breaks_the_invariant() { # BROKEN
    local message='after .*: 4: told to stop while it lingers'
    fails "$message" "$scratch/small.c" "$1" && fails 'row 2 ' "$scratch/small.c"
}

tells_what_came_out() { # BROKEN
    passes "$scratch/small.c" "$1" && fails 'unexpected at' "$scratch/small.c"
}

link "$scratch/sim" || exit 1
test_that "worlds, printed, are tests that pass" worlds_are_tests
test_that "and can fail" worlds_can_fail
test_that "what is simpler than a world is no false alarm" "$scratch/sim" --simpler --seed 100 --worlds 50
test_that "a stop in the linger is found" \
    break_core ladder 's/if (!drain_linger_over(s, i) || /if (/'
test_that "its world is made small" is_small 1 5
test_that "and breaks the invariant, with that core only" breaks_the_invariant ladder
test_that "a plan that forgets what stops later is found" \
    break_core budget 's/time_add(row_need(row), longest);/row_need(row);/'
test_that "its world is made small" is_small 2 25
test_that "and tells what that core did" tells_what_came_out budget
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
