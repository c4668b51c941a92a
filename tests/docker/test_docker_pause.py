"""`docker pause` for a minute in a drain: the jobs are finished all the same, and the log tells of the pause."""

import signal
import time

from lib.bench import SIDEKIQ

TIMEOUT = 150
WEIGHT = 1
PAUSED = 60


def scenario(bench):
    with bench.open("docker pause", grace=120) as pod:
        pod.enqueue("Nap", 5, seconds=20)
        pod.start(SIDEKIQ, probed=False)  # its `docker exec` would be paused, too
        pod.wait_started(5)
        pod.ask()
        pod.signal(signal.SIGTERM)
        pod.wait_until(lambda: "5 of 5 busy" in pod.story(), "the log's word of the jobs")
        with pod.container.paused():
            bench.pause(PAUSED)
        resumed = time.monotonic()
        pod.finish()
        bench.check(pod, pod.container.ended_at > resumed, "it ended while it was paused")
        for told in "the clock has jumped", "5 jobs finished":
            bench.check(pod, told in pod.story(), f"the log does not tell: {told}")
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0, tail=bench.tail_limit)
