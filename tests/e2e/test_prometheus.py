"""A real Prometheus scrapes a pod with a Sidekiq; promtool finds nothing to say of its metrics."""

import json
import shutil
import socket
import subprocess
import urllib.parse
from contextlib import contextmanager

from lib.bench import SIDEKIQ, Skip
from lib.http_get import answers, get

TIMEOUT = 90
WEIGHT = 2
CONFIG = f"""\
[lastcall]
deadline = 60s
listen = 127.0.0.1:{{port}}

[service:worker]
command = {' '.join(SIDEKIQ)}

[service:other]
command = sleep 1000
"""
SCRAPE = """\
global: {{scrape_interval: 1s}}
scrape_configs:
- job_name: lastcall
  static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def prometheus(folder, target):
    """A Prometheus that scrapes the target every second; its address."""
    port = free_port()
    (folder / "prometheus.yml").write_text(SCRAPE.format(port=target))
    with open(folder / "prometheus.log", "wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/prometheus", f"--web.listen-address=127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield "127.0.0.1", port
    finally:
        process.kill()
        process.wait()


def value(server, query):
    """What an instant query gives, as a number; None: nothing."""
    status, body = get(server, "/api/v1/query?query=" + urllib.parse.quote(query))
    result = json.loads(body)["data"]["result"] if status == 200 else []
    return float(result[0]["value"][1]) if result else None


def scenario(bench):
    for program in "prometheus", "promtool":
        if not shutil.which(program):
            raise Skip(f"{program} is not installed")
    port = free_port()
    with bench.open("scraped", deadline=60) as run, prometheus(run.folder, port) as server:
        run.enqueue("Nap", 3, seconds=22)
        run.start([], config=CONFIG.replace("{port}", str(port)))
        run.wait_started(3)
        text = get(("127.0.0.1", port), "/metrics")[1]
        lint = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
        bench.check(run, lint.returncode == 0 and not lint.stderr,
                    f"promtool check metrics: {lint.stdout.decode()}{lint.stderr.decode()}")
        run.wait_until(lambda: answers(server, "/-/ready"), "Prometheus")
        worker = '{service="worker"}'
        for query, wanted in ((f"lastcall_jobs_busy{worker}", 3), (f"lastcall_jobs_capacity{worker}", 5),
                              (f"lastcall_jobs_observable{worker}", 1), (f"lastcall_jobs_quiet{worker}", 0),
                              ('lastcall_service_ready{service="other"}', 1), ('lastcall_phase{phase="running"}', 1),
                              ("count(lastcall_jobs_busy)", 1), ("lastcall_deadline_seconds", 60)):
            run.wait_until(lambda query=query, wanted=wanted: value(server, query) == wanted,
                           f"{query} = {wanted} in Prometheus", limit=25)
        memory = value(server, f"lastcall_service_resident_memory_bytes{worker}")
        bench.check(run, memory and memory > 20e6, f"a Sidekiq of {memory} bytes")
        run.term()
        for query, wanted in ((f"lastcall_jobs_quiet{worker}", 1), (f"lastcall_jobs_busy{worker}", 3),
                              ('lastcall_phase{phase="stopping"}', 1), ('lastcall_signals_received_total{signal="TERM"}', 1)):
            run.wait_until(lambda query=query, wanted=wanted: value(server, query) == wanted,
                           f"{query} = {wanted} in Prometheus during the drain", limit=10)
        bench.check(run, 40 < value(server, "lastcall_deadline_remaining_seconds") < 60, "the remaining time is odd")
        run.finish()
    bench.expect(run, exit_code=0, finished=3, lost=0, interrupted=0, twice=0, tail=bench.tail_limit)
