"""A child is as it would be without lastcall: mask, dispositions, descriptors, environment."""

import os
import socket

from lib import Box, number


def report(**how):
    with Box("report:{dir}/report", "exit:0", **how) as box:
        assert box.wait() == 0
        return box.json("report")


def signals_are(report_, blocked, ignored):
    assert report_["blocked"] == sorted(map(number, blocked)), report_["blocked"]
    assert report_["ignored"] == sorted(map(number, ignored)), report_["ignored"]


def test_nothing_blocked_nothing_ignored():
    signals_are(report(), [], [])


def test_ignored_pipe_stays_ignored():
    signals_are(report(ignore=["PIPE"]), [], ["PIPE"])


def test_ignored_as_by_nohup():
    signals_are(report(ignore=["HUP", "CHLD"]), [], ["HUP", "CHLD"])


def test_blocked_stay_blocked():
    signals_are(report(block=["USR1", "TSTP", "RTMIN+3"]), ["USR1", "TSTP", "RTMIN+3"], [])


def test_both():
    signals_are(report(block=["USR2"], ignore=["USR2", "TTIN", "TTOU"]), ["USR2"], ["USR2", "TTIN", "TTOU"])


def test_not_pid_1():
    signals_are(report(under_init=True, ignore=["PIPE"], block=["WINCH"]), ["WINCH"], ["PIPE"])


def test_only_the_three_descriptors():
    assert sorted(report()["fds"]) == ["0", "1", "2"]


def test_the_three_are_lastcalls_own():
    fds = report(stdout="{dir}/out", stderr="{dir}/err")["fds"]
    assert fds["0"].endswith("/dev/null") and fds["1"].endswith("/out") and fds["2"].endswith("/err"), fds


def test_inherited_descriptors_stay():
    read, write = os.pipe()
    fds = report(fds=[read, write])["fds"]
    assert sorted(map(int, fds)) == sorted([0, 1, 2, read, write]), fds


def test_an_ignored_child_signal_does_not_stop_the_reaping():
    with Box("exit:7", ignore=["CHLD"]) as box:
        assert box.wait() == 7


def test_session_of_its_own():
    r = report()
    assert r["pid"] == r["pgid"] == r["sid"], r
    assert r["ppid"] == 1, r


def test_environment_is_lastcalls():
    env = report(env={"RAILS_ENV": "production", "EMPTY": "", "UTF": "ü"})["env"]
    assert env["RAILS_ENV"] == "production" and env["EMPTY"] == "" and env["UTF"] == "ü", env


def test_a_managers_variables_do_not_reach_it():
    env = report(env={"NOTIFY_SOCKET": "/run/outer.sock", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1",
                      "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x",
                      "LISTEN_ADDR": "0.0.0.0", "WATCHDOG_INTERVAL": "5"})["env"]
    assert env.get("NOTIFY_SOCKET") != "/run/outer.sock", env
    assert env["LISTEN_ADDR"] == "0.0.0.0" and env["WATCHDOG_INTERVAL"] == "5", "an application's own"
    for name in "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES":
        assert name not in env, env


def test_limits_and_umask_stay():
    with Box(command=["/bin/sh", "-c", "umask; ulimit -n; ulimit -c; nice"]) as box:
        assert box.wait() == 0
        inside = box.out.list
    with os.popen("umask; ulimit -n; nice") as shell:
        outside = shell.read().split()
    assert inside == [outside[0], outside[1], "0", outside[2]], (inside, outside)


def test_nothing_of_the_log_is_open_in_it():
    """A file and a socket are duplicated; for a pipe of somebody else a process writes, through a pipe."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for how in {"stderr": "{dir}/err"}, {"stderr": os.dup(theirs.fileno())}, {"uid": 54321}:
            fds = report(**how)["fds"]
            assert sorted(fds) == ["0", "1", "2"], (how, fds)
