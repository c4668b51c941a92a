"""Children and surroundings that mean no good: forks without end, floods, lies, a debugger, a frozen
container, next to no CPU, no memory. With LASTCALL_LONG=true (make hostile) at the length that hurts."""

import contextlib
import ctypes
import os
import re
import signal

from lib import CHILD, Box, Skip, monotonic, until
from test_notify import inside
from test_sidekiq import booted

LONG = os.environ.get("LASTCALL_LONG") == "true"
CGROUPS = "/sys/fs/cgroup"
LIBC = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17


def at_length(short, long):
    return long if LONG else short


class Group:
    """A cgroup of one controller, for all that lives in a box and comes of it. The settings, NAME=VALUE each, are
    those of version 1, and of 2."""

    def __init__(self, box, controller, v1=(), v2=()):
        self.v2 = os.path.exists(f"{CGROUPS}/cgroup.controllers")
        self.path = f"{CGROUPS}/{'' if self.v2 else controller}/lastcall-test-{os.getpid()}"
        try:
            os.mkdir(self.path)
            if v2 and self.v2:
                self.set("../cgroup.subtree_control", f"+{controller}")
            for setting in v2 if self.v2 else v1:
                self.set(*setting.split("="))
            for pid in [box.pid, *box.children()]:
                self.set("cgroup.procs", pid)
        except OSError as e:
            self.remove()
            raise Skip(f"no cgroup of {controller}: {e}") from None

    def set(self, name, value):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as f:
            f.write(str(value))

    def get(self, name):
        with open(f"{self.path}/{name}", encoding="ascii") as f:
            return f.read()

    def remove(self):
        try:
            os.rmdir(self.path)
        except OSError:
            pass

    def freeze(self):
        self.set(*("cgroup.freeze", 1) if self.v2 else ("freezer.state", "FROZEN"))
        until(lambda: "frozen 1" in self.get("cgroup.events") if self.v2 else
              self.get("freezer.state") == "FROZEN\n", what="all are frozen")

    def thaw(self):
        self.set(*("cgroup.freeze", 0) if self.v2 else ("freezer.state", "THAWED"))

    def kill(self):
        for pid in self.get("cgroup.procs").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        """What failed may have left it frozen, or full of forks."""
        if error[0]:
            with contextlib.suppress(OSError):
                self.thaw()
        until(lambda: not self.get("cgroup.procs").strip() or error[0] and self.kill(), timeout=10,
              what="nobody is left in the cgroup")
        self.remove()


def held_by(pid):
    """(kB of its own memory, descriptors)"""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        anon = next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))
    return anon, len(os.listdir(f"/proc/{pid}/fd"))


def go(b):
    with open(b.path("go"), "w", encoding="ascii"):
        pass


# --- forks -----------------------------------------------------------------------


def test_a_fork_bomb_within_a_limit_of_processes():
    """lastcall can fork no more either, nor LeakSanitizer; the deadline holds all the same."""
    with Box("file:{dir}/up", "wait-file:{dir}/go", "ignore:15", "storm:8", "pause", options=("-d", "4s"),
             env={"ASAN_OPTIONS": "detect_leaks=0"}) as b:
        b.wait_file("up")
        with Group(b, "pids", v1=["pids.max=40"], v2=["pids.max=40"]) as group:
            go(b)
            until(lambda: int(group.get("pids.current")) > 20, what="the bomb goes off")
            began = monotonic()
            b.signal("TERM")
            assert b.wait() == 137
            assert b.took(began) < 5, b.took(began)


test_a_fork_bomb_within_a_limit_of_processes.alone = True


