"""One run in a real container: a Redis beside it, jobs, a request to end, the books."""

import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .container import RunFailed
from .probe import Probe
from .run import Run

# Where a container sees the folder of its run; nothing else of ours is in it.
INSIDE = "/work"
EXEC_LIMIT = 30.0


@dataclass(frozen=True)
class Init:
    """What is PID 1, or stands in front of the command."""
    name: str
    program: Path = None    # a lastcall to be put over the image's

    def words(self):
        """The options of `docker run` for it, and the words between image and command."""
        if self.name == "tini":
            return ["--entrypoint", "tini"], ["--"]
        if self.program:
            return ["--volume", f"{self.program.resolve()}:/usr/local/bin/lastcall:ro"], []
        return [], []


class EngineContainer:
    """A container of the engine, with what tests/e2e/lib/container.py can do, as far as an engine
    can: it is seen from outside, through docker."""

    def __init__(self, engine, name, words, folder):
        self._engine = engine
        self._name = name
        self._ended = threading.Event()
        self.ended_at = None
        with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
            # Its end is the container's, and it passes the exit code on.
            self._client = engine.start("run", "--name", name, "--sig-proxy=false", *words,
                                        stdout=out, stderr=err)
        threading.Thread(target=self._await_end, daemon=True).start()

    def _await_end(self):
        self._client.wait()
        self.ended_at = time.monotonic()
        self._ended.set()

    @property
    def alive(self):
        return not self._ended.is_set()

    @property
    def exit_code(self):
        return self._client.returncode

    def wait(self, timeout):
        return self._ended.wait(max(0.0, timeout))

    def signal(self, signum):
        # Nothing is wrong where it has ended meanwhile.
        self._engine.call("kill", "-s", signal.Signals(signum).name, self._name, check=False)

    def kill(self):
        if self.alive:
            self.signal(signal.SIGKILL)
            self._ended.wait(10.0)

    def stop(self, seconds):
        """`docker stop` as a process: TERM, and KILL so many seconds later."""
        return self._engine.start("stop", "-t", str(seconds), self._name,
                                  stdout=subprocess.DEVNULL)

    @contextmanager
    def paused(self):
        """`docker pause`, and `docker unpause`."""
        self._engine.call("pause", self._name)
        try:
            yield
        finally:
            self._engine.call("unpause", self._name)

    def exec(self, *words, options=(), **popen):
        """`docker exec` as a process."""
        return self._engine.start("exec", *options, self._name, *words, **popen)

    def inspect(self, template):
        return self._engine.call("inspect", self._name, "--format", template).stdout.strip()

    def changes(self):
        """What was written to its root file system: `docker diff`."""
        return self._engine.call("diff", self._name).stdout.splitlines()

    def remove(self):
        self._engine.call("rm", "-f", self._name, check=False)
        if not self._ended.wait(10.0):
            self._client.kill()


class Pod(Run):
    """Use as a context, as its base, whose words it has: enqueue, wait_started, term, finish..."""

    def __init__(self, engine, image, place, folder, label, init, grace):
        super().__init__(place, folder, label, init, grace)
        self.image = image
        self.limit = grace          # the seconds after which the platform kills; may come nearer
        self.probe = None
        self.heard_at = None        # when the first request to end was inside, at the latest
        self.requests_failed = None
        self._engine = engine
        self._jobs = {}

    @property
    def lastcall(self):
        return self._init.name == "lastcall"

    def __exit__(self, *words):
        if self.container:
            self.container.remove()
        if self.probe:
            self.probe.join()
        super().__exit__(*words)

    def enqueue(self, job, count, seconds):
        ids = super().enqueue(job, count, seconds)
        self._jobs.update((name, seconds) for name in ids)
        return ids

    def start(self, command=(), options=(), config=None, docker=(), probed=True, **environment):
        """Runs a command below the init; or, without a command, lastcall with a config file of that
        text. docker: more options of `docker run`."""
        settings = {"REDIS_URL": f"unix://{INSIDE}/redis.sock", "HOME": INSIDE, "LANG": "C.UTF-8"}
        if self.lastcall and self.deadline is not None:
            settings["LASTCALL_DEADLINE"] = f"{self.deadline}s"
        if config is not None:
            (self.folder / "lastcall.ini").write_text(config)
            settings["LASTCALL_CONFIG"] = f"{INSIDE}/lastcall.ini"
            command = ["run"]
        before, between = self._init.words()
        words = ["--network=none", "--volume", f"{self.folder}:{INSIDE}", "--workdir", INSIDE]
        for name, value in {**settings, **environment}.items():
            words += ["--env", f"{name}={value}"]
        name = f"{self.image.suite}-{self.folder.parent.name}-{self.folder.name}"
        self.container = EngineContainer(
            self._engine, name,
            [*words, *docker, *before, self.image.name, *between, *options, *command], self.folder)
        self.started_at = time.monotonic()
        if probed and self.lastcall:
            self.probe = Probe(self.container)

    def wait_started(self, count):
        """As its base; and until the probe has heard that all is ready."""
        began = super().wait_started(count)
        if self.probe:
            self.wait_until(self.probe.ready, "a probe's word that it is ready")
        return began

    # ---- from inside

    def exec(self, *words, options=(), limit=EXEC_LIMIT):
        """`docker exec` to its end: (exit code, output)."""
        process = self.container.exec(*words, options=options, text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise RunFailed(f"{self.label}: `{' '.join(words)}` had no end "
                            f"in {limit:.0f} s") from None
        return process.returncode, output

    # ---- the end

    def ask(self):
        """From the first call the platform's clock runs."""
        if self._signalled_at is None:
            self._signalled_at = time.monotonic()

    def asked(self):
        return self._signalled_at

    def arrived(self, at):
        """A request to end was heard inside at that moment."""
        self.heard_at = min(at, self.heard_at or at)

    def signal(self, signum):
        super().signal(signum)
        self.arrived(time.monotonic())

    def cut_in_vain(self):
        """How many jobs were begun and cut off though they would have ended before the KILL."""
        ends = self.asked() + self.limit
        done = {mark.job for mark in self.marks() if mark.word == "done"}
        begun = {mark.job: mark.at for mark in self.marks() if mark.word == "start"}
        return sum(1 for job, at in begun.items()
                   if job not in done and at + self._jobs[job] < ends)
