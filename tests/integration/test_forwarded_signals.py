"""SPEC 2, [signals], the `--` form: what is not lastcall's own is the child's, once each."""

from lib import ALL_SIGNALS, Box, holds_for, word

OWN = {"TERM", "QUIT", "PWR", "RTMIN+3", "INT"}
# Nobody sends the faults of a processor to a container, and KILL and STOP cannot be caught.
NOT_SENT = {"KILL", "STOP", "CHLD", "ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "SYS"}

FORWARDED = [word(n) for n in ALL_SIGNALS if word(n) not in OWN | NOT_SENT]


def trapping(**how):
    box = Box("trap:{dir}/caught", "file:{dir}/up", "pause", **how)
    box.wait_file("up")
    return box


def test_each_arrives_once():
    assert {"TSTP", "TTIN", "TTOU", "USR1", "USR2", "HUP", "WINCH", "URG", "CONT", "RTMIN+0",
            "RTMIN+30"} <= set(FORWARDED)
    with trapping() as box:
        sent = []
        for name in FORWARDED:
            box.signal(name)
            sent.append(name)
            box.wait_caught(name)
            assert box.caught() == sent, (name, box.caught()[-3:])
        box.signal("TERM")
        box.wait_caught("TERM")
        assert box.caught() in (sent + ["TERM"], sent + ["TERM", "CONT"], sent + ["CONT", "TERM"])


def test_a_repeated_one_arrives_again():
    with trapping() as box:
        for n in range(1, 21):
            box.signal("USR1")
            while len(box.caught()) < n:
                box.wait_caught("USR1")
        assert box.caught() == ["USR1"] * 20


def test_not_pid_1():
    with trapping(under_init=True) as box:
        for name in "HUP", "USR1", "USR2", "TTIN", "WINCH", "TSTP":
            box.signal(name)
            box.wait_caught(name)
        assert box.caught() == ["HUP", "USR1", "USR2", "TTIN", "WINCH", "TSTP"]


def test_only_the_leader_gets_it():
    with Box("member", "trap:{dir}/member", "file:{dir}/member-up", "pause", "end",
             "trap:{dir}/caught", "file:{dir}/up", "pause") as box:
        box.wait_file("member-up")
        box.wait_file("up")
        box.signal("HUP")
        box.wait_caught("HUP")
        holds_for(lambda: box.caught("member") == [], 0.3, "the member is left alone")


def test_tstp_to_a_generic_child_that_does_not_catch_it():
    """In a session of its own nobody could continue it: the kernel drops TSTP there."""
    with Box("file:{dir}/up", "pause") as box:
        box.wait_file("up")
        box.signal("TSTP")
        box.signal("TERM")
        assert box.wait() == 0


def test_signals_in_a_burst_get_through():
    names = ["HUP", "USR1", "USR2", "WINCH", "TTIN", "RTMIN+1", "RTMIN+2"]
    with trapping() as box:
        for name in names:
            box.signal(name)
        box.wait_caught(*names)
        assert sorted(box.caught()) == sorted(names)
