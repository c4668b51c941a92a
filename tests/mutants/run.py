#!/usr/bin/python3
"""Changes src/core/ in small ways, and sees whether the tests notice.

    tests/mutants/run.py [--sample N] [--seed S] [--file WORD] [--again LOG] [--list] [--decisions] [-j N]

Each mutant is one change of one line: a comparison turned or moved by one, a condition dropped or
fixed, a wait zeroed, an assignment left out. It is found when a unit test fails or hangs (all but
those of src/sys), or one of 2,000 worlds does, or the core decides otherwise in them than
tests/sim/decided says. One that does not compile, or gives the same code (of its file, or of the
whole core at -O2), is none. Those that are equivalent stand in `equivalent`, each with its reason.
The last line counts: a survivor is a failure. invariants*.c are the judge and names.c holds words:
neither is changed.

A mutant is shown to the programs that call its function, until one notices: those first that have
found the most a second so far. Decisions come last: what `--decisions` shows no other test notices.
"""

import argparse
import collections
import concurrent.futures
import copy
import glob
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LEFT_OUT = re.compile(r"(invariants\w*|names)\.c$")
FIRST_WORLDS, WORLDS = 100, 2000
WAITS = 120  # s, for whatever else
GCC = "gcc"
FLAGS = "-g0 -w -O1 -fPIC -fsanitize=bounds-strict -fsanitize-undefined-trap-on-error"
BESIDE = "-Wl,-rpath,'$ORIGIN'"
LIBRARY = "-shared -o build/libcore.so build/gcc/src/core/*.o"

