"""Sidekiq behind a shell or su that does not exec it: the jobs finish all the same.

A plain TERM to the leader would kill the shell and leave Sidekiq an orphan. su starts its
command in a session of its own, and here as another user.
"""

import os

TIMEOUT = 90
WEIGHT = 2

SIDEKIQ = "sidekiq -r ./app.rb -c 5 -t 5; true"
FRONTS = {
    "sh": ["sh", "-c", SIDEKIQ],
    "su": ["su", "-s", "/bin/sh", "nobody", "-c", SIDEKIQ],
}


def scenario(bench):
    def one(front):
        with bench.open(f"behind {front}", deadline=90) as run:
            run.enqueue("Nap", 5, seconds=15)
            run.start(FRONTS[front], ["-p", "sidekiq"])
            began = run.wait_started(5)
            bench.pause_until(began + 2)
            run.term()
            run.finish()
        bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0,
                     tail=bench.tail_limit)

    bench.parallel(one, ["sh", "su"] if os.geteuid() == 0 else ["sh"])
