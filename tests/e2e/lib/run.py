"""One run: a Redis, a Sidekiq below an init as PID 1, jobs, a signal, an end, the books."""

import json
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from . import books
from .container import Container, RunFailed
from .redis_server import RedisServer
from .resp import Redis, RedisError

APP = Path(__file__).with_name("app.rb")
BOOT_LIMIT = 60.0
# How long we wait for a PID 1 that has no deadline to end after a signal.
PATIENCE = 60.0


class SidekiqQueue:
    """How jobs are put where the program under test takes them from, and what is left there."""

    @staticmethod
    def push(redis, name, job, seconds):
        now = time.time()
        redis.call("LPUSH", "queue:default", json.dumps({
            "class": job, "args": [name, seconds], "queue": "default", "retry": True,
            "jid": name, "created_at": now, "enqueued_at": now}))

    read = staticmethod(books.read_queued)


@dataclass(frozen=True)
class Outcome:
    books: books.Books
    exit_code: int
    took: float      # seconds from the first TERM (or other end signal) to the exit of PID 1
    tail: float      # seconds from the end of the last job to the exit; None if none ended
    overran: bool    # the platform had to kill PID 1


class Run:
    """Use as a context: whatever happens, nothing of it stays behind."""

    def __init__(self, place, folder, label, init, deadline):
        self.label = label
        self.deadline = deadline
        self.outcome = None
        self.folder = Path(folder)
        self.queue = SidekiqQueue   # another program has another, with the same two
        self.container = None
        self.started_at = None      # when PID 1 was there and would hear a signal
        self._place = place
        self._init = init
        self._enqueued = []
        self._signalled_at = None
        self._redis = None
        self._client = None
        self._kept_in = None        # where a Redis of the container keeps its jobs

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o777)    # a run may switch to another user
        shutil.copy(APP, self.folder / "app.rb")
        self._redis = RedisServer(self._place, self.folder)
        self._client = self._redis.client
        return self

    def __exit__(self, *_):
        if self.container:
            self.container.kill()
        if self._redis:
            self._redis.close()

    # ---- before and during

    def wait_redis_inside(self, socket, folder):
        """From now on the jobs are in a Redis that the container runs: it listens on that socket of
        the run's folder, and keeps what it has in that folder (appendonly)."""
        self._redis.close()
        self._redis = None
        self._kept_in = self.folder / folder

        def connected():
            try:
                self._client = Redis(self.folder / socket)
                return self._client.call("PING") == "PONG"
            except (OSError, RedisError):
                return False
        self.wait_until(connected, "a Redis in the container")

    def enqueue(self, job, count, seconds):
        """Puts jobs in the queue, as the program's own client does. Returns their ids."""
        ids = [f"{job}-{len(self._enqueued) + i}" for i in range(count)]
        self._enqueued += ids
        for name in ids:
            self.queue.push(self._client, name, job, seconds)
        return ids

    def start(self, command, options=(), config=None, **environment):
        """Starts the init with a command below it, the run's folder as its directory; or lastcall
        with a config file of that text, in which {folder} is that directory."""
        folder = self._place.inside(self.folder)
        settings = {"REDIS_URL": "unix://" + self._place.inside(self._redis.socket),
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME": folder, "LANG": "C.UTF-8", **environment}
        words = [*self._init.argv(self.deadline, options), *command]
        if config is not None:
            (self.folder / "lastcall.ini").write_text(config.replace("{folder}", folder))
            words = [self._init.program, *options, "-c", f"{folder}/lastcall.ini"]
        argv = ["env", "-i", "-C", folder, *(f"{k}={v}" for k, v in settings.items()), *words]
        self.container = Container(self._place, argv, self.folder)
        self.container.arm(self._init.name or Path(words[0]).name)
        self.started_at = time.monotonic()

    def wait_working(self):
        """Until Sidekiq has booted and has told Redis so."""
        self.wait_until(lambda: self._client.call("SCARD", "processes"), "Sidekiq's boot")

    def wait_started(self, count):
        """Until so many jobs have begun. Returns when the last of them did."""
        self.wait_until(lambda: len(self._times("start")) >= count, f"the start of {count} jobs")
        return sorted(self._times("start"))[count - 1]

    def wait_done(self, count):
        self.wait_until(lambda: len(self._times("done")) >= count, f"the end of {count} jobs")

    def wait_until(self, condition, what, limit=BOOT_LIMIT):
        give_up = time.monotonic() + limit
        while not condition():
            if not self.container.alive:
                raise RunFailed(f"{self.label}: PID 1 ended with {self.container.exit_code} "
                                f"before {what}")
            if time.monotonic() > give_up:
                raise RunFailed(f"{self.label}: {what} did not come in {limit:.0f} s")
            time.sleep(0.02)

    def _times(self, word):
        return [mark.at for mark in self.marks() if mark.word == word]

    def marks(self):
        return books.read_marks(self.folder / "jobs.log")

    def sidekiq(self):
        """The host's pid of the Sidekiq in the container."""
        pid = self.container.find("sidekiq")
        if not pid:
            raise RunFailed(f"{self.label}: no process named sidekiq")
        return pid

    def pid_of(self, service):
        """The host's pid of a service's main process; the log tells the container's."""
        inner = re.findall(rf"{service} \(pid (\d+)\): started", self.story())[-1]
        return self.container.outside(int(inner))

    def command_line(self):
        """The words with which Sidekiq was started, as it saw them itself."""
        text = (self.folder / "cmdline").read_bytes().decode(errors="replace")
        return text.rstrip("\0").split("\0")

    def story(self):
        """What PID 1 and Sidekiq wrote on stderr: with lastcall, its log."""
        return (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")

    # ---- the end

    def signal(self, signum):
        self.container.signal(signum)

    def clock_begins(self):
        """The grace runs from here on; the first time counts."""
        if self._signalled_at is None:
            self._signalled_at = time.monotonic()

    def term(self):
        """Asks PID 1 to end, as the platform does."""
        self.clock_begins()
        self.signal(signal.SIGTERM)

    def over(self):
        """Whether finish() would return at once: PID 1 has ended, or its grace is over."""
        grace_ends = self._signalled_at + (self.deadline or PATIENCE)
        return not self.container.alive or time.monotonic() >= grace_ends

    def finish(self, grace=None):
        """Waits for the end, KILLs when the grace is over (as the platform would), and
        keeps the books. The grace runs from the first TERM; by default it is the deadline."""
        grace = grace or self.deadline or PATIENCE
        began = self._signalled_at or time.monotonic()
        overran = not self.container.wait(began + grace - time.monotonic())
        if overran:
            self.container.kill()
        if self._kept_in:
            self._client.close()
            self._redis = RedisServer(self._place, self._kept_in, appendonly="yes")
            self._client = self._redis.client
        result = books.balance(self._enqueued, self.marks(), self.queue.read(self._client))
        ended = self.container.ended_at
        self.outcome = Outcome(
            books=result, exit_code=self.container.exit_code, took=ended - began,
            tail=None if result.last_done is None else ended - result.last_done,
            overran=overran)
        return self.outcome
