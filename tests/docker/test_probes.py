"""Docker's own health check and the kubelet's probes: what drains is alive, and not ready."""

import time

from lib import kubelet
from lib.bench import SIDEKIQ

TIMEOUT = 90
WEIGHT = 2
OPTIONS = ("--health-interval", "1s", "--health-timeout", "5s", "--health-retries", "1")


def ask(bench, pod, seconds, ready):
    """Probes with a `docker exec` each, every second; root asks as well, who always may."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        for asked, wanted in ("live", 0), ("ready", ready):
            code, told = pod.exec("lastcall", "health", asked)
            bench.check(pod, code == wanted and len(told.strip().splitlines()) <= 1,
                        f"health {asked} said {code}: {told.strip()}")
        code, told = pod.exec("lastcall", "status", options=["--user", "0"])
        bench.check(pod, code == 0 and " of 5" in told,
                    f"root's status said {code}: {told.strip()}")
        bench.pause_until(began + 1)


def scenario(bench):
    with bench.open("health checks: TERM", grace=60) as pod:
        pod.enqueue("Nap", 5, seconds=30)
        pod.start(SIDEKIQ, docker=OPTIONS, probed=False)
        pod.wait_started(5)

        def docker_says(word):
            return pod.container.inspect("{{.State.Health.Status}}") == word
        pod.wait_until(lambda: docker_says("healthy"), "Docker's word that it is healthy", limit=20)
        # Sidekiq has no title before its first beat, which comes up to 10 s after its boot.
        pod.wait_until(lambda: " of 5" in pod.exec("lastcall", "status", options=["--user", "0"])[1],
                       "Sidekiq's capacity", limit=20)
        ask(bench, pod, 2, ready=0)
        bench.check(pod, docker_says("healthy"), "Docker does not call it healthy any more")
        pod.term()
        bench.pause(0.5)
        ask(bench, pod, 5, ready=1)
        bench.check(pod, docker_says("unhealthy"), "Docker calls it healthy while it drains")
        kubelet.stop(pod, 30)
    bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0, tail=bench.tail_limit)
