"""Sidekiq reads a TERM that comes with its first jobs a second later: what raises meanwhile, and what its successor
renames, are not taken for none.

Ruby up to 3.2 shows an ended thread for 3 s more: five are there, as many as the title promises, and two more work.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 150
WEIGHT = 2


def scenario(bench):
    def one(pause):
        with bench.open(f"TERM {pause:.2f} s after the first job began", deadline=60) as run:
            run.enqueue("Failing", 2, seconds=0.02)
            run.enqueue("Nap", 3, seconds=1.5)
            run.enqueue("Renamer", 2, seconds=18)  # for who takes the place of those that failed
            run.start(SIDEKIQ)
            run.wait_started(1)
            bench.pause(pause)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, lost=0, twice=0, interrupted=0)

    bench.parallel(one, [k / 50 for k in range(12)], at_once=6)
