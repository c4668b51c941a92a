"""Commands on the side of the `--` form: quiet, inflight and the steps of a ladder."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile

from lib import BIN, CHILD, Box, holds_for, lines_of, monotonic, until

SERVICE = ("trap:{dir}/caught", "exit-on:15:0", "report:{dir}/report", "pause")


def shell(script):
    return "exec:sh -c " + shlex.quote(script)


class Place:
    """A directory that the box sees, too, and that is there before it."""

    def __init__(self, **files):
        self.path = tempfile.mkdtemp(prefix="exec.")
        os.chmod(self.path, 0o777)
        for name, text in files.items():
            self.write(name, text)

    def __str__(self):
        return self.path

    def write(self, name, text):
        """At once, so that nobody reads half of it. Returns when."""
        with open(f"{self.path}/{name}.new", "w", encoding="ascii") as f:
            f.write(text)
        os.rename(f"{self.path}/{name}.new", f"{self.path}/{name}")
        return monotonic()

    def lines(self, name):
        return lines_of(f"{self.path}/{name}")


def box(*words, deadline="60s", options=(), **env):
    return Box(*(words or SERVICE), options=("-d", deadline, *options) if deadline else options,
               env={f"LASTCALL_{name}": value for name, value in env.items()})


def names(b):
    return sorted(name for state, name in b.processes().values() if state not in "ZX")


def term(b):
    b.wait_file("report")
    began = monotonic()
    b.signal("TERM")
    return began


# --- inflight -----------------------------------------------------------------------


def test_inflight_is_waited_for():
    place = Place(busy="2 5\n")
    with box(INFLIGHT=f"exec:cat {place}/busy") as b:
        term(b)
        b.wait_line("child: 2 of 5 busy")
        holds_for(lambda: b.alive() and "TERM" not in b.caught(), 5, "it waits")
        place.write("busy", "1\n")
        b.wait_line("child: 1 busy")
        zero = place.write("busy", "0 5\n")
        b.wait_line(r"child: stop \(TERM.*: idle")
        b.wait_caught("TERM")
        assert monotonic() - zero < 4, monotonic() - zero
        assert b.wait() == 0


def test_a_reading_from_before_the_quiet_had_effect_does_not_count():
    """0 from the beginning: only what was asked 3 s after the quiet is believed."""
    with box(INFLIGHT="exec:echo 0") as b:
        began = term(b)
        assert b.wait() == 0
        assert 3 <= b.took(began) <= 6.5, b.took(began)


def test_it_is_asked_only_in_a_drain():
    place = Place()
    with box(INFLIGHT=shell(f"echo x >> {place}/asked; echo 0")) as b:
        b.wait_file("report")
        holds_for(lambda: not place.lines("asked"), 1, "nobody asks")
        b.signal("TERM")
        assert b.wait() == 0
        assert place.lines("asked")


def test_without_a_deadline_nothing_is_waited_for():
    with box(INFLIGHT="exec:echo 5", deadline=None) as b:
        began = term(b)
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


NOT_IDLE = {
    "nothing": "true",
    "a word": "echo idle",
    "a word behind": "echo 0 idle",
    "three numbers": "echo 0 0 0",
    "more busy than there is": "echo 1 0",
    "a sign": "echo -0",
    "a fraction": "echo 0.0",
    "a NUL": r"printf '0\0'",
    "two readings": "echo 0; echo 0; echo 0",
    "too many digits to be read": "printf '%070d' 5",
    "spaces and then more": "printf '0%80s5' ''",
    "a flood": "yes 0 | head -c 1000000",
    "0 to stderr": "echo 0 >&2",
    "0 and exit 1": "echo 0; exit 1",
    "0 and a death by signal": "echo 0; kill -9 $$",
    "a missing program": "nonexistent-program",
}


def test_what_is_no_reading_is_unknown_and_never_idle():
    """75: handed back at the latest moment, 10 s less margin and ladder, not sooner."""
    boxes = {what: box(INFLIGHT=shell(script), STOP="TERM 3s, KILL", deadline="10s")
             for what, script in NOT_IDLE.items()}
    boxes["no program"] = box(INFLIGHT="exec:/nonexistent/inflight", STOP="TERM 3s, KILL", deadline="10s")
    began = {what: term(b) for what, b in boxes.items()}
    for what, b in boxes.items():
        assert b.wait() == 75, what
        assert 5.5 <= b.took(began[what]) <= 10, (what, b.took(began[what]))
        assert "idle" not in b.err.text(), (what, b.err.text())
        b.close()


test_what_is_no_reading_is_unknown_and_never_idle.timeout = 90


def test_a_failure_makes_unknown_what_was_known():
    """0 is believed only while the command goes on saying it, and says it late enough."""
    place = Place(busy="echo 0")
    with box(INFLIGHT=f"exec:sh {place}/busy", STOP="TERM 1s, KILL", deadline="9s") as b:
        began = term(b)
        b.wait_line("child: 0 busy")
        place.write("busy", "exit 1")
        b.wait_line("the command of inflight failed")
        assert b.wait() == 75
        assert b.took(began) > 5, b.took(began)


def test_inflight_that_hangs_is_killed_with_its_session():
    """After 5 s; once at a time; and nothing else waits for it."""
    place = Place()
    script = (f"echo x >> {place}/runs; test -e {place}/go && {{ echo 0; exit; }}; "
              "sleep 1000 & setsid sleep 1000 & echo 0; sleep 1000")
    with box(INFLIGHT=shell(script)) as b:
        began = term(b)
        until(lambda: names(b).count("sleep") == 3, 5)
        b.signal("USR1")
        b.wait_caught("USR1", timeout=1)
        holds_for(lambda: names(b).count("sleep") == 3 and len(place.lines("runs")) == 1,
                  4 - (monotonic() - began))
        place.write("go", "")
        b.wait_line("the command of inflight failed", 3)
        assert 4.5 <= monotonic() - began <= 6.5, monotonic() - began
        until(lambda: "sleep" not in names(b), 2)
        assert b.wait() == 0  # asked again, it answers
        assert len(place.lines("runs")) == 2


def test_inflight_whose_output_stays_open():
    """What it leaves behind keeps its stdout; its end is what counts."""
    with box(INFLIGHT=shell("echo 0; sleep 1000 & exit 0")) as b:
        began = term(b)
        assert b.wait() == 0
        assert b.took(began) <= 12, b.took(began)  # 3 s, a reading, and the orphans' end
        assert "idle" in b.err.text()


def test_the_deadline_while_inflight_hangs():
    with box("trap:{dir}/caught", "report:{dir}/report", "pause", INFLIGHT="exec:sleep 1000", deadline="3s",
             STOP="TERM 1s, KILL") as b:
        began = term(b)
        assert b.wait() == 137
        assert b.took(began) <= 3, b.took(began)


def test_nothing_of_it_is_left_behind():
    """Where lastcall is not PID 1 nobody else ends what it leaves."""
    place = Place()
    script = (f"sleep 1000 & echo $! > {place}/pid.new; mv {place}/pid.new {place}/pid; "
              "kill -USR1 $LASTCALL_PID; wait")
    with subprocess.Popen([BIN, "-q", "--", CHILD, "exit-on:10:0", f"file:{place}/up", "pause"],
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, "LASTCALL_STOP": f"{shell(script)} 20s, KILL"}) as lastcall:
        try:
            until(lambda: place.lines("up"))
            lastcall.send_signal(signal.SIGTERM)
            assert lastcall.wait(10) == 0
            pid = int(place.lines("pid")[0])
            until(lambda: not is_sleep(pid), 2)
        finally:
            lastcall.kill()
            for pid in map(int, place.lines("pid") + place.lines("up")):
                if is_sleep(pid, "child"):
                    os.kill(pid, signal.SIGKILL)


def is_sleep(pid, *names_too):
    """That process lives, and its number was not given to another program."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            stat = f.read()
    except OSError:
        return False
    name, state = stat[stat.index("(") + 1:stat.rindex(")")], stat[stat.rindex(")") + 2]
    return name in ("sleep", *names_too) and state not in "ZX"


