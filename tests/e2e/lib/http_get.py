"""One HTTP GET over a unix socket."""

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


def get(path, target, timeout=30.0):
    """(status, body) of the answer; OSError or HTTPException if there is none, or half of it."""
    connection = _UnixConnection(path, timeout)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def answers(path, target="/0"):
    """Whether a server behind the socket answers with 200."""
    try:
        return get(path, target)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
