"""nginx, Puma, two Sidekiqs and a task in one config file: jobs finish, and no request fails."""

import http.client
import os
import re
import signal
import threading
import time

from lib import nginx_conf
from lib.bench import Skip
from lib.http_get import answers, get
from lib.puma_app import APP

TIMEOUT = 120
WEIGHT = 3

LINGER = 3
CONFIG = f"""\
[lastcall]
deadline = 60s
linger = {LINGER}s

[task:migrate]
command = sh -c 'sleep 0.5; echo done > migrated'

[service:web]
command = sh -c 'test -e migrated && exec puma -b unix://./puma.sock config.ru'
profile = puma
after = migrate
ready = unix:{{folder}}/puma.sock

[service:nginx]
command = nginx -c {{folder}}/nginx.conf -g "daemon off;"
after = web

[service:worker]
command = sidekiq -r ./app.rb -c 5 -t 5
after = migrate

[service:mailers]
command = sidekiq -r ./app.rb -c 2 -t 5 -q mailers
after = migrate
"""


class Load:
    """A request with a new connection every 20 ms; each is kept as (when sent, whether answered)."""

    def __init__(self, path):
        self._path = path
        self._over = threading.Event()
        self.requests = []
        self._thread = threading.Thread(target=self._send, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _send(self):
        while not self._over.is_set():
            sent = time.monotonic()
            try:
                ok = get(self._path, "/0.01")[0] == 200
            except (OSError, http.client.HTTPException):
                ok = False
            self.requests.append((sent, ok))
            self._over.wait(0.02)


def pid_of(run, service):
    """The host's pid of a service's main process, which the log tells as the container's."""
    inner = re.findall(rf"{service} \(pid (\d+)\): started", run.story())[-1]
    return run.container.outside(int(inner))


def scenario(bench):
    for program in "puma", "nginx":
        if not bench.place.program(program):
            raise Skip(f"{program} is not installed here")
    with bench.open("pod", deadline=60) as run:
        (run.folder / "config.ru").write_text(APP)
        folder = bench.place.inside(run.folder)
        nginx_conf.write(run, folder, f"location / {{ proxy_pass http://unix:{folder}/puma.sock:; }}")
        front = run.folder / "nginx.sock"
        run.enqueue("Nap", 5, seconds=15)
        run.start([], config=CONFIG)
        run.wait_started(5)
        run.wait_until(lambda: answers(front), "a first answer through nginx")
        os.kill(pid_of(run, "web"), signal.SIGKILL)
        run.wait_until(lambda: "web: restart in" in run.story(), "the restart of Puma")
        run.wait_until(lambda: answers(front), "an answer of the new Puma")
        with Load(front) as load:
            bench.pause(1)
            run.term()
            asked = time.monotonic()
            run.finish()
        during = [ok for sent, ok in load.requests if sent < asked + LINGER - 0.2]
        bench.check(run, len(during) > 50 and all(during),
                    f"{during.count(False)} of {len(during)} requests failed before the linger was over")
        order = re.findall(r"(\w+): stopped after", run.story())
        bench.check(run, order.index("nginx") < order.index("web"), f"stopped in the order {order}")
    bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0, tail=bench.tail_limit)
