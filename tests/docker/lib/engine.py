"""A Docker engine of our own, which nothing outlives.

dockerd, its containerd and all containers live in a PID namespace and a mount namespace of their
own, below an init whose end is the end of them all; it dies with us, even if we are killed. Their
sockets and state are in one folder of ours, images in another that is kept. No engine that runs
here already is asked, used, or touched.
"""

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

START_LIMIT = 60.0
STOP_LIMIT = 15.0
# A call that takes longer has met an engine that hangs.
CALL_LIMIT = 60.0
DRIVERS = ("overlay2", "vfs")
# Debian's own before what else a machine may have in its PATH.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
PROGRAMS = ("docker", "dockerd", "containerd", "runc", "docker-init", "unshare", "setpriv")

# Run by sh in the new namespaces. containerd keeps its sockets in /run, whatever it is told, and
# podman its locks in /dev/shm.
SETUP = 'mount -t proc proc /proc && mount -t tmpfs -o mode=755 tmpfs /run && ' \
        'mount -t tmpfs tmpfs /dev/shm && exec "$@"'


def enclosed(*words):
    """The words of a command that runs them in namespaces of their own, below an init."""
    return ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child",
            "--mount", "sh", "-c", SETUP, "setup", "docker-init", "--", *words]


class NoEngine(Exception):
    """No engine can be had here; the message says why."""


class EngineError(Exception):
    """The engine refused something; the message is its own."""


def why_not():
    """Why no engine can be started here, as far as that can be told before; or None."""
    if os.geteuid() != 0:
        return "an engine needs root"
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Engine:
    """Use as a context. folder: for sockets and state; data: for images, which are kept; one at a
    time uses them."""

    def __init__(self, folder, data):
        self._folder = Path(folder)
        self._data = Path(data)
        self._log_path = self._folder / "dockerd.log"
        self._cgroup = f"lastcall-e2e-{os.getpid()}"
        self._process = None
        self._lock = None
        self.driver = None
        self.environment = {**os.environ, "PATH": PATH, "DOCKER_BUILDKIT": "0",
                            "DOCKER_HOST": f"unix://{self._folder}/docker.sock",
                            "DOCKER_CONFIG": str(self._folder / "config")}
        for variable in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"):
            self.environment.pop(variable, None)

    def __enter__(self):
        reason = why_not()
        if reason:
            raise NoEngine(reason)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(parents=True, exist_ok=True)
        self._take_data()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process:
            self._end()
        remove_cgroups(self._cgroup)
        if self._lock:
            self._lock.close()

    # ---- what it is for

    def call(self, *words, limit=CALL_LIMIT, check=True, **options):
        """`docker WORDS...` to its end; its result, with text output."""
        done = subprocess.run(["docker", *words], env=self.environment, capture_output=True,
                              text=True, timeout=limit, check=False,
                              **{"stdin": subprocess.DEVNULL, **options})
        if check and done.returncode != 0:
            raise EngineError(f"docker {' '.join(words[:2])}: {done.stderr.strip()}")
        return done

    def start(self, *words, **options):
        """`docker WORDS...` as a process; it goes when we go."""
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "docker", *words],
                                env=self.environment,
                                **{"stdin": subprocess.DEVNULL, **options})

    def version(self):
        told = self.call("version", "--format", "{{.Server.Version}}").stdout.strip()
        return f"Docker {told}, {self.driver}"

    # ---- its life

    def _take_data(self):
        # Another run with the same images may be under way.
        self._lock = open(self._data / "lock", "w", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{self._data} is in use by another run; waiting for its end", flush=True)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _start(self):
        for self.driver in DRIVERS:
            self._spawn()
            if self._answers():
                # What a run that was killed has left in the data folder.
                left = self.call("ps", "-aq").stdout.split()
                if left:
                    self.call("rm", "-f", *left)
                return
            self._end()
        raise NoEngine(f"dockerd does not start; it said: {self._last_words()}")

    def _spawn(self):
        settings = self._folder / "daemon.json"
        settings.write_text("{}")    # not the machine's own
        words = ["dockerd", "--config-file", str(settings),
                 "--host", self.environment["DOCKER_HOST"],
                 "--data-root", str(self._data / "docker"),
                 "--exec-root", str(self._folder / "exec"),
                 "--pidfile", str(self._folder / "dockerd.pid"),
                 "--storage-driver", self.driver,
                 "--exec-opt", "native.cgroupdriver=cgroupfs",
                 "--cgroup-parent", f"/{self._cgroup}",
                 # Containers get no network, and the machine's stays as it is.
                 "--bridge=none", "--iptables=false", "--ip6tables=false",
                 "--ip-forward=false", "--ip-masq=false"]
        with open(self._log_path, "ab") as log:
            self._process = subprocess.Popen(
                enclosed(*words), env={**self.environment, "TMPDIR": str(self._folder)},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _answers(self):
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit and self._process.poll() is None:
            if self.call("version", check=False).returncode == 0:
                return True
            time.sleep(0.1)
        return False

    def _end(self):
        """In order where it can be had: then no container and no mount is left in its books."""
        if self._process.poll() is None and self._answers_now():
            left = self.call("ps", "-aq", check=False).stdout.split()
            if left:
                self.call("rm", "-f", *left, check=False)
            self._ask_to_end()
        self._process.kill()
        self._process.wait()
        self._process = None

    def _answers_now(self):
        try:
            return self.call("version", check=False, limit=STOP_LIMIT).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def _ask_to_end(self):
        # unshare, our child, passes no signal on to the init below it.
        for child in children(self._process.pid):
            os.kill(child, 15)
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            pass

    def _last_words(self):
        lines = self._log_path.read_text(encoding="utf-8", errors="replace").split("\n")
        told = [line for line in lines if "fail" in line.lower() or "error" in line.lower()]
        return " / ".join((told or lines)[-3:]).strip()


def remove_cgroups(name):
    """Removes the cgroups of that name, and what is below them."""
    root = Path("/sys/fs/cgroup")    # version 2 has one tree, version 1 one for each controller
    for top in root / name, *root.glob(f"*/{name}"):
        for folder, _, _ in os.walk(top, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:    # a process in it is still ending; it costs nothing
                pass


def children(pid):
    """The process ids of its children; none where it has ended."""
    try:
        words = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [int(word) for word in words]
