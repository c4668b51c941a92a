"""prestop, drain and shutdown: one clock with the signals, and they return when they should."""

import json
import os
import re
import signal
import subprocess
import threading

from lib import BIN, Box, monotonic, until
from lib.door import ask, client, config


def sidekiq(busy_ms):
    """A worker with two jobs for so long after it began, and 30 s."""
    return f"""
[lastcall]
deadline = 30s
control = {{dir}}/control.sock
[service:worker]
command = {{child}} sidekiq:5:2:{busy_ms}:5
profile = sidekiq
stop = TERM 10s
"""


def unknown(deadline):
    """A worker that never tells how busy it is, which is never idle; 10 s for its ladder."""
    return config(deadline=deadline, service="inflight = notify\nstop = TERM 10s")


def working(b):
    """Until its jobs are seen."""
    until(lambda: any(v["busy"] for v in json.loads(ask(b, "/status")[1])["services"]), 20)


# Keeps lastcall alive when the worker is down.
SERVICE = """
[service:other]
command = {child} trap:{dir}/other exit-on:15:0 pause
stop = TERM 1s
"""


class Hook(threading.Thread):
    """A command that runs beside the test."""

    def __init__(self, b, *words):
        super().__init__(daemon=True)
        self.b, self.words, self.result, self.ended = b, words, None, None
        self.start()

    def run(self):
        self.result = client(self.b, *self.words, timeout=60)
        self.ended = monotonic()

    def wait(self):
        self.join(60)
        return self.result


def test_returns_when_drained():
    with Box(config=sidekiq(4000)) as b:
        working(b)
        hook = Hook(b, "prestop")
        b.wait_line("drain: prestop, deadline in 30s")
        b.wait_line("prestop: waits until drained, time left: ")
        code, out, err = hook.wait()
        assert (code, err) == (0, ""), (code, out, err)
        assert len(re.findall(r"^draining 2 jobs  \S+ left$", out, re.M)) == 1, out  # not a line each look
        assert out.endswith("drained\n"), out
        b.wait_line("prestop: drained, returns")
        assert b.alive() and client(b, "prestop")[0] == 0  # a second one finds it drained
        b.signal("TERM")
        assert b.wait() == 0


def test_joins_a_shutdown_and_shares_its_clock():
    """TERM first, the hook later: the deadline is that of TERM."""
    with Box(config=unknown("14s")) as b:
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        b.wait_line("shutdown: TERM")
        until(lambda: json.loads(ask(b, "/status")[1])["remaining_s"] < 13, every=0.05)
        hook, again = Hook(b, "prestop"), Hook(b, "drain")
        for h in hook, again:
            code, _, err = h.wait()
            assert code == 75 and "not drained in time" in err, (code, err)
            assert 2.3 < h.ended - began < 3.4  # 14 s - 1.4 s - 10 s of the ladder, not 1 s later
        assert b.wait() == 75
        assert b.took(began) < 4


def test_returns_when_the_hand_back_begins():
    """Under a drain alone; PID 1 stays until TERM or the deadline."""
    with Box(config=unknown("15s") + SERVICE) as b:
        b.wait_file("up")
        began = monotonic()
        code, _, err = client(b, "prestop")
        took = monotonic() - began
        assert code == 75 and 3.2 < took < 4.5, (code, took, err)
        assert b.alive() and b.caught("other") == []
        assert client(b, "prestop")[0] == 75
        b.wait_line("prestop: not drained in time, returns")
        b.signal("TERM")
        assert b.wait() == 75


def test_who_waits_for_nothing_is_not_late():
    with Box(config=unknown("30s")) as b:
        b.wait_file("up")
        code, out, err = client(b, "shutdown", "--now")
        assert (code, err) == (0, "") and out.endswith("stopped\n"), (code, out, err)
        assert b.wait() == 0


def test_nobody_reads_what_it_prints():
    """The hook goes on."""
    with Box(config=config(service="linger = 2s")) as b:
        b.wait_file("up")
        read, write = os.pipe()
        os.close(read)
        began = monotonic()
        with subprocess.Popen([BIN, "prestop"], stdout=write, env={"LASTCALL_CONTROL": b.path("control.sock")}) as hook:
            os.close(write)
            assert hook.wait(10) == 0 and 1.5 < monotonic() - began < 4


def test_timeout_of_its_own():
    with Box(config=unknown("60s")) as b:
        b.wait_file("up")
        began = monotonic()
        code, _, err = client(b, "prestop", "--timeout", "1s")
        assert code == 75 and "the drain goes on" in err and 0.9 < monotonic() - began < 2
        assert json.loads(ask(b, "/status")[1])["phase"] == "draining"


def test_shutdown_waits_for_the_end():
    with Box(config=sidekiq(3000)) as b:
        working(b)
        hook = Hook(b, "shutdown")
        assert b.wait() == 0
        code, out, err = hook.wait()
        assert (code, err) == (0, "") and out.endswith("drained\n"), (code, out, err)


def test_lastcall_is_killed_meanwhile():
    with Box(config=sidekiq(60000)) as b:
        working(b)
        hook = Hook(b, "prestop")
        b.wait_line("prestop: waits")
        os.kill(b.pid, signal.SIGKILL)
        code, _, err = hook.wait()
        assert code == 75 and "ended before it was drained" in err


def test_without_a_deadline_it_returns_after_the_linger():
    with Box(config=config(deadline="none", service="linger = 1s")) as b:
        b.wait_file("up")
        began = monotonic()
        assert client(b, "prestop")[0] == 0
        assert 0.9 < monotonic() - began < 2
        assert b.alive()


def test_json():
    with Box(config=sidekiq(2000)) as b:
        working(b)
        code, out, err = client(b, "drain", "--json")
        assert (code, err) == (0, "") and json.loads(out)["phase"] == "drained", out


def test_on_a_terminal():
    """One line, drawn again in place, with bars."""
    with Box(config=sidekiq(4000)) as b:
        working(b)
        done = subprocess.run(["script", "-qec", f"{BIN} prestop", "/dev/null"], capture_output=True, timeout=30,
                              env={"PATH": os.environ["PATH"], "LASTCALL_CONTROL": b.path("control.sock"),
                                   "SHELL": "/bin/sh", "TERM": "xterm"},
                              stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, done
        text = done.stdout.decode()
        drawn = text.split("\r\033[K")
        assert len(drawn) > 3 and "[" in drawn[1] and "2 jobs" in drawn[1], drawn
        assert all("\n" not in line for line in drawn[:-1]), drawn
        assert text.endswith("drained\r\n"), drawn[-1]


def test_termination_log():
    """The last line, added to what is there; a path, none, and what cannot be written."""
    for value, wanted in (("{dir}/message", True), ("none", False), ("/proc/nothing", False)):
        with Box(config=config(more=f"termination_log = {value}")) as b:
            with open(b.path("message"), "w", encoding="ascii") as f:
                f.write("of the application\n")
            b.wait_file("up")
            b.signal("TERM")
            assert b.wait() == 0
            lines = b.file("message").splitlines()
            assert lines[0] == "of the application" and len(lines) == 1 + wanted, lines
            assert not wanted or re.fullmatch(r"lastcall: done in \S+ of 30s: .*", lines[1]), lines


def test_termination_log_that_is_no_file_yet():
    """It is made; a pipe that nobody reads holds up nothing."""
    with Box(config=config(more="termination_log = {dir}/new")) as b:
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 0
        assert b.file("new").startswith("lastcall: done in ")
    with Box(config=config(more="termination_log = {dir}/pipe")) as b:
        os.mkfifo(b.path("pipe"))
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0 and b.took(began) < 2
