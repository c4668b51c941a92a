"""A job that gives its thread another name is a job in flight all the same."""

from lib.bench import SIDEKIQ

TIMEOUT = 100
WEIGHT = 2


def scenario(bench):
    def one(booted_first):
        label = "renamed when booted" if booted_first else "renamed while booting"
        with bench.open(label, deadline=120) as run:
            if not booted_first:
                run.enqueue("Renamer", 5, seconds=20)
            run.start(SIDEKIQ)
            run.wait_working()
            if booted_first:
                bench.pause_until(run.started_at + 4)
                run.enqueue("Renamer", 5, seconds=20)
            began = run.wait_started(5)
            bench.pause_until(began + 2)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0)

    bench.parallel(one, [True, False])
