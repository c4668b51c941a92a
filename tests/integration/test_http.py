"""The control door over HTTP: what each request gets, and what bad input gets."""

import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import stat
import struct
import sys
import termios
import threading
import time

from lib import BIN, CHILD, Box, monotonic, until
from lib.door import answer, ask, config, connect, raw, rest_of
from lib.lingering import OLDER, pass_lingering, standing_still

SECRET = "s3cret"
# Linux 6.16 knows SO_PASSRIGHTS.
REFUSED = tuple(int(n) for n in re.findall(r"\d+", os.uname().release)[:2]) >= (6, 16)


def up(b):
    b.wait_file("up")
    until(lambda: ask(b, "/readyz")[0] == 200)


def resident(b):
    """kB of its own; pages of its program come and go with what else runs."""
    with open(f"/proc/{b.pid}/statm", encoding="ascii") as f:
        _, resident, shared = map(int, f.read().split()[:3])
        return (resident - shared) * 4


def descriptors(b):
    return len(os.listdir(f"/proc/{b.pid}/fd"))


def settled(b):
    """How many descriptors it has when no connection is about to be closed."""
    def same():
        counts = {descriptors(b) for _ in range(20) if not time.sleep(0.005)}
        return counts.pop() if len(counts) == 1 else None
    return until(same)


def test_what_the_control_socket_answers():
    with Box(config=config()) as b:
        up(b)
        assert ask(b, "/livez") == (200, "alive\n")
        assert ask(b, "/readyz") == (200, "ready\n")
        assert ask(b, "/readyz?service=web")[0] == 200
        assert ask(b, "/readyz?service=none") == (404, "there is no service none\n")
        assert ask(b, "/readyz?service=%0d%0aX:1") == (404, "there is no service of that name\n")
        assert ask(b, "/metrics")[1].startswith("# HELP lastcall_info")
        status, body = ask(b, "/status")
        now = json.loads(body)
        assert status == 200 and now["phase"] == "running" and now["pid"] == 1 and now["cause"] is None
        assert now["deadline_s"] == 30 and now["remaining_s"] is None
        assert set(now) == {"version", "pid", "phase", "cause", "started_at", "uptime_s", "deadline_s",
                            "remaining_s", "services"}
        web = now["services"][0]
        assert set(web) == {"name", "kind", "profile", "state", "pid", "uptime_s", "restarts", "busy", "total",
                            "quiet", "observed_age_s", "waits_for", "last_exit"}
        assert (web["name"], web["kind"], web["profile"], web["state"]) == ("web", "service", "generic", "ready")
        assert web["busy"] is None and web["last_exit"] is None and web["waits_for"] is None
        mode = os.stat(b.path("control.sock"))
        assert stat.S_IMODE(mode.st_mode) == 0o600, oct(mode.st_mode)


def test_how_old_a_count_is():
    """Of a command: since it was asked, not since its number was looked at."""
    def age():
        worker = json.loads(ask(b, "/status")[1])["services"][0]
        return worker["busy"] == 1 and worker["observed_age_s"]
    with Box(config=config(service="inflight = exec:echo 1 5")) as b:
        up(b)
        until(lambda: age() is not False and age() < 1)
        until(lambda: age() > 2, every=0.2)


def test_what_listen_answers():
    with Box(config=config(more=f"http_prestop = {SECRET}")) as b:
        up(b)
        for target in "/livez", "/readyz", "/readyz?service=web", "/metrics":
            assert ask(b, target, name="open")[0] == 200, target
        for target, method in (("/status", "GET"), ("/events", "GET"), ("/drain", "POST"), ("/shutdown", "POST"),
                               ("/deadline?in=9s", "POST"), ("/services/web/stop", "POST"), ("/", "GET"),
                               ("/prestop", "POST"), ("/nothing", "GET"), ("/drain", "GET")):
            assert ask(b, target, method, "open")[0] == 403, target
        for method in "POST", "HEAD", "DELETE":
            assert raw(b, f"{method} /livez HTTP/1.1\r\n\r\n".encode(), "open")[0] == 403
        assert ask(b, "/prestop/another", name="open")[0] == 404
        assert ask(b, "/readyz")[0] == 200
        assert ask(b, f"/prestop/{SECRET}", name="open") == (200, "drained\n")
        assert ask(b, "/readyz", name="open")[0] == 503 and ask(b, "/livez", name="open")[0] == 200
        assert json.loads(ask(b, "/status")[1])["cause"] == "prestop"


