"""preStop a second time while the first still waits, and a third time when all is done."""

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 1
HOOK = ["lastcall", "prestop"]


def scenario(bench):
    with bench.open("preStop three times, TERM", grace=60) as pod:
        pod.enqueue("Nap", 5, seconds=12)
        pod.start(SIDEKIQ)
        started = pod.wait_started(5)
        first = kubelet.RunningHook(pod, HOOK)
        bench.pause(2)
        second = kubelet.RunningHook(pod, HOOK)
        for hook in first.wait(60), second.wait(10):
            rest = started + 12 - hook.began
            bench.expect_hook(pod, hook, code=0, seconds=(rest - 0.5, rest + bench.tail_limit))
        third = kubelet.delete(pod, HOOK)
        bench.expect_hook(pod, third, code=0, seconds=(0, 2))
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0)
    bench.check(pod, pod.story().count("quiet (TSTP)") == 1, "Sidekiq was told more than once")
