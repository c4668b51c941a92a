"""A full, dead or missing stdout or stderr stops nothing."""

import fcntl
import os

from lib import Box, monotonic, until


def test_full_stderr_that_nobody_reads():
    with Box("orphans:300", "file:{dir}/up", "pause", stderr="full", options=("-v",)) as box:
        box.wait_file("up", 30)
        until(lambda: len(box.processes()) == 1, 5, "the reaping goes on")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 3, box.took(began)


def test_full_stdout_and_stderr():
    with Box("exit:5", stdout="full", stderr="full", options=("-v",)) as box:
        assert box.wait() == 5


def test_full_outputs_and_a_child_that_blocks_on_them():
    with Box("file:{dir}/up", "flood:100000", "pause", stdout="full", stderr="full",
             options=("-d", "3s", "-v")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 2, box.took(began)


def test_full_and_a_child_that_ignores_term():
    with Box("ignore:15", "file:{dir}/up", "pause", stderr="full", options=("-d", "2s", "-v")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert box.took(began) <= 2.4, box.took(began)


def test_dev_full():
    with Box("exit:6", stdout="devfull", stderr="devfull", options=("-v",)) as box:
        assert box.wait() == 6


def test_closed_outputs():
    with Box("exit:6", stdout="closed", stderr="closed", options=("-v",)) as box:
        assert box.wait() == 6


def test_all_three_closed():
    with Box("report:{dir}/report", "file:{dir}/up", "pause", stdin="closed", stdout="closed",
             stderr="closed", options=("-v",)) as box:
        fds = box.json("report")["fds"]
        assert not [fd for fd in fds if int(fd) > 2], fds
        assert not [to for to in fds.values() if to.startswith(("anon_inode", "socket", "pipe"))], fds
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 0


def test_stdin_alone_closed():
    with Box("report:{dir}/report", "exit:0", stdin="closed") as box:
        assert box.wait() == 0
        assert box.json("report")["fds"].get("0", "/dev/null").endswith("/dev/null")


def test_dead_pipe():
    """The reader of stderr is gone: no SIGPIPE, no end."""
    read, write = os.pipe()
    os.close(read)
    with Box("file:{dir}/up", "pause", stderr=write, options=("-v",)) as box:
        os.close(write)
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 0


def test_lines_are_whole_though_the_child_writes_too():
    with Box("flood:2000", "exit:0", options=("-v",)) as box:
        assert box.wait() == 0
        flood = [line for line in box.err.list if "flood" in line]
        assert flood == [f"line {n} of a flood" for n in range(2000, 0, -1)]


def test_inherited_outputs_stay_blocking():
    """O_NONBLOCK on stdout is shared with whoever else has it."""
    read, write = os.pipe()
    with Box("file:{dir}/up", "pause", stdout=write, stderr=write, options=("-v",)) as box:
        box.wait_file("up")
        assert not fcntl.fcntl(write, fcntl.F_GETFL) & os.O_NONBLOCK
        box.signal("TERM")
        assert box.wait() == 0
        assert not fcntl.fcntl(write, fcntl.F_GETFL) & os.O_NONBLOCK
        os.close(write)
        os.close(read)
