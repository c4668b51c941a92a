"""The keys of a config file that say how a service ends, and how lastcall talks about it."""

import json
import os
import re
import socket

from lib import Box, holds_for, monotonic, until


def told(box, name="caught"):
    """What it caught, but for the CONT that goes with each step of a ladder."""
    return [word for word in box.caught(name) if word != "CONT"]


def make(box, name, text=""):
    with open(box.path(name), "w", encoding="ascii") as f:
        f.write(text)


def test_deadline_and_margin():
    """What ignores TERM has until the margin begins."""
    with Box(config="""
[lastcall]
deadline = 4s
margin = 2s
[service:web]
command = {child} trap:{dir}/caught file:{dir}/up pause
stop = TERM 60s
""") as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 1.9 <= box.took(began) <= 2.6, box.took(began)
        assert told(box) == ["TERM"]


def test_linger():
    """Of [lastcall] for web servers, of the service for itself."""
    with Box(config="""
[lastcall]
deadline = 30s
linger = 2s
[service:web]
command = {child} trap:{dir}/web exit-on:15:0 pause
profile = puma
ready = started
[service:own]
command = {child} trap:{dir}/own exit-on:15:0 pause
linger = 1s
[service:other]
command = {child} trap:{dir}/other exit-on:15:0 pause
""") as box:
        for name in "web", "own", "other":
            box.wait_file(name)
        began = monotonic()
        box.signal("TERM")
        for name, seconds in ("other", 0), ("own", 1), ("web", 2):
            box.wait_caught("TERM", name=name)
            assert seconds <= monotonic() - began < seconds + 0.5, name
        assert box.wait() == 0


def test_quiet_and_inflight_by_signal_and_command():
    with Box(config="""
[lastcall]
deadline = 60s
[service:worker]
command = {child} trap:{dir}/caught exit-on:15:0 file:{dir}/up pause
quiet = USR2
inflight = exec:cat {dir}/busy
""") as box:
        make(box, "busy", "2 5")
        box.wait_file("up")
        box.signal("TERM")
        box.err.wait("worker: 2 of 5 busy")
        assert set(told(box)) == {"USR2"}
        make(box, "busy", "0 5")
        box.wait_caught("TERM")
        assert box.wait() == 0
        box.err.wait("worker: stop .*: idle")


def test_quiet_and_inflight_by_command_and_notify():
    """What it says before the command has ended is not said in the quiet: it says it again, as it has to."""
    with Box(config="""
[lastcall]
deadline = 60s
[service:worker]
command = {child} trap:{dir}/caught exit-on:15:0 wait-file:{dir}/quiet busy:3 wait-file:{dir}/go
    busy:0 sleep:500 busy:0 sleep:1000 busy:0 sleep:2000 busy:0 pause
quiet = exec:{child} file:{dir}/quiet
inflight = notify
""") as box:
        box.err.wait("worker .*: started")
        until(lambda: os.path.exists(box.path("caught")))
        box.signal("TERM")
        box.err.wait("worker: 3 busy")
        assert told(box) == []
        make(box, "go")
        box.wait_caught("TERM")
        assert box.wait() == 0
        box.err.wait("worker: stop .*: idle")


def test_stop_by_command():
    with Box(config="""
[lastcall]
deadline = 60s
[service:web]
command = {child} trap:{dir}/caught file:{dir}/up wait-file:{dir}/more exit:0
stop = exec:{child} file:{dir}/asked 1s, USR1 1s, exec:{child} file:{dir}/more 5s, KILL
""") as box:
        box.wait_file("up")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert 2 <= box.took(began) <= 3, box.took(began)
        assert box.file("asked") is not None and told(box) == ["USR1"]


def test_control():
    """The notify sockets lie beside it; without it there are none."""
    for control, has_sockets in (("{dir}/control.sock", True), ("none", False)):
        with Box(config=f"""
[lastcall]
control = {control}
[service:web]
command = {{child}} report:{{dir}}/report pause
""") as box:
            path = box.json("report")["env"].get("NOTIFY_SOCKET")
            assert path.startswith(box.path("notify-")) if has_sockets else path is None, path


def test_log_level_and_format():
    for level, format_, expected in (("error", "text", []), ("info", "json", None)):
        with Box(config=f"""
[lastcall]
deadline = 10s
log_level = {level}
log_format = {format_}
[service:web]
command = {{child}} exit-on:15:0 file:{{dir}}/up pause
""") as box:
            box.wait_file("up")
            box.signal("TERM")
            assert box.wait() == 0
            if expected is not None:
                assert box.err.list == expected
            else:
                lines = [json.loads(line) for line in box.err.list]
                assert any("done in" in str(line) for line in lines), lines


def test_a_hook_that_runs_is_waited_for():
    """on_drained comes when nothing is left to wait for, and has its time."""
    with Box(config="""
[lastcall]
deadline = 30s
[hooks]
on_drained = {child} wait-file:{dir}/go report:{dir}/drained
[service:web]
command = {child} trap:{dir}/caught exit-on:15:0 pause
linger = 1s
""") as box:
        box.wait_file("caught")
        box.signal("TERM")
        box.err.wait("web: stopped")
        holds_for(box.alive, 0.5)
        make(box, "go")
        assert box.wait() == 0
        assert box.json("drained")["env"]["LASTCALL_EVENT"] == "on_drained"


def test_a_hook_that_hangs_holds_up_nothing():
    with Box(config="""
[lastcall]
deadline = 30s
[hooks]
on_drain = {child} pause
timeout = 500ms
[service:web]
command = {child} trap:{dir}/caught exit-on:15:0 pause
""") as box:
        box.wait_file("caught")
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 0
        assert box.took(began) < 2, box.took(began)
        box.err.wait("hook on_drain failed")


def test_ready_by_tcp_and_http():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    for kind, path in ("tcp:", ""), ("http://", "/up"):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with Box(config=f"""
[service:first]
command = {{child}} pause
ready = {kind}127.0.0.1:{port}{path}
[service:second]
command = {{child}} file:{{dir}}/second pause
after = first
""") as box:
                connection, _ = server.accept()
                with connection:
                    if path:
                        assert connection.recv(4096).startswith(b"GET /up HTTP/1.1\r\n")
                        holds_for(lambda: box.file("second") is None, 0.3)
                        connection.sendall(answer)
                    box.wait_file("second", 5)


def test_a_signal_that_counts_as_success():
    for success, code in (("USR1", 0), ("0 SIGUSR1", 0), ("0", 138)):
        with Box(config=f"""
[service:web]
command = {{child}} kill:10
restart = on-failure
restart_limit = 0 60s
success = {success}
""") as box:
            assert box.wait() == code, success


def test_restart():
    for restart, exit_code, starts in (("always", 0, 3), ("on-failure", 5, 3), ("on-failure", 0, 1), ("never", 5, 1)):
        with Box(config=f"""
[service:web]
command = {{child}} exit:{exit_code}
restart = {restart}
backoff = 10ms 20ms
restart_limit = 2 60s
""") as box:
            assert box.wait() == exit_code, (restart, exit_code)
            begun = [line for line in box.err.list if re.search(r"web .*: started", line)]
            assert len(begun) == starts, (restart, exit_code, begun)


def test_backoff():
    """It doubles up to its longest; jitter takes at most half of it away."""
    with Box(config="""
[service:web]
command = {child} exit:5
backoff = 400ms 800ms
restart_limit = 3 60s
""") as box:
        assert box.wait() == 5
        assert 0.2 + 0.4 + 0.4 <= box.took(box.began) <= 0.4 + 0.8 + 0.8 + 1, box.took(box.began)
