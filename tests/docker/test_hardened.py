"""A read-only root without a tmpfs, a user id that nobody knows, no capability: all works."""

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 1
OPTIONS = ("--read-only", "--user", "23456:23456", "--cap-drop", "ALL",
           "--security-opt", "no-new-privileges")


def scenario(bench):
    with bench.open("read-only, any user, no capability", grace=60) as pod:
        pod.enqueue("Nap", 5, seconds=10)
        pod.start(SIDEKIQ, docker=OPTIONS)
        started = pod.wait_started(5)
        bench.pause(1)
        hook = kubelet.delete(pod, ["lastcall", "prestop"])
        rest = started + 10 - hook.began
        bench.expect_hook(pod, hook, code=0, seconds=(rest - 0.5, rest + bench.tail_limit))
        owner = (pod.folder / "jobs.log").stat().st_uid
        bench.check(pod, owner == 23456, f"the jobs ran as {owner}")
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0, tail=bench.tail_limit + 1)
