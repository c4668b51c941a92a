"""Puma ends with 0 after our TERM, its requests answered, and lingers as long as asked."""

from concurrent.futures import ThreadPoolExecutor

from lib.bench import Skip
from lib.http_get import answers, get

TIMEOUT = 160
WEIGHT = 3

# Puma 6.6.0 sometimes hangs at TERM until it is killed, with or without an init in front: in
# 18 of 100 tries with a NOTIFY_SOCKET, in 2 of 60 without. That says nothing about lastcall.
TRIES = 3
HUNG = 25.0

# Takes as many seconds as the path says.
APP = '''run(proc do |env|
  sleep env["PATH_INFO"].delete("/").to_f
  [200, { "content-type" => "text/plain" }, ["served"]]
end)
'''


def start(bench, run, *arguments, **environment):
    (run.folder / "config.ru").write_text(APP)
    run.start(["puma", *arguments, "-b", "unix://./puma.sock", "config.ru"], **environment)
    run.wait_until(lambda: answers(run.folder / "puma.sock"), "Puma's first answer")


def unless_it_hangs(bench, play, label, exit_within):
    for attempt in range(TRIES):
        run = play(label if attempt == 0 else f"{label}, again")
        if run.outcome.took < HUNG:
            break
    bench.expect(run, exit_code=0, within=exit_within)


def scenario(bench):
    if not bench.place.program("puma"):
        raise Skip("puma is not installed here")

    def in_flight(label, *arguments):
        with bench.open(label, deadline=60) as run, ThreadPoolExecutor(1) as client:
            start(bench, run, *arguments)
            answer = client.submit(get, run.folder / "puma.sock", "/5")
            bench.pause(1)
            run.term()
            run.finish()
            bench.check(run, answer.exception() is None and answer.result() == (200, b"served"),
                        "the request in flight was not answered")
        return run

    def lingering(label):
        with bench.open(label, deadline=60) as run:
            start(bench, run, LASTCALL_LINGER="4s")
            run.term()
            bench.pause(2.5)
            bench.check(run, answers(run.folder / "puma.sock"), "served no more in its linger")
            run.finish()
        bench.check(run, run.outcome.took >= 4, f"lingered for {run.outcome.took:.1f} s only")
        return run

    bench.parallel(lambda case: unless_it_hangs(bench, *case), [
        (in_flight, "request in flight", 10),
        (lambda label: in_flight(label, "-w", "2"), "request in flight, -w 2", 10),
        (lingering, "linger 4 s", 10),
    ])
