#!/bin/bash
# Enforces the floors and the house rules of docs/architecture.md.
#
#   scripts/lint.sh OBJECTS [RULE...]     OBJECTS: where make put the objects, as build/gcc
#
# One line a problem, FILE:LINE: message; ends with `N passed, N failed`, a rule
# being what passes. The rules are the functions named rule_*.
set -u
cd "$(dirname "$0")/.." || exit 1

objects=${1:?usage: scripts/lint.sh OBJECTS [RULE...]}
shift
allow=scripts/pure-symbols.allow
cc=${CC:-gcc}
command -v "$cc" >/dev/null || cc=gcc

# Only these may include these.
adapters='ev.h src/loop/*
ini.h src/text/config*.c
jansson.h src/text/json*.[ch]'

files() { # all files below "$@" that make up the project, NUL-terminated
    find "$@" -name build -prune -o -name __pycache__ -prune -o -type f -print0 2>/dev/null
}
sources() { files src | grep -zE '\.[ch]$'; }

# The folders of src that a file may include from; a name with a dot is one file.
rule_includes() {
    sources | sort -z | xargs -0 -r awk -v adapters="$adapters" '
        BEGIN {
            may["base"] = "base"
            may["core"] = "base core"
            may["text"] = "base text core/spec.h core/event.h core/facts.h core/evidence.h" \
                          " core/supervisor.h core/time.h core/event_log.h"
            may["sys"] = "base text sys"
            may["loop"] = "base core text sys loop"
            may["cmd"] = "base core text sys loop cmd"
            may["main.c"] = "base cmd"
            n = split(adapters, line, "\n")
            for (i = 1; i <= n; i++) {
                split(line[i], f, " ")
                glob = f[2]; gsub(/\./, "[.]", glob); gsub(/\*/, "[^/]*", glob)
                only[f[1]] = "^" glob "$"; words[f[1]] = f[2]
            }
        }
        FNR == 1 { split(FILENAME, path, "/"); floor = path[2] }
        !/^[ \t]*#[ \t]*include/ { next }
        /</ {
            name = $0; sub(/[^<]*</, "", name); sub(/>.*/, "", name)
            if (name in only && FILENAME !~ only[name])
                printf "%s:%d: only %s may include <%s>\n", FILENAME, FNR, words[name], name
            next
        }
        /"/ {
            name = $0; sub(/[^"]*"/, "", name); sub(/".*/, "", name)
            folder = name
            if (!sub(/\/.*/, "", folder)) {
                printf "%s:%d: \"%s\": say which folder of src it is in\n", FILENAME, FNR, name
                next
            }
            if (!(floor in may)) {
                printf "%s:%d: src/%s is no floor of this house\n", FILENAME, FNR, floor
                next
            }
            ok = 0
            n = split(may[floor], allowed, " ")
            for (i = 1; i <= n; i++)
                ok = ok || allowed[i] == folder || allowed[i] == name
            if (!ok)
                printf "%s:%d: %s may not include \"%s\"\n", FILENAME, FNR, floor, name
        }'
}

# What the objects of the pure floors leave undefined, against the allow-list. An
# object may use its own folder and base; core and text do not call each other.
rule_symbols() {
    local source pure=()
    for source in src/base/*.c src/core/*.c src/text/*.c; do
        [ -f "$source" ] || continue
        if [ -f "$objects/${source%.c}.o" ]; then
            pure+=("$objects/${source%.c}.o")
        else
            echo "$source:1: no object of it: make lint-objects"
        fi
    done
    [ ${#pure[@]} -gt 0 ] || return
    nm -A "${pure[@]}" | awk -v allow="$allow" -v objects="$objects/" '
        BEGIN {
            while ((getline line < allow) > 0) {
                if (line ~ /^[ \t]*(#|$)/) continue
                n = split(line, word, " ")
                for (i = 2; i <= n; i++)
                    allowed[word[1] " " word[i]]
            }
        }
        { # OBJECT:[ADDRESS] TYPE SYMBOL
            type = $(NF - 1); symbol = $NF; sub(/@.*/, "", symbol)
            file = $1; sub(/\.o:.*/, ".c", file); file = substr(file, length(objects) + 1)
            split(file, path, "/")
        }
        type ~ /^[A-TVX-Z]$/ { defined[path[2] " " symbol] }
        type ~ /^[Uw]$/ { count++; undefined[count] = symbol; from[count] = file; floor[count] = path[2] }
        END {
            for (i = 1; i <= count; i++) {
                u = undefined[i]
                if (u == "_GLOBAL_OFFSET_TABLE_" || (floor[i] " " u) in defined || ("base " u) in defined)
                    continue
                if (("all " u) in allowed || (floor[i] " " u) in allowed || (from[i] " " u) in allowed)
                    continue
                printf "%s:1: calls %s, which is not in %s\n", from[i], u, allow
            }
        }'
}

