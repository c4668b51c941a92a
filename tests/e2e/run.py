#!/usr/bin/env python3
"""Runs the end-to-end scenarios: lastcall as PID 1 over a real Sidekiq and a real Redis.

    run.py [--suite trixie|sid | --suites] [--init lastcall|tini|none] [--slow] [--load N]
           [--keep] [NAME...]

Every test_NAME.py beside this file is one behaviour: a docstring, a TIMEOUT in seconds, a
WEIGHT (how many Sidekiqs it runs at a time), and scenario(bench). Each runs in a process of
its own; several run at a time, up to --load Sidekiqs together.

--suite takes Sidekiq and Redis from a tree that suites.sh made; --suites has suites.sh make
what is missing, and runs all in each of them. --init puts another init
in lastcall's place: the scenarios then have to fail, which shows that they can.

Exit: 0 none failed; 1 some did; 2 wrong usage or nothing to test.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lib import inits
from lib.place import Place, namespaces_work
from lib.schedule import Schedule, closing_line, load, run_in_folder, select, skip_all

HERE = Path(__file__).resolve().parent
# What a scenario gets to clean up after itself when it is told to end.
CLEANUP = 15.0
SKIPPED = 77
SUITES = ("trixie", "sid")


@dataclass
class Scenario:
    path: Path
    title: str
    timeout: float
    weight: int
    process: subprocess.Popen = None
    output: Path = None
    began: float = 0.0
    told_to_end: bool = False

    @property
    def name(self):
        return self.path.stem.removeprefix("test_")


def make(path):
    module = load(path)
    return Scenario(path, module.__doc__.strip().splitlines()[0], module.TIMEOUT, module.WEIGHT)


def suite_tree(suite):
    cache = os.environ.get("XDG_CACHE_HOME") or "/var/cache"
    return Path(cache) / "lastcall-e2e" / suite


def why_skip(place):
    """Why nothing can be run here, or None."""
    works, reason = namespaces_work()
    if not works:
        return f"no PID namespace can be had: {reason}"
    if place.tree and os.geteuid() != 0:
        return "another suite needs root, for chroot"
    if place.tree and not place.tree.is_dir():
        return f"{place.tree} does not exist: tests/e2e/suites.sh makes it"
    if not place.sidekiq_version():
        return "ruby-sidekiq is not installed"
    if not place.program("redis-server", "valkey-server"):
        return "redis-server is not installed"
    return None


class Runner(Schedule):
    """Each in a process of its own."""

    def __init__(self, scenarios, work, options, suite):
        super().__init__(scenarios, options.load)
        self._work = work
        self._options = options
        self._suite = suite

    def start(self, scenario):
        scenario.output = self._work / f"{scenario.name}.out"
        words = [sys.executable, "-m", "lib.child", str(scenario.path),
                 "--work", str(self._work), "--init", self._options.init]
        if self._suite:
            words += ["--tree", str(suite_tree(self._suite))]
        if self._options.slow:
            words.append("--slow")
        with open(scenario.output, "wb") as output:
            scenario.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *words], cwd=HERE,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True)
        scenario.began = time.monotonic()

    def look_after(self, scenario):
        code = scenario.process.poll()
        age = time.monotonic() - scenario.began
        if code is not None:
            self.running.remove(scenario)
            self._report(scenario, code, age)
        elif age > scenario.timeout + CLEANUP:
            scenario.process.kill()
        elif age > scenario.timeout and not scenario.told_to_end:
            scenario.told_to_end = True
            scenario.process.terminate()

    def _report(self, scenario, code, age):
        result = {0: "passed", SKIPPED: "skipped"}.get(code, "failed")
        if scenario.told_to_end:
            result = "failed"
        self.counts[result] += 1
        print(f"\n{result.upper()}  {scenario.name}  {age:.0f} s  {scenario.title}")
        if scenario.told_to_end:
            print(f"FAIL it was not over after {scenario.timeout:.0f} s")
        print(scenario.output.read_text(encoding="utf-8", errors="replace").rstrip(),
              flush=True)

    def end_all(self):
        for scenario in self.running:
            scenario.process.terminate()
        limit = time.monotonic() + CLEANUP
        for scenario in self.running:
            try:
                scenario.process.wait(max(0.1, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                scenario.process.kill()
                scenario.process.wait()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--suite", choices=SUITES)
    where.add_argument("--suites", action="store_true", help="all of them, made if missing")
    parser.add_argument("--init", choices=["lastcall", "tini", "none"], default="lastcall")
    parser.add_argument("--slow", action="store_true", help="the slow comparisons too")
    parser.add_argument("--load", type=int, default=6, help="Sidekiqs at a time")
    parser.add_argument("--keep", action="store_true", help="keep the work directory")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def run_all(options, work, suite):
    """Runs what was asked for in one place; returns the counts."""
    scenarios = select(HERE, options.names, make)
    place = Place(work, suite_tree(suite) if suite else None)
    reason = why_skip(place)
    if reason:
        return skip_all(reason, len(scenarios))
    inits.find(options.init, place)   # made once, before the scenarios want it at once
    version = ".".join(map(str, place.sidekiq_version()))
    print(f"Sidekiq {version} under {options.init}, {len(scenarios)} scenarios", flush=True)
    runner = Runner(scenarios, work, options, suite)
    runner.run()
    found = inits.reports(place)
    if found:
        print(f"\nFAILED  under {inits.UNDER}:\n{found}", flush=True)
        runner.counts["failed"] += 1
    return runner.counts


def run_suites(options, work):
    """Runs all in each of the suites; returns the counts, summed."""
    # What could not be made is missing then, and skipped below, loudly.
    subprocess.run([HERE / "suites.sh", *SUITES], stdin=subprocess.DEVNULL, check=False)
    total = {}
    for suite in SUITES:
        print(f"\n==== {suite}", flush=True)
        folder = work / suite
        folder.mkdir()
        counts = run_all(options, folder, suite)
        print(f"\n{suite}: {closing_line(counts)}", flush=True)
        total = {name: total.get(name, 0) + count for name, count in counts.items()}
    return total


def main():
    options = parse()
    # Ignored by a shell that runs us in the background, they would be so in all that we run; and a Ruby leaves it at that.
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(work):
        return run_suites(options, work) if options.suites else run_all(options, work, options.suite)
    return run_in_folder(run, {FileNotFoundError: 2}, "lastcall-e2e.", options.keep)


if __name__ == "__main__":
    sys.exit(main())
