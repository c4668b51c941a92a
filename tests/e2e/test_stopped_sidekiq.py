"""A Sidekiq that is stopped in the middle of a drain is not idle; its jobs finish later."""

import signal
import time

from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 1


def scenario(bench):
    with bench.open("STOP for 14 s, then CONT", deadline=120) as run:
        run.enqueue("Nap", 5, seconds=12)
        run.start(SIDEKIQ)
        began = run.wait_started(5)
        sidekiq = run.sidekiq()
        bench.pause_until(began + 2)
        run.term()
        bench.pause_until(began + 4)
        run.container.signal_process(sidekiq, signal.SIGSTOP)
        # The jobs' time is over while all of them stand still.
        bench.pause_until(began + 18)
        bench.check(run, run.container.alive, "ended while Sidekiq was stopped")
        continued = time.monotonic()
        run.container.signal_process(sidekiq, signal.SIGCONT)
        run.finish()
    bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0)
    last = run.outcome.books.last_done
    bench.check(run, last is not None and last >= continued, "a job ended while stopped")
