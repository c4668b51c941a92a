"""Without a deadline lastcall is never worse than tini: TERM goes through at once.

Sidekiq's own -t decides, and hands back; its exit code is the exit code.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    with bench.open("no -d, -t 5", deadline=None) as run:
        run.enqueue("Nap", 5, seconds=60)
        run.start(SIDEKIQ)
        began = run.wait_started(5)
        bench.pause_until(began + 1)
        run.term()
        run.finish(grace=30)
    bench.expect(run, exit_code=0, within=8, finished=0, queued=5, lost=0, twice=0,
                 interrupted=5)
