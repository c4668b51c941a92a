"""preStop, then TERM: the hook returns when the last job is done, and TERM ends PID 1 at once.

With Sidekiq's own time-out of 25 s, and begun while the process title is stale."""

from lib import kubelet
from lib.bench import WITHOUT_TIMEOUT

TIMEOUT = 120
WEIGHT = 1
JOB = 40


def scenario(bench):
    with bench.open("preStop, TERM", grace=90) as pod:
        pod.start(WITHOUT_TIMEOUT)
        pod.wait_working()
        pod.enqueue("Nap", 5, JOB)
        started = pod.wait_started(5)
        bench.pause(2)
        pod.enqueue("Nap", 2, JOB)
        hook = kubelet.delete(pod, ["lastcall", "prestop"])
        rest = started + JOB - hook.began
        bench.expect_hook(pod, hook, code=0, seconds=(rest - 0.5, rest + bench.tail_limit))
    bench.expect(pod, exit_code=0, finished=5, queued=2, interrupted=0, tail=bench.tail_limit + 1)
    # What a hook prints nobody sees: PID 1's log has to tell it.
    bench.check(pod, "prestop" in pod.story(), "the log does not tell of the hook")