def test_no_word_no_prestop():
    with Box(config=config()) as b:
        up(b)
        assert ask(b, "/prestop/word", name="open")[0] == 403
        assert ask(b, "/readyz")[0] == 200


def test_verbs():
    with Box(config=config()) as b:
        up(b)
        assert ask(b, "/services/web/signal?name=USR1", "POST")[0] == 202
        b.wait_caught("USR1")
        assert ask(b, "/services/web/signal?name=NONE", "POST")[0] == 400
        assert ask(b, "/services/web/signal", "POST")[0] == 400
        assert ask(b, "/services/nobody/stop", "POST")[0] == 404
        assert ask(b, "/services/web/quiet", "POST") == (409, "quiet web refused: it has no quiet\n")
        assert ask(b, "/services/web/start", "POST")[0] == 409
        os.unlink(b.path("up"))
        assert ask(b, "/services/w%65b/restart", "POST")[0] == 202
        b.wait_line("started again")
        b.wait_file("up")
        assert ask(b, "/services/web/stop", "POST")[0] == 202
        until(lambda: json.loads(ask(b, "/status")[1])["services"][0]["state"] == "done")
        last = json.loads(ask(b, "/status")[1])["services"][0]
        assert last["last_exit"] == {"code": 0, "signal": None} and last["pid"] is None
        assert ask(b, "/readyz") == (503, "not ready: web is done\n")
        assert ask(b, "/services/web/start", "POST")[0] == 202
        until(lambda: ask(b, "/readyz")[0] == 200)
        status, body = ask(b, "/deadline?in=20s", "POST")
        assert status == 202 and json.loads(body)["phase"] == "drained" and json.loads(body)["deadline_s"] == 20
        assert ask(b, "/deadline?in=500ms", "POST")[0] == 400
        assert ask(b, "/deadline", "POST")[0] == 400
        assert ask(b, "/services/web/restart", "POST")[0] == 409
        assert ask(b, "/reload", "POST")[0] == 409
        assert ask(b, "/shutdown", "POST")[0] == 202
        assert b.wait() == 0


