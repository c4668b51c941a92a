"""Puma ends with 0 after our TERM, its requests answered, and lingers as long as asked. One that swallows TERM while it
boots, as Ruby does now and then, is told again, and one that has heard it takes no harm from that."""

from concurrent.futures import ThreadPoolExecutor

from lib.bench import Skip
from lib.http_get import answers, get
from lib.puma_app import APP

TIMEOUT = 160
WEIGHT = 3

SWALLOWS = """\
begin
  File.write("loading", "")
  sleep 30
rescue SignalException
end
"""


def start(bench, run, *arguments, **environment):
    (run.folder / "config.ru").write_text(APP)
    run.start(["puma", *arguments, "-b", "unix://./puma.sock", "config.ru"], **environment)
    run.wait_until(lambda: answers(run.folder / "puma.sock"), "Puma's first answer")


def scenario(bench):
    if not bench.place.program("puma"):
        raise Skip("puma is not installed here")

    def in_flight(*arguments, times=1):
        """Told twice where lastcall has not heard that it serves."""
        label = " ".join(["request in flight", *arguments, *(["told twice"] if times > 1 else [])])
        with bench.open(label, deadline=60) as run, ThreadPoolExecutor(1) as client:
            start(bench, run, *arguments, **({"LASTCALL_READY": "file:never"} if times > 1 else {}))
            answer = client.submit(get, run.folder / "puma.sock", "/5")
            bench.pause(1)
            run.term()
            run.finish()
            bench.check(run, answer.exception() is None and answer.result() == (200, b"served"),
                        "the request in flight was not answered")
        again = run.story().count("TERM again")
        bench.check(run, again == times - 1, f"was told again {again} times instead of {times - 1}")
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

    def swallowed(*arguments):
        label = " ".join(["TERM swallowed", *arguments])
        with bench.open(label, deadline=60) as run:
            (run.folder / "config.ru").write_text(APP)
            (run.folder / "swallows.rb").write_text(SWALLOWS)
            run.start(["puma", *arguments, "-C", "swallows.rb", "-b", "unix://./puma.sock", "config.ru"])
            run.wait_until((run.folder / "loading").exists, "Puma's boot")
            run.term()
            run.finish()
        bench.check(run, "TERM again: it has booted since" in run.story(), "was not told again")
        bench.expect(run, exit_code=0, within=10)

    def told_twice(*arguments):
        in_flight(*arguments, times=2)

    bench.parallel(lambda play: play(),
                   [lambda f=f, a=a: f(*a) for f in (in_flight, swallowed, told_twice) for a in ((), ("-w", "2"))] +
                   [lingering])
