#!/bin/bash
# Does lint see what it is there for? Each test puts one violation into a copy
# of a small tree of its own and wants to read about it.
#
#   tests/lint/self-test.sh
set -u
cd "$(dirname "$0")/../.." || exit 1

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{scripts,tests,build}
cp scripts/lint.sh scripts/pure-symbols.allow "$tree/scripts/"
: >"$tree/Makefile"

passed=0 failed=0

# A tree without a fault: one file a floor.
clean_tree() {
    rm -rf "$tree/src" "$tree/examples" "$tree/build"
    mkdir -p "$tree"/src/{base,core,text,sys,loop,cmd} "$tree"/{examples,build,docs}
    printf '#!/bin/sh\necho keys\n' >"$tree/build/config-doc"
    chmod +x "$tree/build/config-doc"
    echo keys >"$tree/docs/config.md"
    for floor in base core text sys loop cmd; do
        guard=LASTCALL_${floor^^}_A_H
        printf '#ifndef %s\n#define %s\n\nint %s_a(int n);\n\n#endif\n' "$guard" "$guard" "$floor" \
            >"$tree/src/$floor/a.h"
        printf '#include "%s/a.h"\n\nint %s_a(int n)\n{\n    return n;\n}\n' "$floor" "$floor" \
            >"$tree/src/$floor/a.c"
    done
    mkdir -p "$tree/src/core"
    for name in spec event; do
        printf '#ifndef LASTCALL_CORE_%s_H\n#define LASTCALL_CORE_%s_H\n#endif\n' "${name^^}" "${name^^}" \
            >"$tree/src/core/$name.h"
    done
}

compile() {
    local source
    for source in base/a core/a text/a; do
        mkdir -p "$tree/build/src/${source%/*}"
        (cd "$tree" && gcc -w -D_GNU_SOURCE -Isrc -c -o "build/src/$source.o" "src/$source.c") || exit 1
    done
}

