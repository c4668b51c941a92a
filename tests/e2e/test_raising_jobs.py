"""Jobs that raise all the time change no count: the long ones beside them finish.

A job that raises ends its thread, and a new one takes its place.
"""

import time

from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2


def scenario(bench):
    def one(moment):
        with bench.open(f"TERM at {moment} s", deadline=90) as run:
            run.enqueue("Nap", 3, seconds=20)
            run.enqueue("Failing", 30, seconds=0.1)
            run.start(SIDEKIQ)
            began = run.wait_started(5)
            while time.monotonic() < began + moment:
                run.enqueue("Failing", 1, seconds=0.1)
                bench.pause(0.05)
            run.term()
            run.enqueue("Failing", 20, seconds=0.1)
            run.finish()
        # What raised waits in the retry set, what never began in the queue.
        failing = run.outcome.books.enqueued - 3
        bench.expect(run, exit_code=0, finished=3, queued=failing, lost=0, twice=0,
                     interrupted=0)

    bench.parallel(one, [1, 5])
