"""What the integration tests are written with: see box.py, waiting.py and signals.py."""

from .box import BIN, CHILD, Box, Skip, processes
from .signals import ALL_SIGNALS, number, word
from .waiting import TimedOut, holds_for, lines_of, monotonic, until

__all__ = ["ALL_SIGNALS", "BIN", "Box", "CHILD", "Skip", "TimedOut", "holds_for", "lines_of",
           "monotonic", "number", "processes", "until", "word"]
