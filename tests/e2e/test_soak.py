"""Pods that live and end at random: no job is lost, none is cut off that had time, none is late.

`make soak N=1000 SEED=7`. Each is the pod of examples/demo: a Redis, Puma behind nginx, two Sidekiqs, a task, a log
shipper. It has jobs, a deadline, and a TERM or a preStop hook at a random moment of its life, its boot
included; now and then another part than a Sidekiq is killed meanwhile. (A Sidekiq that is killed loses its jobs
under any init: that is a scenario of its own.) In every other pod the jobs are in its own Redis, which has to
outlive the Sidekiqs then.
"""

import contextlib
import os
import random
import re
import signal
import subprocess
import threading

from lib import inits, nginx_conf
from lib.bench import Skip
from lib.container import RunFailed
from lib.puma_app import APP

PODS = int(os.environ.get("N", "20"))
SEED = int(os.environ.get("SEED", "1"))
TIMEOUT = 120 + 15 * PODS
WEIGHT = 4

CONFIG = """\
[lastcall]
deadline = %(deadline)ds
control = {folder}/control.sock

[service:shipper]
command = rsyslogd -n -i NONE -f {folder}/rsyslog.conf
sidecar = yes
stop = CONT 500ms, TERM 2s
backoff = 200ms 1s

[service:redis]
command = %(redis-server)s --port 0 --unixsocket {folder}/inside.sock --appendonly yes --dir kept
ready = unix:{folder}/inside.sock
restart = always
stop = TERM 2s
backoff = 200ms 1s
logs = file:log/redis.log

[task:migrate]
command = %(redis-cli)s -s {folder}/inside.sock SET schema_version 42
after = redis

[service:web]
command = puma -b unix://./puma.sock config.ru
profile = puma
after = migrate
stop = TERM 10s
backoff = 200ms 1s
ready = unix:{folder}/puma.sock
logs = file:log/web.log

[service:nginx]
command = nginx -c {folder}/nginx.conf -g "daemon off;"
after = web
; it swallows a QUIT now and then that comes as it starts
stop = QUIT 3s, TERM 2s
backoff = 200ms 1s

[service:default]
command = sidekiq -r ./app.rb -c 5 -t 5
after = migrate
logs = file:log/default.log

[service:reports]
command = sidekiq -r ./app.rb -c 3 -t 5 -q default -q reports
after = migrate
logs = file:log/reports.log
"""
SHIPPER = """\
global(workDirectory="{folder}/tmp")
module(load="imfile")
input(type="imfile" file="{folder}/log/*.log" tag="pod:")
action(type="omfile" file="{folder}/shipped.log")
"""
# Of a deadline: its margin, Sidekiq's ladder (-t 5 and 5 s), those of Redis and the shipper, and two seconds for
# the looks.
NEEDED = 2 + 10 + 2 + 2.5 + 2
RUBY_ENDS = 1  # a Ruby that is told TERM while it loads its libraries ends with that now and then


class Pod:
    """What will happen to one, drawn from its seed."""

    def __init__(self, number):
        dice = random.Random(SEED * 1_000_003 + number)
        self.label = f"pod {number}"
        self.deadline = dice.randint(int(NEEDED) + 2, 45)
        self.jobs = dice.randint(1, 8)
        self.seconds = round(dice.uniform(0.1, dice.choice((3, 12, 40))), 1)
        self.moment = round(dice.uniform(0, dice.choice((1.5, 4, 9))), 2)
        self.keeps_jobs = dice.random() < 0.5
        self.crash = round(dice.uniform(0, self.moment + 5), 2) if dice.random() < 0.3 else None
        self.victim = dice.choice(("web", "nginx", "shipper", "web" if self.keeps_jobs else "redis"))
        self.hook = dice.random() < 0.5
        # One that is fetched in the last instant before the quiet begins then.
        self.has_time = self.seconds + NEEDED < self.deadline


def kill(bench, run, service, at):
    try:
        bench.pause_until(at)
        os.kill(run.pid_of(service), signal.SIGKILL)
    except (IndexError, OSError, TypeError, RunFailed):
        pass  # it had not begun, or was over


def prestop(bench, run):
    """The hook, as the kubelet runs it: its answer is waited for, then TERM follows."""
    return subprocess.run([inits.lastcall(bench.place), "prestop"], stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, timeout=run.deadline + 5,
                          env={**os.environ, "LASTCALL_CONTROL": str(run.folder / "control.sock")}).returncode


def start(bench, run, pod):
    """And enqueues the jobs: before, or once its own Redis is there."""
    folder = bench.place.inside(run.folder)
    (run.folder / "config.ru").write_text(APP)
    (run.folder / "rsyslog.conf").write_text(SHIPPER.replace("{folder}", folder))
    nginx_conf.write(run, folder, f"location / {{ proxy_pass http://unix:{folder}/puma.sock:; }}")
    for name in "kept", "log", "tmp":
        (run.folder / name).mkdir()
    config = CONFIG % {"deadline": pod.deadline,
                       **{name: bench.place.program(name, name.replace("redis", "valkey"))
                          for name in ("redis-server", "redis-cli")}}
    if not bench.place.program("rsyslogd"):
        config = config.replace(config[config.index("[service:shipper]"):config.index("[service:redis]")], "")
    if not pod.keeps_jobs:
        run.enqueue("Nap", pod.jobs, seconds=pod.seconds)
        run.start([], config=config)
        return
    run.start([], config=config, REDIS_URL=f"unix://{folder}/inside.sock")
    run.wait_redis_inside("inside.sock", "kept")
    run.enqueue("Nap", pod.jobs, seconds=pod.seconds)


def ended_while_handed_back(run):
    """How many jobs are done although Sidekiq put them back: at its -t it names those that run, puts them into Redis, and
    only then ends them (manager.rb: "jobs are run AT LEAST once"). Under tini they are done twice then, too."""
    named = re.findall("Work still in progress.*", "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in (run.folder / "log").glob("*.log")))
    return sum(mark.word == "done" and re.search(rf"\b{mark.job}\b", " ".join(named)) is not None for mark in run.marks())


def live_and_end(bench, pod):
    with bench.open(pod.label, deadline=pod.deadline) as run:
        start(bench, run, pod)
        if pod.crash is not None:
            threading.Thread(target=kill, args=(bench, run, pod.victim, run.started_at + pod.crash),
                             daemon=True).start()
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
    bench.expect(run, within=pod.deadline + 0.3, lost=0, **more)
    twice, may_be = run.outcome.books.twice, 0 if pod.has_time else ended_while_handed_back(run)
    bench.check(run, twice <= may_be, f"twice {twice}, more than {may_be}")
    codes = {0, RUBY_ENDS, *(() if pod.has_time else (75,)), *(() if pod.crash is None else (137,))}
    bench.check(run, run.outcome.exit_code in codes, f"exit code {run.outcome.exit_code}, not one of {sorted(codes)}")


def scenario(bench):
    for program in "puma", "nginx":
        if not bench.place.program(program):
            raise Skip(f"{program} is not installed here")
    bench.parallel(lambda number: live_and_end(bench, Pod(number)), range(PODS))
