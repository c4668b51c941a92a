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
import os
import sys
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
from lib.schedule import (                          # noqa: E402
    Schedule, closing_line, load, run_in_folder, select, skip_all)

SUITES = ("bookworm", "trixie", "sid")
DEFAULT_SUITES = ("bookworm", "trixie")
# What a scenario gets to clean up after itself when it is told to end.
CLEANUP = 30.0
LOG_LINES = 40


class Scenario:
    """One file; performed in a thread of its own."""

    def __init__(self, path):
        module = load(path)
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


class Runner(Schedule):
    """Each in a thread of its own, with a bench of its own."""

    def __init__(self, scenarios, make_bench, load_most):
        super().__init__(scenarios, load_most)
        self._make_bench = make_bench

    def start(self, scenario):
        scenario.start(self._make_bench(scenario.name))

    def end_all(self):
        for scenario in self.running:
            scenario.bench.abort()

    def look_after(self, scenario):
        age = time.monotonic() - scenario.began
        if scenario.over():
            self.running.remove(scenario)
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


def run_suite(engine, images, work, suite, options):
    """Runs what was asked for on one suite; returns the counts."""
    scenarios = select(HERE, options.names, Scenario)
    began = time.monotonic()
    try:
        image = images.make(suite, again=not options.program)
    except NoImage as reason:
        return skip_all(reason, len(scenarios))
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
        return skip_all(f"no Docker engine can be had: {reason}",
                    len(suites) * len(select(HERE, options.names, Scenario)))
    if total["passed"] or total["failed"]:
        print("\n" + LEGEND)
    return total


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
    # Not in /tmp, which may be in memory: the engine keeps its state here.
    return run_in_folder(lambda work: run_all(options, work), {EngineError: 1},
                         "lastcall-docker.", options.keep, below="/var/tmp")


if __name__ == "__main__":
    sys.exit(main())
