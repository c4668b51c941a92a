"""A child in state T cannot take a TERM: CONT goes with it."""

from lib import Box, monotonic, until


def stopped(*words):
    box = Box(*words, "file:{dir}/up", "pause")
    box.wait_file("up")
    pid = until(box.children)[0]
    box.signal("STOP", pid)
    until(lambda: box.processes()[pid][0] == "T", what="the child stands still")
    return box


def test_default_action():
    with stopped() as box:
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 2, box.took(began)


def test_handler_runs():
    with stopped("trap:{dir}/caught", "exit-on:15:0") as box:
        box.signal("TERM")
        assert box.wait() == 0
        assert "TERM" in box.caught()


def test_a_child_that_stops_is_not_one_that_ended():
    with Box("file:{dir}/up", "stop", "exit:5") as box:
        box.wait_file("up")
        pid = until(box.children)[0]
        until(lambda: box.processes()[pid][0] == "T")
        assert box.alive()
        box.signal("CONT")
        assert box.wait() == 5
