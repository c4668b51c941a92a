"""Behind another init (docker run --init) lastcall is not PID 1, and the jobs finish."""

from lib import inits
from lib.bench import SIDEKIQ, Skip

TIMEOUT = 90
WEIGHT = 1


def scenario(bench):
    if not bench.place.program("tini"):
        raise Skip("tini is not installed here")
    lastcall = inits.find("lastcall", bench.place).program
    with bench.open("tini -- lastcall", deadline=90, init="tini") as run:
        run.enqueue("Nap", 5, seconds=15)
        run.start([lastcall, "-d", "90s", "--", *SIDEKIQ])
        began = run.wait_started(5)
        bench.pause_until(began + 2)
        run.term()
        run.finish()
    bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0,
                 tail=bench.tail_limit)
