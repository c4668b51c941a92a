"""`lastcall deadline` in a long drain, as for a spot reclaim: jobs are handed back in time."""

import time

from lib import kubelet
from lib.bench import SIDEKIQ, WITHOUT_TIMEOUT

TIMEOUT = 120
WEIGHT = 2
RUNS = [("preStop, then deadline 15s, -t 5", SIDEKIQ, 15, ["lastcall", "prestop"]),
        ("TERM, then deadline 45s", WITHOUT_TIMEOUT, 45, None)]


def scenario(bench):
    def run(given):
        label, command, seconds, words = given
        with bench.open(label, grace=300) as pod:
            pod.enqueue("Nap", 6, seconds=120)
            pod.start(command)
            pod.wait_started(5)
            if words:
                hook = kubelet.RunningHook(pod, words)
            else:
                pod.term()
            bench.pause(3)
            nearer = time.monotonic()
            code, told = pod.exec("lastcall", "deadline", f"{seconds}s")
            bench.check(pod, code == 0, f"lastcall deadline ended with {code}: {told}")
            pod.limit = nearer + seconds - pod.asked()
            if words:
                bench.expect_hook(pod, hook.wait(seconds), code=75)
                pod.term()
            pod.finish(grace=pod.limit)
        # Not before it must be, either: Sidekiq's time and 5 s, and the margin, are kept free.
        bench.check(pod, pod.container.ended_at - nearer > 6, "it did not wait for its jobs at all")
        bench.expect(pod, exit_code=75, within=pod.limit - 0.5, finished=0, queued=6, interrupted=5)

    bench.parallel(run, RUNS)
