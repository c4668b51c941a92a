"""Descriptors that make trouble when they are closed. Also for children of a box: python3 -c with source()."""

import os
import socket
import struct
from contextlib import contextmanager

from .waiting import until

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


# Runs the rest as on a kernel that does not know SO_PASSRIGHTS: seccomp(2) says ENOPROTOOPT.
OLDER = """
import ctypes, os, platform, struct, sys
call = {"x86_64": 54, "aarch64": 208}[platform.machine()]
code = [(0x20, 0, 0, 0), (0x15, 0, 5, call), (0x20, 0, 0, 24), (0x15, 0, 3, 1), (0x20, 0, 0, 32), (0x15, 0, 1, 83),
        (0x06, 0, 0, 0x50000 + 92), (0x06, 0, 0, 0x7fff0000)]
bytes = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(bytes)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""


def source(text):
    """A program for `python3 -c` that has this module's functions."""
    return f"import sys\nsys.path.insert(0, {TESTS!r})\nsys.dont_write_bytecode = True\n" \
           f"from lib.lingering import *\n{text}"


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return f.read().rpartition(")")[2].split()[0]


@contextmanager
def standing_still(box):
    """lastcall is stopped."""
    box.signal("STOP")
    until(lambda: state(box.pid) == "T")
    try:
        yield
    finally:
        box.signal("CONT")


def lingering():
    """(end, peer) of a TCP connection: the last close of `end` waits for hours, while `peer` is open."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        end.connect(listener.getsockname())
        peer, _ = listener.accept()
    end.setblocking(False)
    try:
        while True:
            end.send(bytes(4096))
    except BlockingIOError:
        pass
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 86400))
    return end, peer


def pass_lingering(to, text, within):
    """To lastcall, which stands still, so that the last close is its own; within: it lies in the queue of what is
    passed. What has to stay open."""
    end, peer = lingering()
    if within:
        ours, theirs = socket.socketpair()
        with ours:
            socket.send_fds(ours, [b"x"], [end.fileno()])
        end.close()
        end = theirs
    try:
        socket.send_fds(to, [text], [end.fileno()])
    except OSError:
        peer.close()
        raise
    finally:
        end.close()
    return peer
