"""Docker's ten seconds and no -t: lastcall adds one that fits, and no job is lost."""

from lib.bench import WITHOUT_TIMEOUT

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    with bench.open("-d 10s, no -t", deadline=10) as run:
        run.enqueue("Nap", 5, seconds=60)
        run.start(WITHOUT_TIMEOUT)
        run.wait_started(5)
        run.term()
        run.finish()
    bench.expect(run, exit_code=75, finished=0, queued=5, lost=0, twice=0, interrupted=5)
    # Of the ten seconds one is the margin; of the nine, Sidekiq needs five to hand back.
    words = run.command_line()
    bench.check(run, words[-2:] == ["-t", "4"], f"no -t 4 was added: {' '.join(words)}")
