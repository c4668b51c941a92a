"""tini, with and without the usual preStop script: shown beside lastcall, and able to lose jobs."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lib import kubelet
from lib.bench import SIDEKIQ, WITHOUT_TIMEOUT
from lib.pod import Init

TIMEOUT = 150
WEIGHT = 4

SCRIPT = Path(__file__).with_name("prestop.sh")


@dataclass(frozen=True)
class Case:
    label: str
    grace: int
    job: int                     # seconds
    command: tuple = WITHOUT_TIMEOUT
    script: bool = False
    pause: int = 2               # seconds from the jobs' start to the request
    lost: int = None             # how many it must lose, if that is certain


# The same as lastcall gets in the scenarios term, prestop, docker_stop and long_jobs. The title
# that the script reads is up to 5 s old (Sidekiq 6) or 10 s (from 7.0 on): asked after 2 s it
# believes that no job runs. Asked later it uses up the grace, and leaves Sidekiq the kubelet's 2 s.
CASES = [
    Case("TERM", grace=90, job=40),
    Case("preStop script, TERM", grace=90, job=40, script=True),
    Case("docker stop", grace=10, job=20, lost=5),
    Case("long jobs: preStop script, TERM", grace=20, job=60, command=SIDEKIQ, script=True,
         pause=12, lost=5),
]


def scenario(bench):
    def run(case):
        with bench.open(case.label, case.grace, init=Init("tini")) as pod:
            shutil.copy(SCRIPT, pod.folder)
            pod.start(case.command)
            pod.wait_working()
            pod.enqueue("Nap", 5, case.job)
            pod.wait_started(5)
            bench.pause(case.pause)
            hook = kubelet.delete(
                pod, ["./prestop.sh", str(case.grace)] if case.script else None)
            if hook:
                bench.check(pod, hook.code in (0, None), f"the script said {hook.output}")
        if case.lost is not None:
            bench.check(pod, pod.outcome.books.lost == case.lost and pod.outcome.overran,
                        f"lost {pod.outcome.books.lost} jobs: nothing is shown by that")

    bench.parallel(run, CASES)
