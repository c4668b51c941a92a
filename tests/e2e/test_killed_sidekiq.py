"""Sidekiq is killed in the middle of a drain: lastcall is gone at once, and says 137.

Its jobs are lost then (it fetched them from Redis, and nobody else knows of them). The
books have to show that.
"""

import signal

from lib.bench import SIDEKIQ

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    with bench.open("KILL of Sidekiq", deadline=60) as run:
        run.enqueue("Nap", 5, seconds=40)
        run.start(SIDEKIQ)
        began = run.wait_started(5)
        victim = run.sidekiq()
        bench.pause_until(began + 2)
        run.term()
        bench.pause(3)
        run.container.signal_process(victim, signal.SIGKILL)
        run.finish()
    bench.expect(run, exit_code=137, finished=0, queued=0, lost=5, interrupted=5, within=6)
