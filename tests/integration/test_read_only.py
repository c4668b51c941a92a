"""A read-only root, with and without a place to write."""

from lib import BIN, Box, monotonic


def ends_well(**how):
    with Box("exit-on:15:0", "out:up", "pause", read_only=True, **how) as box:
        box.out.wait("^up$")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 3, box.took(began)
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


def test_no_place_for_a_socket():
    """/ can be written, the three places for sockets cannot."""
    with Box("exit-on:15:0", "out:up", "pause", hide=["/run", "/tmp", "/dev/shm"]) as box:
        box.out.wait("^up$")
        box.signal("TERM")
        assert box.wait() == 0


def test_nothing_is_written_elsewhere():
    with Box(command=["/bin/sh", "-c", "ls -A /tmp /dev/shm /run"]) as box:
        assert box.wait() == 0
        found = [line for line in box.out.list if line and not line.endswith(":")]
        assert found in ([], ["lastcall"]), found


def test_a_directory_of_somebody_else_is_not_taken():
    """/tmp/lastcall-UID that another user has made, or that is a link, is not ours."""
    script = 'mkdir /tmp/lastcall-54321 && chmod 777 /tmp/lastcall-54321 && exec "$@"'
    with Box(program=["/bin/sh", "-c", script, "sh", "/usr/bin/setpriv", "--reuid=54321", "--clear-groups",
                      BIN, "--", "/bin/sh", "-c", "ls -A /tmp/lastcall-54321; exit 3"]) as box:
        assert box.wait() == 3
        assert box.out.list == [], box.out.list
