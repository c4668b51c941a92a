"""A Sidekiq that swallows TERM while it boots, as Ruby does now and then, and takes jobs."""

from lib import Box
from lib.door import ask

CONFIG = """
[lastcall]
deadline = 60s
control = {dir}/control.sock
[service:worker]
command = {child} ignore:15 file:{dir}/up wait-file:{dir}/go sidekiq:5:2:8000:30:7.3.0
profile = sidekiq
stop = TERM 40s
"""


def swallowed():
    box = Box(config=CONFIG)
    box.wait_file("up")
    box.signal("TERM")
    box.err.wait("still booting")
    return box


def boot_on(box):
    with open(box.path("go"), "w", encoding="utf-8"):
        pass


def test_its_jobs_are_waited_for():
    with swallowed() as box:
        boot_on(box)
        box.err.wait("has booted on, TERM did not reach it: waiting for its jobs")
        assert box.wait(30) == 0
        assert "TERM again" not in box.err.text()
        assert "2 jobs finished, 0 handed back" in box.err.text()


def test_it_gets_term_again_where_nobody_waits_for_jobs():
    with swallowed() as box:
        assert ask(box, "/shutdown?now=1", "POST")[0] < 300
        boot_on(box)
        box.err.wait("TERM again")
        assert box.wait(30) == 0
        assert "quiet (TSTP)" not in box.err.text()


# Ruby may keep a TERM of its first moments until it gets another signal, or has threads: then it is Sidekiq's, with jobs.
BOOTS = """
[lastcall]
deadline = 60s
[service:worker]
command = python3 -c 'import signal; signal.signal(15, lambda *_: None); open("{dir}/up", "w"); [signal.pause() for _ in "123"]'
profile = sidekiq
"""


def test_it_is_told_again_while_it_boots():
    with Box(config=BOOTS) as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait(10) == 0
        assert box.err.text().count("stop (TERM") == 1 and "TERM again" not in box.err.text()
