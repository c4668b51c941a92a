"""Through `bundle exec`, as most run it, Sidekiq gets its -t too, and hands its jobs back."""

from lib.bench import WITHOUT_TIMEOUT, Skip

TIMEOUT = 60
WEIGHT = 1


def scenario(bench):
    if not bench.place.program("bundle"):
        raise Skip("bundler is not installed here")
    with bench.open("bundle exec, -d 10s", deadline=10) as run:
        # No source: the gems are those that are installed.
        (run.folder / "Gemfile").write_text('gem "sidekiq"\n')
        run.enqueue("Nap", 2, seconds=5)
        run.enqueue("Nap", 3, seconds=60)
        run.start(["bundle", "exec", *WITHOUT_TIMEOUT])
        began = run.wait_started(5)
        bench.pause_until(began + 3)
        run.term()
        run.finish()
    bench.expect(run, exit_code=75, finished=2, queued=3, lost=0, twice=0, interrupted=3)
    words = run.command_line()
    bench.check(run, words[-2:] == ["-t", "4"], f"no -t 4 was added: {' '.join(words)}")