# --- quiet ---------------------------------------------------------------------------


def test_quiet():
    """Run once where it succeeds, told the pid, in the service's environment."""
    place = Place(busy="1\n")
    with box(QUIET=shell(f"echo $LASTCALL_PID $NOTIFY_SOCKET >> {place}/quiet"),
             INFLIGHT=f"exec:cat {place}/busy") as b:
        report = b.json("report")
        term(b)
        b.wait_line(r"child: quiet \(command\)")
        until(lambda: place.lines("quiet"))
        b.wait_line("1 busy")
        holds_for(lambda: len(place.lines("quiet")) == 1, 3, "it is run once")
        assert place.lines("quiet") == [f"{report['pid']} {report['env']['NOTIFY_SOCKET']}"]
        assert "TERM" not in b.caught()
        place.write("busy", "0\n")
        assert b.wait() == 0


def test_quiet_that_fails_is_tried_again():
    place = Place(busy="1\n")
    with box(QUIET=shell(f"echo x >> {place}/quiet; test $(wc -l < {place}/quiet) -ge 3"),
             INFLIGHT=f"exec:cat {place}/busy") as b:
        began = term(b)
        b.wait_line("the command of quiet failed")
        until(lambda: len(place.lines("quiet")) == 3)
        assert 3.5 <= monotonic() - began <= 6, monotonic() - began  # every 2 s
        holds_for(lambda: len(place.lines("quiet")) == 3, 3, "it has succeeded")
        place.write("busy", "0\n")
        assert b.wait() == 0