def test_wrong_requests():
    """Each status of SPEC 6 for wrong input."""
    long = b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n\r\n"
    rows = ((b"GET / HTTP/1.1\r\n\r\n", 404), (b"GET /livez/ HTTP/1.1\r\n\r\n", 404),
            (b"POST /livez HTTP/1.1\r\n\r\n", 405), (b"HEAD /livez HTTP/1.1\r\n\r\n", 405),
            (b"BREW /livez HTTP/1.1\r\n\r\n", 405), (b"GET /drain HTTP/1.1\r\n\r\n", 405),
            (b"nonsense\r\n\r\n", 400), (b"GET /livez\r\n\r\n", 400), (b"GET livez HTTP/1.1\r\n\r\n", 400),
            (b"GET /livez HTTP/2.0\r\n\r\n", 400), (b"GET /li\0vez HTTP/1.1\r\n", 400), (b"\0", 400),
            (b"\x16\x03\x01\x02\0\x01", 400), (b"GET /%00 HTTP/1.1\r\n\r\n", 400),
            (b"GET /%zz HTTP/1.1\r\n\r\n", 400), (b"GET /%4 HTTP/1.1\r\n\r\n", 400),
            (b"GET /livez HTTP/1.1\r\n folded\r\n\r\n", 400), (b"GET /livez HTTP/1.1\r\na : b\r\n\r\n", 400),
            (b"POST /drain HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            (b"POST /drain HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            (b"POST /drain HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n", 413),
            (b"POST /drain HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 413),
            (long, 431), (b"GET /" + b"a" * 512 + b" HTTP/1.1\r\n\r\n", 431), (b"GET /livez HTTP/1.1\r\n" + b"a: b\r\n" * 2000, 431),
            (b"GET /%6Civez HTTP/1.1\r\n\r\n", 200), (b"GET http://x/livez HTTP/1.1\r\n\r\n", 200),
            (b"GET /livez HTTP/1.0\n\n", 200))
    with Box(config=config()) as b:
        up(b)
        for name in "control", "open":
            for request, expected in rows:
                status, fields, body = raw(b, request, name)
                wanted = 403 if name == "open" and expected in (404, 405) else expected
                if name == "open" and expected == 400 and b"/%" in request:
                    wanted = status if status in (400, 403) else 400
                assert status == wanted, (name, request, status)
                assert body.count("\n") == (not request.startswith(b"HEAD")) and body[-1:] in "\n", (request, body)
                assert (status == 405) == ("allow" in fields), (request, fields)
        assert ask(b, "/readyz")[0] == 200


def test_a_byte_a_second():
    """5 s for a request, however it comes."""
    with Box(config=config()) as b:
        up(b)
        with connect(b, "open") as s:
            began = monotonic()
            for byte in b"GET /livez HTTP/1.1"[:4]:
                s.send(bytes([byte]))
                time.sleep(1)
            assert answer(rest_of(s))[0] == 408
            assert 4.5 < monotonic() - began < 7


def test_a_flood_of_requests_delays_nothing():
    """Neither a signal nor the deadline."""
    over, sent = threading.Event(), []

    def flood():
        while not over.is_set():
            sent.append(1)
            try:
                raw(b, b"GET /metrics HTTP/1.1\r\n\r\n", "open")
                raw(b, b"GET /events HTTP/1.1\r\n\r\n")
            except (OSError, ValueError, IndexError, AssertionError):
                pass  # turned away, or lastcall is gone

    with Box(config=config(deadline="4s", more="margin = 1s").replace(" exit-on:15:0", "")) as b:
        up(b)
        threads = [threading.Thread(target=flood, daemon=True) for _ in range(6)]
        for thread in threads:
            thread.start()
        until(lambda: len(sent) > 500, 30)
        began = monotonic()
        b.signal("TERM")
        b.wait_caught("TERM")
        assert monotonic() - began < 0.5
        assert b.wait() == 137
        over.set()
        assert 2.9 < b.took(began) < 3.6, b.took(began)


test_a_flood_of_requests_delays_nothing.alone = True


def test_metrics_of_many_processes():
    """All of /proc is not read anew for each of those who ask at once."""
    with Box(config=config().replace("file:", "member:1000 pause end file:")) as b:
        up(b)
        asking = [connect(b, "open") for _ in range(28)]
        ask(b, "/metrics")
        for s in asking:
            s.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        asking[0].recv(1)  # it is at it
        began = monotonic()
        b.signal("USR1")
        b.wait_line("got USR1")
        assert monotonic() - began < 0.25
        for s in asking:
            assert rest_of(s).endswith(b"\n")
            s.close()


test_metrics_of_many_processes.alone = True


def test_asking_leaves_the_event_log_alone():
    """Whoever reaches `listen` could wipe it otherwise."""
    with Box(config=config()) as b:
        up(b)
        for _ in range(2100):
            ask(b, "/metrics", name="open")
        lines = answer(raw_bytes(b, b"GET /events HTTP/1.1\r\n\r\n"))[2].splitlines()
        assert "missed" not in lines[1] and len(lines) < 50, lines[:3]


def test_who_sends_too_much():
    """Up to 1 GB of a head, and of a body: refused, thrown away, forgotten."""
    with Box(config=config()) as b:
        up(b)
        before = resident(b)
        for start in b"GET /", b"POST /deadline?in=9s HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n":
            with connect(b) as s:
                try:
                    s.sendall(start)
                    for _ in range(16 * 1024):
                        s.sendall(b"x" * 65536)
                except OSError:
                    pass
                assert ask(b, "/livez")[0] == 200
        assert resident(b) - before < 256
        assert ask(b, "/readyz")[0] == 200


test_who_sends_too_much.unsanitized = "it measures memory"


def signals(b, count):
    """So many events, each with its actions."""
    for _ in range(count):
        assert ask(b, "/services/web/signal?name=USR1", "POST")[0] == 202


def passes(b, name, first, within):
    """A client that passes sockets whose last close waits for hours, in its request and after it. They; None: it
    may not."""
    kept = []
    with contextlib.ExitStack() as stack:
        with standing_still(b):
            s = stack.enter_context(connect(b, name))
            try:
                for text in first, b"x", b"x":
                    kept.append(pass_lingering(s, text, within))
            except PermissionError:
                return None
        s.shutdown(socket.SHUT_WR)
        rest_of(s)
    return kept


def whoever_passes_them(b, may):
    up(b)
    kept = []
    for within in False, True:
        for name in "control", "open":
            for first in b"GET /livez HTTP/1.1\r\n\r\n", b"GET /li":
                kept.append(passes(b, name, first, within))
                assert may or kept[-1] is None
        assert ask(b, "/livez")[0] == 200
    began = monotonic()
    b.signal("TERM")
    assert b.wait(8) == 0
    assert b.took(began) < 2, b.took(began)


def test_who_passes_sockets_that_linger():
    with Box(config=config()) as b:
        whoever_passes_them(b, may=not REFUSED)


def test_who_passes_sockets_that_linger_on_an_older_kernel():
    with Box(config=config(), program=[sys.executable, "-c", OLDER, BIN, "-c", "{dir}/lastcall.ini"]) as b:
        whoever_passes_them(b, may=True)


def test_passed_sockets_that_linger_unread_at_the_end():
    """On an older kernel: of those who are at the door, and of those who wait before it."""
    with Box(program=[sys.executable, "-c", OLDER, BIN, "--", CHILD, "file:{dir}/up", "pause"],
             env={"LASTCALL_CONTROL": "{dir}/control.sock", "LASTCALL_LISTEN": "unix:{dir}/open.sock"}) as b:
        b.wait_file("up")
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(connect(b, "open"))
            until(lambda: ask(b, "/livez")[0] == 200)
            with standing_still(b):
                others = [stack.enter_context(connect(b, name)) for name in ("open", "open", "control", "control")]
                kept = [pass_lingering(to, b"GET /li", True) for to in [*others, first, first, first]]
                b.signal("KILL", b.children()[0])
                began = monotonic()
            assert b.wait(8) == 137 and len(kept) == 7
            assert b.took(began) < 2, b.took(began)


def unread(s):
    return struct.unpack("i", fcntl.ioctl(s, termios.FIONREAD, bytes(4)))[0]


def fill(b, s):
    """Events until a follower that reads nothing takes no more. It took the last byte after that moment."""
    here, since = unread(s), monotonic()
    while monotonic() < since + 1:
        began = monotonic()
        signals(b, 20)
        if unread(s) != here:
            here, since = unread(s), began
    return since


def test_who_never_reads():
    """Asks for all events and reads nothing: gone after 5 s, and others are answered meanwhile."""
    with Box(config=config()) as b:
        up(b)
        held = settled(b)
        with connect(b) as s:
            s.sendall(b"GET /events?follow=1 HTTP/1.1\r\n\r\n")
            assert settled(b) == held + 1
            full = fill(b, s)
            until(lambda: descriptors(b) == held, 10)
            assert monotonic() - full >= 5
            assert ask(b, "/livez")[0] == 200
        signals(b, 2000)
        with connect(b) as s:  # and one whose first part still found room
            began = monotonic()
            s.sendall(b"GET /events HTTP/1.1\r\n\r\n")
            until(lambda: unread(s) > 0)
            until(lambda: descriptors(b) == held, 10)
            assert monotonic() - began >= 5


def test_who_stays_after_the_answer():
    """Its place is free again within a second or so."""
    with Box(config=config()) as b:
        up(b)
        held = settled(b)
        for target in "/livez", "/events":
            with connect(b) as s:
                s.sendall(f"GET {target} HTTP/1.1\r\n\r\n".encode())
                assert answer(rest_of(s))[0] == 200
                until(lambda: descriptors(b) == held, 3)


def test_a_half_closed_connection():
    """It has said all; what was asked for comes, to the last byte."""
    with Box(config=config()) as b:
        up(b)
        signals(b, 1000)
        whole = answer(raw_bytes(b, b"GET /events HTTP/1.1\r\n\r\n"))[2]
        held = settled(b)
        with connect(b) as s:
            s.sendall(b"GET /events HTTP/1.1\r\n\r\n")
            s.shutdown(socket.SHUT_WR)
            assert settled(b) == held + 1
            assert answer(rest_of(s))[2].splitlines()[1:] == whole.splitlines()[1:]
        until(lambda: descriptors(b) == held)


def raw_bytes(b, request):
    with connect(b) as s:
        s.sendall(request)
        return rest_of(s)


def test_few_descriptors():
    """Who opens connections takes no descriptor that a service needs, nor the control socket's place."""
    text = config() + "[service:flaps]\ncommand = sh -c 'read x; exit 3' \nrestart = always\nbackoff = 100ms 1s\n" \
        "restart_limit = 100 60s\nessential = no\n"
    for limit in 20, 32, 40, 64:
        with Box(config=text, program=["/bin/sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', BIN, "-c", "{dir}/lastcall.ini"]) as b:
            up(b)
            silent = [connect(b, "open") for _ in range(40)]
            lives = len(re.findall(r"started again", b.err.text()))
            until(lambda: len(re.findall(r"started again", b.err.text())) >= lives + 2)
            assert ask(b, "/status")[0] == 200 and ask(b, "/livez", name="open")[0] == 200
            assert "too many open files" not in b.err.text().lower(), b.err.text()
            for s in silent:
                s.close()


def test_who_is_refused_takes_no_place_of_the_control_socket():
    with Box(config=config(more="control_users = 4322")) as b:
        up(b)
        ours = [connect(b) for _ in range(4)]
        for s in ours:
            s.sendall(b"GET /livez HT")
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setresuid(4321, 4321, 4321)
            held = [connect(b) for _ in range(60)]
            os.write(write, b"%d" % len(held))
            signal.pause()
        try:
            os.read(read, 2)
            for s in ours:
                s.sendall(b"TP/1.1\r\n\r\n")
                assert answer(rest_of(s))[0] == 200
                s.close()
        finally:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def test_silent_connections():
    """More than there are places, in a drain: probes and prestop get their answer at once."""
    with Box(config=config(service="linger = 2s")) as b:
        up(b)
        held = settled(b)
        silent = [connect(b, name) for name in ["open"] * 40 + ["control"] * 40]
        began = monotonic()
        with connect(b) as hook:
            hook.sendall(b"POST /prestop?wait=1 HTTP/1.1\r\n\r\n")
            until(lambda: ask(b, "/readyz", name="open")[0] == 503, 2)
            more = [connect(b, name) for name in ["open"] * 40 + ["control"] * 40]
            assert ask(b, "/livez", name="open")[0] == 200 and ask(b, "/status")[0] == 200
            assert monotonic() - began < 1.5
            assert answer(rest_of(hook))[0] == 200
            assert 1.5 < monotonic() - began < 4
        for s in silent + more:
            s.close()
        assert settled(b) == held


def test_places_for_the_control_socket():
    """28 of 32 may be taken by `listen`, whatever they do; commands find a place."""
    with Box(config=config(more=f"http_prestop = {SECRET}", service="linger = 3s")) as b:
        up(b)
        before = settled(b)
        waiting = [connect(b, "open") for _ in range(50)]
        for s in waiting:
            try:
                s.sendall(f"GET /prestop/{SECRET} HTTP/1.1\r\n\r\n".encode())
            except OSError:
                pass
        until(lambda: descriptors(b) == before + 28)
        assert settled(b) == before + 28
        assert ask(b, "/status")[0] == 200
        assert ask(b, "/livez", name="open")[0] == 200
        for s in waiting:
            s.close()


def test_ten_thousand_connections():
    with Box(config=config()) as b:
        up(b)
        for _ in range(300):
            ask(b, "/readyz")
            ask(b, "/metrics", name="open")
        held, before = settled(b), resident(b)
        for k in range(5000):
            assert ask(b, "/readyz")[0] == 200
            with connect(b, "open") as s:
                if k % 2:
                    s.sendall(b"GET /li")  # and goes
        assert settled(b) == held
        assert resident(b) - before <= 64, (before, resident(b))


test_ten_thousand_connections.unsanitized = "it measures memory"
test_ten_thousand_connections.timeout = 120


def test_another_user():
    """Not served at the control socket, even where its mode lets him in; control_users are."""
    with Box(config=config(more="control_users = 4321, 4322")) as b:
        up(b)
        assert stat.S_IMODE(os.stat(b.path("control.sock")).st_mode) == 0o666
        assert ask_as(b, 4321) == 200 and ask_as(b, 4322) == 200
        assert ask_as(b, 4323) == 403


def ask_as(b, uid):
    """The status that another user id gets."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setresuid(uid, uid, uid)
        os.write(write, str(ask(b, "/status")[0]).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(write)
    with os.fdopen(read) as f:
        return int(f.read())


def free_port(family, host):
    with socket.socket(family) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def test_listen_at_a_port():
    for family, host, shown in ((socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")):
        try:
            port = free_port(family, host)
        except OSError:
            continue  # a machine without IPv6
        with Box("file:{dir}/up", "pause", env={"LASTCALL_LISTEN": f"{shown}:{port}"}) as b:
            b.wait_file("up")
            with socket.create_connection((host, port), 5) as s:
                s.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
                assert answer(rest_of(s))[0] == 200


def test_a_port_that_is_taken():
    """Another container on the host's network still drains: tried again until it is gone."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with Box("file:{dir}/up", "pause", env={"LASTCALL_LISTEN": f"127.0.0.1:{port}"}) as b:
            b.wait_file("up")
            b.wait_line(f"listen 127.0.0.1:{port}: Address already in use; tried again")
            holder.close()
            b.wait_line(f"listens at 127.0.0.1:{port} now", 10)
            with socket.create_connection(("127.0.0.1", port), 5) as s:
                s.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
                assert answer(rest_of(s))[0] == 200


def test_who_sends_on_reads_the_answer():
    """Over TCP a close with something unread is a reset, which may eat the answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Box("file:{dir}/up", "pause", env={"LASTCALL_LISTEN": f"127.0.0.1:{port}"}) as b:
        b.wait_file("up")
        with socket.create_connection(("127.0.0.1", port), 5) as s:
            s.sendall(b"GET /livez HTTP/1.1\r\n\r\n" + b"x" * 100_000)
            data = b""
            while piece := s.recv(65536):  # no ConnectionResetError
                data += piece
            assert answer(data)[0] == 200


def test_a_second_lastcall():
    """In the same container: it finds the socket alive, says so, and runs without one."""
    with Box(command=["sh", "-c", f"{BIN} -- sleep 0.3; echo $? > {{dir}}/second; sleep 60".replace(
            "{dir}", "/tmp")]) as b:
        b.wait_line("another lastcall answers there")
        until(lambda: os.path.exists(f"/proc/{b.pid}/root/tmp/second"))
        path = f"/proc/{b.pid}/root/run/lastcall/control.sock"
        assert os.path.exists(path)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)  # the first still answers
            s.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
            assert answer(rest_of(s))[0] == 200


def test_a_stale_socket():
    """What a KILL left there is replaced; it is removed at the end."""
    with Box(config=config()) as b:
        up(b)
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(b.path("left.sock"))
        os.rename(b.path("left.sock"), b.path("stale.sock"))
        with Box("file:" + b.path("up2"), "pause", env={"LASTCALL_CONTROL": b.path("stale.sock")}) as c:
            b.wait_file("up2")
            with connect(b, "stale") as s:
                s.sendall(b"GET /livez HTTP/1.1\r\n\r\n")
                assert answer(rest_of(s))[0] == 200
            c.signal("TERM")
            c.wait()
            assert not os.path.exists(b.path("stale.sock"))
