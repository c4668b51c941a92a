"""Pods that live and end at random: no job is lost, none is cut off that had time, none is late.

`make soak N=1000 SEED=7`. Each has jobs, a deadline, and a TERM or a preStop hook at a random moment
of its life, its boot included; now and then its Puma is killed meanwhile. (A Sidekiq that is killed
loses its jobs under any init: that is a scenario of its own.)
"""

import contextlib
import os
import random
import signal
import subprocess
import threading

from lib.bench import SIDEKIQ, Skip
from lib.container import RunFailed
from lib.puma_app import APP

PODS = int(os.environ.get("N", "20"))
SEED = int(os.environ.get("SEED", "1"))
TIMEOUT = 120 + 15 * PODS
WEIGHT = 4

CONFIG = f"""\
[lastcall]
deadline = %ds
control = {{folder}}/control.sock

[service:web]
command = puma -b unix://./puma.sock config.ru
profile = puma
stop = TERM 10s
backoff = 200ms 1s
ready = unix:{{folder}}/puma.sock

[service:worker]
command = {' '.join(SIDEKIQ)}
"""
# Of a deadline: its margin, Sidekiq's ladder (-t 5 and 5 s), and two seconds for the looks.
NEEDED = 2 + 10 + 2
RUBY_ENDS = 1  # a Ruby that is told TERM while it loads its libraries ends with that now and then


class Pod:
    """What will happen to one, drawn from its seed."""

    def __init__(self, number):
        dice = random.Random(SEED * 1_000_003 + number)
        self.label = f"pod {number}"
        self.deadline = dice.randint(NEEDED + 2, 40)
        self.jobs = dice.randint(1, 8)
        self.seconds = round(dice.uniform(0.1, dice.choice((3, 12, 40))), 1)
        self.moment = round(dice.uniform(0, dice.choice((1.5, 4, 9))), 2)
        self.crash = round(dice.uniform(0, self.moment + 5), 2) if dice.random() < 0.3 else None
        self.hook = dice.random() < 0.5
        # One that is fetched in the last instant before the quiet begins then.
        self.has_time = self.seconds + NEEDED < self.deadline


def kill_puma(bench, run, at):
    try:
        bench.pause_until(at)
        os.kill(run.pid_of("web"), signal.SIGKILL)
    except (IndexError, OSError, TypeError, RunFailed):
        pass  # it had not begun, or was over


def prestop(bench, run):
    """The hook, as the kubelet runs it: its answer is waited for, then TERM follows."""
    program = bench.place.work / "bin" / "lastcall"
    return subprocess.run([program, "prestop"], stdin=subprocess.DEVNULL, capture_output=True, check=False,
                          timeout=run.deadline + 5,
                          env={**os.environ, "LASTCALL_CONTROL": str(run.folder / "control.sock")}).returncode


def live_and_end(bench, pod):
    with bench.open(pod.label, deadline=pod.deadline) as run:
        (run.folder / "config.ru").write_text(APP)
        run.enqueue("Nap", pod.jobs, seconds=pod.seconds)
        run.start([], config=CONFIG % pod.deadline)
        if pod.crash is not None:
            threading.Thread(target=kill_puma, args=(bench, run, run.started_at + pod.crash), daemon=True).start()
        bench.pause_until(run.started_at + pod.moment)
        if pod.hook:
            run.wait_until((run.folder / "control.sock").exists, "the control socket")
            run.clock_begins()
            code = prestop(bench, run)
            bench.check(run, code in (0, 75), f"prestop said {code}")
        with contextlib.suppress(ProcessLookupError):  # all may be down by then, and PID 1 too
            run.term()
        run.finish(grace=pod.deadline + 1)
    more = {"interrupted": 0} if pod.has_time else {}
    bench.expect(run, within=pod.deadline + 0.3, lost=0, twice=0, **more)
    codes = {0, RUBY_ENDS, *(() if pod.has_time else (75,)), *(() if pod.crash is None else (137,))}
    bench.check(run, run.outcome.exit_code in codes, f"exit code {run.outcome.exit_code}, not one of {sorted(codes)}")


def scenario(bench):
    if not bench.place.program("puma"):
        raise Skip("puma is not installed here")
    bench.parallel(lambda number: live_and_end(bench, Pod(number)), range(PODS))
