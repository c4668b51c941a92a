"""Puma and Sidekiq in one container under load: no request fails, and every job is finished."""

from lib import kubelet
from lib.bench import SIDEKIQ
from lib.http_get import answers, get
from lib.load import Load
from lib.puma_app import APP

TIMEOUT = 90
WEIGHT = 3
LINGER = 6
CONFIG = f"""\
[lastcall]
deadline = ${{GRACE}}
linger = {LINGER}s
listen = unix:/work/health.sock

[service:web]
command = puma -t 5:5 -b unix:///work/puma.sock config.ru
ready = unix:/work/puma.sock

[service:worker]
command = {' '.join(SIDEKIQ)}
"""
RUNS = [("Puma and Sidekiq: TERM", None),
        ("Puma and Sidekiq: preStop, TERM", ["lastcall", "prestop"])]


def start(pod):
    (pod.folder / "config.ru").write_text(APP)
    pod.enqueue("Nap", 5, seconds=20)
    pod.start(config=CONFIG, GRACE="60s")
    pod.wait_started(5)
    pod.wait_until(lambda: answers(pod.folder / "puma.sock"), "a first answer of Puma")


def check_door(bench, pod, wanted):
    door = pod.folder / "health.sock"
    said = get(door, "/livez")[0], get(door, "/readyz")[0]
    bench.check(pod, said == wanted, f"/livez and /readyz say {said}, not {wanted}")


def scenario(bench):
    def run(given):
        label, words = given
        with bench.open(label, grace=60) as pod:
            start(pod)
            check_door(bench, pod, (200, 200))
            with Load(pod.folder / "puma.sock") as load:
                bench.pause(3)
                hook = kubelet.RunningHook(pod, words) if words else pod.term()
                heard = "drain: prestop" if words else "shutdown: TERM"
                pod.wait_until(lambda: heard in pod.story(), f"the log's {heard!r}")
                check_door(bench, pod, (200, 503))
                # The load balancer has forgotten the pod when the linger is over; what it sent
                # before is answered.
                bench.pause_until(pod.asked() + LINGER - 0.2)
            pod.requests_failed, sent = load.failed(before=pod.asked() + LINGER)
            bench.check(pod, pod.requests_failed == 0 and sent > 100,
                        f"{pod.requests_failed} of {sent} requests failed")
            if hook:
                ended = hook.wait(60)
                bench.expect_hook(pod, ended, code=0, seconds=(LINGER, 20 + bench.tail_limit))
                pod.term()
            pod.finish()
        bench.expect(pod, exit_code=0, finished=5, queued=0, interrupted=0,
                     tail=bench.tail_limit + 2)

    bench.parallel(run, RUNS)
