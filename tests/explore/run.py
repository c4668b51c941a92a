#!/usr/bin/python3
"""Explores every world; then with each bug of bugs/, of which every one must be found.

    tests/explore/run.py EXPLORE [--no-bugs]

A bug is a patch for a copy of the tree; what stands above its diff says what it breaks. The
worlds run over all cores. The last line counts worlds and bugs.
"""

import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LONGEST = 900  # s, for one world
TOO_MANY = "more states than were allowed"


def explore(program, world):
    """(Is all well, what was printed)."""
    done = subprocess.run([program, "--world", str(world)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=LONGEST, check=False)
    return done.returncode == 0, done.stdout.strip().rsplit("\n", 1)[0]


def explore_all(program, pool):
    """[(is all well, what was printed)] of each world, in their order."""
    count = int(subprocess.run([program, "--count"], capture_output=True, text=True, check=True).stdout)
    return pool.map(lambda world: explore(program, world), range(count))


def with_bug(patch, pool):
    """What finds the bug, in words; None: nothing does, or the patch is of another tree."""
    with tempfile.TemporaryDirectory(prefix="lastcall-explore.") as directory:
        tree = os.path.join(directory, "tree")
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns("build", ".git"))
        for words in (["patch", "-s", "-p1", "-i", patch],
                      ["make", "-s", f"-j{os.cpu_count()}", "CFLAGS=-g0 -w", "build/tests/explore"]):
            done = subprocess.run(words, cwd=tree, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                print(done.stdout + done.stderr)
                return None
        for well, told in explore_all(os.path.join(tree, "build/tests/explore"), pool):
            last = told.split("\n")[-2:]
            if not well and TOO_MANY not in last[-1]:
                return f"{last[-1].strip()} ({re.sub(r'^not ok ', '', last[0])})"
    return None


def main():
    count = {True: 0, False: 0}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for well, told in explore_all(os.path.abspath(sys.argv[1]), pool):
            print(told, flush=True)
            count[well] += 1
        for patch in sorted(glob.glob(os.path.join(HERE, "bugs/*.patch"))) if "--no-bugs" not in sys.argv else []:
            found = with_bug(patch, pool)
            print(f"{'ok' if found else 'not ok'} bug {os.path.basename(patch)[:-6]}: {found or 'not found'}", flush=True)
            count[found is not None] += 1
    print(f"{count[True]} passed, {count[False]} failed")
    return 1 if count[False] else 0


if __name__ == "__main__":
    sys.exit(main())
