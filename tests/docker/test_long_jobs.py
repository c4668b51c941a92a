"""Jobs longer than the grace are handed back in time, with a hook and without; exit code 75."""

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2
RUNS = [("long jobs: TERM", None), ("long jobs: preStop, TERM", ["lastcall", "prestop"])]


def scenario(bench):
    def run(given):
        label, words = given
        with bench.open(label, grace=20) as pod:
            pod.enqueue("Nap", 7, seconds=60)
            pod.start(SIDEKIQ)
            pod.wait_started(5)
            hook = kubelet.delete(pod, words)
            if hook:
                # It returns when the hand-back must begin: 20 s less 2 s of margin, 10 of ladder.
                bench.expect_hook(pod, hook, code=75, seconds=(7.5, 9))
        bench.expect(pod, exit_code=75, within=17, finished=0, queued=7, interrupted=5)

    bench.parallel(run, RUNS)
