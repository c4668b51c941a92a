"""USR1 to lastcall becomes Puma's phased restart: new workers, the same master, no request fails."""

import http.client
import signal

from lib.bench import Skip
from lib.http_get import answers, get
from lib.puma_app import APP

TIMEOUT = 90
WEIGHT = 2

CONFIG = """\
[lastcall]
deadline = 60s
[service:web]
command = puma -C puma.rb config.ru
ready = unix:{folder}/puma.sock
[signals]
USR1 = web:USR1
"""
# Without it later Pumas load the application before they fork, and restart whole.
PUMA = """\
workers 2
bind "unix://./puma.sock"
preload_app! false
"""


def scenario(bench):
    if not bench.place.program("puma"):
        raise Skip("puma is not installed here")
    with bench.open("USR1", deadline=60) as run:
        (run.folder / "config.ru").write_text(APP)
        (run.folder / "puma.rb").write_text(PUMA)
        socket = run.folder / "puma.sock"
        run.start([], config=CONFIG)

        def workers_of(phase):
            lines = (run.folder / "stdout").read_text().splitlines()
            return sum(" booted " in line and line.endswith(f"phase: {phase}") for line in lines)

        run.wait_until(lambda: answers(socket) and workers_of(0) == 2, "Puma's workers")
        master = run.pid_of("web")
        failed, closed = [], []

        def ask():
            """A worker that goes closes connections that have sent nothing yet, also without an init: then the request
            is sent again."""
            try:
                return get(socket, "/0.05")
            except BrokenPipeError as error:
                closed.append(error)
                return get(socket, "/0.05")

        def restarted():
            try:
                status = ask()[0]
            except (OSError, http.client.HTTPException) as error:
                status = error
            if status != 200:
                failed.append(status)
            return workers_of(1) == 2

        run.signal(signal.SIGUSR1)
        run.wait_until(restarted, "the new workers")
        bench.check(run, not failed, f"requests failed: {failed}")
        bench.check(run, len(closed) <= 2, f"each of two workers goes once, and closed {len(closed)} of one client")
        bench.check(run, run.pid_of("web") == master and answers(socket), "it is another Puma")
        run.term()
        run.finish()
    bench.expect(run, exit_code=0, within=10)
