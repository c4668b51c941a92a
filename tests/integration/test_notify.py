"""The notify socket: whose it is, who is believed, busy counts, more time, and hostile datagrams."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

from lib import CHILD, Box, Skip, holds_for, lines_of, monotonic, until
from lib.lingering import source, standing_still

READY = "ready after"

# A service that says what stands in the file $SAY, again every 0.1 s; `exit` and `silent` are orders.
# With an argument: forks so many that do the same, with $SAY.1, $SAY.2 ...
SPEAKER = r"""
import os, signal, socket, sys, time
say, number = os.environ["SAY"], 0
for n in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
    if os.fork() == 0:
        number = n + 1
        break
path = say + (f".{number}" if number else "")
def end(*_):
    with open(path + ".term", "a") as f:
        f.write(f"{time.monotonic()}\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
while True:
    with open(path) as f:
        text = f.read().strip()
    if text == "exit":
        os._exit(0)
    if text and text != "silent":
        s.send(text.replace("\\n", "\n").encode())
        with open(path + ".said.new", "w") as f:
            f.write(text)
        os.rename(path + ".said.new", path + ".said")
    time.sleep(0.1)
"""


class Speaker:
    """The files by which speakers are told what to say."""

    def __init__(self, *texts):
        self.place = tempfile.mkdtemp(prefix="notify.")
        os.chmod(self.place, 0o777)
        self.path = os.path.join(self.place, "say")
        for number, text in enumerate(texts):
            self.say(text, number, wait=False)

    def _path(self, number):
        return self.path + (f".{number}" if number else "")

    def say(self, text, number=0, wait=True):
        """Returns when it has been said; the time at which it cannot have been said before."""
        path = self._path(number)
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(text)
        os.rename(path + ".new", path)
        at = monotonic()
        if wait and text not in ("exit", "silent"):
            until(lambda: lines_of(path + ".said") == [text], 10, f"{text} is said")
        return at

    def said(self, number=0):
        return lines_of(self._path(number) + ".said")

    def terms(self, number=0):
        return [float(line) for line in lines_of(self._path(number) + ".term")]

    def box(self, *arguments, options=("-d", "60s"), **env):
        return Box(command=[sys.executable, "-c", SPEAKER, *arguments], options=options,
                   env={"SAY": self.path, "LASTCALL_INFLIGHT": "notify", **env})


def make(b, name):
    with open(b.path(name), "w", encoding="ascii"):
        pass


def inside(b, *command, **how):
    """A process in the box that belongs to no service."""
    if shutil.which("nsenter") is None:
        raise Skip("nsenter is not there")
    # -r: where the tests themselves run in a chroot
    return subprocess.Popen(["nsenter", "-t", str(b.pid), "-p", "-m", "-r", "--", *command], **how)


# --- whose socket ------------------------------------------------------------------


def test_its_own_socket():
    """What a manager above said to lastcall is not for the child."""
    outer = {"NOTIFY_SOCKET": "/run/outer/notify", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1",
             "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x", "MARK": "passes"}
    with Box("report:{dir}/report", "pause", env=outer) as b:
        env = b.json("report")["env"]
        assert env["MARK"] == "passes"
        assert not [name for name in env if name.startswith(("WATCHDOG_", "LISTEN_"))], env
        path = env["NOTIFY_SOCKET"]
        assert path.startswith("/run/lastcall/"), path
        assert stat.S_ISSOCK(os.stat(f"/proc/{b.pid}/root{path}").st_mode)


def test_nothing_of_a_service_is_sent_to_the_outer_socket():
    """What lastcall itself tells a manager there is test_manager.py's."""
    place = tempfile.mkdtemp(prefix="notify.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outer:
        outer.bind(f"{place}/outer")
        outer.setblocking(False)
        with Box("notify:X_OF_THE_CHILD=1", "ready", "exit-on:15:0", "file:{dir}/up", "pause",
                 env={"NOTIFY_SOCKET": f"{place}/outer", "LASTCALL_READY": "notify"}) as b:
            b.wait_line(READY)
            b.signal("TERM")
            assert b.wait() == 0
        try:
            while True:
                assert b"CHILD" not in outer.recv(1000)
        except BlockingIOError:
            pass


def test_another_user_can_reach_it():
    with Box("ready", "pause", uid=54321, env={"LASTCALL_READY": "notify"}) as b:
        b.wait_line(READY)


def gone_after(send, code):
    place = tempfile.mkdtemp(prefix="notify.")
    with Box("report:{dir}/report", "ignore:15", "file:{dir}/up", "wait-file:{dir}/go", "exit:3",
             options=("-d", "2s"), env={"LASTCALL_CONTROL": f"{place}/control.sock"}) as b:
        path = b.json("report")["env"]["NOTIFY_SOCKET"]
        assert os.path.dirname(path) == place, path
        assert stat.S_ISSOCK(os.stat(path).st_mode)
        b.wait_file("up")
        send(b)
        assert b.wait() == code
        assert os.listdir(place) == []


def test_the_file_is_gone_after_the_end():
    gone_after(lambda b: make(b, "go"), 3)


def test_the_file_is_gone_after_a_kill():
    gone_after(lambda b: b.signal("TERM"), 137)


def test_a_stale_file_is_replaced():
    place = tempfile.mkdtemp(prefix="notify.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stale:
        stale.bind(f"{place}/notify-1-child")
    with Box("ready", "pause", env={"LASTCALL_READY": "notify",
                                    "LASTCALL_CONTROL": f"{place}/control.sock"}) as b:
        b.wait_line(READY)
        assert sorted(os.listdir(place)) == ["control.sock", "notify-1-child"]


def test_two_that_share_a_directory():
    """Both are PID 1 with a service of the same name: each has a socket of its own."""
    env = {"LASTCALL_READY": "notify", "LASTCALL_CONTROL": f"{tempfile.mkdtemp(prefix='notify.')}/control.sock"}
    with Box("ready", "pause", env=env) as one, Box("ready", "pause", env=env) as other:
        one.wait_line(READY)
        other.wait_line(READY)


def runs_without(line, **how):
    env = {"NOTIFY_SOCKET": "/run/outer/notify", **how.pop("env", {})}
    with Box("exit-on:15:0", "report", "out:up", "pause", env=env, **how) as b:
        b.out.wait("^up$")
        assert '"NOTIFY_SOCKET"' not in b.out.text(), b.out.text()
        if line:
            b.wait_line(line)
            assert len(re.findall("notify socket", b.err.text())) == 1, b.err.text()
        b.signal("TERM")
        assert b.wait() == 0


def test_no_directory_to_be_had():
    runs_without("no directory for the control and notify sockets.*[Rr]ead-only", read_only=True)


def test_no_directory_to_be_had_by_another_user():
    runs_without("no directory for the control and notify sockets", read_only=True, uid=54321)


def test_a_control_path_that_cannot_be_made():
    runs_without("control /nonexistent/dir/control.sock: No such file",
                 env={"LASTCALL_CONTROL": "/nonexistent/dir/control.sock"})


def test_a_directory_that_is_read_only():
    runs_without("no notify socket at /etc/.*[Rr]ead-only", read_only=True,
                 env={"LASTCALL_CONTROL": "/etc/control.sock"})


def test_a_path_that_is_too_long():
    """For a socket's address, and for anything."""
    for length, line in ((60, "no notify socket at .*too long"), (120, "control .*too long")):
        place = os.path.join(tempfile.mkdtemp(prefix="notify."), "x" * length)
        os.mkdir(place)
        runs_without(line, env={"LASTCALL_CONTROL": f"{place}/c"})


def test_none_wanted():
    runs_without(None, env={"LASTCALL_CONTROL": "none"})


def test_without_a_control_socket_who_needs_one_has_one():
    with Box("ready", "exit-on:15:0", "pause", env={"LASTCALL_CONTROL": "none", "LASTCALL_READY": "notify"}) as b:
        b.wait_line(READY)
        b.signal("TERM")
        assert b.wait() == 0


# --- who is believed -----------------------------------------------------------------


def test_ready_from_any_process_of_the_service():
    for words in (("member", "ready", "pause", "end"),
                  ("member", "setsid", "ready", "pause", "end"),
                  ("member", "member", "ready", "pause", "end", "pause", "end")):
        with Box(*words, "pause", env={"LASTCALL_READY": "notify"}) as b:
            b.wait_line(READY)


def test_ready_from_a_stranger_is_not_believed():
    with Box("report:{dir}/report", "wait-file:{dir}/go", "ready", "pause",
             env={"LASTCALL_READY": "notify"}) as b:
        env = {"NOTIFY_SOCKET": b.json("report")["env"]["NOTIFY_SOCKET"]}
        for words in (["ready"], ["ready", "ready", "pause"], ["setsid", "ready", "pause"]):
            with inside(b, CHILD, *words, env=env) as stranger:
                try:
                    holds_for(lambda: READY not in b.err.text(), 0.7, "a stranger says READY=1")
                    assert stranger.poll() in (None, 0)
                finally:
                    stranger.kill()
        make(b, "go")
        b.wait_line(READY)


def test_ready_from_outside_of_the_namespace_is_not_believed():
    place = tempfile.mkdtemp(prefix="notify.")
    with Box("report:{dir}/report", "wait-file:{dir}/go", "ready", "pause",
             env={"LASTCALL_READY": "notify", "LASTCALL_CONTROL": f"{place}/control.sock"}) as b:
        to = b.json("report")["env"]["NOTIFY_SOCKET"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            for _ in range(20):
                s.sendto(b"READY=1", to)
        holds_for(lambda: READY not in b.err.text(), 0.7, "somebody outside says READY=1")
        make(b, "go")
        b.wait_line(READY)


def test_busy_from_a_stranger_does_not_count():
    speaker = Speaker("X_LASTCALL_BUSY=2")
    with speaker.box() as b:
        until(speaker.said)
        b.signal("TERM")
        b.wait_line("2 busy")
        path = "/run/lastcall/notify-1-python3"
        stranger = Speaker("X_LASTCALL_BUSY=5")
        env = {"SAY": stranger.path, "NOTIFY_SOCKET": path}
        with inside(b, sys.executable, "-c", SPEAKER, env=env) as process:
            try:
                until(stranger.said)
                holds_for(lambda: "5 busy" not in b.err.text() and "7 busy" not in b.err.text(), 1)
                stranger.say("X_LASTCALL_BUSY=0")
                holds_for(b.alive, 4, "a stranger's 0 stops nothing")
            finally:
                process.kill()


# --- busy counts ---------------------------------------------------------------------


def stops_after(b, speaker, zero):
    """Seconds from `zero` to the TERM of the service."""
    assert b.wait(30) == 0
    assert len(speaker.terms()) == 1
    return speaker.terms()[0] - zero


def test_term_waits_while_busy():
    speaker = Speaker("X_LASTCALL_BUSY=2\\nX_LASTCALL_TOTAL=5")
    with speaker.box() as b:
        until(speaker.said)
        b.signal("TERM")
        b.wait_line("2 of 5 busy")
        holds_for(lambda: b.alive() and not speaker.terms(), 4, "it waits")
        speaker.say("X_LASTCALL_BUSY=1\\nX_LASTCALL_TOTAL=5")
        b.wait_line("1 of 5 busy")
        took = stops_after(b, speaker, speaker.say("X_LASTCALL_BUSY=0\\nX_LASTCALL_TOTAL=5"))
        assert 3 <= took <= 4.2, took
        assert "2 jobs finished, 0 handed back, 0 killed" in b.err.list[-1], b.err.list[-1]


def test_zeros_from_before_the_quiet_do_not_count():
    speaker = Speaker("X_LASTCALL_BUSY=0")
    with speaker.box() as b:
        until(speaker.said)
        holds_for(b.alive, 4, "3 s of 0, all of them too early")
        at = monotonic()
        b.signal("TERM")
        took = stops_after(b, speaker, at)
        assert 3 <= took <= 4.2, took


def test_a_new_job_begins_the_count_anew():
    speaker = Speaker("X_LASTCALL_BUSY=0")
    with speaker.box() as b:
        until(speaker.said)
        b.signal("TERM")
        holds_for(lambda: b.alive() and not speaker.terms(), 2, "not 3 s of 0 yet")
        speaker.say("X_LASTCALL_BUSY=1")
        holds_for(lambda: b.alive() and not speaker.terms(), 2, "it waits")
        took = stops_after(b, speaker, speaker.say("X_LASTCALL_BUSY=0"))
        assert 3 <= took <= 4.2, took


def test_the_sum_of_several_processes():
    speaker = Speaker("X_LASTCALL_BUSY=1", "X_LASTCALL_BUSY=2", "X_LASTCALL_BUSY=4")
    with speaker.box("2") as b:
        until(lambda: all(speaker.said(n) for n in range(3)))
        b.signal("TERM")
        b.wait_line("7 busy")
        speaker.say("X_LASTCALL_BUSY=0")
        b.wait_line("6 busy")
        speaker.say("exit", 1)  # with jobs: nothing is known of them any more
        b.wait_line("4 busy")
        holds_for(lambda: b.alive() and not speaker.terms(), 4, "one of them is busy")
        took = stops_after(b, speaker, speaker.say("X_LASTCALL_BUSY=0", 2))
        assert 3 <= took <= 4.2, took


def test_silence_is_not_idleness():
    """Nothing for 15 s is unknown, and it waits on, until it is told again."""
    speaker = Speaker("X_LASTCALL_BUSY=1")
    with speaker.box() as b:
        until(speaker.said)
        b.signal("TERM")
        b.wait_line("1 busy")
        speaker.say("silent")
        holds_for(lambda: b.alive() and not speaker.terms(), 18, "it waits")
        took = stops_after(b, speaker, speaker.say("X_LASTCALL_BUSY=0"))
        assert 3 <= took <= 4.2, took


def test_silence_of_one_is_not_idleness_of_all():
    """What it said last was 0, but that is more than 15 s ago."""
    speaker = Speaker("X_LASTCALL_BUSY=1", "X_LASTCALL_BUSY=2")
    with speaker.box("1") as b:
        until(lambda: speaker.said() and speaker.said(1))
        b.signal("TERM")
        b.wait_line("3 busy")
        speaker.say("X_LASTCALL_BUSY=0", 1)
        b.wait_line("1 busy")
        speaker.say("silent", 1)
        holds_for(lambda: b.alive() and not speaker.terms(), 16, "it waits for the other")
        speaker.say("X_LASTCALL_BUSY=0")
        holds_for(lambda: b.alive() and not speaker.terms(), 5, "it waits for the silent one")
        speaker.say("X_LASTCALL_BUSY=0", 1)
        assert b.wait() == 0


def handed_back(speaker, before_term):
    with speaker.box(options=("-d", "6s"), LASTCALL_STOP="TERM 1s, KILL") as b:
        before_term(b)
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 75
        assert 4 <= b.took(began) <= 6, b.took(began)  # 6 s less the margin of 0.6 s and the ladder


def test_who_never_speaks_is_unknown():
    handed_back(Speaker("silent"), lambda b: b.wait_line("started"))


def test_who_speaks_only_before_the_quiet_is_unknown():
    speaker = Speaker("X_LASTCALL_BUSY=0")

    def hush(b):
        until(speaker.said)
        speaker.say("silent")
        time.sleep(0.5)  # so that none is on its way

    handed_back(speaker, hush)


def test_counts_that_make_no_sense():
    """None of these says that there is no work."""
    for text in ("X_LASTCALL_BUSY=", "X_LASTCALL_BUSY=-1", "X_LASTCALL_BUSY=0x", "X_LASTCALL_BUSY= 0",
                 "x_lastcall_busy=0", "X_LASTCALL_TOTAL=5"):
        speaker = Speaker(text)
        with speaker.box(options=("-d", "60s")) as b:
            until(speaker.said)
            b.signal("TERM")
            holds_for(lambda: b.alive() and not speaker.terms(), 4, text)


# --- more time -----------------------------------------------------------------------


def ladder_with_more_time(extend, deadline):
    """From TERM to the KILL behind `TERM 2s`, of a child that asks for more time when TERM comes."""
    with Box("trap:{dir}/caught", "file:{dir}/up", "wait-file:{dir}/go",
             f"notify:EXTEND_TIMEOUT_USEC={extend}", "pause", options=("-d", deadline), env={"LASTCALL_STOP": "TERM 2s, KILL"}) as b:
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        b.wait_caught("TERM")
        make(b, "go")
        assert b.wait(30) == 137
        return b.took(began)


def test_extend_timeout():
    took = ladder_with_more_time(5000000, "60s")
    assert 5 <= took <= 8, took


def test_extend_timeout_shortens_nothing():
    took = ladder_with_more_time(1, "60s")
    assert 2 <= took <= 5, took


def test_extend_timeout_of_nonsense():
    for value in ("-1", "x", "99999999999999999999999"):
        took = ladder_with_more_time(value, "60s")
        assert 2 <= took <= 5, (value, took)


def test_extend_timeout_ends_with_the_deadline():
    took = ladder_with_more_time(1000000000, "6s")
    assert 4 <= took <= 5.8, took


def test_extend_timeout_leaves_the_later_steps_their_time():
    """8 s less a margin of 0.8 s and 2 s for QUIT: then TERM's time is up, whatever was asked for."""
    with Box("trap:{dir}/caught", "exit-on:3:0", "file:{dir}/up", "wait-file:{dir}/go",
             "notify:EXTEND_TIMEOUT_USEC=1000000000", "pause", options=("-d", "8s"),
             env={"LASTCALL_STOP": "TERM 1s, QUIT 2s, KILL"}) as b:
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        b.wait_caught("TERM")
        make(b, "go")
        assert b.wait() == 0
        assert "QUIT" in b.caught()
        assert 4.5 <= b.took(began) <= 6, b.took(began)


def test_extend_timeout_before_the_ladder_is_not_for_it():
    """Also where lastcall learns of both at once."""
    with Box("trap:{dir}/caught", "wait-file:{dir}/go", "notify:EXTEND_TIMEOUT_USEC=30000000",
             "file:{dir}/up", "pause", options=("-d", "60s"),
             env={"LASTCALL_STOP": "TERM 1s, KILL"}) as b:
        b.err.wait("started")
        b.signal("STOP")
        make(b, "go")
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        b.signal("CONT")
        assert b.wait() == 137
        assert b.took(began) <= 5, b.took(began)


# --- hostile datagrams -----------------------------------------------------------------


HOSTILE = r"""
import os, random, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
s.connect(os.environ["NOTIFY_SOCKET"])
random.seed(1)
for text in (b"", b"\0", b"\0" * 4096, b"\n" * 4096, b"=" * 4096, b"READY", b"READY=",
             b"READY=0", b"READY=11",
             b"READY=1 ", b" READY=1", b"XREADY=1", b"READY=1\r", b"ready=1", b"READY==1",
             b"x" * 65000 + b"\nREADY=1", b"READY=1\n" + b"x" * 65000, b"READY=1\n" * 8192,
             b"STATUS=Puma " + b"{" * 4000, b"STATUS=" + bytes(range(256)), b"\xff" * 300,
             b"X_LASTCALL_BUSY=" + b"9" * 4000, b"EXTEND_TIMEOUT_USEC=" + b"9" * 4000, b"MAINPID=1",
             b"FDSTORE=1", *(random.randbytes(random.randrange(8192)) for _ in range(500))):
    s.send(text)
r, w = os.pipe()
for _ in range(2000):  # descriptors that would pile up
    socket.send_fds(s, [b"FDSTORE=1"], [r, w, s.fileno()])
open(sys.argv[1], "w").close()
while not os.path.exists(sys.argv[2]):
    time.sleep(0.02)
s.send(b"\0\0READY=1\0")
time.sleep(1000)
"""


def test_hostile_datagrams():
    with Box(command=[sys.executable, "-c", HOSTILE, "{dir}/sent", "{dir}/go"],
             env={"LASTCALL_READY": "notify"}) as b:
        b.wait_file("sent")
        # what was sent last may be in its hands yet
        until(lambda: len(os.listdir(f"/proc/{b.pid}/fd")) < 30, timeout=1, what="few descriptors")
        holds_for(lambda: READY not in b.err.text(), 0.5, "none of them says READY=1")
        make(b, "go")
        b.wait_line(READY)
        b.signal("TERM")
        assert b.wait() == 0


LINGERING = source(r"""
import fcntl, os, signal, socket, sys, termios, time
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
kept = []
for n in range(4):
    while not os.path.exists(f"{sys.argv[1]}/go{n}"):
        time.sleep(0.01)
    kept += [pass_lingering(s, b"FDSTORE=1", within) for within in (False, False, True, True, True, True)]
    s.send(b"READY=1")
    open(f"{sys.argv[1]}/sent{n}", "w").close()
    while fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)) != bytes(4):
        time.sleep(0.01)
    open(f"{sys.argv[1]}/read{n}", "w").close()
time.sleep(1000)
""")


def test_passed_sockets_that_linger():
    """Their last close would keep PID 1 for a day; more of them than it has threads to close them in."""
    with Box(command=[sys.executable, "-c", LINGERING, "{dir}"], env={"LASTCALL_READY": "notify"}) as b:
        b.wait_line("started")
        for n in range(4):
            with standing_still(b):
                make(b, f"go{n}")
                b.wait_file(f"sent{n}")
            b.wait_file(f"read{n}", timeout=2)
        b.wait_line(READY, timeout=2)
        began = monotonic()
        b.signal("TERM")
        assert b.wait(8) == 0
        assert b.took(began) < 2, b.took(began)


BARRIER = r"""
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
for n in range(100):
    r, w = os.pipe()
    socket.send_fds(s, [b"READY=1" if n == 0 else b"BARRIER=1"], [w])
    os.close(w)
    assert os.read(r, 1) == b""
    os.close(r)
open(sys.argv[1], "w").close()
time.sleep(1000)
"""


def test_a_barrier_is_answered():
    """As of sd_notify_barrier(3): the end of a pipe that is passed is closed once it is received."""
    with Box(command=[sys.executable, "-c", BARRIER, "{dir}/all"], env={"LASTCALL_READY": "notify"}) as b:
        b.wait_file("all")
        b.wait_line(READY)


FLOOD = r"""
import os, signal, socket, sys
for _ in range(int(sys.argv[2])):
    if os.fork() == 0:
        sys.argv[1] = os.devnull
        break
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ["NOTIFY_SOCKET"])
for n in range(100000):
    s.send(b"X_LASTCALL_BUSY=%d\nREADY=1\nEXTEND_TIMEOUT_USEC=%d" % (n % 3, n))
open(sys.argv[1], "w").close()
while True:
    s.send(b"X_LASTCALL_BUSY=1\nSTATUS=Puma {")
"""


def resident(b):
    with open(f"/proc/{b.pid}/status", encoding="ascii", errors="replace") as f:
        return int(next(line for line in f if line.startswith("RssAnon")).split()[1])


def test_term_in_a_flood():
    """100,000 datagrams of each of five processes, and no end of it when TERM comes."""
    with Box(command=[sys.executable, "-c", FLOOD, "{dir}/flooded", "4"], options=("-d", "60s")) as b:
        until(lambda: b.children())
        memory = resident(b)
        b.wait_file("flooded", 50)
        assert resident(b) - memory < 2048, "KiB more than before the flood"
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


test_term_in_a_flood.unsanitized = "it measures memory"


def test_the_deadline_in_a_flood():
    """As a worker that is always busy, and in a flood: handed back in time."""
    with Box(command=[sys.executable, "-c", FLOOD, "{dir}/flooded", "0"], options=("-d", "5s"),
             env={"LASTCALL_INFLIGHT": "notify", "LASTCALL_STOP": "TERM 1s, KILL"}) as b:
        b.wait_file("flooded", 50)
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 75
        assert 3 <= b.took(began) < 5, b.took(began)


def test_term_in_a_flood_of_strangers():
    with Box("member:100", "pause", "end", "exit-on:15:0", "report:{dir}/report", "file:{dir}/up", "pause",
             env={"LASTCALL_READY": "notify"}) as b:
        b.wait_file("up")
        env = {"NOTIFY_SOCKET": b.json("report")["env"]["NOTIFY_SOCKET"]}
        strangers = [inside(b, sys.executable, "-c", FLOOD.replace("100000", "100"), b.path(f"flooded{n}"),
                            "0", env=env) for n in range(4)]
        try:
            for n in range(4):
                b.wait_file(f"flooded{n}", 30)
            assert READY not in b.err.text()
            began = monotonic()
            b.signal("TERM")
            b.wait_line("stop \\(TERM", 1)
            assert monotonic() - began < 1
        finally:
            for stranger in strangers:
                stranger.send_signal(signal.SIGKILL)
                stranger.wait()


for test in test_term_in_a_flood, test_the_deadline_in_a_flood, test_term_in_a_flood_of_strangers:
    test.alone = True
