"""Runs one scenario file in a process of its own, for run.py.

Exit: 0 passed, 1 failed, 77 skipped.
"""

import argparse
import signal
import sys
import traceback
from pathlib import Path

from .bench import Bench, Skip
from .container import RunFailed
from .place import Place
from .schedule import load

LOG_LINES = 40
LOGS = 3


def last_words(bench):
    """The end of what PID 1 said in the first runs that something is wrong with."""
    suspects = [run for run in bench.runs if not run.outcome
                or any(problem.startswith(run.label + ":") for problem in bench.problems)]
    for run in suspects[:LOGS]:
        if not (run.folder / "stderr").exists():
            continue
        print(f"--- stderr of '{run.label}':")
        print("\n".join(run.story().splitlines()[-LOG_LINES:]))


def perform(bench, scenario):
    try:
        scenario(bench)
    except Skip as reason:
        print(f"skipped: {reason}")
        return 77
    except RunFailed as problem:
        bench.problems.append(str(problem))
    except SystemExit:       # told to end: what there is to say is said all the same
        bench.problems.append("was told to end")
    except Exception:        # a fault of the scenario itself
        bench.problems.append(traceback.format_exc())
    print(bench.report())
    if not bench.problems:
        return 0
    last_words(bench)
    return 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("--work", required=True)
    parser.add_argument("--tree")
    parser.add_argument("--init", required=True)
    parser.add_argument("--slow", action="store_true")
    given = parser.parse_args()
    name = given.path.stem.removeprefix("test_")
    bench = Bench(Place(given.work, given.tree), name, given.init, given.slow)

    def told_to_end(*_):   # unwinds, so that every run is cleaned up on the way
        bench.abort()
        sys.exit(143)

    signal.signal(signal.SIGTERM, told_to_end)
    return perform(bench, load(given.path).scenario)


if __name__ == "__main__":
    sys.exit(main())
