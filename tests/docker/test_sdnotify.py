"""`podman run --sdnotify=container`: the unit is up when Sidekiq is ready, and not before."""

import dataclasses
import socket
from pathlib import Path

from lib import podman
from lib.bench import SIDEKIQ, Skip

TIMEOUT = 90
WEIGHT = 1
PROGRAM = Path(__file__).resolve().parents[2] / "build" / "lastcall"
CONFIG = f"""\
[lastcall]
deadline = 60s

[service:worker]
command = {' '.join(SIDEKIQ)}
ready = file:/work/ready
"""


def heard(manager):
    """All that has come, a line each."""
    lines = []
    try:
        while True:
            lines += manager.recv(4096).decode().splitlines()
    except BlockingIOError:
        return lines


def scenario(bench):
    reason = podman.why_not()
    if reason:
        raise Skip(reason)
    folder = bench.folder("podman")
    with (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
          podman.Podman(folder, folder / "manager.sock") as engine):
        manager.bind(str(folder / "manager.sock"))
        manager.setblocking(False)
        image = dataclasses.replace(bench.image, name=f"{bench.image.tree}:O")
        init = podman.Tree(bench.init, PROGRAM)
        with bench.open("podman: TERM", grace=60, init=init, engine=engine, image=image) as pod:
            pod.start(config=CONFIG, probed=False)
            pod.enqueue("Nap", 5, seconds=8)
            pod.wait_started(5)
            early = heard(manager)
            bench.check(pod, "READY=1" not in early, f"was called ready too early: {early}")
            (pod.folder / "ready").touch()
            told = []

            def ready():
                told.extend(heard(manager))
                return "READY=1" in told
            pod.wait_until(ready, "READY=1", limit=10)
            pod.term()
            pod.finish()
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0, tail=bench.tail_limit + 1)