def test_orphans_by_the_thousand_cost_nothing_that_stays():
    some, many = at_length((1000, 2000), (1000, 100000))
    with Box(f"orphans:{some}", "file:{dir}/some", "wait-file:{dir}/go", f"orphans:{many}", "file:{dir}/up", "pause",
             env={"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"}) as b:  # what is freed is free
        b.wait_file("some", 60)
        until(lambda: len(b.processes()) == 1)
        before = held_by(b.pid)
        go(b)
        b.wait_file("up", 900)
        until(lambda: len(b.processes()) == 1, what="all are reaped")
        after = held_by(b.pid)
        assert after[0] <= before[0] + 16 and after[1] == before[1], (before, after)
        b.signal("TERM")
        assert b.wait() == 0


test_orphans_by_the_thousand_cost_nothing_that_stays.timeout = at_length(90, 1000)


def test_restarts_by_the_thousand_cost_nothing_that_stays():
    some, many = at_length((100, 400), (2000, 10000))
    fills = at_length(200, 32)  # kB: the event log, 160 KiB, is full after some 1,500
    with Box(config="[lastcall]\ndeadline = 5s\ncontrol = {dir}/control.sock\n[service:flaps]\ncommand = {child} exit:1\n"
                    "restart = always\nbackoff = 1ms 1ms\nrestart_limit = 65535 1h\n"
                    "[service:stays]\ncommand = {child} pause\n", stderr="{dir}/log") as b:

        def restarts():
            return len(re.findall("flaps: restart in", b.file("log") or ""))
        until(lambda: restarts() >= some, timeout=120, every=0.1)
        before = held_by(b.pid)
        until(lambda: restarts() >= many, timeout=1500, every=0.1)
        after = held_by(b.pid)
        # one more descriptor: the start that is under way
        assert after[0] <= before[0] + fills and abs(after[1] - before[1]) <= 3, (before, after)
        b.signal("TERM")
        assert b.wait(20) in (0, 1)


test_restarts_by_the_thousand_cost_nothing_that_stays.timeout = at_length(120, 1600)


# --- lies and noise ------------------------------------------------------------------


def test_a_title_made_to_mislead():
    """A process that is no Sidekiq says that all is done; the one that is one has a job."""
    with Box("member", "title:sidekiq 7.3.2 app [0 of 5 busy] stopping", "ignore:20", "file:{dir}/liar", "pause", "end",
             "trap:{dir}/caught", "sidekiq:5:1:3000:25:7.2.0", options=("-d", "60s", "-p", "sidekiq")) as b:
        booted(b, 5)
        b.wait_file("liar")
        b.signal("TERM")
        b.wait_caught("TERM", timeout=40)
        assert monotonic() - b.began >= 3, "TERM came while the job ran"
        assert b.wait(40) == 0


test_a_title_made_to_mislead.timeout = 90


def test_one_that_signals_lastcall_all_the_time():
    """TERM and CHLD from within, thousands; a job is waited for all the same."""
    noise = 'trap "" TERM TSTP; until [ -e "$DIR/go" ]; do sleep 0.05; done; while :; do kill -TERM 1; kill -CHLD 1; done'
    with Box(command=["/bin/sh", "-c", f'({noise}) & exec {CHILD} trap:"$DIR/caught" sidekiq:5:1:2500:25:7.2.0'],
             env={"DIR": "{dir}"}, options=("-q", "-d", "120s", "-p", "sidekiq")) as b:
        booted(b, 5)
        go(b)
        b.wait_caught("TERM", timeout=20)
        assert monotonic() - b.began >= 2.5, "TERM came while the job ran"
        b.wait(60)  # the noise itself ignores TERM and has its 30 s


test_one_that_signals_lastcall_all_the_time.timeout = 100


def hold(pid):
    """As a debugger does: it stops, and its end is ours to see first."""
    assert LIBC.ptrace(PTRACE_SEIZE, pid, None, None) == 0, os.strerror(ctypes.get_errno())
    assert LIBC.ptrace(PTRACE_INTERRUPT, pid, None, None) == 0
    os.waitpid(pid, 0)


