"""A real Redis of a run's own, behind a unix socket."""

import subprocess
import time

from .resp import Redis, RedisError

BOOT_LIMIT = 20.0


class RedisServer:
    """Keeps nothing on disk, or all of it in the folder, with what an earlier one left there."""

    def __init__(self, place, folder, appendonly="no"):
        program = place.program("redis-server", "valkey-server")
        if not program:
            raise FileNotFoundError("neither redis-server nor valkey-server is installed")
        self.socket = folder / "redis.sock"
        self._log = open(folder / "redis.log", "wb")
        self._process = subprocess.Popen(
            place.beside([program, "--port", "0",
                          "--unixsocket", place.inside(self.socket), "--unixsocketperm", "777",
                          "--save", "", "--appendonly", appendonly,
                          "--dir", place.inside(folder)]),
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        try:
            self.client = self._connect()
        except BaseException:
            self._end()
            raise

    def _connect(self):
        limit = time.monotonic() + BOOT_LIMIT
        while True:
            try:
                client = Redis(self.socket)
                client.call("PING")
                return client
            except (OSError, RedisError):  # not there, or it loads what it kept
                if self._process.poll() is not None:
                    raise RuntimeError(f"Redis ended: see {self._log.name}") from None
                if time.monotonic() > limit:
                    raise
                time.sleep(0.02)

    def close(self):
        self.client.close()
        self._end()

    def _end(self):
        # Nothing of it is worth keeping, so it need not say goodbye.
        self._process.kill()
        self._process.wait()
        self._log.close()
