"""podman, which nothing outlives: the other engine, for what Docker does not do.

It takes the words that Docker takes, so that a Pod runs on either.
"""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

from .container import RunFailed
from .engine import CALL_LIMIT, PATH, children, enclosed, remove_cgroups
from .pod import Init

PROGRAMS = ("podman", "conmon", "runc")
# crun wants a cgroup tree that it may divide; runc is content with cgroupfs.
RUNTIME = ("--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none")
# podman asks for more than the root of a container with limits of its own may give.
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000")


def why_not():
    """Why podman cannot be had here, or None."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Podman:
    """Use as a context. folder: for what it stores; manager: the socket that `podman run` is told
    of as the one of its service manager. Its state is in /run, which is its namespace's own."""

    def __init__(self, folder, manager):
        self._words = ["podman", "--root", str(folder / "root"), *RUNTIME]
        self._environment = {**os.environ, "PATH": PATH, "NOTIFY_SOCKET": str(manager)}
        self._cgroup = f"lastcall-podman-{os.getpid()}"
        self._keeper = None
        self._entered = []

    def __enter__(self):
        self._keeper = subprocess.Popen(enclosed("sleep", "infinity"), stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + CALL_LIMIT
        while not self._inside():
            if self._keeper.poll() is not None or time.monotonic() > give_up:
                raise RunFailed("no namespaces for podman")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self._keeper.kill()
        self._keeper.wait()
        remove_cgroups(self._cgroup)

    def _inside(self):
        """Whether the init of its namespaces, which are set up then, is there."""
        for child in children(self._keeper.pid):
            with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                if comm.read().strip() == "docker-init":
                    self._entered = ["nsenter", "-t", str(child), "-m", "-p"]
        return bool(self._entered)

    def call(self, *words, limit=CALL_LIMIT, check=True):
        """`podman WORDS...` to its end; its result, with text output."""
        done = subprocess.run([*self._entered, *self._words, *words], env=self._environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit, check=False)
        if check and done.returncode != 0:
            raise RunFailed(f"podman {' '.join(words[:2])}: {done.stderr.strip()}")
        return done

    def start(self, command, *words, **options):
        """`podman COMMAND WORDS...` as a process; it goes when we go."""
        if command == "run":
            words = ["--sdnotify=container", "--cgroup-parent", f"/{self._cgroup}", *LIMITS, *words]
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *self._entered, *self._words, command, *words],
            env=self._environment, **{"stdin": subprocess.DEVNULL, **options})


@dataclass(frozen=True)
class Tree(Init):
    """An init of this machine in a tree that has none: the program and the libraries that a
    Debian does not come with. The tree stays as it is."""

    def words(self):
        if self.name == "tini":
            return ["--rootfs", "--volume", f"{shutil.which('tini')}:/usr/bin/tini:ro"], ["tini", "--"]
        needed = subprocess.run(["ldd", self.program], stdout=subprocess.PIPE, text=True, check=True)
        files = [(self.program.resolve(), "/usr/local/bin/lastcall")]
        for path in re.findall(r"=> (\S+/lib(?:ev|inih|jansson)\.\S+)", needed.stdout):
            files.append((os.path.realpath(path), f"/usr/local/lib/{os.path.basename(path)}"))
        mounts = [word for here, there in files for word in ("--volume", f"{here}:{there}:ro")]
        return ["--rootfs", *mounts, "--env", "LD_LIBRARY_PATH=/usr/local/lib"], ["lastcall"]
