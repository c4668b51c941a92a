"""A title that the application overwrites tells nothing, and nothing is never idle.

Where the threads cannot be trusted either, the jobs have until the latest moment.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2


def scenario(bench):
    def one(seconds):
        fits = seconds < 30
        with bench.open(f"own title, jobs of {seconds} s", deadline=40) as run:
            run.enqueue("Nap", 5, seconds=seconds)
            run.start(SIDEKIQ, TITLE="my shop")
            began = run.wait_started(5)
            bench.pause_until(began + 3)
            run.term()
            run.finish()
        if fits:
            bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0)
        else:
            bench.expect(run, exit_code=75, queued=5, lost=0, twice=0, interrupted=5)

    bench.parallel(one, [18, 90])