def test_readings_count_from_the_quiet_s_success_on():
    """Its command takes 3 s: a 0 of before its end, or soon after, says nothing."""
    place = Place()
    with box(QUIET=f"exec:{CHILD} file:{place}/begun wait-file:{place}/go", INFLIGHT="exec:echo 0") as b:
        began = term(b)
        until(lambda: place.lines("begun"))
        holds_for(b.alive, began + 3 - monotonic())
        place.write("go", "")
        assert b.wait() == 0
        assert 6 <= b.took(began) <= 9.5, b.took(began)


def test_quiet_that_hangs_is_killed():
    """It never succeeds, so nothing is known to be idle; the rest goes on."""
    place = Place()
    with box(QUIET=shell(f"echo x >> {place}/quiet; sleep 1000"), INFLIGHT="exec:echo 0", deadline="10s",
             STOP="TERM 1s, KILL") as b:
        began = term(b)
        b.wait_line("the command of quiet failed")
        assert 4.5 <= monotonic() - began <= 6, monotonic() - began
        b.signal("USR1")
        b.wait_caught("USR1", timeout=1)
        assert b.wait() == 75
        assert 7 <= b.took(began) <= 10, b.took(began)
        assert len(place.lines("quiet")) == 2


# --- stop ----------------------------------------------------------------------------


def test_stop_by_a_command():
    with box("trap:{dir}/caught", "exit-on:10:0", "report:{dir}/report", "pause",
             STOP=shell("kill -USR1 $LASTCALL_PID") + " 5s, KILL") as b:
        began = term(b)
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)
        assert b.caught() == ["USR1"], b.caught()


def test_stop_by_a_command_that_goes_on_after_the_end():
    """The service has ended: nothing waits for the command, and nothing of it stays."""
    with box("trap:{dir}/caught", "exit-on:10:0", "report:{dir}/report", "pause",
             STOP=shell("kill -USR1 $LASTCALL_PID; sleep 1000") + " 20s, KILL") as b:
        began = term(b)
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


def test_stop_commands_take_turns_with_signals():
    place = Place()
    with box("trap:{dir}/caught", "report:{dir}/report", "pause",
             STOP=f"USR1 1s, {shell(f'echo a >> {place}/order; sleep 1000')} 2s, "
                  f"{shell(f'echo b >> {place}/order')} 1s, USR2 1s, KILL") as b:
        began = term(b)
        b.wait_caught("USR1")
        until(lambda: place.lines("order") == ["a"])
        until(lambda: "sleep" in names(b))
        until(lambda: place.lines("order") == ["a", "b"])
        until(lambda: "sleep" not in names(b), 1)  # its wait was over
        assert b.wait() == 137
        assert 5 <= b.took(began) <= 7, b.took(began)
        assert "failed" not in b.err.text(), b.err.text()
        assert [name for name in b.caught() if name != "CONT"] == ["USR1", "USR2"], b.caught()


