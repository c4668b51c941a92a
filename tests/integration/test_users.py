"""Any user id, with or without a passwd entry, no capability."""

from lib import Box, monotonic


def test_random_user_id():
    with Box("report:{dir}/report", "exit:8", uid=1000740000) as box:
        assert box.wait() == 8
        assert box.json("report")["uid"] == 1000740000


def test_term():
    with Box("exit-on:15:0", "file:{dir}/up", "pause", uid=54321) as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 2, box.took(began)


def test_deadline():
    with Box("ignore:15", "file:{dir}/up", "pause", uid=54321, options=("-d", "2s")) as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 137


def test_stderr_of_another_user():
    """A container's /dev/stderr may belong to root: it can be written, not opened."""
    with Box("exit:3", uid=54321, stderr="{dir}/err", options=("-v",)) as box:
        assert box.wait() == 3


def test_no_home_no_path():
    with Box("exit:3", uid=54321, env={"HOME": "", "PATH": ""}) as box:
        assert box.wait() == 3
