"""A job's own child inherits Sidekiq's title, traps and thread name, and is no Sidekiq."""

from lib.bench import SIDEKIQ

TIMEOUT = 100
WEIGHT = 2


def scenario(bench):
    def waits_for_child():
        with bench.open("job waits for its child", deadline=90) as run:
            run.enqueue("Forker", 3, seconds=15)
            run.start(SIDEKIQ)
            began = run.wait_started(3)
            bench.pause_until(began + 3)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, finished=3, lost=0, twice=0, interrupted=0)

    def leaves_child():
        with bench.open("job leaves its child", deadline=40) as run:
            run.enqueue("Straggler", 2, seconds=10)
            run.start(SIDEKIQ)
            began = run.wait_started(2)
            bench.pause_until(began + 2)
            run.term()
            run.finish()
        # The child sleeps on past every deadline: the jobs come first, then the deadline.
        bench.expect(run, finished=2, lost=0, twice=0, interrupted=0, within=40)

    bench.parallel(lambda one: one(), [waits_for_child, leaves_child])
