"""`docker kill -s TSTP`: running jobs are finished, no new one begins, and the container stays.

TERM then ends it at once. With a config file and without."""

import signal
import time

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2
CONFIG = f"""\
[service:worker]
command = {' '.join(SIDEKIQ)}
"""
RUNS = [("docker kill -s TSTP, TERM", {"command": SIDEKIQ}),
        ("docker kill -s TSTP, TERM, config file", {"config": CONFIG})]


def scenario(bench):
    def run(given):
        label, how = given
        with bench.open(label, grace=60) as pod:
            pod.enqueue("Nap", 5, seconds=10)
            pod.start(**how)
            pod.wait_started(5)
            pod.ask()
            pod.signal(signal.SIGTSTP)
            bench.pause(3)
            pod.enqueue("Nap", 3, seconds=1)
            pod.wait_done(5)
            bench.pause(bench.tail_limit + 2)
            bench.check(pod, pod.container.alive, "the container did not stay")
            told = time.monotonic()
            kubelet.stop(pod, 20)
        bench.expect(pod, exit_code=0, finished=5, queued=3, interrupted=0)
        took = pod.container.ended_at - told
        bench.check(pod, took < 4, f"TERM took {took:.1f} s to end what had been drained")

    bench.parallel(run, RUNS)
