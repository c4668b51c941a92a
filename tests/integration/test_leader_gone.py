"""A service is its processes: what its leader leaves behind is still it."""

import os

from lib import Box, monotonic, until


def test_term_goes_to_what_remains():
    """sh -c "sidekiq": TERM kills the shell alone. What it left gets TERM next."""
    with Box("member", "trap:{dir}/member", "exit-on:15:0", "file:{dir}/member-up", "pause", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", options=("-d", "20s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert "TERM" in box.caught("member"), box.caught("member")
        assert box.took(began) < 5, box.took(began)


def test_what_remains_has_until_the_deadline():
    with Box("member", "trap:{dir}/member", "file:{dir}/member-up", "pause", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", options=("-d", "3s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert "TERM" in box.caught("member")
        assert 2.5 <= box.took(began) <= 3.4, box.took(began)


def test_what_remains_may_finish():
    """Work under way in what the leader left is not cut short."""
    with Box("member", "trap:{dir}/member", "file:{dir}/member-up", "wait-file:{dir}/go",
             "file:{dir}/finished", "exit:0", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", options=("-d", "30s")) as box:
        box.wait_file("up")
        box.signal("TERM")
        box.wait_caught("TERM", name="member")
        until(lambda: len(box.children()) == 1)
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        assert box.wait() == 0
        assert box.file("finished")


def test_the_end_of_the_last_is_seen_at_once():
    """Not with the next look, a second after the one at the leader's end."""
    with Box("member", "ignore:15", "file:{dir}/member-up", "wait-file:{dir}/go", "exit:0", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", options=("-d", "30s")) as box:
        box.wait_file("up")
        box.signal("TERM")
        until(lambda: len(box.children()) == 1)
        gone = monotonic()
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        assert box.wait() == 0
        assert box.ended - gone < 0.7, box.ended - gone


def test_leaders_own_end_keeps_its_code():
    with Box("member", "trap:{dir}/member", "exit-on:15:0", "file:{dir}/member-up", "pause", "end",
             "wait-file:{dir}/member-up", "exit:3", options=("-d", "20s")) as box:
        box.wait_file("member-up")
        until(lambda: len(box.children()) == 1 or not box.alive())
        if box.alive():
            box.signal("TERM")
        assert box.wait() == 3
        assert "TERM" in box.caught("member")


def test_a_daemon_gets_term_when_its_maker_has_ended():
    """nginx without `daemon off`: it looks dead at once."""
    with Box("daemon", "trap:{dir}/daemon", "exit-on:15:0", "file:{dir}/daemon-up", "pause", "end",
             "wait-file:{dir}/daemon-up", "exit:0") as box:
        assert box.wait() == 0
        assert "TERM" in box.caught("daemon")
        assert box.took(box.began) < 8


def test_a_daemon_that_ignores_term():
    with Box("daemon", "ignore:15", "file:{dir}/daemon-up", "pause", "end",
             "wait-file:{dir}/daemon-up", "exit:2") as box:
        assert box.wait() == 2
        assert 4.5 <= box.took(box.began) <= 9, box.took(box.began)


def test_nothing_is_left():
    """Not PID 1: nobody but lastcall would end them."""
    with Box("member:2", "pause", "end", "daemon:2", "pause", "end", "file:{dir}/up", "pause",
             under_init=True, options=("-d", "20s")) as box:
        box.wait_file("up")
        until(lambda: len(box.children()) == 5)
        box.signal("TERM")
        assert box.wait() == 0
        assert box.left() == "none"
