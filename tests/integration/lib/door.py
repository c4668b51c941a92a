"""The other side of the control door: raw requests, and the commands."""

import os
import socket
import subprocess

from .box import BIN
from .waiting import until

CONFIG = """
[lastcall]
deadline = {deadline}
control = {dir}/control.sock
listen = unix:{dir}/open.sock
{more}
[service:web]
command = {child} trap:{dir}/caught exit-on:15:0 file:{dir}/up pause
{service}
"""


def config(deadline="30s", more="", service=""):
    """A service `web`, which writes the signals that it gets to `caught`."""
    text = CONFIG
    for name, value in (("deadline", deadline), ("more", more), ("service", service)):
        text = text.replace("{" + name + "}", value)
    return text


def connect(box, name="control", timeout=20):
    path = box.path(name + ".sock")

    def listens():
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        try:
            s.connect(path)
            return s
        except (FileNotFoundError, ConnectionRefusedError):  # not yet; bound, and not listened to
            s.close()
            return None
    return until(listens, what=f"somebody at {path}")


def rest_of(s):
    """All that comes until the end; what was reset counts as ended."""
    data = b""
    try:
        while piece := s.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def answer(data):
    """(status, headers, body) of a whole answer."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), fields, body.decode()


def raw(box, request, name="control"):
    """What a whole request of these bytes gets."""
    with connect(box, name) as s:
        try:
            s.sendall(request)
        except OSError:
            pass  # the answer came before the end of it
        return answer(rest_of(s))


def ask(box, target, method="GET", name="control"):
    """(status, body)"""
    status, fields, body = raw(box, f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), name)
    assert int(fields["content-length"]) == len(body) and fields["connection"] == "close", fields
    return status, body


def client(box, *words, timeout=30, env=None, control=None):
    """(exit code, stdout, stderr) of a command that talks to the box's lastcall."""
    done = subprocess.run([BIN, *words], capture_output=True, text=True, timeout=timeout, check=False,
                          stdin=subprocess.DEVNULL,
                          env={"PATH": os.environ["PATH"],
                               "LASTCALL_CONTROL": control or box.path("control.sock"), **(env or {})})
    return done.returncode, done.stdout, done.stderr
