"""`docker run --init`, a shell: lastcall is somebody's child, and adopts its own all the same."""

import os

from lib import Box, monotonic, until


def parent(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return int(f.read().rsplit(")", 1)[1].split()[1])


def test_exit_codes():
    for code in 0, 1, 42, 255:
        with Box(f"exit:{code}", under_init=True) as box:
            assert box.wait() == code
    with Box("kill:9", under_init=True) as box:
        assert box.wait() == 137


def test_orphans_are_adopted():
    with Box("daemon", "file:{dir}/daemon", "pause", "end", "file:{dir}/up", "pause", under_init=True) as box:
        box.wait_file("up")
        box.wait_file("daemon")
        for pid in until(lambda: len(box.children()) == 2 and box.children()):
            assert parent(pid) == box.pid
        box.signal("TERM")
        assert box.wait() == 0


def test_orphans_are_reaped():
    with Box("orphans:200", "file:{dir}/up", "pause", under_init=True) as box:
        box.wait_file("up", 30)
        until(lambda: len(box.processes()) == 1, 5, "the child alone is left")


def test_others_are_left_alone():
    with Box("daemon:2", "ignore:15", "out:set", "pause", "end", "file:{dir}/up", "pause", under_init=True,
             bystander=True, options=("-d", "3s")) as box:
        box.wait_file("up")
        until(lambda: box.out.list.count("set") == 2)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) <= 3.4, box.took(began)
        assert box.bystander() == "alive"
        assert box.left() == "none"


def test_deadline():
    with Box("ignore:15", "file:{dir}/up", "pause", under_init=True, options=("-d", "2s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 1.6 <= box.took(began) <= 2.4, box.took(began)
