#!/usr/bin/python3
"""Each call that lastcall makes fails once, or three times, at its n-th time, in a run with a drain.

    tests/faults/run.py [--every K] [--most N] [-j JOBS] [CALL...]

The run: a service with a file that tells when it is ready, a worker (a stand-in for Sidekiq with one
job) that is after it, a pair of processes of which one has a job and both say so, a client at the door,
TERM, a hook. n goes from 1 to 200, or as far as the call is made; --every K takes each K-th. What must
hold: lastcall ends, not before TERM and not after its deadline; with 70 only if it had started nothing;
what it had started was told to stop, the pair not while its job ran, and nothing of that got KILL earlier than the deadline demands (where /proc cannot be read KILL goes to what might be left of a
service that has ended: 137 too). The last line counts the faults.
"""

import argparse
import collections
import concurrent.futures
import errno
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
os.environ["LASTCALL_BIN"] = os.path.join(ROOT, "build/lastcall-faults")
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))
sys.dont_write_bytecode = True

from lib import Box, TimedOut, monotonic  # noqa: E402  (it reads LASTCALL_BIN)
from lib.door import raw  # noqa: E402

DEADLINE, MARGIN = 7, 1  # s
EARLIEST_KILL = 5  # s after TERM: 7 - 1 - the store's 1 s; by its ladder, if it does not hear TERM
LATE = 1  # s: a busy machine
SAYS_BUSY, SAYS_IDLE = "busy:1 sleep:150 " * 8, "busy:0 sleep:150 " * 60
CONFIG = f"""
[lastcall]
deadline = {DEADLINE}s
margin = {MARGIN}s
control = {{dir}}/control.sock
listen = unix:{{dir}}/open.sock

[hooks]
on_exit = {{child}} exit:0

[service:store]
command = {{child}} trap:{{dir}}/store exit-on:15:0 file:{{dir}}/store-up pause
ready = file:{{dir}}/store-up
stop = TERM 1s

[service:worker]
profile = sidekiq
command = {{child}} trap:{{dir}}/worker file:{{dir}}/worker-up sidekiq:1:1:400:1:7.2.0
stop = TERM 2s
after = store

[service:pair]
inflight = notify
command = {{child}} trap:{{dir}}/pair exit-on:15:0 member {SAYS_BUSY} file:{{dir}}/pair-finished {SAYS_IDLE} pause end \
    file:{{dir}}/pair-up {SAYS_IDLE} pause
stop = TERM 1s
"""

ERRORS = {"fork": "EAGAIN", "pipe2": "EMFILE", "open": "EMFILE", "openat": "EMFILE", "read": "EIO",
          "pread": "EIO", "write": "EIO", "getdents64": "EIO", "fstat": "ENOMEM", "stat": "ENOMEM", "lstat": "ENOMEM",
          "mkdir": "ENOSPC", "unlink": "EIO", "fcntl": "EINVAL", "malloc": "ENOMEM", "calloc": "ENOMEM",
          "realloc": "ENOMEM", "waitpid": "EINTR", "signalfd": "EMFILE",
          "pthread_create": "EAGAIN", "socket": "EMFILE", "bind": "EADDRINUSE", "listen": "EADDRINUSE",
          "accept4": "EMFILE", "recvmsg": "ECONNRESET", "send": "ENOBUFS",
          "poll": "ENOMEM",
          "timerfd_create": "EMFILE", "timerfd_settime": "EINVAL"}

AT_ONCE = 4  # of one call: what is begun beyond its last time is in vain
LOOKS = {"openat", "pread", "getdents64"}  # at processes: the next one tells


def is_up(box, name):
    return box.file(f"{name}-up") is not None


def was_hasty(box):
    """Whether the pair was told to stop while its job ran."""
    if "TERM" not in box.caught("pair"):
        return False
    finished = box.file("pair-finished") is not None and os.stat(box.path("pair-finished")).st_mtime
    return not finished or os.stat(box.path("pair")).st_mtime < finished


