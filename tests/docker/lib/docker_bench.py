"""What a scenario gets to work with: pods, checks, and the rows of the table."""

import threading
import time

from . import table
from .bench import Bench
from .container import RunFailed
from .pod import Init, Pod

HEAD = ["run", "grace", "enqueued", "finished", "handed back", "cut in vain", "twice", "lost",
        "failed", "took", "exit"]
LEGEND = """\
grace         from the request to the platform's KILL
handed back   in Redis afterwards: the next container performs them
cut in vain   begun and cut off, though they would have ended before the KILL
twice         performed again, or to be
lost          neither finished nor in Redis: nobody will ever perform them
failed        requests that failed before the linger was over; -: nothing sent any
took          from the request (a hook's start, a signal) to the end of PID 1
exit          137: the platform had to kill it"""


class DockerBench:
    def __init__(self, engine, image, place, name, init="lastcall", program=None):
        self.image = image
        self.name = name
        self.pods = []
        self.problems = []
        self._engine = engine
        self._place = place
        self.init = init
        self._program = program    # a lastcall to be put over the image's
        self._opening = threading.Lock()
        self._aborted = threading.Event()
        # Ruby up to 3.2, which comes with Sidekiq 6, keeps an ended thread for three seconds,
        # so that idle is seen later there. And a busy machine is late.
        self.tail_limit = 7.0 if image.sidekiq[0] < 7 else 4.0

    def folder(self, name):
        """A folder of the scenario's own."""
        made = self._place.work / self.image.suite / self.name / name
        made.mkdir(parents=True)
        return made

    def open(self, label, grace, init=None, engine=None, image=None):
        """A new pod, to be used as a context; its platform kills so many seconds after it asked.
        init: an Init, where it is not the one that is tested."""
        with self._opening:
            folder = self._place.work / self.image.suite / self.name / str(len(self.pods))
            chosen = init or Init(self.init, self._program)
            pod = Pod(engine or self._engine, image or self.image, self._place, folder,
                      f"{chosen.name}: {label}", chosen, grace)
            self.pods.append(pod)
        return pod

    parallel = staticmethod(Bench.parallel)

    def abort(self):
        """Ends all pods, and what waits for them; for when the scenario is told to end."""
        self._aborted.set()
        for pod in self.pods:
            if pod.container:
                pod.container.kill()

    def pause(self, duration):
        if self._aborted.wait(max(0.0, duration)):
            raise RunFailed("was told to end")

    def pause_until(self, moment):
        """`moment` as time.monotonic() counts."""
        self.pause(moment - time.monotonic())

    # ---- checks

    def check(self, pod, holds, message):
        if not holds:
            self.problems.append(f"{pod.label}: {message}")

    def expect(self, pod, *, exit_code, within=None, tail=None, **figures):
        """Checks how a pod ended: nothing lost, nothing done twice, nothing cut off in vain, and
        the probes. within: seconds from the request to the end of PID 1; tail: from the end of the
        last job; figures: of the books, by name."""
        end = pod.outcome
        wanted = {"lost": 0, "twice": 0, **figures}
        self.check(pod, not end.overran, f"outlived its grace, and was killed at {end.took:.1f} s")
        self.check(pod, end.exit_code == exit_code,
                   f"exit code {end.exit_code} instead of {exit_code}")
        self.check(pod, pod.cut_in_vain() == 0, f"{pod.cut_in_vain()} jobs cut off in vain")
        for name, value in wanted.items():
            found = getattr(end.books, name)
            self.check(pod, found == value, f"{name} {found} instead of {value}")
        if within is not None:
            self.check(pod, end.took <= within, f"took {end.took:.1f} s, more than {within:.1f} s")
        if tail is not None:
            self.check(pod, end.tail is not None and end.tail <= tail,
                       f"{table.seconds(end.tail)} from the last job to the end, "
                       f"more than {tail:.1f} s")
        if pod.probe:
            for problem in pod.probe.problems(pod.asked(), pod.heard_at, pod.container.ended_at):
                self.check(pod, False, problem)

    def expect_hook(self, pod, hook, code, seconds=None):
        """Checks what became of a preStop hook: its exit code, and the least and the most that
        it took."""
        self.check(pod, hook.code == code, f"preStop ended with {hook.code} instead of {code}: "
                   + " / ".join(hook.output.strip().splitlines()[-3:]))
        if seconds:
            least, most = seconds
            self.check(pod, hook.seconds is not None and least <= hook.seconds <= most,
                       f"preStop took {table.seconds(hook.seconds)}, "
                       f"not {least:.1f} to {most:.1f} s")

    # ---- what is shown

    def rows(self):
        found = []
        for pod in self.pods:
            end = pod.outcome
            if end:
                kept = end.books
                failed = "-" if pod.requests_failed is None else pod.requests_failed
                found.append([pod.label, f"{pod.limit:.0f} s", kept.enqueued, kept.finished,
                              kept.queued, pod.cut_in_vain(), kept.twice, kept.lost, failed,
                              table.seconds(end.took), end.exit_code])
        return found

    def suspects(self):
        """The pods that something is wrong with."""
        return [pod for pod in self.pods if not pod.outcome
                or any(problem.startswith(pod.label + ":") for problem in self.problems)]