def test_a_job_that_a_debugger_holds():
    """Stopped by ptrace at TERM, and its end is the tracer's to see first: the deadline holds."""
    with Box("file:{dir}/up", "pause", options=("-d", "4s")) as b:
        b.wait_file("up")
        pid = b.children()[0]
        hold(pid)
        b.signal("TERM")
        b.wait_line("done in", timeout=5)  # the kernel keeps PID 1 until the tracer has seen the end
        os.waitpid(pid, 0)
        assert b.wait() == 137


def test_one_that_dies_slowly_takes_nobody_along():
    """It gives back its memory for longer than the listing and killing takes. That is no reason for a KILL to
    everybody, which would end who is no service's, and the process that writes the log here."""
    with Box("member", "ignore:15", "memory:400", "file:{dir}/slow", "pause", "end", "ignore:15", "file:{dir}/up",
             "pause", uid=54321, options=("-d", "3s"), env={"LASTCALL_MARGIN": "1s"}) as b:
        b.wait_file("up")
        b.wait_file("slow", 30)
        leader, slow = b.children()
        hold(leader)  # so that lastcall lives on until the deadline
        with inside(b, "setpriv", "--reuid=54321", "--clear-groups", "sleep", "60") as stranger:
            until(lambda: len(b.children()) == 3)
            b.signal("TERM")
            until(lambda: not {leader, slow} & set(b.children()))
            assert stranger.poll() is None and len(b.children()) == 1
            os.waitpid(leader, 0)
            assert b.wait() == 137
        assert "done in" in b.err.list[-1], b.err.list


# --- surroundings ----------------------------------------------------------------------


def test_a_container_that_is_frozen_in_its_drain():
    """What passed while nothing could run is no time that a child had; but the deadline counts it."""
    pause = at_length(6, 60)
    with Box("trap:{dir}/caught", "file:{dir}/up", "wait-file:{dir}/go", "exit:0",
             options=("-d", f"{pause + 30}s"), env={"LASTCALL_STOP": "TERM 4s"}) as b:
        b.wait_file("up")
        with Group(b, "freezer") as group:
            began = monotonic()
            b.signal("TERM")
            b.wait_caught("TERM")
            group.freeze()
            until(lambda: monotonic() - began > pause, timeout=pause + 5)
            group.thaw()
            b.wait_line("passed unseen|stood still|clock|unseen")
            go(b)
            assert b.wait() == 0, "it got KILL for time that it had not had"


test_a_container_that_is_frozen_in_its_drain.timeout = at_length(60, 150)


def test_a_tenth_of_a_processor():
    with Box("trap:{dir}/caught", "sidekiq:5:1:3000:1:7.2.0", options=("-d", "60s", "-p", "sidekiq")) as b:
        booted(b, 5)
        with Group(b, "cpu", v1=["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=10000"], v2=["cpu.max=10000 100000"]):
            began = monotonic()
            b.signal("TERM")
            assert b.wait(50) == 0
            assert b.took(b.began) >= 3 and b.took(began) < 20, b.took(began)
            assert [word for word in b.caught() if word != "CONT"] == ["TSTP", "TERM"]


test_a_tenth_of_a_processor.alone = True


def test_the_kernel_kills_the_child_for_memory():
    """And lastcall tells it: by its code, and in the log."""
    eat = 'while [ ! -e "$DIR/go" ]; do sleep 0.05; done; x=x; while :; do x=$x$x; done'
    with Box(command=["/bin/sh", "-c", f': > "$DIR/up"; {eat}'], env={"DIR": "{dir}"}) as b:
        b.wait_file("up")
        with Group(b, "memory", v1=["memory.limit_in_bytes=24M"], v2=["memory.max=24M", "memory.swap.max=0"]) as group:
            go(b)
            assert b.wait(30) == 128 + signal.SIGKILL
            events = group.get("memory.events" if group.v2 else "memory.oom_control")
            assert "oom_kill 0" not in events, events
        b.wait_line("KILL")
