"""The figures of /metrics are true ones."""

import os
import time

from lib import Box, until
from lib.door import ask

CONFIG = """
[lastcall]
deadline = 30s
control = {dir}/control.sock
[service:web]
command = {child} orphans:7 file:{dir}/up pause
[service:worker]
command = {child} sidekiq:5:2:600000:1
profile = sidekiq
stop = TERM 2s
[service:flaps]
command = sh -c 'test -e {dir}/once && exec {child} pause; touch {dir}/once; exit 3'
restart = on-failure
backoff = 100ms 1s
"""

SERVICES = ("web", "worker", "flaps")


def metrics(b):
    """{name with labels: value}"""
    lines = ask(b, "/metrics")[1].splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def of(name, service, **labels):
    more = "".join(f',{label}="{value}"' for label, value in labels.items())
    return f'lastcall_{name}{{service="{service}"{more}}}'


def resident(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return f.read().split()


def tells_memory(b):
    told = metrics(b)
    known = [told.get(of("service_resident_memory_bytes", service), 0) for service in SERVICES]
    return all(known) and 0.9 < sum(known) / sum(map(resident, children(b.pid))) < 1.1


def test_figures():
    with Box(config=CONFIG) as b:
        b.wait_file("up")
        restarts = of("service_restarts_total", "flaps")
        until(lambda: metrics(b)[restarts] == 1 and metrics(b).get(of("jobs_busy", "worker")) == 2 and
              metrics(b)["lastcall_orphans_reaped_total"] == 7 and
              all(metrics(b)[of("service_up", service)] for service in SERVICES), 20)
        told = metrics(b)
        assert told[of("service_exits_total", "flaps", code=3, signal="")] == 1, told
        assert told[of("service_restarts_total", "web")] == 0
        assert told["lastcall_orphans_reaped_total"] == 7
        assert told[of("jobs_capacity", "worker")] == 5 and told[of("jobs_quiet", "worker")] == 0
        assert told[of("jobs_observable", "worker")] == 1 and told[of("jobs_observation_age_seconds", "worker")] < 2
        for service in SERVICES:
            assert told[of("service_up", service)] == 1 and told[of("service_ready", service)] == 1
            began = of("service_start_time_seconds", service)
            assert -30 < told[began] - time.time() < 1
            assert {metrics(b)[began] for _ in range(50)} == {told[began]}
        until(lambda: tells_memory(b), 5)  # not anew for everybody who asks
        assert ask(b, "/services/worker/quiet", "POST")[0] == 202
        until(lambda: metrics(b)[of("jobs_quiet", "worker")] == 1)
        assert metrics(b)[of("jobs_capacity", "worker")] == 5
        b.signal("USR1")
        until(lambda: metrics(b)['lastcall_signals_received_total{signal="USR1"}'] == 1)
