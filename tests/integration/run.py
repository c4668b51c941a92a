#!/usr/bin/python3
"""Runs the integration tests: every test_*() of every test_*.py here, each in a process of its own.

    tests/integration/run.py [-j N] [-t SECONDS] [WORD...]     WORDs: parts of `file.test` to run

LASTCALL_BIN names another binary than build/lastcall, LASTCALL_UNDER what it is run under (a script
of tests/under); then what is found fails a test too. A test has SECONDS (60), or what its
attribute `timeout` says, then it is killed with all that it started. Those with the attribute
`alone` take the whole machine, and run after the others. The last line counts.
"""

import argparse
import concurrent.futures
import glob
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

SKIPPED = 77


def one(file, name):
    """The test itself, in this process."""
    from lib import Box, Skip
    try:
        getattr(importlib.import_module(file), name)()
        return 0
    except Skip as reason:
        print(f"SKIPPED: {reason}")
        return SKIPPED
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        for box in Box.every:
            print(box.story(), end="")
        return 1
    finally:
        for box in Box.every:
            box.close()


# The name of a script in tests/under that runs lastcall under something, or "".
UNDER = os.environ.get("LASTCALL_UNDER", "")
SCRIPT = os.path.join(os.path.dirname(HERE), "under", UNDER)
SANITIZED = os.environ.get("LASTCALL_BIN", "").endswith("-asan")


def left_out():
    """{name: reason} of the tests that cannot hold under what lastcall runs under."""
    reasons, reason = {}, None
    if UNDER:
        with open(f"{SCRIPT}.left-out", encoding="utf-8") as f:
            for line in f.read().splitlines():
                if line.startswith(" "):
                    reasons[line.strip()] = reason
                elif line and not line.startswith("#"):
                    reason = line
    return reasons


def program_under(directory, label):
    """What is run in lastcall's place, in a directory of the test's own; whoever lastcall is there
    writes its report beside it."""
    home = os.path.join(directory, label)
    os.mkdir(home)
    os.chmod(home, 0o1777)
    program = os.path.join(home, "lastcall")
    os.symlink("../under", program)
    return program


def reports(program):
    """What was found while a test ran."""
    text = b""
    for path in sorted(glob.glob(os.path.join(os.path.dirname(program), "report.*"))):
        with open(path, "rb") as f:
            text += f.read()
    return text


def run(test, default_timeout, directory):
    """(name, result, seconds, output) of a test, run in a process of its own."""
    file, name, timeout, _ = test
    began = time.monotonic()
    program = program_under(directory, f"{file}.{name}") if UNDER else os.path.join(directory, "lastcall")
    process = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--one", file, name],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env={
                                   **os.environ, "TMPDIR": directory, "LASTCALL_BIN": program,
                                   "LASTCALL_SANITIZED": "yes" if SANITIZED else "",
                                   "LASTCALL_CHILD": os.path.join(directory, "child")})
    try:
        output, _ = process.communicate(timeout=timeout or default_timeout)
        result = {0: "ok", SKIPPED: "SKIPPED"}.get(process.returncode, "FAILED")
    except subprocess.TimeoutExpired:
        process.kill()  # its boxes die with it
        output, _ = process.communicate()
        output += f"the test took longer than {timeout or default_timeout} s\n".encode()
        result = "FAILED"
    found = reports(program) if UNDER else b""
    if found:
        output += b"under " + UNDER.encode() + b":\n" + found
        result = "FAILED"
    text = output.decode("utf-8", "replace")
    return f"{file[5:]}.{name[5:]}", result, time.monotonic() - began, text


def tests(words):
    """Longest first, so that the end is not spent waiting for one; and how many are left out."""
    found, skipped, reasons = [], 0, left_out()
    for path in sorted(glob.glob(os.path.join(HERE, "test_*.py"))):
        file = os.path.basename(path)[:-3]
        module = importlib.import_module(file)
        for name, function in vars(module).items():
            label = f"{file[5:]}.{name[5:]}"
            if name.startswith("test_") and callable(function) and \
                    (not words or any(word in label for word in words)):
                reason = getattr(function, "unsanitized", None) if SANITIZED else reasons.pop(label, None)
                if reason:
                    print(f"SKIPPED          {label}: {reason}")
                    skipped += 1
                    continue
                found.append((file, name, getattr(function, "timeout", None),
                              getattr(function, "alone", False)))
    if reasons and not words:
        sys.exit(f"{SCRIPT}.left-out names tests that are not there: {', '.join(reasons)}")
    return sorted(found, key=lambda test: -(test[2] or 0)), skipped


def show(name, result, seconds, output):
    print(f"{result:7} {seconds:6.2f}s  {name}")
    if result == "SKIPPED":
        print(f"        *** {output.strip().upper()} ***")
    elif result == "FAILED":
        print("".join(f"        {line}\n" for line in output.splitlines()), end="")
    sys.stdout.flush()
    return result


def main():
    if sys.argv[1:2] == ["--one"]:
        return one(sys.argv[2], sys.argv[3])
    parser = argparse.ArgumentParser(description="Runs the integration tests.")
    parser.add_argument("-j", "--jobs", type=int, default=6)
    parser.add_argument("-t", "--timeout", type=float, default=60)
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()

    from lib import BIN, CHILD
    for program in BIN, CHILD:
        if not os.access(program, os.X_OK):
            print(f"{program} is not there: make it first\n0 passed, 1 failed")
            return 1
    count = {"ok": 0, "FAILED": 0, "SKIPPED": 0}
    # Where any user id can go, which a clone below /root is not, and not in /tmp: a box has its own.
    with tempfile.TemporaryDirectory(prefix="lastcall-tests.", dir="/var/tmp",
                                     ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        shutil.copy(BIN, os.path.join(directory, "lastcall"))
        shutil.copy(CHILD, os.path.join(directory, "child"))
        if UNDER:
            shutil.copy(SCRIPT, os.path.join(directory, "under"))
        chosen, count["SKIPPED"] = tests(args.words)
        for alone in False, True:
            with concurrent.futures.ThreadPoolExecutor(1 if alone else args.jobs) as pool:
                jobs = [pool.submit(run, test, args.timeout, directory)
                        for test in chosen if test[3] == alone]
                for job in concurrent.futures.as_completed(jobs):
                    count[show(*job.result())] += 1
    skipped = f", {count['SKIPPED']} skipped" if count["SKIPPED"] else ""
    print(f"{count['ok']} passed, {count['FAILED']} failed{skipped}")
    return 1 if count["FAILED"] or not count["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
