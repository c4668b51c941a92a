"""A thread that a job ended by raising is not taken for the one in its place, which the next job renamed.

Ruby up to 3.2 shows an ended thread for 3 s more: five are there, as many as the title promises, but
the sixth has the long job.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 100
WEIGHT = 2


def scenario(bench):
    def one(case):
        label, raises, short = case
        with bench.open(label, deadline=100) as run:
            run.start(SIDEKIQ)
            run.wait_working()
            bench.pause_until(run.started_at + 4)
            run.enqueue(raises, 1, seconds=0.1)
            bench.pause(0.5)
            run.enqueue(short, 4, seconds=5)
            run.enqueue("Renamer", 1, seconds=45)  # for who waits since last: the new one
            began = run.wait_started(6)
            bench.pause_until(began + 1)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, finished=5, queued=1, lost=0, twice=0, interrupted=0)

    bench.parallel(one, [("all rename", "FailingRenamer", "Renamer"), ("the long one renames", "Failing", "Nap")])
