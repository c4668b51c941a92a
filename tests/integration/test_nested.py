"""Two lastcalls, one in the other: an image's entrypoint and a chart's command both have it."""

from lib import BIN, Box, CHILD, monotonic, until


def nested(*words, inner=(), **how):
    return Box(command=[BIN, *inner, "--", CHILD, *words], **how)


def test_exit_code():
    with nested("exit:9") as box:
        assert box.wait() == 9


def test_signal_code():
    with nested("kill:11") as box:
        assert box.wait() == 139


def test_term_goes_through():
    with nested("trap:{dir}/caught", "exit-on:15:0", "file:{dir}/up", "pause") as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 3, box.took(began)
        assert [s for s in box.caught() if s != "CONT"] == ["TERM"]


def test_forwarding_goes_through():
    with nested("trap:{dir}/caught", "file:{dir}/up", "pause") as box:
        box.wait_file("up")
        for name in "HUP", "USR1", "WINCH", "TTIN":
            box.signal(name)
            box.wait_caught(name)
        assert box.caught() == ["HUP", "USR1", "WINCH", "TTIN"]


def test_the_inner_one_adopts():
    with nested("orphans:50", "file:{dir}/up", "pause") as box:
        box.wait_file("up", 30)
        until(lambda: len(box.processes()) == 1, 5, "the child alone is left")


def test_outer_deadline_holds():
    with nested("ignore:15", "file:{dir}/up", "pause", options=("-d", "3s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 2.5 <= box.took(began) <= 3.4, box.took(began)


def test_inner_deadline_first():
    with nested("ignore:15", "file:{dir}/up", "pause", inner=("-d", "2s"), options=("-d", "10s")) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 1.6 <= box.took(began) <= 2.6, box.took(began)
