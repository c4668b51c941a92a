"""A read-only root, with and without a place to write."""

from lib import Box, monotonic


def ends_well(**how):
    with Box("exit-on:15:0", "out:up", "pause", read_only=True, **how) as box:
        box.out.wait("^up$")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 3
        return box.err.text()


def test_nothing_can_be_written():
    ends_well()


def test_nothing_can_be_written_by_another_user():
    ends_well(uid=54321)


def test_only_dev_shm():
    ends_well(tmpfs=["/dev/shm"])


def test_only_dev_shm_by_another_user():
    ends_well(tmpfs=["/dev/shm"], uid=54321)


def test_exit_code():
    with Box("exit:11", read_only=True, uid=54321) as box:
        assert box.wait() == 11


def test_orphans():
    with Box("orphans:50", "daemon", "exit-on:15:0", "pause", "end", "out:up", "pause",
             read_only=True) as box:
        box.out.wait("^up$")
        box.signal("TERM")
        assert box.wait() == 0


def test_nothing_is_written_outside_its_directory():
    """With / writable but every place for sockets covered, no file appears anywhere it looked."""
    with Box("exit-on:15:0", "out:up", "pause", hide=["/run", "/dev/shm"], uid=54321) as box:
        box.out.wait("^up$")
        box.signal("TERM")
        assert box.wait() == 0
