"""tmp"""
import os
TIMEOUT = 400
WEIGHT = 4
def scenario(bench):
    def one(n):
        with bench.open(f"no deadline {n}", deadline=None) as run:
            run.enqueue("Nap", 5, seconds=60)
            run.start(["sidekiq", "-r", "./app.rb", "-c", "5", "-t", "1"])
            began = run.wait_started(5)
            bench.pause_until(began + 0.5+ n * 0.013)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, lost=0, twice=0)
    bench.parallel(one, range(120), at_once=4)
