"""nginx, Puma, two Sidekiqs and a task in one config file: jobs finish, and no request fails.

Puma is killed again and again while the jobs run, which is nothing to them."""

import http.client
import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from lib import nginx_conf
from lib.bench import Skip
from lib.http_get import answers, get
from lib.puma_app import APP

TIMEOUT = 120
WEIGHT = 3

LINGER = 3
KILLS = 4
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
backoff = 200ms 1s

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


def kill_puma_again_and_again(run, front):
    for kill in range(KILLS):
        run.wait_until(lambda: answers(front), "an answer through nginx")
        os.kill(run.pid_of("web"), signal.SIGKILL)
        run.wait_until(lambda: run.story().count("web: restart in") > kill, "the restart of Puma")
    run.wait_until(lambda: answers(front), "an answer of the last Puma")


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
        worker = run.pid_of("worker")
        kill_puma_again_and_again(run, front)
        bench.check(run, run.pid_of("worker") == worker, "Sidekiq is not what it was before Puma's end")
        with Load(front) as load, ThreadPoolExecutor(1) as client:
            bench.pause(1)
            run.term()
            asked = time.monotonic()
            bench.pause_until(asked + LINGER - 0.5)
            in_flight = client.submit(get, front, "/2")
            run.finish()
        bench.check(run, in_flight.exception() is None and in_flight.result() == (200, b"served"),
                    "the request that was in flight at the end of the linger was not answered")
        during = [ok for sent, ok in load.requests if sent < asked + LINGER - 0.2]
        bench.check(run, len(during) > 50 and all(during),
                    f"{during.count(False)} of {len(during)} requests failed before the linger was over")
        started = re.findall(r"(\w+) \(pid \d+\): started", run.story())
        bench.check(run, started[0] == "migrate" and started.index("web") < started.index("nginx")
                    and started.count("web") == 1 + KILLS, f"started in the order {started}")
        stopped = re.findall(r"(\w+): stopped after", run.story())
        bench.check(run, stopped.index("nginx") < stopped.index("web"), f"stopped in the order {stopped}")
    bench.expect(run, exit_code=0, finished=5, lost=0, twice=0, interrupted=0, tail=bench.tail_limit)
