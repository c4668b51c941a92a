"""The hard deadline, whatever the child does. The margin of 3s is a tenth, 0.3 s."""

from lib import Box, monotonic, until
from lib.door import ask


def ended_by_kill(*words, options=("-d", "3s"), env=None, before=None):
    with Box(*words, "file:{dir}/up", "pause", options=options, env=env) as box:
        box.wait_file("up")
        if before:
            before(box)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        took = box.took(began)
        assert 2.5 <= took <= 3.4, took
        return box.err.text()


def test_child_that_ignores_term():
    ended_by_kill("ignore:15")


def test_child_that_catches_everything():
    ended_by_kill("trap:{dir}/caught")


def test_from_the_environment():
    ended_by_kill("ignore:15", options=(), env={"LASTCALL_DEADLINE": "3s"})


def test_option_is_stronger_than_environment():
    ended_by_kill("ignore:15", env={"LASTCALL_DEADLINE": "1h"})


def test_margin_from_the_environment():
    with Box("ignore:15", "file:{dir}/up", "pause", options=("-d", "3s"),
             env={"LASTCALL_MARGIN": "1s"}) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 1.8 <= box.took(began) <= 2.6, box.took(began)


def test_members_of_the_session_are_killed_too():
    with Box("member:3", "ignore:15", "pause", "end", "ignore:15", "file:{dir}/up", "pause",
             options=("-d", "3s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 2.5 <= box.took(began) <= 3.4, box.took(began)


def test_stopped_child_that_ignores_term():
    def stop(box):
        pid = until(box.children)[0]
        box.signal("STOP", pid)
        until(lambda: box.processes()[pid][0] == "T")
    ended_by_kill("ignore:15", before=stop)


def test_child_that_ends_in_time():
    with Box("exit-on:15:0", "file:{dir}/up", "pause", options=("-d", "3s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 1, box.took(began)


def test_the_clock_starts_with_the_first_request():
    """Not with the start of lastcall, and not anew with each TERM."""
    with Box("ignore:15", "file:{dir}/up", "pause", options=("-d", "3s")) as box:
        box.wait_file("up")
        until(lambda: monotonic() - box.began > 1)
        began = monotonic()
        box.signal("TERM")
        until(lambda: monotonic() - began > 1.5)
        box.signal("TERM")
        assert box.wait() == 137
        assert 2.5 <= box.took(began) <= 3.4, box.took(began)


def test_kill_reaches_all_at_once():
    """Also those whom nobody has looked at before, and more than a first list has room for."""
    for members in 3, 400:
        with Box(f"member:{members}", "ignore:15", "pause", "end", "ignore:15", "file:{dir}/up", "pause",
                 options=("-d", "20s"), env={"LASTCALL_STOP": "TERM 500ms"}) as box:
            box.wait_file("up", 30)
            began = monotonic()
            box.signal("TERM")
            assert box.wait() == 137
            assert box.took(began) < 1.2, (members, box.took(began))


test_kill_reaches_all_at_once.alone = True


GROWING = """
[lastcall]
deadline = 20s
control = {dir}/control.sock
[service:first]
command = {child} ignore:15 file:{dir}/up pause
essential = no
stop = TERM 200ms
[service:second]
command = {child} wait-file:{dir}/go member:400 ignore:15 pause end ignore:15 file:{dir}/grown pause
essential = no
stop = TERM 200ms
"""


def test_kill_of_more_than_the_last_list_had():
    """The list of all processes grows in the scan before the KILL."""
    with Box(config=GROWING) as box:
        box.wait_file("up")
        assert ask(box, "/services/first/stop", "POST")[0] == 202
        box.wait_line("first: stopped")
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        box.wait_file("grown", 30)
        began = monotonic()
        assert ask(box, "/services/second/stop", "POST")[0] == 202
        box.wait_line("second: stopped")
        assert monotonic() - began < 1


test_kill_of_more_than_the_last_list_had.alone = True
