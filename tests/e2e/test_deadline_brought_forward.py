"""A signal brings the deadline forward, before or after TERM: what is short finishes, the rest is handed back."""

import signal

TIMEOUT = 90
WEIGHT = 2

CONFIG = """\
[lastcall]
deadline = 120s
[service:worker]
command = sidekiq -r ./app.rb -c 5 -t 5
[signals]
USR2 = deadline:20s
"""


def scenario(bench):
    def play(label, *signals):
        with bench.open(label, deadline=120) as run:
            run.enqueue("Nap", 2, seconds=5)
            run.enqueue("Nap", 3, seconds=60)
            run.start([], config=CONFIG)
            run.wait_started(5)
            for signum in signals:
                if signum == signal.SIGTERM:
                    run.term()
                else:
                    run.signal(signum)
                bench.pause(1)
            run.finish()
        # 1 s between the signals, 20 s less a margin; Sidekiq's TERM leaves it -t and 5 s.
        bench.expect(run, exit_code=75, within=21, finished=2, queued=3, lost=0, twice=0, interrupted=3)
        bench.check(run, run.outcome.took > 10, "it did not use the time that there was")

    bench.parallel(lambda args: play(*args),
                   [("USR2 after TERM", signal.SIGTERM, signal.SIGUSR2), ("USR2 alone", signal.SIGUSR2)])
