"""The event logs of real drains, followed from the start, make the core do the same again.

tests/fixtures/traces holds such logs (--keep, then NAME.jsonl of the work directory)."""

import os
import subprocess

from lib import inits
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2
CONFIG = f"""\
[lastcall]
deadline = %ds
control = {{folder}}/control.sock

[service:worker]
command = {' '.join(SIDEKIQ)}

[service:flaky]
command = sh -c 'sleep 3; exit 3'
essential = no
backoff = 500ms 1s
restart_limit = 2 60s
"""
RUNS = [("drained", 60, 8, {"exit_code": 0, "finished": 5}),
        ("handed-back", 16, 60, {"exit_code": 75, "queued": 5})]


def lastcall(bench, run, *words, **more):
    return subprocess.Popen([inits.lastcall(bench.place), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **more,
                            env={**os.environ, "LASTCALL_CONTROL": str(run.folder / "control.sock")})


def scenario(bench):
    def drain(given):
        label, deadline, seconds, figures = given
        with bench.open(label, deadline=deadline) as run:
            run.enqueue("Nap", 5, seconds=seconds)
            run.start([], config=CONFIG % deadline)
            run.wait_until((run.folder / "control.sock").exists, "the control socket")
            follow = lastcall(bench, run, "events", "--follow")
            run.wait_started(5)
            run.wait_until(lambda: "flaky: failed" in run.story(), "the end of its restarts")
            run.term()
            run.finish()
            trace = run.folder / f"{label}.jsonl"
            trace.write_text(follow.communicate(timeout=10)[0])
            replay = lastcall(bench, run, "replay", trace)
            out, err = replay.communicate(timeout=30)
            bench.check(run, replay.returncode == 0 and "the same" in out and "middle" not in out,
                        f"replay {replay.returncode}: {out}{err}")
        bench.expect(run, lost=0, **figures)

    bench.parallel(drain, RUNS)
