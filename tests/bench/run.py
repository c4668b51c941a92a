#!/usr/bin/python3
"""Measures lastcall beside other inits, and prints the table of docs/performance.md.

    tests/bench/run.py [--runs N] [--seconds S] [WORD...]

Every figure of a row is taken in this one run, in turns, with the same children: medians, and the
ratio to the peer that the row is held against. The floor (floor.c) is no peer: it does the least that an
init can do, and so tells what nobody can reach. N (100) repetitions of what is short; S (60) seconds of
what is watched. WORDs choose rows by their names. A row that misses what it is to reach counts as
failed; the last line counts.
"""

import argparse
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
STATIC = os.path.join(ROOT, "build/lastcall-static")
os.environ["LASTCALL_BIN"] = STATIC
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))
sys.dont_write_bytecode = True

from lib import Box, monotonic, until  # noqa: E402  (it reads LASTCALL_BIN)

WATCH = os.path.join(ROOT, "build/tests/stopwatch")
SIM = os.path.join(ROOT, "build/tests/sim")
INITS = {"lastcall": [STATIC, "-q", "--"], "tini": ["/usr/bin/tini", "--"], "dumb-init": ["/usr/bin/dumb-init"],
         "catatonit": ["/usr/bin/catatonit", "--"], "floor": [os.path.join(ROOT, "build/tests/floor")]}
SERVICES = 16
rows = []


class Row:
    """A line of the table. asked: (figure, or None: shown only; words); less is better unless `more`."""

    def __init__(self, what, unit, ours, peers, asked, more=False):
        self.what, self.unit, self.ours, self.peers = what, unit, ours, peers
        limit, self.words = asked
        self.met = limit is None or (ours >= limit if more else ours <= limit)

    def markdown(self):
        peers = ", ".join(f"{name} {shown(value)}" for name, value in self.peers.items()) or "-"
        return f"| {self.what} | {shown(self.ours)} {self.unit} | {peers} | {self.words} | {'met' if self.met else '**missed**'} |"


def medians(values):
    """Ours, and {name: of the others}."""
    middle = {name: statistics.median(each) for name, each in values.items()}
    return middle.pop("lastcall"), middle


def fastest(took):
    return min(value for name, value in took.items() if name != "floor")


def shown(value):
    if value >= 1e6:
        return f"{value / 1e6:.2f} M"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def box(*program, config=None, **more):
    """With lastcall's door in the box's directory."""
    if config is not None:
        return Box(config=config, options=("-q",), **more)
    return Box(program=list(program), **more)


def status_of(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field + ":"))


