"""An idle Sidekiq is gone within seconds of TERM."""

from lib.bench import SIDEKIQ

TIMEOUT = 70
WEIGHT = 2


def scenario(bench):
    def one(after_jobs):
        label = "idle after jobs" if after_jobs else "idle from the start"
        with bench.open(label, deadline=120) as run:
            run.start(SIDEKIQ)
            run.wait_working()
            bench.pause_until(run.started_at + 5)
            if after_jobs:
                run.enqueue("Nap", 5, seconds=0.5)
                run.wait_done(5)
                bench.pause(4)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, lost=0, within=bench.idle_limit)

    bench.parallel(one, [False, True])
