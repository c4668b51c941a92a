"""Puma ends with 0 after our TERM, its requests answered, and lingers as long as asked."""

from concurrent.futures import ThreadPoolExecutor

from lib.bench import Skip
from lib.http_get import answers, get
from lib.puma_app import APP

TIMEOUT = 160
WEIGHT = 3


def start(bench, run, *arguments, **environment):
    (run.folder / "config.ru").write_text(APP)
    run.start(["puma", *arguments, "-b", "unix://./puma.sock", "config.ru"], **environment)
    run.wait_until(lambda: answers(run.folder / "puma.sock"), "Puma's first answer")


def scenario(bench):
    if not bench.place.program("puma"):
        raise Skip("puma is not installed here")

    def in_flight(*arguments):
        label = " ".join(["request in flight", *arguments])
        with bench.open(label, deadline=60) as run, ThreadPoolExecutor(1) as client:
            start(bench, run, *arguments)
            answer = client.submit(get, run.folder / "puma.sock", "/5")
            bench.pause(1)
            run.term()
            run.finish()
            bench.check(run, answer.exception() is None and answer.result() == (200, b"served"),
                        "the request in flight was not answered")
        bench.expect(run, exit_code=0, within=10)

    def lingering():
        with bench.open("linger 4 s", deadline=60) as run:
            start(bench, run, LASTCALL_LINGER="4s")
            run.term()
            bench.pause(2.5)
            bench.check(run, answers(run.folder / "puma.sock"), "served no more in its linger")
            run.finish()
        bench.check(run, run.outcome.took >= 4, f"lingered for {run.outcome.took:.1f} s only")
        bench.expect(run, exit_code=0, within=10)

    bench.parallel(lambda play: play(),
                   [in_flight, lambda: in_flight("-w", "2"), lingering])
