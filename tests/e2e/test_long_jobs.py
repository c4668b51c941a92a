"""Long jobs finish, whenever TERM comes.

The title of Sidekiq is up to a beat old: in the first seconds of a job it still says that
nobody is busy. A shutdown that believed it then would cut the jobs off.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 120
WEIGHT = 6   # on its own: all its ends come at once, and are timed

MOMENTS = (0.5, 2, 4, 8)


def scenario(bench):
    def one(moment):
        with bench.open(f"TERM at {moment} s", deadline=120) as run:
            run.enqueue("Nap", 5, seconds=40 if bench.slow else 20)
            run.start(SIDEKIQ)
            began = run.wait_started(5)
            bench.pause_until(began + moment)
            run.term()
            if moment == 2:   # platforms send it twice; that hastens nothing
                bench.pause_until(began + moment + 1)
                run.term()
            run.finish()
        bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0,
                     tail=bench.tail_limit)

    bench.parallel(one, MOMENTS)
