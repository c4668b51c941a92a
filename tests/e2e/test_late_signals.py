"""A Sidekiq that gets to its signals late gets no more of them than it can bear.

Sidekiq 6.4.0 and 6.4.1 end at once, and lose every running job, when two signals lie in
their pipe together (sidekiq #5190). So a TSTP that is repeated while the first is not yet
read is worse than none.
"""

TIMEOUT = 120
WEIGHT = 2


def scenario(bench):
    def one(label, job, threads, at_work, moment, **environment):
        with bench.open(label, deadline=90) as run:
            run.enqueue(job, threads, seconds=16)
            run.start(["sidekiq", "-r", "./app.rb", "-c", str(threads), "-t", "10"],
                      **environment)
            began = run.wait_started(at_work)
            bench.pause_until(began + moment)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, lost=0, twice=0, interrupted=0)
        bench.check(run, run.outcome.books.finished >= at_work, "not all at work have finished")

    bench.parallel(lambda case: case(), [
        # The main thread waits for Ruby's lock, behind all the others, for seconds. So do
        # the jobs for their beginning: some may never have one.
        lambda: one("20 threads that compute", "Burn", 20, 10, 3),
        # Right after a beat, so that the title says nothing for as long as it can.
        lambda: one("a :quiet hook of 12 s", "Nap", 5, 5, 0.2, QUIET_SECONDS="12"),
    ])
