"""Requests, one after another, as long as a block of code takes."""

import http.client
import threading
import time
from dataclasses import dataclass

from .http_get import get

PAUSE = 0.02


@dataclass(frozen=True)
class Request:
    sent: float      # time.monotonic()
    ok: bool


class Load:
    """Use as a context: so many clients, each with a new connection for each request, every fifth
    of which takes half a second."""

    def __init__(self, where, clients=3):
        self.requests = []
        self._where = where
        self._over = threading.Event()
        self._clients = [threading.Thread(target=self._send_on, daemon=True)
                         for _ in range(clients)]

    def __enter__(self):
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for client in self._clients:
            client.join()

    def failed(self, before):
        """(how many requests failed, of how many) of those sent before that moment."""
        counted = [request.ok for request in self.requests if request.sent < before]
        return counted.count(False), len(counted)

    def _send_on(self):
        number = 0
        while not self._over.wait(PAUSE):
            number += 1
            sent = time.monotonic()
            try:
                ok = get(self._where, "/0.01" if number % 5 else "/0.5")[0] == 200
            except (OSError, http.client.HTTPException):
                ok = False
            self.requests.append(Request(sent, ok))
