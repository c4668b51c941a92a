"""One HTTP GET, with a connection of its own."""

import http.client
import socket


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def get(where, target, timeout=30.0):
    """(status, body) of the answer; OSError or HTTPException if there is none, or half of it.
    where: the path of a unix socket, or (host, port)."""
    if isinstance(where, tuple):
        connection = http.client.HTTPConnection(*where, timeout=timeout)
    else:
        connection = _UnixConnection(where, timeout)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(where, target="/0"):
    """Whether a server there answers with 200."""
    try:
        return get(where, target)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
