"""TERM at any moment of the start: obeyed, quickly, with 0."""

import random
import time

from lib import Box, monotonic


def test_term_before_anything():
    """Pending from the exec on: nothing is started."""
    with Box("file:{dir}/started", "pause", pending=["TERM"]) as box:
        assert box.wait(5) == 0
        assert box.file("started") is None


def test_each_shutdown_signal_before_anything():
    for name in "QUIT", "PWR", "RTMIN+3", "INT":
        with Box("file:{dir}/started", "pause", pending=[name]) as box:
            assert box.wait(5) == 0, name
            assert box.file("started") is None, name


def test_fifty_moments():
    """TERM is blocked when lastcall is executed, so that none is lost to a process that is not
    lastcall yet; its child inherits that, and unblocks it."""
    chance = random.Random(4711)
    for attempt in range(50):
        with Box("unblock", "pause", block=["TERM"]) as box:
            delay = chance.uniform(0, 0.03)
            time.sleep(delay)
            began = monotonic()
            box.signal("TERM")
            assert box.wait(5) == 0, (attempt, delay)
            assert box.took(began) < 1.5, (attempt, delay, box.took(began))


def test_fifty_moments_of_a_platform_that_repeats_itself():
    chance = random.Random(815)
    for attempt in range(50):
        with Box("pause") as box:
            time.sleep(chance.uniform(0, 0.02))
            began = monotonic()
            while box.alive():
                try:
                    box.signal("TERM")
                except ProcessLookupError:
                    break
                assert monotonic() - began < 3, attempt
                time.sleep(0.01)
            assert box.wait(5) == 0, attempt


def test_not_pid_1():
    chance = random.Random(42)
    for attempt in range(20):
        with Box("unblock", "pause", block=["TERM"], under_init=True) as box:
            time.sleep(chance.uniform(0, 0.02))
            box.signal("TERM")
            assert box.wait(5) == 0, attempt
            assert box.left() == "none", attempt
