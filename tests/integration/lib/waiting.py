"""Waiting for conditions, by the monotonic clock."""

import os
import time

monotonic = time.monotonic
# What lastcall runs under makes it slow.
PATIENCE = 3 if os.environ.get("LASTCALL_UNDER") else 1


class TimedOut(AssertionError):
    pass


def until(condition, timeout=10, what=None, every=0.005):
    """Waits until condition() is true and gives back what it gave."""
    end = monotonic() + timeout * PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if monotonic() >= end:
            name = what or getattr(condition, "__doc__", None) or "the condition"
            raise TimedOut(f"{name}: not within {timeout} s")
        time.sleep(every)


def holds_for(condition, seconds, what="the condition"):
    """Fails as soon as condition() is false within the next seconds."""
    end = monotonic() + seconds
    while monotonic() < end:
        assert condition(), f"{what}: held for {seconds - (end - monotonic()):.2f} s only"
        time.sleep(0.02)


def lines_of(path):
    """The lines of a file; none where it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []
