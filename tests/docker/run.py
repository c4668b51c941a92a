#!/usr/bin/env python3
"""Runs the scenarios in real containers: lastcall, in an image that Dockerfile.example makes, over
a real Sidekiq and a real Puma, in a real Docker engine, asked to end as a platform asks.

    run.py [--suite bookworm|trixie|sid ... | --all] [--init lastcall|tini] [--load N] [--keep]
           [--program FILE] [NAME...]

Every test_NAME.py beside this file is one behaviour: a docstring, a TIMEOUT in seconds, a WEIGHT
(how many containers it runs at a time), and scenario(bench). Several run at a time, up to --load
containers together; all of them once in each Debian suite: bookworm has Sidekiq 6.4 and Puma 5.6,
trixie 7.3 and 6.6, sid 8.1 and 8.0. Without --suite: bookworm and trixie.

--init tini puts tini in lastcall's place: the scenarios then have to fail, which shows that they
can. --program puts a static lastcall of yours over the one of the image, which is then not built
again if there is one.

The engine is started for this and ends with it. Root file systems and images are kept below
${XDG_CACHE_HOME:-/var/cache}/lastcall-e2e.

Exit: 0 none failed; 1 some did; 2 wrong usage or nothing to test.
"""

import argparse
import importlib.util
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lib import table                               # noqa: E402
from lib.bench import Skip                          # noqa: E402
from lib.container import RunFailed                 # noqa: E402
from lib.docker_bench import HEAD, LEGEND, DockerBench    # noqa: E402
from lib.engine import Engine, EngineError, NoEngine      # noqa: E402
from lib.images import Images, NoImage              # noqa: E402
from lib.place import Place                         # noqa: E402

SUITES = ("bookworm", "trixie", "sid")
DEFAULT_SUITES = ("bookworm", "trixie")
# What a scenario gets to clean up after itself when it is told to end.
CLEANUP = 30.0
LOG_LINES = 40


class Scenario:
    """One file; performed in a thread of its own."""

    def __init__(self, path):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.name = path.stem.removeprefix("test_")
        self.title = module.__doc__.strip().splitlines()[0]
        self.timeout = module.TIMEOUT
        self.weight = module.WEIGHT
        self.result = None
        self.reason = None
        self.bench = None
        self.began = 0.0
        self.told_to_end = False
        self._scenario = module.scenario
        self._thread = None

    def start(self, bench):
        self.bench = bench
        self.began = time.monotonic()
        self._thread = threading.Thread(target=self._perform, daemon=True)
        self._thread.start()

    def over(self):
        return not self._thread.is_alive()

    def _perform(self):
        try:
            self._scenario(self.bench)
        except Skip as reason:
            self.result, self.reason = "skipped", str(reason)
            return
        except (RunFailed, EngineError) as problem:
            self.bench.problems.append(str(problem))
        except Exception:        # a fault of the scenario itself
            self.bench.problems.append(traceback.format_exc())
        self.result = "failed" if self.bench.problems else "passed"


def select(names):
    found = [Scenario(path) for path in sorted(HERE.glob("test_*.py"))]
    unknown = set(names) - {scenario.name for scenario in found}
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [scenario for scenario in found if not names or scenario.name in names]
    # The longest first, so that none of them is left over at the end.
    return sorted(chosen, key=lambda scenario: -scenario.timeout)


