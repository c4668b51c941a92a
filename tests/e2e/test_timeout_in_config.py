"""A :timeout: in Sidekiq's own config file counts: no -t is added, and the ladder fits it."""

TIMEOUT = 70
WEIGHT = 2


def scenario(bench):
    def one(where):
        with bench.open(where, deadline=20) as run:
            (run.folder / where).parent.mkdir(exist_ok=True)
            (run.folder / where).write_text("---\n:concurrency: 5\n:timeout: 6\n")
            given = [] if where == "config/sidekiq.yml" else ["-C", where]
            run.enqueue("Nap", 5, seconds=60)
            run.start(["sidekiq", "-r", "./app.rb", *given])
            run.wait_started(5)
            run.term()
            run.finish()
        bench.expect(run, exit_code=75, finished=0, queued=5, lost=0, twice=0, interrupted=5)
        words = run.command_line()
        bench.check(run, "-t" not in words, f"a -t was added: {' '.join(words)}")
        # TERM comes at 20 - 2 - (6 + 5) = 7 s, and half a second before its timeout is
        # over Sidekiq hands back: a ladder for the default of 25 s would begin at once.
        bench.check(run, end_in(run, 11.5, 18), f"ended after {run.outcome.took:.1f} s")

    bench.parallel(one, ["config/sidekiq.yml", "jobs.yml"])


def end_in(run, least, most):
    return least <= run.outcome.took <= most