def ask(box):
    """A client who takes what comes."""
    for target in ("/metrics", "/status"):
        try:
            raw(box, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), "open")
        except (OSError, TimedOut, IndexError, ValueError, AssertionError):
            return


def judge(box, call):
    """What is wrong, or None; and how it ended."""
    try:
        box.wait_line("worker.*ready after", timeout=4)
        ask(box)
    except TimedOut:
        pass  # what cannot be started is not waited for
    early = not box.alive()
    asked = monotonic()
    try:
        box.signal("TERM")
    except ProcessLookupError:
        pass  # it has ended
    try:
        code = box.wait(DEADLINE + LATE)
    except TimedOut:
        return f"it lives on {DEADLINE + LATE} s after TERM", "never"
    took = box.took(asked)
    started = [name for name in ("store", "worker", "pair") if is_up(box, name)]
    if code >= 1000:
        return f"it died of signal {code - 1000}", "dead"
    if early and started:
        return f"{code} before TERM, and {started} had been started", "early"
    if code == 70 and started:
        return f"70, and {started} had been started", "70"
    if code == 137 and took < EARLIEST_KILL - 0.1 and "ended by KILL" in box.story():
        return f"KILL after {took:.1f} s", "137"
    if code not in (70, 137):
        untold = [name for name in started if "TERM" not in box.caught(name)]
        if untold:
            return f"{code}, and {untold} got no TERM", str(code)
        if was_hasty(box):
            return f"{code}, and TERM came while the pair had a job", str(code)
        if code == 75 and call in LOOKS:
            return "75, and all jobs had time to finish", "75"
    return None, str(code)


def run(call, times, n):
    """(was the call reached, what is wrong, how it ended, the story)"""
    number = getattr(errno, ERRORS[call])
    with Box(config=CONFIG, env={"LASTCALL_FAULT": f"{call}:{n}:{times}:{number}:{{dir}}/fired"}) as box:
        wrong, end = judge(box, call)
        Box.every.remove(box)
        return box.file("fired") is not None, wrong, end, box.story()


def series(call, times, args, pool):
    """The faults of one call, as far as it is made: how they ended, and what was wrong."""
    ends, wrongs, n = collections.Counter(), [], 1
    while n <= args.most:
        chunk = range(n, min(n + AT_ONCE * args.every, args.most + 1), args.every)
        for k, (reached, wrong, end, story) in zip(chunk, pool.map(lambda k: run(call, times, k), chunk)):
            if not reached and not wrong:
                n = args.most
                continue
            ends[end] += 1
            if wrong:
                wrongs.append(f"{call} fails {times}x from its {k}. on: {wrong}\n{story}")
        n = max(chunk[-1], n) + args.every
    return ends, wrongs


def main():
    parser = argparse.ArgumentParser(description="Lets calls fail.")
    parser.add_argument("calls", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--most", type=int, default=200)
    parser.add_argument("-j", "--jobs", type=int, default=10 * os.cpu_count())  # they mostly wait
    args = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="lastcall-faults.", dir="/var/tmp") as directory, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        tempfile.tempdir = directory  # not in /tmp: a box has its own
        chosen = [(call, times) for call in args.calls or ERRORS for times in (1, 3)]
        with concurrent.futures.ThreadPoolExecutor(len(chosen)) as each:  # they share the pool of runs
            done = each.map(lambda one: series(*one, args, pool), chosen)
            for (call, times), (ends, wrongs) in zip(chosen, done):
                passed += sum(ends.values()) - len(wrongs)
                failed += len(wrongs)
                told = ", ".join(f"{count} with {end}" for end, count in sorted(ends.items())) or "is not called"
                print(f"{'not ok' if wrongs else 'ok'} {call} x{times}: {told}", flush=True)
                print("".join(f"    {line}\n" for wrong in wrongs[:3] for line in wrong.splitlines()), end="", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
