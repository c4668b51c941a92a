"""tmp"""
import os
from lib.bench import SIDEKIQ, WITHOUT_TIMEOUT
TIMEOUT = 200
WEIGHT = 2
def scenario(bench):
    def one(n):
        with bench.open(f"burn {n}", deadline=10) as run:
            run.enqueue("Burn", 5, seconds=60)
            run.start(WITHOUT_TIMEOUT)
            began = run.wait_started(5)
            bench.pause_until(began + 1 + n * 0.13)
            run.term()
            run.finish()
        bench.expect(run, exit_code=75, queued=5, lost=0, twice=0, interrupted=5)
    bench.parallel(one, range(8), at_once=2)
