"""`docker run -it`: a terminal on stdin, job control, Ctrl-C and Ctrl-Z."""

import os

from lib import BIN, CHILD, Box, holds_for, until

BASH = ["/bin/bash", "--norc", "--noprofile", "-i"]
PROMPT = {"PS1": "ready> ", "TERM": "dumb"}


def shell():
    box = Box(command=BASH, stdin="tty", env=PROMPT)
    saw(box, "ready> ")
    return box


def saw(box, text, times=1):
    until(lambda: box.out.text().count(text) >= times, 10, f"{text!r} on the terminal, {times} times")


def test_interactive_shell_ends_with_its_code():
    with shell() as box:
        box.type("exit 7\n")
        assert box.wait() == 7


def test_job_control_works():
    with shell() as box:
        box.type("tty >/dev/null && echo has-$((1+1))-tty\n")
        saw(box, "has-2-tty")
        assert "no job control" not in box.out.text()
        box.type("sleep 1000\n")
        until(lambda: "sleep" in [name for _, name in box.processes().values()])
        box.type("\x1a")
        saw(box, "Stopped")
        box.type("fg\n")
        until(lambda: [s for s, name in box.processes().values() if name == "sleep"] == ["S"])
        box.type("\x03")
        until(lambda: "sleep" not in [name for _, name in box.processes().values()])
        box.type("exit 0\n")
        assert box.wait() == 0


def test_ctrl_c_reaches_the_child_once():
    with Box("trap:{dir}/caught", "file:{dir}/up", "pause", stdin="tty") as box:
        box.wait_file("up")
        box.type("\x03")
        box.wait_caught("INT")
        box.type("\x1c")
        box.wait_caught("QUIT")
        assert box.caught() == ["INT", "QUIT"]
        assert box.alive()
        box.signal("TERM")
        box.wait_caught("TERM")


def test_child_that_ctrl_c_kills():
    with Box("file:{dir}/up", "pause", stdin="tty") as box:
        box.wait_file("up")
        box.type("\x03")
        assert box.wait() == 130


def test_child_is_the_foreground_group():
    with Box("report:{dir}/report", "exit:0", stdin="tty") as box:
        assert box.wait() == 0
        r = box.json("report")
        assert r["pid"] == r["pgid"] == r["foreground"], r


def test_child_can_read_the_terminal():
    with Box(command=["/bin/sh", "-c", 'echo ready; read line; echo "got $line"'], stdin="tty") as box:
        saw(box, "ready")
        box.type("hello\n")
        saw(box, "got hello")
        assert box.wait() == 0


def test_term_with_a_terminal():
    with Box("exit-on:15:0", "file:{dir}/up", "pause", stdin="tty") as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 0


def test_under_a_shell_with_job_control():
    """A shell starts lastcall; Ctrl-Z gives the terminal back to the shell, fg resumes."""
    with Box(program=BASH, stdin="tty", env=PROMPT) as box:
        saw(box, "ready> ")
        box.type(f"{BIN} -q -- {CHILD} trap:{box.dir}/caught default:20 exit-on:2:5 file:{box.dir}/up pause\n")
        box.wait_file("up")
        child = until(lambda: [p for p, (_, name) in box.processes().items() if name == "child"])[0]
        box.type("\x1a")
        saw(box, "Stopped")
        saw(box, "ready> ", 2)
        until(lambda: box.processes()[child][0] == "T", what="the child stands still")
        box.type("echo shell-$((40+2))\n")
        saw(box, "shell-42")
        box.type("fg\n")
        until(lambda: box.processes()[child][0] == "S", what="the child runs on")
        box.type("\x03")
        saw(box, "ready> ", 4)
        box.type("echo code-$?-\n")
        saw(box, "code-5-")
        box.type("exit 0\n")
        assert box.wait() == 0


def test_a_child_that_somebody_stops_stops_nobody_else():
    """Only Ctrl-Z is meant for all who have the terminal."""
    with Box("file:{dir}/up", "pause", stdin="tty", under_init=True) as box:
        box.wait_file("up")
        child = [p for p, (_, name) in box.processes().items() if name == "child"][0]
        box.signal("STOP", child)
        until(lambda: box.processes()[child][0] == "T")
        box.signal("TERM")
        assert box.wait() == 0


def test_ctrl_z_under_pid_1():
    """No shell could continue it; whoever can signals PID 1."""
    with Box("default:20", "file:{dir}/up", "pause", stdin="tty") as box:
        box.wait_file("up")
        child = until(box.children)[0]
        box.type("\x1a")
        until(lambda: box.processes()[child][0] == "T", what="the child stands still")
        holds_for(lambda: box.processes()[child][0] == "T", 0.5)
        box.signal("CONT")
        until(lambda: box.processes()[child][0] == "S", what="the child runs on")
        box.signal("TERM")
        assert box.wait() == 0


def test_the_terminal_is_given_back():
    """To a script that goes on, and has no job control of its own."""
    script = f'{BIN} -q -- {CHILD} exit:3; echo "code $?"; read line; echo "got $line"'
    with Box(program=["/bin/sh", "-c", script], stdin="tty") as box:
        saw(box, "code 3")
        box.type("hello\n")
        saw(box, "got hello")
        assert box.wait() == 0


def test_what_the_leader_left_in_front_is_still_it():
    """It has no session of its own there, but its group."""
    with Box("member", "trap:{dir}/member", "file:{dir}/member-up", "pause", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", stdin="tty", options=("-d", "3s")) as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 137  # an orphan's end would not count


def test_a_terminal_that_does_not_control_lastcall():
    master, slave = os.openpty()
    with Box("report:{dir}/report", "exit:0", stdin=slave) as box:
        assert box.wait() == 0
        r = box.json("report")
        assert r["pid"] == r["sid"], r
    os.close(master)
    os.close(slave)
