"""What every runner of scenarios does: finds them, runs several at a time, counts, cleans up."""

import importlib.util
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path


def load(path):
    """The module of a scenario file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def select(folder, names, make):
    """make(path) of every test_NAME.py there, or of those named; the longest first, so that none of
    them is left over at the end."""
    found = [make(path) for path in sorted(folder.glob("test_*.py"))]
    unknown = set(names) - {scenario.name for scenario in found}
    if unknown:
        sys.exit(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [scenario for scenario in found if not names or scenario.name in names]
    return sorted(chosen, key=lambda scenario: -scenario.timeout)


class Schedule:
    """Starts scenarios while they fit, and takes in their ends. Its heirs say how: start(), look_after(),
    which removes from .running what is over, and end_all()."""

    def __init__(self, scenarios, load_most):
        self.waiting = list(scenarios)
        self.running = []
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self._load_most = load_most

    def run(self):
        try:
            while self.waiting or self.running:
                self._start_what_fits()
                time.sleep(0.05)
                for scenario in list(self.running):
                    self.look_after(scenario)
        finally:
            self.end_all()

    def _start_what_fits(self):
        for scenario in list(self.waiting):
            load_now = sum(other.weight for other in self.running)
            if not self.running or load_now + scenario.weight <= self._load_most:
                self.waiting.remove(scenario)
                self.running.append(scenario)
                self.start(scenario)


def closing_line(counts):
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    return line + (f", {counts['skipped']} skipped" if counts["skipped"] else "")


def skip_all(reason, count):
    print(f"SKIPPED, all of it: {reason}", flush=True)
    return {"passed": 0, "failed": 0, "skipped": count}


def run_in_folder(action, errors, prefix, keep, below=None):
    """Calls action(folder), which gives the counts, with a folder that others may enter; prints the
    closing line. errors: {exception: exit code}. Returns the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=below))
    work.chmod(0o755)
    try:
        counts = action(work)
        print("\n" + closing_line(counts))
        return 1 if counts["failed"] else 0
    except tuple(errors) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return next(code for kind, code in errors.items() if isinstance(error, kind))
    except KeyboardInterrupt:
        return 130
    finally:
        if keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
