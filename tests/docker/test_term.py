"""TERM alone: every job that began is finished, and PID 1 ends soon after the last.

And nothing was written to the container's file system but a socket."""

import re

from lib import kubelet
from lib.bench import SIDEKIQ, WITHOUT_TIMEOUT

TIMEOUT = 120
WEIGHT = 2

# With Sidekiq's own time-out of 25 s, jobs of 40 s are the ones that other inits interrupt.
RUNS = [("TERM, -t 5", SIDEKIQ, 12, 60), ("TERM", WITHOUT_TIMEOUT, 40, 90)]


def check_changes(bench, pod):
    """Nothing is written but what is mounted there, and lastcall's sockets."""
    outside = [line for line in pod.container.changes()
               if not re.fullmatch(r"[ACD] /(work|run|tmp|(run|tmp)/lastcall.*)", line)]
    bench.check(pod, not outside, f"docker diff tells of {outside[:5]}")


def scenario(bench):
    def run(given):
        label, command, seconds, grace = given
        with bench.open(label, grace) as pod:
            pod.enqueue("Nap", 5, seconds)
            pod.start(command)
            pod.wait_started(5)
            bench.pause(2)
            pod.enqueue("Nap", 2, seconds)
            kubelet.delete(pod)
            check_changes(bench, pod)
        bench.expect(pod, exit_code=0, finished=5, queued=2, interrupted=0, tail=bench.tail_limit)

    bench.parallel(run, RUNS)
