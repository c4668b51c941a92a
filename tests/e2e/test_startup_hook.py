"""TERM in the middle of a long :startup hook: no hang, and nothing is lost.

Sidekiq has its traps then, has even said READY=1, but has neither a title nor a thread at
work; what TERM and TSTP asked for happens when the hook is over.
"""

from lib.bench import SIDEKIQ

TIMEOUT = 100
WEIGHT = 1


def scenario(bench):
    with bench.open("TERM 8 s into a hook of 20 s", deadline=60) as run:
        run.enqueue("Nap", 10, seconds=8)
        run.start(SIDEKIQ, STARTUP_SECONDS="20")
        bench.pause_until(run.started_at + 8)
        run.term()
        run.finish()
    bench.expect(run, exit_code=0, lost=0, twice=0, interrupted=0)
