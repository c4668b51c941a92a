"""`docker run --init`: another init is PID 1 and lastcall its child; signals and hooks reach it."""

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2
RUNS = [("--init: TERM", None), ("--init: preStop, TERM", ["lastcall", "prestop"])]


def scenario(bench):
    def run(given):
        label, words = given
        with bench.open(label, grace=60) as pod:
            pod.enqueue("Nap", 5, seconds=12)
            pod.start(SIDEKIQ, docker=["--init"])
            started = pod.wait_started(5)
            code, first = pod.exec("cat", "/proc/1/comm")
            bench.check(pod, first.strip() == "docker-init", f"PID 1 is {first!r} ({code})")
            hook = kubelet.delete(pod, words)
            if hook:
                rest = started + 12 - hook.began
                bench.expect_hook(pod, hook, code=0, seconds=(rest - 0.5, rest + bench.tail_limit))
        bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0,
                     tail=bench.tail_limit + 1)

    bench.parallel(run, RUNS)