def cpu_of(pid):
    """ns on a processor, of all its threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total


def settled(pid, field="VmRSS"):
    """Its memory once that has been the same for a second."""
    last, since = None, monotonic()

    def the_same():
        nonlocal last, since
        now = status_of(pid, field)
        if now != last:
            last, since = now, monotonic()
        return monotonic() - since >= 1
    until(the_same, timeout=30, every=0.05)
    return last


def services(count, command="/bin/sleep 100000", more=""):
    text = f"[lastcall]\ncontrol = {{dir}}/control.sock\ndeadline = 20s\n{more}\n"
    return text + "".join(f"[service:s{k}]\ncommand = {command}\n" for k in range(count))


def names_in(b):
    return [name for _, name in b.processes().values()]


# ---- the rows ------------------------------------------------------------------


def true(args):
    """wall time of `-- true`"""
    took = {name: [] for name in INITS}
    for _ in range(max(args.runs // 10, 1)):
        for name, words in INITS.items():
            out = subprocess.run([WATCH, "runs", "10", *words, "/bin/true"], capture_output=True, text=True, check=True)
            took[name] += [int(line) / 1e6 for line in out.stdout.split()]
    ours, took = medians(took)
    yield Row("`-- true`, exec to end", "ms", ours, took, (fastest(took), "1.0 of the fastest"))


def memory(args):
    """resident memory, idle"""
    peers = {}
    for name, words in INITS.items():
        if name != "lastcall":
            with box(*words, "/bin/sleep", "1000") as b:
                until(lambda: "sleep" in names_in(b))
                peers[name] = settled(b.pid)
    with box(*INITS["lastcall"], "/bin/sleep", "1000") as b:
        until(lambda: "sleep" in names_in(b))
        yield Row("resident memory, idle, one child", "kB", settled(b.pid), peers, (1024, "1,024 kB"))
    for count, most in (8, 1100), (64, 1600):
        with box(config=services(count)) as b:
            until(lambda: names_in(b).count("sleep") == count, timeout=30)
            yield Row(f"the same, {count} services", "kB", settled(b.pid), {}, (most, f"{most:,} kB"))
            if count == 8:
                ask(b, "status")
                yield Row("the same, after a `status`", "kB", settled(b.pid), {}, (None, "-"))


def switches(args):
    """context switches, idle"""
    def of(pid):
        return status_of(pid, "voluntary_ctxt_switches") + status_of(pid, "nonvoluntary_ctxt_switches")

    def watched(pid):
        settled(pid)
        before = of(pid)
        time.sleep(args.seconds)
        return of(pid) - before
    with box(*INITS["lastcall"], "/bin/sleep", "100000") as one, box(config=services(8)) as eight:
        until(lambda: "sleep" in names_in(one) and names_in(eight).count("sleep") == 8)
        settled(eight.pid)
        before = of(one.pid)
        more = watched(eight.pid)
        yield Row(f"context switches in {args.seconds} s idle, `--` form", "", of(one.pid) - before, {}, (0, "0"))
        yield Row(f"the same, 8 services ({args.seconds} s)", "", more, {}, (0, "0"))


def handler(args):
    """TERM to the child's handler"""
    took = {name: [] for name in INITS}
    for _ in range(args.runs):
        for name, words in INITS.items():
            with box(*words, WATCH, "handler", "{dir}/came") as b:
                b.wait_file("came.up")
                asleep(b)
                sent = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                os.kill(b.pid, signal.SIGTERM)
                took[name].append((int(b.wait_file("came")) - sent) / 1e3)
    ours, took = medians(took)
    yield Row("TERM to the child's handler", "us", ours, took, (0.8 * took["tini"], "0.8 of tini"))


def asleep(b):
    """All of the box wait for something."""
    def do():
        states = [state for state, _ in b.processes().values()]
        with open(f"/proc/{b.pid}/stat", encoding="utf-8") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "S" and set(states) == {"S"}
    until(do, every=0.002)