class Runner:
    """Starts scenarios while they fit, and takes in their ends."""

    def __init__(self, scenarios, make_bench, load):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self._waiting = list(scenarios)
        self._running = []
        self._make_bench = make_bench
        self._load = load

    def run(self):
        try:
            while self._waiting or self._running:
                self._start_what_fits()
                time.sleep(0.05)
                for scenario in list(self._running):
                    self._look_after(scenario)
        finally:
            for scenario in self._running:
                scenario.bench.abort()

    def _start_what_fits(self):
        for scenario in list(self._waiting):
            load_now = sum(other.weight for other in self._running)
            if not self._running or load_now + scenario.weight <= self._load:
                self._waiting.remove(scenario)
                self._running.append(scenario)
                scenario.start(self._make_bench(scenario.name))

    def _look_after(self, scenario):
        age = time.monotonic() - scenario.began
        if scenario.over():
            self._running.remove(scenario)
            self._report(scenario, age)
        elif age > scenario.timeout + CLEANUP:
            raise EngineError(f"{scenario.name} does not end")
        elif age > scenario.timeout and not scenario.told_to_end:
            scenario.told_to_end = True
            scenario.bench.problems.append(f"it was not over after {scenario.timeout:.0f} s")
            scenario.bench.abort()

    def _report(self, scenario, age):
        self.counts[scenario.result] += 1
        print(f"{scenario.result.upper()}  {scenario.name}  {age:.0f} s  {scenario.title}")
        if scenario.reason:
            print(f"skipped: {scenario.reason}")
        for problem in sorted(scenario.bench.problems):
            print(f"FAIL {problem}")
        if scenario.result == "failed":
            for pod in scenario.bench.suspects()[:3]:
                if (pod.folder / "stderr").exists():
                    print(f"--- stderr of '{pod.label}':")
                    print("\n".join(pod.story().splitlines()[-LOG_LINES:]))
        sys.stdout.flush()


def skip(reason, count):
    print(f"SKIPPED, all of it: {reason}", flush=True)
    return {"passed": 0, "failed": 0, "skipped": count}


def run_suite(engine, images, work, suite, options):
    """Runs what was asked for on one suite; returns the counts."""
    scenarios = select(options.names)
    began = time.monotonic()
    try:
        image = images.make(suite, again=not options.program)
    except NoImage as reason:
        return skip(reason, len(scenarios))
    except EngineError as problem:    # Dockerfile.example is part of what is tested
        print(f"FAILED  {problem}", flush=True)
        return {"passed": 0, "failed": 1, "skipped": len(scenarios)}
    print(f"{image} under {options.init}; scenarios: {len(scenarios)}; the image took "
          f"{time.monotonic() - began:.0f} s", flush=True)
    place = Place(work)
    runner = Runner(scenarios, lambda name: DockerBench(
        engine, image, place, name, options.init, options.program), options.load)
    runner.run()
    rows = [row for scenario in scenarios for row in scenario.bench.rows()]
    # What is to be compared one below the other: by what happens, then by whom it happens to.
    rows.sort(key=lambda row: row[0].lower().split(": ", 1)[::-1])
    print("\n" + table.render(HEAD, rows) + "\n")
    return runner.counts


def run_all(options, work):
    """Runs all in each of the suites; returns the counts, summed."""
    suites = SUITES if options.all else options.suite or DEFAULT_SUITES
    total = {"passed": 0, "failed": 0, "skipped": 0}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache") / "lastcall-e2e"
    try:
        with Engine(work / "engine", cache / "docker") as engine:
            print(engine.version(), flush=True)
            images = Images(engine, cache, work)
            for suite in suites:
                began = time.monotonic()
                print(f"\n==== {suite}", flush=True)
                counts = run_suite(engine, images, work, suite, options)
                print(f"{suite}: {closing_line(counts)}; {time.monotonic() - began:.0f} s",
                      flush=True)
                total = {name: total[name] + count for name, count in counts.items()}
    except NoEngine as reason:
        return skip(f"no Docker engine can be had: {reason}",
                    len(suites) * len(select(options.names)))
    if total["passed"] or total["failed"]:
        print("\n" + LEGEND)
    return total


def closing_line(counts):
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    return line + (f", {counts['skipped']} skipped" if counts["skipped"] else "")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--suite", choices=SUITES, action="append")
    where.add_argument("--all", action="store_true", help="in every suite")
    parser.add_argument("--init", choices=["lastcall", "tini"], default="lastcall")
    parser.add_argument("--load", type=int, default=7, help="containers at a time")
    parser.add_argument("--program", type=Path, help="a static lastcall in place of the image's")
    parser.add_argument("--keep", action="store_true", help="keep the work directory")
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


def main():
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Not in /tmp, which may be in memory: the engine keeps its state here.
    work = Path(tempfile.mkdtemp(prefix="lastcall-docker.", dir="/var/tmp"))
    work.chmod(0o755)    # the containers' users come in here
    try:
        counts = run_all(options, work)
        print("\n" + closing_line(counts))
        return 1 if counts["failed"] else 0
    except EngineError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        if options.keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