result() { # OK WHAT LOG
    if [ "$1" = ok ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "lint self-test: $2"
        sed 's/^/    /' "$3"
    fi
}

# sees RULE PATTERN FILE: the tree as it is now has just this fault, in FILE
sees() {
    [ "$1" != symbols ] || compile
    if "$tree/scripts/lint.sh" build "$1" >"$tree/log" 2>&1; then
        result no "$1 let pass: $2" "$tree/log"
    elif grep -qE "^$3:[0-9]+: .*$2" "$tree/log" && [ "$(grep -c '^[^ ]*:[0-9]*: ' "$tree/log")" -eq 1 ]; then
        result ok
    else
        result no "$1 should say of $3: $2" "$tree/log"
    fi
    clean_tree
}

# clean RULE: the tree as it is now has no fault
clean() {
    [ "$1" != symbols ] || compile
    "$tree/scripts/lint.sh" build "$1" >"$tree/log" 2>&1 && result ok || result no "$1 sees what is not there" "$tree/log"
    clean_tree
}

# adds FILE TEXT [PLACE]: a line (printf) at the end, or before it all
adds() {
    if [ "${3:-end}" = top ]; then
        # shellcheck disable=SC2059
        { printf "$2\n"; cat "$tree/src/$1"; } >"$tree/new" && mv "$tree/new" "$tree/src/$1"
    else
        # shellcheck disable=SC2059
        printf "$2\n" >>"$tree/src/$1"
    fi
}
clean_tree

for rule in includes symbols sizes text headers scripts config_doc; do clean $rule; done

# (a) includes
adds base/a.c '#include "core/a.h"' top;  sees includes 'base may not include "core/a.h"' src/base/a.c
adds core/a.c '#include "text/a.h"' top;  sees includes 'core may not include "text/a.h"' src/core/a.c
adds core/a.c '#include "sys/a.h"' top;   sees includes 'core may not include' src/core/a.c
adds text/a.c '#include "sys/a.h"' top;   sees includes 'text may not include' src/text/a.c
adds text/a.c '#include "core/a.h"' top;  sees includes 'text may not include' src/text/a.c
adds text/a.c '#include "core/spec.h"' top; clean includes
adds sys/a.c '#include "core/spec.h"' top; sees includes 'sys may not include' src/sys/a.c
adds sys/a.c '#include "loop/a.h"' top;   sees includes 'sys may not include' src/sys/a.c
adds loop/a.c '#include "cmd/a.h"' top;   sees includes 'loop may not include' src/loop/a.c
adds loop/a.c '#include "sys/a.h"' top;   clean includes
adds core/a.c '#include "a.h"' top;       sees includes 'say which folder' src/core/a.c
cp "$tree/src/cmd/a.c" "$tree/src/main.c"; clean includes
cp "$tree/src/sys/a.c" "$tree/src/main.c"; sees includes 'main.c may not include' src/main.c
mkdir "$tree/src/utils"; cp "$tree/src/sys/a.c" "$tree/src/utils/b.c"; sees includes 'no floor' src/utils/b.c
adds sys/a.c '#include <ev.h>' top;       sees includes 'only src/loop/\* may include <ev.h>' src/sys/a.c
adds loop/a.c '#include <ev.h>' top;      clean includes
adds text/a.c '#include <ini.h>' top;     sees includes 'only .* may include <ini.h>' src/text/a.c
adds loop/a.c '#include <jansson.h>' top; sees includes 'only .* may include <jansson.h>' src/loop/a.c

# (b) symbols
adds core/a.c 'long time(long *);\nlong b(void) { return time(0); }';           sees symbols 'calls time' src/core/a.c
adds core/a.c 'void *malloc(unsigned long);\nvoid *b(void) { return malloc(9); }'; sees symbols 'calls malloc' src/core/a.c
adds text/a.c 'int kill(int, int);\nint b(void) { return kill(1, 9); }';        sees symbols 'calls kill' src/text/a.c
adds core/a.c 'int text_a(int);\nint b(void) { return text_a(1); }';            sees symbols 'calls text_a' src/core/a.c
adds text/a.c 'int core_a(int);\nint b(void) { return core_a(1); }';            sees symbols 'calls core_a' src/text/a.c
adds core/a.c 'int base_a(int);\nint b(void) { return base_a(1); }';            clean symbols
adds base/a.c 'int fork(void);\nint b(void) { return fork(); }';                sees symbols 'calls fork' src/base/a.c

# (c) sizes
adds core/a.c "$(printf 'int x%d;\\n' $(seq 450))";                             sees sizes '457 lines' src/core/a.c
adds core/a.c "int b(int n)\n{\n$(printf '    n += %d;\\n' $(seq 60))    return n;\n}"; sees sizes 'b\(\) has 61 lines' src/core/a.c
adds core/a.c "int b(int n)\n{\n$(printf '    n += %d;\\n' $(seq 59))    return n;\n}"; clean sizes
cp "$tree/src/core/a.c" "$tree/src/core/step.c"
adds core/step.c "int b(int n)\n{\n$(printf '    n += %d;\\n' $(seq 99))    return n;\n}"; clean sizes

# (d) text
adds sys/a.c "/* TO""DO: later */";    sees text 'unfinished' src/sys/a.c
adds sys/a.c "/* FIX""ME */";          sees text 'unfinished' src/sys/a.c
adds sys/a.c "int b; ";                sees text 'blanks' src/sys/a.c
adds sys/a.c "\tint b;";               sees text 'a tab' src/sys/a.c
printf 'int b;' >>"$tree/src/sys/a.c"; sees text 'no newline' src/sys/a.c
printf 'x = 1 \n' >"$tree/examples/b.py"; sees text 'blanks' examples/b.py

# (e) headers
sed -i 's/LASTCALL_SYS_A_H/SYS_H/' "$tree/src/sys/a.h";   sees headers 'no include guard LASTCALL_SYS_A_H' src/sys/a.h
sed -i 's/int n/size_t n/' "$tree/src/sys/a.h";           sees headers 'does not compile by itself' src/sys/a.h

# (f) scripts
printf '#!/bin/sh\nif true; then\n' >"$tree/examples/b";      sees scripts 'does not parse' examples/b
printf 'def f(:\n' >"$tree/examples/b.py";                    sees scripts 'does not compile' examples/b.py

# (g) what is made of the source
echo other >"$tree/docs/config.md";                       sees config_doc 'make docs' docs/config.md
rm "$tree/build/config-doc";                              sees config_doc 'make docs' docs/config.md

# All rules together: one fault is enough, and the count says so.
adds sys/a.c "\tint b;"
compile
if "$tree/scripts/lint.sh" build >"$tree/log" 2>&1; then
    result no "a fault, and exit 0" "$tree/log"
elif [ "$(tail -n 1 "$tree/log")" = "6 passed, 1 failed" ]; then
    result ok
else
    result no "wrong count" "$tree/log"
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
