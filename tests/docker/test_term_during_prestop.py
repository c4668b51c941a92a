"""TERM while preStop still waits: it joins the same shutdown, and hastens nothing."""

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 1


def scenario(bench):
    with bench.open("TERM while preStop waits", grace=60) as pod:
        pod.enqueue("Nap", 5, seconds=15)
        pod.start(SIDEKIQ)
        pod.wait_started(5)
        bench.pause(1)
        hook = kubelet.RunningHook(pod, ["lastcall", "prestop"])
        bench.pause(3)
        bench.check(pod, hook.running(), "preStop did not wait")
        kubelet.stop(pod, pod.limit - 3)
        ended = hook.wait(10)
        bench.expect_hook(pod, ended, code=0)
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0, tail=bench.tail_limit)
