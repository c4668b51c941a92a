"""A Redis client of a few lines: enough to fill a queue and to count what is left."""

import socket


class RedisError(Exception):
    """Redis answered with an error, or hung up."""


class Redis:
    """One connection to the Redis behind a unix socket."""

    def __init__(self, path, timeout=5.0):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(timeout)
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._reader = self._socket.makefile("rb")

    def call(self, *words):
        """Sends one command and returns its answer: str, int, list or None."""
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word.encode() if isinstance(word, str) else b"%d" % word
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self._socket.sendall(b"".join(parts))
        return self._answer()

    def close(self):
        self._reader.close()
        self._socket.close()

    def _answer(self):
        line = self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise RedisError("Redis hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        raise RedisError(f"unexpected answer {line!r}")

    def _bulk(self, size):
        if size < 0:
            return None
        data = self._reader.read(size + 2)
        if len(data) != size + 2:
            raise RedisError("Redis hung up")
        return data[:-2].decode()