SWAPS = [(" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "),
         (" != ", " == "), (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "),
         ("time_add(", "time_sub("), ("time_sub(", "time_add("), ("time_min(", "time_max("),
         ("time_max(", "time_min("), ("return true;", "return false;"),
         ("return false;", "return true;"), (" = true;", " = false;"), (" = false;", " = true;")]


def closing(text, at):
    """The index of the parenthesis that closes the one at `at`; -1: not in this line."""
    depth = 0
    for k in range(at, len(text)):
        depth += (text[k] == "(") - (text[k] == ")")
        if depth == 0:
            return k
    return -1


def operand_end(text, at):
    """Where the operand that begins at `at` ends."""
    depth = 0
    for k in range(at, len(text)):
        if text[k] == "(":
            depth += 1
        elif text[k] == ")":
            depth -= 1
        if depth < 0 or (depth == 0 and (text[k] in ";," or text.startswith((" && ", " || ", " ? "), k))):
            return k
    return len(text)


def changes(line):
    """Every mutant of a line of code."""
    for before, after in SWAPS:
        for found in re.finditer(re.escape(before), line):
            yield line[:found.start()] + after + line[found.end():]
    for found in re.finditer(r" (&&|\|\|) ", line):
        yield line[:found.start()] + line[operand_end(line, found.end()):]
    for found in re.finditer(r"!(?=[\w(])", line):
        yield line[:found.start()] + line[found.end():]
    found = re.match(r"(\s*(?:\} else )?if )\(", line)
    if found and closing(line, found.end() - 1) > 0:
        end = closing(line, found.end() - 1)
        condition = line[found.end() - 1:end + 1]
        for fixed in "(true || ", "(false && ":
            yield line[:found.end() - 1] + fixed + condition + ")" + line[end + 1:]
    found = re.match(r"(\s+)[\w.>\[\]-]*(?:->|\.|\])\w* [|&+-]?= [^;{]*;", line)
    if found:
        yield found[1] + "(void)0;" + line[found.end():]
    found = re.match(r"(\s+)(?:enter|emit|exec_end|exec_begin|hook_begin|drain_\w+|clock_\w+)\(.*\);$", line)
    if found:
        yield found[1] + "(void)0;"
    found = re.match(r"(#define \w+ \()\d+( ?\* ?(?:SECOND|MINUTE)\).*|\).*)", line)
    if found:
        yield found[1] + "0" + found[2]


def code_lines(text):
    """(number, line) of what is code: no comment, no other preprocessor line."""
    comment = False
    for n, line in enumerate(text.split("\n")):
        bare = line.strip()
        if comment or bare.startswith("/*"):
            comment = "*/" not in line
            continue
        if re.match(r"(const )?(struct |enum )?\w+ \**\w+\[[^;=]*;$", bare):
            continue  # an array is as large as it is
        if bare and (not bare.startswith("#") or bare.startswith("#define")) and "assert" not in bare:
            yield n, line
        comment = "/*" in line and "*/" not in line[line.index("/*"):]


def mutants(words):
    made = []
    for path in sorted(glob.glob(os.path.join(ROOT, "src/core/*.c"))):
        name = os.path.relpath(path, ROOT)
        if LEFT_OUT.search(name) or not any(word in name for word in words or [""]):
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        alike = collections.Counter()
        for n, line in code_lines(text):
            code = line.split("/*")[0].rstrip()
            alike[code.strip()] += 1
            for changed in dict.fromkeys(changes(code)):
                if changed != code:
                    made.append((name, n, code, changed, alike[code.strip()]))
    return made


class Program:
    """What can notice a mutant: a unit test, so many worlds, or what is decided in them."""

    def __init__(self, words, verdict):
        self.words, self.verdict = words, verdict
        self.time = 0.0  # s, without a mutant
        self.found = collections.Counter()  # mutants, by the file that they change
        self.calls = {}  # by file: the first and the last line of each function that it calls

    def worth(self, name):
        """Mutants found a second, as far as is known; those of the same file count most. Decisions
        come last, so that what nothing else finds is seen."""
        found = self.found[name] * 10 + self.found.total() + 1
        return (self.verdict == "by decisions", -found / (self.time + 0.005))


class Workshop:
    """A copy of the tree, with everything built once; the core is a library, so that a mutant is
    one file to compile and one to link."""

    def __init__(self, directory):
        self.directory = directory
        self.functions = {}
        shutil.copytree(ROOT, directory, ignore=shutil.ignore_patterns("build", ".git"))
        names = [os.path.basename(path)[:-2] for path in sorted(glob.glob(os.path.join(ROOT, "tests/unit/test_*.c")))
                 if "/test_sys_" not in path]
        if self.run(["make", "-s", f"-j{os.cpu_count()}", f"CC={GCC}", f"CFLAGS={FLAGS}", "build/tests/sim",
                     *(f"build/tests/unit/{name}" for name in names)], 600) != 0:
            sys.exit("mutants: the tree itself does not build")
        with open(os.path.join(directory, "build/gcc/.flags"), encoding="utf-8") as file:
            self.compiler = file.read().strip().replace("'\\''", "'")
        self.cores = [name for name in sorted(os.listdir(os.path.join(directory, "src/core"))) if name.endswith(".c")]
        self.link(LIBRARY)
        aids = " ".join(f"build/gcc/tests/unit/{os.path.basename(path)[:-2]}.o"
                        for path in glob.glob(os.path.join(ROOT, "tests/unit/*.c")) if "/test_" not in path)
        for name in names:
            self.link(f"-o build/{name} build/gcc/tests/unit/{name}.o {aids} build/libcore.so "
                      f"build/gcc/below-the-loop.a -lcmocka -lpthread -lev -linih -ljansson -lm {BESIDE}")
        aids = " ".join(f"build/gcc/tests/unit/{name}.o" for name in ("action_words", "digest", "twin"))
        self.link(f"-o build/sim build/gcc/tests/sim/*.o {aids} build/gcc/src/base/*.o build/libcore.so -lm {BESIDE}")
        self.programs = [Program([f"build/{name}"], "by unit tests") for name in names]
        self.programs += [Program(["build/sim", "--worlds", str(n)], "by worlds") for n in (FIRST_WORLDS, WORLDS)]
        self.programs.append(Program(["tests/sim/decided.sh", "build/sim"], "by decisions"))
        for program in self.programs:
            began = time.monotonic()
            if self.notices(program):
                sys.exit(f"mutants: {program.words[0]} fails without a mutant")
            program.time = time.monotonic() - began
        self.see_what_they_call()
        self.whole = self.optimized()

    def see_what_they_call(self):
        """A mutant of a function is shown only to those who call it."""
        os.mkdir(os.path.join(self.directory, "build/calls"))
        for name in self.cores:
            if self.compile(f"src/core/{name}", f"build/calls/{name[:-2]}.o", "-O0 --coverage") != 0:
                sys.exit(f"mutants: {name} does not compile for gcov")
        self.link("--coverage -shared -o build/libcore.so build/calls/*.o")
        for program in self.programs:
            for path in glob.glob(os.path.join(self.directory, "build/calls/*.gcda")):
                os.unlink(path)
            self.run(program.words)
            lines = subprocess.run(["sh", "-c", "gcov --json-format --stdout build/calls/*.gcda"], cwd=self.directory,
                                   check=False, capture_output=True, text=True).stdout
            for file in (file for line in lines.splitlines() for file in json.loads(line)["files"]):
                program.calls[file["file"]] = [(function["start_line"] - 1, function["end_line"] - 1)
                                               for function in file["functions"] if function["execution_count"] > 0]
                self.functions[file["file"]] = [(function["start_line"] - 1, function["end_line"] - 1)
                                                for function in file["functions"]]
        self.link(LIBRARY)

    def asked(self, name, n):
        """Those that can notice a change of a line, the most promising first: all, if it is in no function."""
        within = [span for span in self.functions.get(name, []) if span[0] <= n <= span[1]]
        return sorted((program for program in self.programs
                       if not within or any(span in program.calls.get(name, []) for span in within)),
                      key=lambda program: program.worth(name))

    def another(self, directory):
        shop = copy.copy(self)
        shop.directory = directory
        shutil.copytree(self.directory, directory)
        return shop

    def run(self, words, most=WAITS):
        """By timeout(1), which ends it also when nobody waits any more."""
        return subprocess.run(["timeout", "-k", "1", str(most), *words], cwd=self.directory, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode

    def notices(self, program):
        """It fails, or computes without an end: seconds of a processor count, as the machine may be busy."""
        return self.run(["prlimit", f"--cpu={2 + int(5 * program.time)}", *program.words]) != 0

    def link(self, rest):
        if self.run(["sh", "-c", f"{GCC} {rest}"]) != 0:
            sys.exit(f"mutants: cannot link: {rest}")

    def compile(self, name, to, flags=""):
        return self.run(["sh", "-c", f"{self.compiler} {flags} -c -o {to} {name}"])

    def object(self, name):
        with open(os.path.join(self.directory, "build/gcc", name[:-2] + ".o"), "rb") as file:
            return file.read()

    def optimized(self):
        """The core as one file, as well as the compiler can: what is the same there is the same."""
        whole = ""
        for name in self.cores:
            with open(os.path.join(self.directory, "src/core", name), encoding="utf-8") as file:
                own = re.findall(r"^static [^=;(]*?(\w+)\(", file.read(), re.M)
            if not LEFT_OUT.search(name):
                whole += "".join(f"#define {word}(...) {name[:-2]}_{word}(__VA_ARGS__)\n" for word in own)
                whole += f'#include "src/core/{name}"\n' + "".join(f"#undef {word}\n" for word in own)
        self.write(os.path.join(self.directory, "build/whole.c"), whole)
        if self.compile("build/whole.c", "build/whole.o", "-fno-sanitize=all -O2 -I.") != 0:
            sys.exit("mutants: the core as one file does not compile")
        with open(os.path.join(self.directory, "build/whole.o"), "rb") as file:
            return file.read()

    def judge(self, mutant):
        name, n, _, changed, _ = mutant
        path = os.path.join(self.directory, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        original = self.object(name)
        lines = text.split("\n")
        lines[n] = changed
        try:
            self.write(path, "\n".join(lines))
            if self.compile(name, f"build/gcc/{name[:-2]}.o") != 0:
                return "no program"
            if self.object(name) == original:
                return "same code"
            self.link(LIBRARY)
            for program in self.asked(name, n):
                if self.notices(program):
                    program.found[name] += 1
                    return program.verdict
            return "same code" if self.optimized() == self.whole else "survived"
        finally:
            self.write(path, text)
            self.write(os.path.join(self.directory, "build/gcc", name[:-2] + ".o"), original)

    @staticmethod
    def write(path, content):
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())


def known():
    """{(file, line, mutant): reason} of those that are equivalent."""
    found = {}
    with open(os.path.join(HERE, "equivalent"), encoding="utf-8") as file:
        rows = [row.split(" | ") for row in file.read().split("\n") if row and not row.startswith("#")]
    for name, before, after, reason in rows:
        found[name, before, after] = reason
    return found


def key(mutant):
    """As it stands in `equivalent`: of lines that are alike the second is LINE #2."""
    nth = f" #{mutant[4]}" if mutant[4] > 1 else ""
    return mutant[0], mutant[2].strip() + nth, mutant[3].strip()


def printed(path):
    """The keys of what a run has printed: survivors, and what only decisions found."""
    with open(path, encoding="utf-8") as file:
        return {match.groups() for match in re.finditer(r"^[\w ]+: (\S+):\d+: (.*)  ->  (.*)$", file.read(), re.M)}


def main():
    parser = argparse.ArgumentParser(description="Mutates the core.")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--again", metavar="LOG", help="only those that an earlier run has printed")
    parser.add_argument("--decisions", action="store_true", help="show also what only tests/sim/decided finds")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    equivalent, every = known(), mutants(args.file)
    if args.list:
        print("\n".join(f"{m[0]}:{m[1] + 1}: {m[2].strip()}  ->  {m[3].strip()}" for m in every))
        return 0
    stale = set(equivalent) - {key(m) for m in mutants(None)}
    for name, before, after in sorted(stale):
        print(f"equivalent: {name}: {before} -> {after}: there is no such line any more")
    chosen = [m for m in every if key(m) not in equivalent]
    if args.again:
        before = printed(args.again)
        chosen = [m for m in chosen if (m[0], m[2].strip(), m[3].strip()) in before]
    if args.sample:
        chosen = random.Random(args.seed).sample(chosen, min(args.sample, len(chosen)))
    count = dict.fromkeys(("no program", "same code", "by unit tests", "by worlds", "by decisions", "survived"), 0)
    with tempfile.TemporaryDirectory(prefix="lastcall-mutants.") as directory:
        shops = queue.SimpleQueue()
        first = Workshop(os.path.join(directory, "0"))
        shops.put(first)
        for k in range(1, args.jobs):
            shops.put(first.another(os.path.join(directory, str(k))))

        def judge(mutant):
            shop = shops.get()
            try:
                return mutant, shop.judge(mutant)
            finally:
                shops.put(shop)

        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for mutant, result in pool.map(judge, chosen):
                count[result] += 1
                if result == "survived" or args.decisions and result == "by decisions":
                    print(f"{result}: {mutant[0]}:{mutant[1] + 1}: {mutant[2].strip()}  ->  {mutant[3].strip()}",
                          flush=True)
    survived = count["survived"]
    found = count["by unit tests"] + count["by worlds"] + count["by decisions"]
    print(", ".join(f"{n} {name}" for name, n in count.items()) +
          f"; {len(equivalent)} known to be equivalent; {100 * found / max(found + survived, 1):.1f} % found")
    print(f"{found} passed, {survived + len(stale)} failed")
    return 1 if survived or stale else 0


if __name__ == "__main__":
    sys.exit(main())
