"""PID 1 of a PID namespace, seen from outside: its signals, its end, its processes."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

ARM_LIMIT = 20.0


def _read(path):
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:   # it has just ended
        return ""


def _children(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in _read(task).split()]
    return found


def _hears(pid, signum):
    """Whether PID 1 would receive a signal. One that it neither catches nor blocks is
    dropped by the kernel, KILL and STOP apart."""
    # An init that has started its child is ready for every signal. tini does not show
    # it otherwise: the kernel takes what sigtimedwait waits for off the blocked ones.
    if _children(pid):
        return True
    bit = 1 << (signum - 1)
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith(("SigBlk:", "SigCgt:")) and int(line.split()[1], 16) & bit:
            return True
    return False


class RunFailed(Exception):
    """A run did not get to where something could be checked."""


class Container:
    """Starts `argv` as PID 1. Its output goes to `stdout` and `stderr` in the folder."""

    def __init__(self, place, argv, folder):
        stderr = folder / "stderr"
        stderr.touch()
        self._setup_log = folder / "setup"
        with open(folder / "stdout", "wb") as out, open(self._setup_log, "wb") as err:
            self._process = subprocess.Popen(
                place.container(argv, stderr), stdin=subprocess.DEVNULL,
                stdout=out, stderr=err)
        self.ended_at = None
        self._ended = threading.Event()
        self._pid1 = None
        self._killed = False
        threading.Thread(target=self._await_end, daemon=True).start()

    def _await_end(self):
        # Blocks in waitpid, so the time of the end is exact; a poll's would not be.
        self._process.wait()
        self.ended_at = time.monotonic()
        self._ended.set()

    def arm(self, program, signum=signal.SIGTERM):
        """Waits until PID 1 is `program` and would receive the signal."""
        limit = time.monotonic() + ARM_LIMIT
        while not self._ended.is_set():
            inner = self._find_pid1()
            if inner and self._runs(inner, program) and _hears(inner, signum):
                self._pid1 = inner
                return
            if time.monotonic() > limit:
                raise RunFailed(f"PID 1 never became {program}")
            time.sleep(0.002)
        raise RunFailed(f"PID 1 ended before it was {program}: code {self.exit_code} "
                        + _read(self._setup_log))

    def _find_pid1(self):
        inner = _children(self._process.pid)
        return inner[0] if inner else None

    @staticmethod
    def _runs(pid, program):
        # A script shows its interpreter as exe and its own name as comm; valgrind only its own.
        return _read(f"/proc/{pid}/comm").strip() in (program[:15], "memcheck-amd64-")

    def signal(self, signum):
        """Sends PID 1 a signal, as a container engine does."""
        self.signal_process(self._pid1, signum)

    @staticmethod
    def signal_process(pid, signum):
        os.kill(pid, signum)

    def processes(self):
        """The host's pids of PID 1 and all that descends from it."""
        found, look = [], [self._pid1]
        while look:
            pid = look.pop(0)
            found.append(pid)
            look += _children(pid)
        return found

    def find(self, comm):
        """The host's pid of the first process of that name, or None."""
        for pid in self.processes():
            if _read(f"/proc/{pid}/comm").strip() == comm:
                return pid
        return None

    def outside(self, inner):
        """The host's pid of the process that has this pid inside, or None."""
        for pid in self.processes():
            for line in _read(f"/proc/{pid}/status").splitlines():
                if line.startswith("NSpid:") and line.split()[-1] == str(inner):
                    return pid
        return None

    @property
    def alive(self):
        return not self._ended.is_set()

    @property
    def exit_code(self):
        """As a shell counts: 128 + N for signal N. None while PID 1 lives."""
        code = self._process.returncode
        if code is None:
            return None
        if self._killed:   # unshare cannot pass on a KILL: it exits with 1 instead
            return 128 + signal.SIGKILL
        return 128 - code if code < 0 else code

    def wait(self, timeout):
        """Waits for the end of PID 1; returns whether it came in time."""
        return self._ended.wait(max(0.0, timeout))

    def kill(self):
        """Ends PID 1, and with it all of its namespace."""
        if self.alive:
            inner = self._pid1 or self._find_pid1()
            self._killed = True
            try:
                os.kill(inner or self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if not self._ended.wait(5.0):
                self._process.kill()
                self._ended.wait(5.0)
