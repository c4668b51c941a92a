"""sd_notify outwards: what a manager that started lastcall is told."""

import os
import re
import socket
import subprocess

from lib import BIN, Box, Skip, until


class Manager:
    """Listens as systemd does."""

    def __init__(self, folder):
        self.path = os.path.join(folder, f"manager-{os.getpid()}.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.settimeout(0.01)
        self.text = ""

    def has(self, pattern):
        try:
            while True:
                self.text += self.socket.recv(4096).decode()
        except TimeoutError:
            pass
        return re.search(pattern, self.text, re.M)


def needs_libsystemd():
    version = subprocess.run([BIN, "--version"], capture_output=True, text=True, check=True).stdout
    if "without libsystemd" in version:
        raise Skip("this build is without libsystemd: libsystemd-dev was not there when it was made")


def managed(**more):
    """A box whose lastcall has a $NOTIFY_SOCKET, and the manager there."""
    folder = os.environ["TMPDIR"]
    manager = Manager(folder)
    return manager, Box("trap:{dir}/caught", "file:{dir}/up", "pause", options=("-d", "30s"),
                        env={"NOTIFY_SOCKET": manager.path, "LASTCALL_STOP": "TERM 1s"}, **more)


def test_ready_status_stopping():
    needs_libsystemd()
    manager, box = managed()
    with box as b:
        until(lambda: manager.has("^READY=1$"))
        assert "NOTIFY_SOCKET" not in b.err.text()
        until(lambda: manager.has("^STATUS=running$"))
        assert not manager.has("STOPPING|EXTEND")
        b.signal("TERM")
        assert b.wait() == 137
        assert manager.has("^STOPPING=1$") and manager.has("^STATUS=stopping$")
        assert int(manager.has(r"^EXTEND_TIMEOUT_USEC=(\d+)$")[1]) == 30_000_000
    os.unlink(manager.path)


def test_not_ready_before_it_is():
    needs_libsystemd()
    folder = os.environ["TMPDIR"]
    manager = Manager(folder)
    with Box(config="[service:web]\ncommand = {child} pause\nready = file:{dir}/go\n",
             env={"NOTIFY_SOCKET": manager.path}) as b:
        until(lambda: manager.has("^STATUS=starting$"))
        b.wait_line(r"web \(pid \d+\): started")
        assert not manager.has("READY=1")
        with open(b.path("go"), "w", encoding="ascii"):
            pass
        until(lambda: manager.has("^READY=1$"))
        until(lambda: manager.has("^STATUS=running$"))
    os.unlink(manager.path)


def test_a_manager_that_never_reads():
    """sd_notify(3) blocks then; lastcall does not."""
    needs_libsystemd()
    manager, box = managed()
    with box as b:
        b.wait_file("up")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as flood:
            flood.setblocking(False)
            flood.connect(manager.path)
            try:
                while True:
                    flood.send(b"x")
            except BlockingIOError:
                pass
        b.signal("TERM")
        b.wait_caught("TERM")
        assert b.wait() == 137
    os.unlink(manager.path)


def test_nobody_listens():
    with Box("exit:0", env={"NOTIFY_SOCKET": "/nonexistent/manager"}) as b:
        assert b.wait() == 0