# Files of 450 lines at most, functions of 60; the switches of step.c may be longer.
rule_sizes() {
    sources | xargs -0 -r awk '
        function file_end() {
            if (last != "" && lines > 450)
                printf "%s:%d: %d lines, more than 450\n", last, lines, lines
        }
        FNR == 1 { file_end(); last = FILENAME; begin = 0 }
        { lines = FNR }
        /^\{[ \t]*$/ { begin = FNR; name = before }
        /^[A-Za-z_].*\)[ \t]*\{[ \t]*$/ { begin = FNR; name = $0 }
        /^\}/ {
            if (begin && FNR - begin - 1 > 60 && FILENAME != "src/core/step.c") {
                sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
                printf "%s:%d: %s() has %d lines, more than 60\n", FILENAME, begin, name, FNR - begin - 1
            }
            begin = 0
        }
        /\(/ && /^[A-Za-z_]/ { before = $0 }
        END { file_end() }'
}

# docs/config.md is made of the list of keys.
rule_config_doc() {
    build/config-doc 2>/dev/null | cmp -s - docs/config.md ||
        echo "docs/config.md:1: is not what src/text/config_keys.c says: make docs"
}

# Nothing unfinished, no trailing blanks, no tabs in C, a newline at the end.
rule_text() {
    local file note='TO''DO|FIX''ME|XX''X'
    project_text() {
        { files src tests scripts examples tools .ci; printf 'Makefile\0'; } |
            grep -zE '(\.([ch]|py|sh|rb|ru|conf|awk|allow|md|ini)|Makefile|/run|/tally)$'
    }
    project_text | xargs -0 awk -v note="(^|[^A-Za-z0-9_])($note)([^A-Za-z0-9_]|\$)" '
        $0 ~ note { printf "%s:%d: something is unfinished\n", FILENAME, FNR }
        /[ \t]$/ { printf "%s:%d: blanks at the end of the line\n", FILENAME, FNR }
        /\t/ && FILENAME ~ /\.[ch]$/ { printf "%s:%d: a tab\n", FILENAME, FNR }'
    project_text | xargs -0 python3 -c '
import sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        text = file.read()
    if text and not text.endswith(b"\n"):
        print("%s:%d: no newline at the end" % (name, text.count(b"\n")))'
}

# A guard named after the path, and a header that needs no other before it.
rule_headers() {
    local header guard
    sources | grep -zE '\.h$' | while IFS= read -r -d '' header; do
        guard=$(echo "lastcall_${header#src/}" | tr 'a-z/.-' 'A-Z___')
        grep -q "^#ifndef $guard\$" "$header" && grep -q "^#define $guard\$" "$header" ||
            echo "$header:1: no include guard $guard"
    done
    # shellcheck disable=SC2016
    sources | grep -zE '\.h$' | xargs -0 -r -n 1 -P 4 sh -c '
        out=$(echo "#include \"$2\"" | "$1" -std=gnu11 -D_GNU_SOURCE -Isrc -I. -fsyntax-only -x c - 2>&1) ||
            printf "%s:1: does not compile by itself: %s\n" "$2" "$(echo "$out" | grep -m 1 error)"' sh "$cc"
}

# Scripts parse.
rule_scripts() {
    files src tests scripts examples tools .ci | xargs -0 python3 -c '
import re, subprocess, sys
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        text = file.read()
    shell = re.match(rb"#! ?(?:/usr)?/bin/(?:env )?(bash|sh|python3)(?: .*)?$", text, re.M)
    if name.endswith(".py") or (shell and shell[1] == b"python3"):
        try:
            compile(text, name, "exec")
        except (SyntaxError, ValueError) as problem:
            print("%s:1: does not compile: %s" % (name, problem))
    elif shell:
        parsed = subprocess.run([shell[1], "-n", name], capture_output=True, text=True)
        if parsed.returncode:
            print("%s:1: does not parse: %s" % (name, parsed.stderr.split("\n")[0]))'
}

[ $# -gt 0 ] || set -- includes symbols sizes text headers scripts config_doc
passed=0 failed=0
for rule in "$@"; do
    problems=$("rule_$rule" 2>&1)
    if [ -n "$problems" ]; then
        echo "$problems"
        echo "lint: $rule: $(echo "$problems" | wc -l) problems"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
