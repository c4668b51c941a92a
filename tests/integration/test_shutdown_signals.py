"""TERM, QUIT, PWR, RTMIN+3 and INT in the `--` form."""

import time

from lib import Box, holds_for, monotonic


def stubborn(**how):
    """A child that notes TERM and goes on."""
    box = Box("trap:{dir}/caught", "file:{dir}/up", "pause", **how)
    box.wait_file("up")
    return box


def without_cont(caught):
    return [name for name in caught if name != "CONT"]


def shuts_down(name):
    with Box("trap:{dir}/caught", "exit-on:15:0", "file:{dir}/up", "pause") as box:
        box.wait_file("up")
        began = monotonic()
        box.signal(name)
        assert box.wait() == 0
        assert without_cont(box.caught()) == ["TERM"], box.caught()
        assert box.took(began) < 2, box.took(began)


def test_term():
    shuts_down("TERM")


def test_quit():
    shuts_down("QUIT")


def test_pwr():
    shuts_down("PWR")


def test_rtmin_3():
    shuts_down("RTMIN+3")


def test_int():
    shuts_down("INT")


def test_only_the_leader_gets_term():
    with Box("member", "trap:{dir}/member", "exit-on:15:0", "file:{dir}/member-up", "pause", "end",
             "trap:{dir}/caught", "exit-on:10:0", "file:{dir}/up", "pause") as box:
        box.wait_file("member-up")
        box.wait_file("up")
        box.signal("TERM")
        box.wait_caught("TERM")
        holds_for(lambda: "TERM" not in box.caught("member"), 0.5, "the member is left alone")


def test_repeated_term_hastens_nothing():
    with Box("trap:{dir}/caught", "file:{dir}/up", "wait-file:{dir}/caught-enough", "exit:0") as box:
        box.wait_file("up")
        box.signal("TERM")
        box.wait_caught("TERM")
        for _ in range(20):
            box.signal("TERM")
            time.sleep(0.05)
        assert box.alive()
        with open(box.path("caught-enough"), "w", encoding="ascii"):
            pass
        assert box.wait() == 0
        assert without_cont(box.caught()) == ["TERM"], box.caught()


def test_without_a_deadline_kill_is_left_to_the_platform():
    """generic is TERM 10s, KILL; that KILL only the profile put there."""
    with stubborn() as box:
        box.signal("TERM")
        box.wait_caught("TERM")
        holds_for(box.alive, 12, "lastcall waits with its child")


def test_three_ints_kill():
    with stubborn() as box:
        box.signal("INT")
        box.wait_caught("TERM")
        time.sleep(1.2)
        assert box.alive()
        box.signal("INT")
        holds_for(box.alive, 1.2, "the second INT does not kill")
        began = monotonic()
        box.signal("INT")
        assert box.wait() == 137
        assert box.took(began) < 2, box.took(began)
        assert "INT" not in box.caught()


def test_ints_within_a_second_count_once():
    with stubborn() as box:
        for _ in range(5):
            box.signal("INT")
            time.sleep(0.05)
        box.wait_caught("TERM")
        holds_for(box.alive, 2, "five INTs in a quarter of a second are one")
        assert without_cont(box.caught()) == ["TERM"]


def test_term_then_two_ints_do_not_kill():
    """The first INT joins the shutdown that TERM began; only the third INT kills."""
    with stubborn() as box:
        box.signal("TERM")
        box.wait_caught("TERM")
        box.signal("INT")
        time.sleep(1.2)
        box.signal("INT")
        box.wait_line("no more waiting: .*INT")
        holds_for(box.alive, 1.2, "two INTs")
        began = monotonic()
        box.signal("INT")
        assert box.wait() == 137
        assert box.took(began) < 2, box.took(began)


def test_forwarding_goes_on_during_the_shutdown():
    with stubborn() as box:
        box.signal("TERM")
        box.wait_caught("TERM")
        box.signal("USR1")
        box.wait_caught("USR1")


def test_the_story_is_told():
    with Box("file:{dir}/up", "pause", options=["-d", "30s"]) as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 0
        story = box.err.text()
        assert "TERM" in story, story
        assert "done in" in box.err.list[-1], box.err.list[-1]
        assert "30s" in story, story
