"""TSTP to lastcall (docker kill -s TSTP) makes Sidekiq quiet; TERM ends it later."""

import signal

from lib.bench import SIDEKIQ

TIMEOUT = 80
WEIGHT = 1


def scenario(bench):
    with bench.open("TSTP, jobs, TERM", deadline=60) as run:
        run.enqueue("Nap", 3, seconds=6)
        run.start(SIDEKIQ)
        began = run.wait_started(3)
        bench.pause_until(began + 1)
        run.signal(signal.SIGTSTP)
        bench.pause(3)   # a thread that waits in BRPOP fetches for two seconds more
        run.enqueue("Nap", 2, seconds=1)
        run.wait_done(3)
        bench.pause(6)
        bench.check(run, run.container.alive, "ended without having been asked to")
        run.term()
        run.finish()
    bench.expect(run, exit_code=0, within=bench.idle_limit, finished=3, queued=2, lost=0,
                 twice=0, interrupted=0)
