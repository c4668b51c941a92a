"""The books of a run with real jobs: what became of every job that was enqueued.

Every job appends `start ID TIME` when it begins and `done ID TIME` when it has ended,
one write each, to one log. A job that raises on purpose says `failed ID TIME` first.
Against that log stand the jobs that Redis still holds afterwards.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """One line of the jobs' log; `at` is seconds of CLOCK_MONOTONIC."""
    word: str
    job: str
    at: float


@dataclass(frozen=True)
class Books:
    enqueued: int
    finished: int      # distinct jobs done
    queued: int        # in the queues, the retry and the schedule set, and not done
    lost: int          # neither done nor queued: nobody will ever perform them
    twice: int         # done again, or done and queued once more
    interrupted: int   # started, cut off, not done
    last_done: float   # when the last job ended; None if none did


def read_marks(path):
    """The lines of the jobs' log. A log that does not exist yet has none."""
    try:
        with open(path, encoding="utf-8") as log:
            lines = log.read().split("\n")
    except FileNotFoundError:
        return []
    # What stands behind the last newline is a line not written to its end.
    return [Mark(word, job, float(at))
            for word, job, at in (line.split(" ") for line in lines[:-1])]


def read_queued(redis):
    """The ids of all jobs that Redis holds for later, one for each time it holds them."""
    payloads = []
    for queue in sorted(redis.call("KEYS", "queue:*")):
        payloads += redis.call("LRANGE", queue, 0, -1)
    for waiting in ("retry", "schedule"):
        payloads += redis.call("ZRANGE", waiting, 0, -1)
    return [json.loads(payload)["args"][0] for payload in payloads]


def balance(enqueued, marks, queued):
    """Books from the ids enqueued, the log's marks, and the ids still queued.

    They are kept by id and not by sums, so that a job performed twice can
    never stand in for one that is lost.
    """
    done_lines = [mark for mark in marks if mark.word == "done"]
    done = {mark.job for mark in done_lines}
    started = {mark.job for mark in marks if mark.word == "start"}
    failed = {mark.job for mark in marks if mark.word == "failed"}
    enqueued, waiting = set(enqueued), set(queued)
    return Books(
        enqueued=len(enqueued),
        finished=len(done),
        queued=len(waiting - done),
        lost=len(enqueued - done - waiting),
        # A job that is queued twice over will be performed twice as well.
        twice=(len(done_lines) - len(done)) + len(waiting & done)
        + (len(queued) - len(waiting)),
        interrupted=len(started - done - failed),
        last_done=max((mark.at for mark in done_lines), default=None),
    )
