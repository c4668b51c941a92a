"""A deadline shorter than the jobs: all of them are handed back, and in time."""

from lib.bench import SIDEKIQ

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    with bench.open("-d 15s, jobs of 60 s", deadline=15) as run:
        run.enqueue("Nap", 5, seconds=60)
        run.start(SIDEKIQ)
        run.wait_started(5)
        run.term()
        run.finish()
    bench.expect(run, exit_code=75, finished=0, queued=5, lost=0, twice=0, interrupted=5)
