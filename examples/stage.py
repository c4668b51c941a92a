"""What the two demonstrations share: the story as it happens, and the place for it."""

import shutil
import signal
import sys
import tempfile
import textwrap
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

from lib.container import RunFailed               # noqa: E402
from lib.place import Place, namespaces_work      # noqa: E402

WIDTH = 96
JOBS_HEAD = ["enqueued", "finished", "still queued", "twice", "interrupted", "lost"]
LEGEND = """\
still queued   in Redis: the next container performs them
interrupted    begun and cut off: work thrown away, to be done again if still queued
lost           neither finished nor in Redis: nobody will ever perform them
took           from TERM to the end of PID 1 (137: the platform had to kill it)"""


def jobs_row(kept):
    """The cells below JOBS_HEAD."""
    return [kept.enqueued, kept.finished, kept.queued, kept.twice, kept.interrupted, kept.lost]


class Log:
    """A file that grows, and how much of it has been read."""

    def __init__(self, path):
        self._path = path
        self._offset = 0

    def lines(self):
        """The whole lines that came since the last time, without lastcall's name in front."""
        with open(self._path, "rb") as log:
            log.seek(self._offset)
            fresh = log.read()
        whole = fresh[:fresh.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [line.removeprefix("lastcall: ")
                for line in whole.decode("utf-8", errors="replace").splitlines()]


class Stage:
    """Prints what happens, each line with the seconds since TERM and whom it is about."""

    def __init__(self, names):
        self.zero = None
        self._column = max(len(name) for name in names) + 1

    def say(self, who, text):
        when = "" if self.zero is None else f"{time.monotonic() - self.zero:.1f} s"
        head = f"{when:>7}  {who:<{self._column}}| "
        lines = textwrap.wrap(text, WIDTH - len(head)) or [""]
        print(head + lines[0])
        for line in lines[1:]:
            print(" " * 9 + " " * self._column + "|   " + line)
        sys.stdout.flush()

    def term(self):
        """From now on the seconds count."""
        self.zero = time.monotonic()
        self.say("platform", "TERM: please stop")


def _why_not(place, programs):
    works, reason = namespaces_work()
    if not works:
        return f"no PID namespace can be had: {reason}"
    missing = [program for program in programs if not place.program(program)]
    return f"not installed: {', '.join(missing)}" if missing else None


def perform(programs, play):
    """play(place) in a directory of its own that goes with it; returns its exit code, 2 where
    it cannot be played here."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="lastcall-demo."))
    work.chmod(0o755)    # nginx changes to another user
    place = Place(work)
    try:
        reason = _why_not(place, programs)
        if reason:
            print(f"demo: {reason}", file=sys.stderr)
            return 2
        return play(place)
    except (FileNotFoundError, RunFailed) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(work, ignore_errors=True)
