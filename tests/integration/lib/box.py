"""A Box runs lastcall as PID 1 of a PID namespace of its own, with real children.

    with Box("trap:{dir}/caught", "pause") as box:      # lastcall -- child trap:... pause
        until(lambda: box.file("caught") is not None)
        box.signal("TERM")
        assert box.wait() == 0

The program tests/fixtures/box.c makes the namespace. When a Box is left, all that lived in it
is gone: by its init's end, which the kernel ends with KILL when the box dies.
"""

import fcntl
import json
import os
import re
import select
import shutil
import signal as _signal
import subprocess
import tempfile
import threading

from . import signals
from .waiting import PATIENCE, TimedOut, lines_of, monotonic, until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BIN = os.environ.get("LASTCALL_BIN") or os.path.join(TOP, "build/lastcall")
SANITIZED = bool(os.environ.get("LASTCALL_SANITIZED"))
CHILD = os.environ.get("LASTCALL_CHILD") or os.path.join(TOP, "build/tests/child")
BOX = os.path.join(TOP, "build/tests/box")


class Skip(Exception):
    """Raised by a test that cannot be done here; the runner says so, loudly."""


class Lines:
    """The lines that come out of a descriptor, read by a thread, and when each came."""

    def __init__(self, fd):
        self.list, self.came, self.ended, self.rest = [], [], False, b""
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._read, args=(fd,), daemon=True)
        self.thread.start()

    def _read(self, fd):
        while not self.ended:
            try:
                data = os.read(fd, 65536)
            except OSError:  # a terminal whose other side is closed
                data = b""
            with self.changed:
                *whole, self.rest = (self.rest + data).split(b"\n")
                if not data:
                    whole += [self.rest] if self.rest else []
                    self.ended, self.rest = True, b""
                self.list += [line.decode("utf-8", "replace") for line in whole]
                self.came += [monotonic()] * len(whole)
                self.changed.notify_all()
        os.close(fd)

    def wait(self, pattern, timeout=10, start=0):
        """The first line from number `start` on that matches the regular expression."""
        end = monotonic() + timeout * PATIENCE
        at = start
        with self.changed:
            while True:
                while at < len(self.list):
                    if re.search(pattern, self.list[at]):
                        return self.list[at]
                    at += 1
                left = end - monotonic()
                if left <= 0 or self.ended:
                    raise TimedOut(f"no line like {pattern!r} within {timeout} s")
                self.changed.wait(left)

    def text(self):
        """All of it, a line that is not finished too (a prompt)."""
        with self.changed:
            return "\n".join([*self.list, self.rest.decode("utf-8", "replace")])


