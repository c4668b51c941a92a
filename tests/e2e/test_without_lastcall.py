"""What users have without lastcall, and proof that the books can show a loss.

No init and tini alike: ten seconds of grace lose every job longer than that, and a long
grace is not used, because Sidekiq gives up after its own 25 s.
"""

from lib.bench import WITHOUT_TIMEOUT, Skip

TIMEOUT = 150
WEIGHT = 2


def scenario(bench):
    if not bench.place.program("tini"):
        raise Skip("tini is not installed here")

    def loses(init):
        with bench.open(f"{init}, grace 10 s", deadline=10, init=init) as run:
            run.enqueue("Nap", 5, seconds=20)
            run.start(WITHOUT_TIMEOUT)
            began = run.wait_started(5)
            bench.pause_until(began + 1)
            run.term()
            run.finish()
        bench.check(run, run.outcome.overran, "ended within its grace")
        bench.check(run, figures(run) == (0, 0, 5, 5), f"the books do not show it: "
                    f"{run.outcome.books}")

    def interrupts(init):
        with bench.open(f"{init}, grace 120 s", deadline=120, init=init) as run:
            run.enqueue("Nap", 5, seconds=60)
            run.start(WITHOUT_TIMEOUT)
            began = run.wait_started(5)
            bench.pause_until(began + 1)
            run.term()
            run.finish()
        bench.check(run, figures(run) == (0, 5, 0, 5), f"the books do not show it: "
                    f"{run.outcome.books}")

    rows = [lambda: loses("tini"), lambda: loses("none")]
    if bench.slow:
        rows.append(lambda: interrupts("tini"))
    bench.parallel(lambda row: row(), rows)


def figures(run):
    kept = run.outcome.books
    return kept.finished, kept.queued, kept.lost, kept.interrupted