def orphans(args):
    """orphans reaped a second"""
    for way, count, words in (("zombies", 10000, "orphans reaped a second, 10,000 that have ended"),
                              ("orphans", 5000, "the same, 5,000 made one after another")):
        rates = {name: [] for name in INITS}
        for _ in range(max(args.runs // 20, 1)):
            for name, init in INITS.items():
                with box(*init, WATCH, way, str(count), "{dir}/took") as b:
                    rates[name].append(count / int(b.wait_file("took", 60)) * 1e9)
        ours, rates = medians(rates)
        yield Row(words, "", ours, rates, (2 * rates["tini"], "2 times tini"), more=True)


def make_scan(directory):
    """Services as s6 and runit know them."""
    for k in range(SERVICES):
        os.makedirs(f"{directory}/scan/s{k}")
        with open(f"{directory}/scan/s{k}/run", "w", encoding="ascii") as f:
            f.write(f"#!/bin/sh\nexec {WATCH} up {directory}/up\n")
        os.chmod(f"{directory}/scan/s{k}/run", 0o755)


def make_s6(directory):
    make_scan(directory)
    return ["/usr/bin/s6-svscan", f"{directory}/scan"]


def make_runit(directory):
    make_scan(directory)
    return ["/usr/bin/runsvdir", f"{directory}/scan"]


def make_supervisor(directory):
    with open(f"{directory}/supervisord.conf", "w", encoding="ascii") as f:
        f.write(f"[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile={directory}/pid\n"
                f"[unix_http_server]\nfile={directory}/supervisor.sock\n"
                "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
                f"[supervisorctl]\nserverurl=unix://{directory}/supervisor.sock\n")
        for k in range(SERVICES):
            f.write(f"[program:s{k}]\ncommand={WATCH} up {directory}/up\nstartsecs=0\nautorestart=false\n")
    return ["/usr/bin/supervisord", "-c", f"{directory}/supervisord.conf"]


def all_up(b, directory):
    """Each has added its byte."""
    try:
        return os.path.getsize(f"{directory}/up") == SERVICES
    except FileNotFoundError:
        return False


MAKERS = {"s6": make_s6, "runit": make_runit, "supervisord": make_supervisor}


class Sixteen:
    """The same sixteen services under one of four; they tell when they are up."""

    def __init__(self, name):
        self.directory = tempfile.mkdtemp()
        self.began = monotonic()
        if name == "lastcall":
            config = services(SERVICES, f"{WATCH} up {self.directory}/up", f"listen = unix:{self.directory}/open.sock")
            self.box = box(config=config)
        else:
            words = MAKERS[name](self.directory)
            self.began = monotonic()
            self.box = box(*words)
        until(lambda: all_up(self.box, self.directory), timeout=60, every=0.001)
        self.started = monotonic() - self.began

    def stop(self):
        began = monotonic()
        os.kill(self.box.pid, signal.SIGTERM)
        self.box.wait(60)
        self.stopped = monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.box.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def sixteen(args):
    """start and stop of 16 services"""
    start = {name: [] for name in ("lastcall", *MAKERS)}
    stop = {name: [] for name in start if name != "runit"}  # runsvdir waits for nobody
    for _ in range(max(args.runs // 10, 1)):
        for name in start:
            with Sixteen(name) as s:
                start[name].append(s.started * 1e3)
                if name in stop:
                    s.stop()
                    stop[name].append(s.stopped * 1e3)
    for what, took in (("start of 16 services to all up", start), ("their stop, TERM to the end of PID 1", stop)):
        ours, took = medians(took)
        yield Row(what, "ms", ours, took, (min(took["s6"], took["supervisord"] / 2), "1.0 of s6, 0.5 of supervisord"))


def ask(b, *words):
    done = subprocess.run([STATIC, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"], "LASTCALL_CONTROL": b.path("control.sock")})
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.returncode} {done.stderr}")


def timed(words, env=None):
    began = monotonic()
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env)
    return (monotonic() - began) * 1e3


def status(args):
    """`status`, exec to exit"""
    with (Sixteen("lastcall") as ours, Sixteen("s6") as s6, Sixteen("runit") as runit,
          Sixteen("supervisord") as supervisor):
        commands = {
            "lastcall": ([STATIC, "status"], {"LASTCALL_CONTROL": ours.box.path("control.sock")}),
            "s6-svstat": (["/usr/bin/s6-svstat", f"{s6.directory}/scan/s0"], {}),
            "sv": (["/usr/bin/sv", "status", f"{runit.directory}/scan/s0"], {}),
            "supervisorctl": (["/usr/bin/supervisorctl", "-c", f"{supervisor.directory}/supervisord.conf", "status"],
                              {"PATH": os.environ["PATH"]})}
        took = {name: [] for name in commands}
        for k in range(args.runs):
            for name, (words, env) in commands.items():
                if name != "supervisorctl" or k % 10 == 0:
                    took[name].append(timed(words, env))
    mine, took = medians(took)
    limit = min(1.5 * took["s6-svstat"], 0.05 * took["supervisorctl"])
    yield Row("`status`, exec to exit, 16 services", "ms", mine, took, (limit, "1.5 of s6-svstat, 0.05 of supervisorctl"))


def scrape(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        while s.recv(65536):
            pass


def metrics(args):
    """/metrics, of PID 1's time"""
    with Sixteen("lastcall") as s:
        path = f"{s.directory}/open.sock"
        settled(s.box.pid)
        scrape(path)
        before = cpu_of(s.box.pid)
        for _ in range(args.runs):
            scrape(path)
        one = (cpu_of(s.box.pid) - before) / args.runs / 1e6
        before, began, seconds = cpu_of(s.box.pid), monotonic(), min(args.seconds, 60)
        for k in range(seconds):
            time.sleep(max(began + k + 1 - monotonic(), 0))
            scrape(path)
        share = (cpu_of(s.box.pid) - before) / 1e9 / (monotonic() - began) * 100
    yield Row("`/metrics`, 16 services, of PID 1's time", "ms", one, {}, (1, "1 ms"))
    yield Row(f"a scrape a second for {seconds} s, of a core", "%", share, {}, (0.1, "0.1 %"))


def drain(args):
    """a Sidekiq drain watched for an hour: its first minute, and so many seconds more that stand for all others"""
    child = os.path.join(ROOT, "build/tests/child")
    seconds = min(args.seconds, 3540)
    with Box(options=("-q", "-d", "2h", "-p", "sidekiq"),
             command=[child, "sidekiq:25:5:100000000:25:7.2.0"]) as b:
        until(lambda: sum("processor" in name for name in threads(b)) == 25)
        b.signal("TERM")
        until(lambda: sum("processor" in name for name in threads(b)) == 5)
        first = cpu_in(b.pid, 61) * 61
        hour = first + cpu_in(b.pid, seconds) * (3600 - 61)
    yield Row(f"CPU of an hour of draining (5 jobs of 25 threads; a minute, and {seconds} s, scaled)", "s", hour, {},
              (2, "2 s"))


def cpu_in(pid, seconds):
    """s of CPU a second"""
    before, began = cpu_of(pid), monotonic()
    time.sleep(seconds)
    return (cpu_of(pid) - before) / 1e9 / (monotonic() - began)


def threads(b):
    found = []
    for pid in b.children():
        try:
            for tid in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{tid}/comm", encoding="ascii") as f:
                    found.append(f.read())
        except OSError:
            continue
    return found


def core(args):
    """core steps a second"""
    runs = []
    for _ in range(5):
        out = subprocess.run([SIM, "--speed", "--worlds", "20000"], capture_output=True, text=True, check=True).stdout
        words = out.split()
        runs.append((float(words[words.index("steps/s") - 1]), float(words[-2])))
    yield Row("core steps a second, 8 services, with invariants", "", statistics.median(r[0] for r in runs), {},
              (3e6, "3 million"), more=True)
    yield Row("the same without", "", statistics.median(r[1] for r in runs), {}, (1e7, "10 million"), more=True)


ROWS = (true, memory, switches, handler, orphans, sixteen, status, metrics, drain, core)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        cpu = next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
    packages = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", "tini", "dumb-init", "catatonit", "s6",
                               "runit", "supervisor"], capture_output=True, text=True, check=False).stdout
    return f"{cpu}, {os.cpu_count()} cores, Linux {platform.release()}; {packages.rstrip(', ')}"


def main():
    parser = argparse.ArgumentParser(description="Measures.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    print(machine())
    print("| what | lastcall | beside it | to reach | |\n|---|---|---|---|---|", flush=True)
    done = []
    with tempfile.TemporaryDirectory(prefix="lastcall-bench.", dir="/var/tmp") as directory:
        tempfile.tempdir = directory  # not in /tmp: a box has its own
        for measure in ROWS:
            if args.words and not any(word in measure.__name__ for word in args.words):
                continue
            for row in measure(args):
                done.append(row)
                print(row.markdown(), flush=True)
    met = sum(row.met for row in done)
    print(f"{met} passed, {len(done) - met} failed")
    return 0 if met == len(done) and done else 1


if __name__ == "__main__":
    sys.exit(main())
