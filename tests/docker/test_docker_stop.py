"""`docker stop` with its 10 s, as Compose has it, and a Sidekiq without -t: all are handed back."""

import time

from lib.bench import WITHOUT_TIMEOUT

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    with bench.open("docker stop", grace=10) as pod:
        pod.enqueue("Nap", 5, seconds=20)
        pod.start(WITHOUT_TIMEOUT)
        pod.wait_started(5)
        bench.pause(2)
        pod.ask()
        with pod.container.stop(pod.limit):
            pod.wait_until(lambda: "shutdown: TERM" in pod.story(), "the log's word of TERM")
            pod.arrived(time.monotonic())
        pod.finish()
    bench.expect(pod, exit_code=75, within=9.5, finished=0, queued=5, interrupted=5)
