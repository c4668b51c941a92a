"""Adopted processes: reaped while lastcall runs, ended when it ends."""

from lib import BIN, CHILD, Box, monotonic, until


def all_set(box, count):
    """The child is up, and so are its orphans, their traps set."""
    box.wait_file("up")
    until(lambda: box.out.list.count("set") == count, what=f"{count} orphans are set")


def test_a_thousand_leave_no_zombie():
    with Box("orphans:1000", "file:{dir}/up", "pause") as box:
        box.wait_file("up", 60)
        until(lambda: len(box.processes()) == 1, 5, "the child alone is left")
        assert "Z" not in [state for state, _ in box.processes().values()]
        box.signal("TERM")
        assert box.wait() == 0


test_a_thousand_leave_no_zombie.timeout = 90


def test_bursts_that_end_at_once():
    """SIGCHLD coalesces; 200 end at the same moment."""
    with Box("daemon:200", "wait-file:{dir}/go", "exit:7", "end", "file:{dir}/up", "pause") as box:
        box.wait_file("up", 30)
        assert len(box.processes()) == 201
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        until(lambda: len(box.processes()) == 1, 5, "the child alone is left")
        box.signal("TERM")
        assert box.wait() == 0


test_bursts_that_end_at_once.alone = True  # 200 that look for a file leave nothing to others


def test_end_by_term():
    with Box("daemon:3", "trap:{dir}/orphans", "exit-on:15:0", "out:set", "pause", "end",
             "file:{dir}/up", "pause") as box:
        all_set(box, 3)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.caught("orphans").count("TERM") == 3, box.caught("orphans")
        assert box.took(began) < 3, box.took(began)


def test_killed_after_5_s():
    with Box("daemon:2", "trap:{dir}/orphans", "out:set", "pause", "end", "file:{dir}/up", "pause") as box:
        all_set(box, 2)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.caught("orphans").count("TERM") == 2, box.caught("orphans")
        assert 4.5 <= box.took(began) <= 7, box.took(began)


def test_told_only_when_the_service_is_down():
    with Box("daemon", "trap:{dir}/orphan", "out:set", "pause", "end",
             "trap:{dir}/caught", "file:{dir}/up", "wait-file:{dir}/go", "exit:0",
             options=("-d", "60s")) as box:
        all_set(box, 1)
        box.signal("TERM")
        box.wait_caught("TERM")
        assert "TERM" not in box.caught("orphan")
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        box.wait_caught("TERM", name="orphan")
        assert box.wait() == 0


def test_end_with_the_services_own_end_too():
    with Box("daemon", "trap:{dir}/orphan", "exit-on:15:0", "file:{dir}/orphan-up", "pause", "end",
             "wait-file:{dir}/orphan-up", "exit:4") as box:
        assert box.wait() == 4
        assert "TERM" in box.caught("orphan")


def test_within_the_deadline():
    """Orphans have at most 5 s, and never past the deadline."""
    with Box("daemon", "ignore:15", "out:set", "pause", "end", "file:{dir}/up", "pause",
             options=("-d", "2s")) as box:
        all_set(box, 1)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) <= 2.4, box.took(began)


def test_the_deadline_in_a_storm_of_forks():
    """Three thousand that live, and orphans that end as fast as they are reaped; within a limit, as
    other tests need processes too. They cannot be listed in time: KILL to all, which hits the log's writer too."""
    words = ("daemon:3000", "pause", "end", "ignore:15", "storm:8", "file:{dir}/up", "pause")
    with Box(program=["/usr/bin/prlimit", "--nproc=4000", BIN, "-d", "14s", "--",
                      "nice", "-n", "10", CHILD, *words],
             uid=54399, env={"LASTCALL_MARGIN": "8s"}) as box:
        box.wait_file("up", 60)
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 5.5 <= box.took(began) < 10, box.took(began)
        assert "lives on" not in box.err.text(), box.err.text()
        assert "done in" in box.err.list[-1], box.err.list


test_the_deadline_in_a_storm_of_forks.timeout = 90
test_the_deadline_in_a_storm_of_forks.alone = True


def test_more_than_the_first_table_holds():
    """260 that stand still: TERM and CONT reach each."""
    with Box("daemon:260", "trap:{dir}/orphans", "exit-on:15:0", "out:set", "stop", "pause", "end",
             "file:{dir}/up", "pause") as box:
        box.wait_file("up", 40)
        until(lambda: [state for state, _ in box.processes().values()].count("T") == 260, 20)
        box.signal("TERM")
        assert box.wait() == 0
        assert box.caught("orphans").count("TERM") == 260, box.caught("orphans").count("TERM")