def processes(namespace):
    """{pid: (state, name)} of a PID namespace, as seen from outside."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/ns/pid") != namespace:
                continue
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as f:
                stat = f.read()
        except OSError:
            continue
        found[int(entry)] = (stat[stat.rindex(")") + 2], stat[stat.index("(") + 1:stat.rindex(")")])
    return found


class Box:
    """
    words        what the child does (tests/fixtures/child.c); {dir} is the test's directory
    options      of lastcall, before the `--`
    command      instead of the child: a list
    config       instead of that: the text of a config file; {child} is the program of the words
    argv         instead of all that: what comes after `lastcall`
    program      instead of lastcall and all that: a list
    env          on top of a small environment; {dir} as in the words
    stdin, stdout, stderr
                 "pipe" (read, see .out and .err), "null", "closed", "devfull" (/dev/full),
                 "full" (a pipe that is full and that nobody reads), a path, a descriptor;
                 stdin "tty": a pseudo terminal for all three, see .type() and .out
    uid          to run as, also the gid
    proc         mount options of /proc, as "hidepid=2"; "none": an empty directory
    read_only    the root and all below it is
    tmpfs        where a fresh file system lies: /run, /tmp and /dev/shm, or nowhere with read_only
    hide         directories to cover by an empty read-only one
    ignore, block, pending
                 signals that lastcall is started with ignored, blocked, blocked and pending
    fds          further descriptors to inherit
    under_init   lastcall is not PID 1; bystander: and there is a process that is not its child
    """

    every = []  # of this test, for the report of a failure

    def __init__(self, *words, options=(), command=None, config=None, argv=None, program=None, env=None, stdin="null",
                 stdout="pipe", stderr="pipe", uid=None, proc=None, read_only=False, tmpfs=None,
                 hide=(), ignore=(), block=(), pending=(), fds=(), under_init=False,
                 bystander=False):
        self.dir = tempfile.mkdtemp(prefix="lastcall-test.")
        os.chmod(self.dir, 0o777)
        self.master = self.out = self.err = None
        self.pid = self.status = self.began = None
        self._ours = []
        Box.every.append(self)

        if config is not None:
            with open(f"{self.dir}/lastcall.ini", "w", encoding="utf-8") as f:
                f.write(config.replace("{dir}", self.dir).replace("{child}", CHILD))
            argv = [*options, "-c", f"{self.dir}/lastcall.ini"]
        if argv is None:
            argv = [*options, "--", *(command or [CHILD, *words])]
        self.argv = [str(a).replace("{dir}", self.dir) for a in program or [BIN, *argv]]
        self._told = Lines(self._start(env, stdin, stdout, stderr, fds, self._box_options(
            uid, proc, read_only, tmpfs, hide, ignore, block, pending, stdin, stdout, stderr,
            under_init, bystander)))
        for fd in self._ours:
            os.close(fd)
        self._await_pid()

    @staticmethod
    def _box_options(uid, proc, read_only, tmpfs, hide, ignore, block, pending, stdin, stdout,
                     stderr, under_init, bystander):
        options = []
        if tmpfs is None:
            tmpfs = [] if read_only else sorted({"/run", "/tmp", "/dev/shm"} - set(hide))
        for name, values in (("tmpfs", tmpfs), ("hide", hide), ("ignore", ignore),
                             ("block", block), ("pending", pending)):
            for value in values:
                n = signals.number(value) if name in ("ignore", "block", "pending") else value
                options += [f"--{name}", str(n)]
        if uid is not None:
            options += ["--gid", str(uid), "--uid", str(uid)]
        if proc == "none":
            options.append("--no-proc")
        elif proc:
            options += ["--proc", proc]
        for fd, kind in enumerate((stdin, stdout, stderr)):
            if kind == "closed":
                options += ["--close", str(fd)]
        for flag, wanted in (("--read-only", read_only), ("--tty", stdin == "tty"),
                             ("--under-init", under_init), ("--bystander", bystander)):
            if wanted:
                options.append(flag)
        return options

    def _start(self, env, stdin, stdout, stderr, fds, options):
        told, tell = os.pipe()
        if stdin == "tty":
            self.master, slave = os.openpty()
            self._ours.append(slave)
            stdio = [slave] * 3
            self.out = Lines(os.dup(self.master))
        else:
            stdio = [self._stdio(0, stdin), self._stdio(1, stdout), self._stdio(2, stderr)]
        self.began = monotonic()
        base = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/nonexistent"}
        self.process = subprocess.Popen(
            [BOX, "--status", str(tell), *options, "--", *self.argv],
            stdin=stdio[0], stdout=stdio[1], stderr=stdio[2], pass_fds=[tell, *fds],
            env={**base, **{name: value.replace("{dir}", self.dir) for name, value in (env or {}).items()}})
        os.close(tell)
        return told

    def _stdio(self, fd, kind):
        flags = os.O_RDONLY if fd == 0 else os.O_WRONLY
        if isinstance(kind, int):
            return kind
        if kind == "pipe":
            read, write = os.pipe()
            if fd == 0:
                self.input = write
                self._ours.append(read)
                return read
            lines = Lines(read)
            if fd == 1:
                self.out = lines
            else:
                self.err = lines
            self._ours.append(write)
            return write
        if kind == "full":
            read, write = os.pipe()
            self.unread = read
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
            os.write(write, b"x" * 4096)
            assert not select.select([], [write], [], 0)[1]
            self._ours.append(write)
            return write
        path = {"null": "/dev/null", "closed": "/dev/null", "devfull": "/dev/full"}.get(kind, kind)
        if fd > 0 and kind not in ("null", "closed", "devfull"):
            flags |= os.O_CREAT | os.O_APPEND
        new = os.open(path.replace("{dir}", self.dir), flags, 0o666)
        self._ours.append(new)
        return new

    def _await_pid(self):
        line = self._told.wait("^(pid|unavailable) ", 20)
        self._skip_if_unavailable()
        self.pid = int(line.split()[1])
        try:
            self.namespace = os.readlink(f"/proc/{self.pid}/ns/pid")
        except OSError:
            self.namespace = None  # over already

    def _skip_if_unavailable(self):
        for line in list(self._told.list):
            if line.startswith("unavailable "):
                raise Skip(line)

    # --- the run -----------------------------------------------------------

    def signal(self, name, pid=None):
        """Sends a signal, by its word, to lastcall or to another process of the box."""
        os.kill(pid or self.pid, signals.number(name))

    def alive(self):
        return not re.search("^(exit|signal) ", self._told.text(), re.M)

    def wait(self, timeout=20):
        """lastcall's exit code; 1000 + N where it was itself killed by signal N."""
        if self.status is None:
            try:
                line = self._told.wait("^(exit|signal) ", timeout)
            except TimedOut:
                self._skip_if_unavailable()
                raise TimedOut(f"lastcall lives on: no exit within {timeout} s") from None
            self._skip_if_unavailable()
            kind, n = line.split()
            self.ended = self._told.came[self._told.list.index(line)]
            self.status = int(n) + (1000 if kind == "signal" else 0)
            for lines in (self.out, self.err):
                if lines and self.master is None:
                    lines.thread.join(5)
        return self.status

    def bystander(self):
        return self._told.wait("^bystander ").split()[1]

    def left(self):
        """With under_init: "some" or "none", whether anything lived on after lastcall's end. Nobody but lastcall
        would end it: /proc cannot tell, as the namespace ends soon after."""
        return self._told.wait("^left ").split()[1]

    def took(self, since):
        """Seconds from `since` to lastcall's end. AddressSanitizer looks for leaks after that, for some tenths of a second
        and for several where many do at once: with it to the last line of the story, if it is read here."""
        told = [at for line, at in zip(self.err.list, self.err.came) if " done in " in line] if SANITIZED and self.err else []
        return (told[-1] if told else self.ended) - since

    def processes(self):
        """{pid: (state, name)} of all in the box, zombies too, but for lastcall's own (it may have
        a process that writes its log) and those of the box."""
        found = processes(self.namespace) if self.namespace else {}
        own = os.path.basename(BIN)[:15], "memcheck-amd64-", "box"
        return {pid: p for pid, p in found.items() if pid != self.pid and p[1] not in own}

    def children(self):
        """Pids of the processes in the box that live."""
        return sorted(pid for pid, (state, _) in self.processes().items() if state not in "ZX")

    # --- what came of it ------------------------------------------------------

    def path(self, name):
        return os.path.join(self.dir, name)

    def file(self, name):
        """The text of a file in the test's directory, or None."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return None

    def wait_file(self, name, timeout=10):
        until(lambda: self.file(name) is not None, timeout, f"the file {name}")
        return self.file(name)

    def json(self, name, timeout=10):
        return json.loads(self.wait_file(name, timeout))

    def caught(self, name="caught"):
        """The signals that a child with trap:{dir}/NAME has got, in order."""
        return lines_of(self.path(name))

    def wait_caught(self, *words, name="caught", timeout=10):
        until(lambda: set(words) <= set(self.caught(name)), timeout, f"{' '.join(words)} in {name}")

    def wait_line(self, pattern, timeout=10, start=0):
        """A line of lastcall's story (its stderr)."""
        return self.err.wait(pattern, timeout, start)

    def type(self, text):
        os.write(self.master, text.encode())

    # --- the end ------------------------------------------------------------------

    def close(self):
        if self.process.poll() is None:
            if self.pid:
                try:
                    if os.readlink(f"/proc/{self.pid}/ns/pid") == self.namespace:
                        os.kill(self.pid, _signal.SIGKILL)
                except OSError:
                    pass
            try:
                self.process.wait(0.2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for name in ("master", "input", "unread"):
            fd = getattr(self, name, None)
            if fd is not None:
                os.close(fd)
                setattr(self, name, None)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def story(self):
        """For the report of a failure."""
        status = self._told.text().replace("\n", ", ") or "nothing"
        text = f"--- {' '.join(self.argv)}\n    box: {status}\n"
        for name, lines in (("out", self.out), ("err", self.err)):
            if lines:
                text += "".join(f"    {name}: {line}\n" for line in lines.list[-60:])
        return text
