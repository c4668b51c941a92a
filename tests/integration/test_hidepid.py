"""/proc with hidepid=2, as another user: one's own processes are to be seen, others not."""

from lib import Box, monotonic, until


def box(*words, **how):
    return Box(*words, uid=54321, proc="hidepid=2", **how)


def test_exit_code():
    with box("exit:9") as b:
        assert b.wait() == 9


def test_term_and_orphans():
    with box("daemon", "exit-on:15:0", "file:{dir}/orphan", "pause", "end",
             "wait-file:{dir}/orphan", "file:{dir}/up", "pause") as b:
        b.wait_file("up")
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0
        assert b.took(began) < 3, b.took(began)


def test_what_the_leader_left():
    with box("member", "trap:{dir}/member", "exit-on:15:0", "file:{dir}/member-up", "pause", "end",
             "wait-file:{dir}/member-up", "file:{dir}/up", "pause", options=("-d", "20s")) as b:
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 0
        assert "TERM" in b.caught("member")


def test_reaping():
    with box("orphans:100", "file:{dir}/up", "pause") as b:
        b.wait_file("up", 30)
        until(lambda: len(b.processes()) == 1, 5)


def test_no_proc_at_all():
    """A /proc that shows nothing: it still starts, forwards, reaps and ends."""
    with Box("trap:{dir}/caught", "exit-on:15:0", "file:{dir}/up", "pause", proc="none") as b:
        b.wait_line("/proc cannot be read \\(nothing is mounted there")
        b.wait_file("up")
        b.signal("USR1")
        b.wait_caught("USR1")
        b.signal("TERM")
        assert b.wait() == 0


test_no_proc_at_all.unsanitized = "LeakSanitizer needs /proc, and a process of its own"


def test_no_proc_at_all_and_a_child_that_ignores_term():
    with Box("ignore:15", "file:{dir}/up", "pause", proc="none", options=("-d", "3s")) as b:
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 137
        assert "ended by KILL" in b.err.text(), b.err.text()


test_no_proc_at_all_and_a_child_that_ignores_term.unsanitized = "LeakSanitizer needs /proc, and a process of its own"


def test_no_proc_at_all_and_a_command_that_hangs():
    with Box("file:{dir}/up", "pause", proc="none", options=("-d", "60s"),
             env={"LASTCALL_INFLIGHT": "exec:sleep 1000"}) as b:
        b.wait_file("up")
        b.signal("TERM")
        b.wait_line("the command of inflight failed")
