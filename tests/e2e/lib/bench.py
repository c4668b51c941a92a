"""What a scenario gets to work with: runs, checks, and the table at the end."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from . import inits, table
from .container import RunFailed
from .run import Run

# With so short a -t a TERM that comes too early shows: the jobs are cut off soon after.
SIDEKIQ = ("sidekiq", "-r", "./app.rb", "-c", "5", "-t", "5")
# Sidekiq's own default, 25 s, or what lastcall adds.
WITHOUT_TIMEOUT = SIDEKIQ[:-2]


class Skip(Exception):
    """The scenario cannot be run here; the message says why."""


class Bench:
    def __init__(self, place, name, init="lastcall", slow=False):
        self.place = place
        self.name = name
        self.slow = slow
        self.runs = []
        self.problems = []
        self._init = inits.find(init, place)
        self._opening = threading.Lock()
        self._aborted = threading.Event()
        version = place.sidekiq_version()
        if not version:
            raise Skip("no Sidekiq is installed")
        # Ruby up to 3.2, which comes with Sidekiq 6, keeps an ended thread for three
        # seconds, so that idle is seen later there.
        late = version[0] < 7
        self.tail_limit = 5.0 if late else 2.0
        self.idle_limit = 7.0 if late else 4.0

    def open(self, label, deadline=None, init=None):
        """A new run, to be used as a context."""
        chosen = inits.find(init, self.place) if init else self._init
        with self._opening:
            folder = self.place.work / self.name / str(len(self.runs))
            run = Run(self.place, folder, label, chosen, deadline)
            self.runs.append(run)
        return run

    def abort(self):
        """Ends all runs, and what waits for them; for when the scenario is told to end."""
        self._aborted.set()
        for run in self.runs:
            if run.container:
                run.container.kill()

    @staticmethod
    def parallel(action, values, at_once=4):
        """Calls action(value) for each, some at a time; the first exception is raised."""
        pool = ThreadPoolExecutor(at_once)
        try:
            list(pool.map(action, values))
        finally:
            pool.shutdown(cancel_futures=True)

    def expect(self, run, *, exit_code=None, within=None, tail=None, **figures):
        """Checks the outcome of a run: its exit code, the seconds from signal to exit, the
        seconds from the last job's end to the exit, and figures of the books by name."""
        end = run.outcome
        self.check(run, not end.overran, f"outlived its {end.took:.1f} s and had to be killed")
        if exit_code is not None:
            self.check(run, end.exit_code == exit_code,
                       f"exit code {end.exit_code} instead of {exit_code}")
        if within is not None:
            self.check(run, end.took <= within,
                       f"{end.took:.1f} s from signal to exit, more than {within:.1f} s")
        if tail is not None:
            self.check(run, end.tail is not None and end.tail <= tail,
                       f"{table.seconds(end.tail)} from the last job to the exit, "
                       f"more than {tail:.1f} s")
        for name, wanted in figures.items():
            value = getattr(end.books, name)
            self.check(run, value == wanted, f"{name} {value} instead of {wanted}")

    def check(self, run, holds, message):
        if not holds:
            self.problems.append(f"{run.label}: {message}")

    def pause(self, duration):
        if self._aborted.wait(max(0.0, duration)):
            raise RunFailed("was told to end")

    def pause_until(self, moment):
        """`moment` as time.monotonic() counts, which is also how the jobs' log does."""
        self.pause(moment - time.monotonic())

    def report(self):
        """The table of the runs that came to an end, and the problems."""
        over = [run for run in self.runs if run.outcome]
        lines = [table.outcome_table(over)] if over else []
        lines += [f"FAIL {problem}" for problem in sorted(self.problems)]
        return "\n".join(lines)
