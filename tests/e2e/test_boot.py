"""TERM at fifty moments of the boot: nothing is lost, nothing hangs.

Before its traps stand, TSTP would freeze Sidekiq or miss it, and TERM kills it, unless Ruby
swallows it while it loads itself; afterwards there is a moment in which it has traps, but
neither threads nor a title.
"""

from lib import inits
from lib.bench import SIDEKIQ, Skip

TIMEOUT = 240
WEIGHT = 4

BOOT = 1.5
MOMENTS = [0.15 * i for i in range(20)]
RUBY_LOADS = [0.08 + 0.008 * i for i in range(30)]


def scenario(bench):
    if inits.UNDER == "valgrind":
        raise Skip("a signal before valgrind has started lastcall finds no init")

    def one(moment):
        with bench.open(f"TERM at {moment:.3f} s", deadline=60) as run:
            run.enqueue("Nap", 5, seconds=6)
            run.start(SIDEKIQ, BOOT_SECONDS=str(BOOT))
            bench.pause_until(run.started_at + moment)
            run.term()
            run.finish()
        # At worst idle is read from the title: the jobs, two beats, and a pause.
        bench.expect(run, within=25, lost=0, twice=0, interrupted=0)
        # A Ruby that is told TERM while it loads its libraries now and then takes it for an
        # error of its own and ends with 1; that is the service's own code, and so ours.
        bench.check(run, run.outcome.exit_code in (0, 1),
                    f"exit code {run.outcome.exit_code} instead of 0")

    bench.parallel(one, sorted(MOMENTS + RUBY_LOADS))
