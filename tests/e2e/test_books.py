"""The books themselves: each kind of fault shows in its own column, and in no other."""

import tempfile
from pathlib import Path
from types import SimpleNamespace

from lib import books
from lib.books import Mark

TIMEOUT = 20
WEIGHT = 0


def columns(enqueued, marks, queued):
    kept = books.balance(enqueued, [Mark(word, job, 1.0) for word, job in marks], queued)
    return (kept.finished, kept.queued, kept.lost, kept.twice, kept.interrupted)


A_DONE = [("start", "a"), ("done", "a")]

CASES = [
    # what happened, enqueued, marks, queued: finished, queued, lost, twice, interrupted
    ("all done", ["a"], A_DONE, [], (1, 0, 0, 0, 0)),
    ("never begun", ["a"], [], ["a"], (0, 1, 0, 0, 0)),
    ("vanished", ["a"], [], [], (0, 0, 1, 0, 0)),
    ("killed at work", ["a"], A_DONE[:1], [], (0, 0, 1, 0, 1)),
    ("handed back", ["a"], A_DONE[:1], ["a"], (0, 1, 0, 0, 1)),
    ("done twice", ["a"], A_DONE * 2, [], (1, 0, 0, 1, 0)),
    ("done, and queued again", ["a"], A_DONE, ["a"], (1, 0, 0, 1, 0)),
    ("queued twice", ["a"], [], ["a", "a"], (0, 1, 0, 1, 0)),
    ("failed, to be retried", ["a"], [("start", "a"), ("failed", "a")], ["a"],
     (0, 1, 0, 0, 0)),
    ("one twice hides no loss", ["a", "b"], A_DONE, ["a"], (1, 0, 1, 1, 0)),
]


def scenario(bench):
    for label, enqueued, marks, queued, wanted in CASES:
        got = columns(enqueued, marks, queued)
        bench.check(SimpleNamespace(label=label), got == wanted, f"{got} instead of {wanted}")
    half_written(bench)
    print(f"{len(CASES) + 1} cases")


def half_written(bench):
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "jobs.log"
        log.write_text("start a 1.5\ndone a 2.5\nstart b 3")
        bench.check(SimpleNamespace(label="half a line"),
                    books.read_marks(log) == [Mark("start", "a", 1.5), Mark("done", "a", 2.5)],
                    "was read as a whole one")