def test_stop_command_that_fails():
    with box(STOP="exec:false 1s, TERM 5s, KILL") as b:
        term(b)
        b.wait_line("the command of stop failed")
        assert b.wait() == 0
        assert "TERM" in b.caught()


def test_stop_command_that_is_not_there():
    with box(STOP="exec:/nonexistent/stop 1s, TERM 5s, KILL") as b:
        term(b)
        b.wait_line("could not be run.*No such file")
        assert b.wait() == 0
        assert "TERM" in b.caught()


# --- what a command gets ---------------------------------------------------------------


def test_signals_and_descriptors_of_a_command():
    """As the service's: no mask, nothing of lastcall's own open, a session of its own."""
    place = Place()
    with box(INFLIGHT=shell(f"{CHILD} report:{place}/report; echo 0")) as b:
        term(b)
        assert b.wait() == 0
        with open(f"{place}/report", encoding="utf-8") as f:
            report = json.load(f)
        assert report["blocked"] == [] and report["ignored"] == [], report
        assert report["sid"] not in (1, b.json("report")["sid"]), report
        fds = {fd: to for fd, to in report["fds"].items() if int(fd) > 2}
        assert not fds, fds
        assert report["fds"]["0"] == "/dev/null", report["fds"]


def test_the_stdout_of_a_command_blocks():
    place = Place()
    with box(INFLIGHT=shell(f"exec 3>&1; cat /proc/self/fdinfo/3 > {place}/info; echo 0")) as b:
        term(b)
        until(lambda: place.lines("info"))
        assert b.wait() == 0
        flags = next(line.split()[1] for line in place.lines("info") if line.startswith("flags:"))
        assert not int(flags, 8) & os.O_NONBLOCK, flags


def test_no_pipe_of_a_command_stays_open():
    place = Place()
    with box(INFLIGHT=shell(f"echo x >> {place}/runs; echo 1")) as b:
        term(b)
        until(lambda: len(place.lines("runs")) == 3)
        own = {os.readlink(f"/proc/{b.pid}/fd/{fd}") for fd in (1, 2)}
        until(lambda: pipes_of(b.pid) <= own, 5, "no other pipe is open")


def pipes_of(pid):
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return {to for to in found if to.startswith("pipe:")}


def test_a_reading_and_the_end_that_come_at_once():
    place = Place()
    with box(INFLIGHT=shell(f"echo $$ > {place}/pid; {CHILD} wait-file:{place}/go; "
                            f"test -e {place}/once && echo 1 || echo 3; : > {place}/once")) as b:
        term(b)
        until(lambda: "sh" in names(b) and place.lines("pid"))
        b.signal("STOP")
        place.write("go", "")
        until(lambda: "sh" not in names(b))
        b.signal("CONT")
        b.wait_line("child: 3 busy", 2)


def test_secrets_of_a_command_are_not_told():
    with box(INFLIGHT="exec:echo sesame", options=("-v",), deadline="4s", STOP="TERM 1s, KILL") as b:
        term(b)
        b.wait()
        assert "sesame" not in b.err.text(), b.err.text()


def test_quiet_command_comes_to_its_end_before_the_stop():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        quiet = f"exec:{CHILD} wait-file:{place}/go file:{place}/quiet"
        with Box("file:{dir}/up", "pause", options=["-d", "30s"],
                 env={"LASTCALL_QUIET": quiet}) as b:
            b.wait_file("up")
            b.signal("TERM")
            b.err.wait("quiet")
            holds_for(b.alive, 0.5)
            with open(f"{place}/go", "w", encoding="ascii"):
                pass
            assert b.wait() == 0
        assert os.path.exists(place + "/quiet")
