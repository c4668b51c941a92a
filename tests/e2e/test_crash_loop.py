"""An essential service that crash-loops ends the container with its code; jobs are handed back.

A task that fails does so too, before what is after it has begun."""

import re

TIMEOUT = 90
WEIGHT = 2

WORKER = """
[service:worker]
command = sidekiq -r ./app.rb -c 5 -t 5
"""
CRASHING = """\
[lastcall]
deadline = 25s
[service:web]
command = sh -c 'sleep 1.5; exit 3'
backoff = 100ms 300ms
restart_limit = 3 60s
""" + WORKER
FAILING = """\
[lastcall]
deadline = 25s
[task:migrate]
command = sh -c 'exit 4'
backoff = 100ms 300ms
restart_limit = 2 60s
""" + WORKER + """\
after = migrate
"""


def scenario(bench):
    with bench.open("a service that crash-loops", deadline=25) as run:
        run.enqueue("Nap", 2, seconds=6)
        run.enqueue("Nap", 3, seconds=60)
        run.start([], config=CRASHING)
        run.wait_started(5)
        run.wait_until(lambda: "shutdown: " in run.story(), "the shutdown")
        run.finish()
        ends = re.findall("web.*exit code 3", run.story())
        bench.check(run, len(ends) == 4, f"it was started {len(ends)} times")
    bench.expect(run, exit_code=3, within=8, finished=2, queued=3, lost=0, twice=0, interrupted=3)

    with bench.open("a task that fails", deadline=25) as run:
        run.enqueue("Nap", 5, seconds=1)
        run.start([], config=FAILING)
        run.finish()
        bench.check(run, "worker (pid" not in run.story(), "Sidekiq was started though its task failed")
    bench.expect(run, exit_code=4, within=5, finished=0, queued=5, lost=0)
