"""$LASTCALL_READY in the `--` form: each kind of readiness, and that a probe stops nothing.

The servers are threads of the test: a box has the network of its host.
"""

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from lib import BIN, CHILD, Box, Skip, holds_for, lines_of, monotonic, until
from lib.lingering import OLDER, lingering

READY = "ready after"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def box(ready, *words, **how):
    env = {"LASTCALL_READY": ready, **how.pop("env", {})}
    return Box(*(words or ("trap:{dir}/caught", "exit-on:15:0", "file:{dir}/up", "pause")), env=env, **how)


def is_ready(b):
    return READY in b.err.text()


def not_ready_for(b, seconds):
    holds_for(lambda: not is_ready(b), seconds, "not ready")


def seconds_to_ready(b, timeout=10):
    b.wait_line(f"child: {READY}", timeout)
    return monotonic() - b.began


def ends_at_once(b, code=0):
    b.wait_file("up")  # its handlers are set: the server may be ready before the child is
    began = monotonic()
    b.signal("TERM")
    assert b.wait() == code
    assert b.took(began) < 2, b.took(began)


def place():
    """A directory that the box sees, too, and that is there before it."""
    path = tempfile.mkdtemp(prefix="readiness.")
    os.chmod(path, 0o777)
    return path


class Server:
    """Answers each connection with `answer`: bytes, or a function of the connection."""

    def __init__(self, family=socket.AF_INET, address=("127.0.0.1", 0), answer=OK):
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self.socket.bind(address)
        except OSError as error:
            self.socket.close()
            raise Skip(f"{address[0]}: {error}") from None
        self.port = self.socket.getsockname()[1] if family != socket.AF_UNIX else None
        self.answer, self.requests, self.answered = answer, [], 0
        self.kept = []

    def listen(self):
        self.socket.listen(16)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            data = connection.recv(4096)
            if not data:
                break
            request += data
        self.requests.append(request)
        answer = self.answer
        with contextlib.suppress(OSError):
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)
        connection.close()
        self.answered += 1

    def connections(self):
        return len(self.requests)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


# --- without a probe ----------------------------------------------------------


def test_started():
    with box("started") as b:
        b.wait_line(r"child \(pid \d+\): started")
        b.wait_file("up")
        not_ready_for(b, 0.5)  # there is nothing to tell
        ends_at_once(b)


def test_notify():
    with box("notify", "exit-on:15:0", "file:{dir}/up", "wait-file:{dir}/go", "ready", "pause") as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        os.close(os.open(b.path("go"), os.O_CREAT))
        seconds_to_ready(b)
        ends_at_once(b)


def test_notify_is_heeded_only_where_it_is_asked_for():
    with Server() as server, box(f"tcp:127.0.0.1:{server.port}", "ready", "file:{dir}/up", "pause") as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        server.listen()
        seconds_to_ready(b)


def test_title():
    with box("title", "exit-on:15:0", "file:{dir}/up", "wait-file:{dir}/go",
             "title:sidekiq 6.4.1 app [0 of 5 busy]", "pause") as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        os.close(os.open(b.path("go"), os.O_CREAT))
        seconds_to_ready(b)
        ends_at_once(b)


def test_title_of_another_program():
    with box("title", "title:sidekick 6.4.1 app [0 of 5 busy]", "file:{dir}/up", "pause") as b:
        b.wait_file("up")
        not_ready_for(b, 1.5)


def test_ready_is_told_once():
    with box("notify", "ready", "ready", "ready", "file:{dir}/up", "pause") as b:
        b.wait_file("up")
        seconds_to_ready(b)
        ends_at_once(b)
        assert b.err.text().count(READY) == 1, b.err.text()


def test_bad_values_start_nothing():
    for value in ("tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:0", "http://", "http://127.0.0.1",
                  "https://127.0.0.1:1/", "file:", "unix:", "exec:", "soon", "READY"):
        with box(value, "file:{dir}/up") as b:
            assert b.wait() == 78, value
            assert "LASTCALL_READY" in b.err.text(), value
            assert b.file("up") is None, value


# --- tcp, unix, file ------------------------------------------------------------


def comes_late(ready, server):
    """Nothing listens for a while, and then somebody does."""
    with server, box(ready(server)) as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        server.listen()
        began = monotonic()
        seconds_to_ready(b)
        assert monotonic() - began < 2
        until(server.connections)
        probed = server.connections()
        holds_for(lambda: server.connections() == probed, 1, "it is probed no more")
        ends_at_once(b)


def test_tcp():
    comes_late(lambda server: f"tcp:127.0.0.1:{server.port}", Server())


def test_tcp_v6():
    comes_late(lambda server: f"tcp:[::1]:{server.port}", Server(socket.AF_INET6, ("::1", 0)))


def test_tcp_localhost():
    comes_late(lambda server: f"tcp:localhost:{server.port}", Server())


def test_tcp_localhost_that_is_v6_only():
    comes_late(lambda server: f"tcp:localhost:{server.port}", Server(socket.AF_INET6, ("::1", 0)))


def test_http_localhost_that_is_v6_only():
    comes_late(lambda server: f"http://localhost:{server.port}/", Server(socket.AF_INET6, ("::1", 0)))


def test_unix():
    path = os.path.join(place(), "socket")
    with box(f"unix:{path}") as b:
        b.wait_file("up")
        not_ready_for(b, 0.7)  # no file
        with Server(socket.AF_UNIX, path) as server:
            not_ready_for(b, 0.7)  # a file, and nobody listens
            server.listen()
            seconds_to_ready(b)
            ends_at_once(b)


def passed_to_probes():
    """What a server has passed to probes that were not closed yet: its ends. Each probe is connected before the
    services after it have been forked, and closed after that."""
    path, kept = os.path.join(place(), "socket"), []
    probed = "".join(f"[service:probed{n}]\ncommand = {{child}} pause\nready = unix:{path}\n" for n in range(8))
    others = "".join(f"[service:other{n}]\ncommand = {{child}} pause\n" for n in range(40))
    pairs = [lingering() for _ in range(8)]

    def serve(server):
        for end, peer in pairs:
            connection, _ = server.accept()
            with connection, end:
                try:
                    socket.send_fds(connection, [b"x"], [end.fileno()])
                    kept.append(peer)
                except BrokenPipeError:
                    peer.close()

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(16)
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        with Box(program=[sys.executable, "-c", OLDER, BIN, "-c", "{dir}/lastcall.ini"],
                 config=f"[lastcall]\ndeadline = 60s\n{probed}{others}") as b:
            until(lambda: b.err.text().count(READY) == 8)
            thread.join(10)
            began = monotonic()
            b.signal("TERM")
            assert b.wait(8) == 0
            assert b.took(began) < 2, b.took(began)
    return kept


def test_unix_whose_server_passes_sockets_that_linger():
    """On an older kernel: they lie unread in what the probe closes, and their last close waits for hours. On a busy
    machine the server may be late, so there are ten tries."""
    assert any(passed_to_probes() for _ in range(10))


def test_unix_with_a_full_backlog():
    """connect(2) would block for it, or says EAGAIN: not ready yet."""
    path = os.path.join(place(), "socket")
    with Server(socket.AF_UNIX, path) as server, contextlib.ExitStack() as stack:
        server.socket.listen(0)
        for _ in range(8):
            s = stack.enter_context(socket.socket(socket.AF_UNIX))
            s.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                s.connect(path)
        with box(f"unix:{path}") as b:
            b.wait_file("up")
            not_ready_for(b, 1)
            server.listen()
            seconds_to_ready(b)


def test_file():
    path = os.path.join(place(), "there")
    with box(f"file:{path}") as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        with open(path, "w", encoding="ascii"):
            pass
        seconds_to_ready(b, 2)
        ends_at_once(b)


@contextlib.contextmanager
def dead_file_system():
    """A directory in which every look-up hangs, as on an NFS server that has gone: a FUSE without a
    server. Those that hang get an error at the end."""
    path = place()
    try:
        fd = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        raise Skip(f"no /dev/fuse: {error}") from None
    try:
        mounted = subprocess.run(["mount", "-i", "-t", "fuse", "-o",
                                  f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other", "none", path],
                                 pass_fds=[fd], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise Skip(f"no file system can be mounted: {mounted.stderr}")
        yield path
    finally:
        os.close(fd)
        subprocess.run(["umount", "-l", path], capture_output=True, check=False)


def test_file_on_a_file_system_that_does_not_answer():
    with dead_file_system() as path, box(f"file:{path}/there") as b:
        b.wait_file("up")
        not_ready_for(b, 1)
        b.signal("USR1")
        b.wait_caught("USR1", timeout=1)
        ends_at_once(b)


test_file_on_a_file_system_that_does_not_answer.unsanitized = "LeakSanitizer waits for a thread that hangs"


def test_a_name_that_would_have_to_be_looked_up_is_told():
    for ready in ("tcp:db.internal:5432", "http://db.internal:80/secret"):
        with box(ready) as b:
            line = b.wait_line("not at a name")
            assert "secret" not in line, line
            b.wait_file("up")
            ends_at_once(b)


def test_tcp_where_packets_get_lost():
    """A connect that nobody answers, here as the backlog is full: signals are obeyed meanwhile."""
    with Server() as server, contextlib.ExitStack() as stack:
        server.socket.listen(0)
        for _ in range(4):
            s = stack.enter_context(socket.socket())
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", server.port))
        box_where_packets_get_lost(server.port)


def box_where_packets_get_lost(port):
    with box(f"tcp:127.0.0.1:{port}") as b:
        b.wait_file("up")
        not_ready_for(b, 0.5)
        b.signal("USR1")
        b.wait_caught("USR1", timeout=1)
        ends_at_once(b)


# In a network of its own, in which a port that is connected to has only itself to be connected from.
ALONE = """
import fcntl, os, socket, struct, sys
with socket.socket() as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as f:
    f.write("40000 40000")
os.execv(sys.argv[1], sys.argv[1:])
"""
# Listens there in the end; what a probe has left behind must not keep it from that.
LATE = """
import os, signal, socket, sys, time
while not os.path.exists(sys.argv[1]):
    time.sleep(0.05)
with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as f:
    f.write("40000 50000")
with socket.socket() as s:
    while True:
        try:
            s.bind(("127.0.0.1", 40000))
            break
        except OSError:  # while a probe is under way
            time.sleep(0.01)
    s.listen()
    time.sleep(1000)
"""


@contextlib.contextmanager
def meets_itself(ready):
    unshare = shutil.which("unshare")
    if unshare is None:
        raise Skip("unshare is not there")
    program = [unshare, "-n", sys.executable, "-c", ALONE, BIN, "--", sys.executable, "-c", LATE, "{dir}/go"]
    with box(ready, program=program) as b:
        b.wait_line("started")
        not_ready_for(b, 1.5)
        yield b


def test_tcp_that_meets_itself():
    with meets_itself("tcp:127.0.0.1:40000") as b:
        os.close(os.open(b.path("go"), os.O_CREAT))
        b.wait_line(READY)


def test_http_that_meets_itself():
    with meets_itself("http://127.0.0.1:40000/"):
        pass


# --- http -----------------------------------------------------------------------


def status(code):
    return f"HTTP/1.1 {code} x\r\nContent-Length: 0\r\n\r\n".encode()


def good(answer):
    with Server(answer=answer).listen() as server, \
            box(f"http://127.0.0.1:{server.port}/up?full=1") as b:
        seconds_to_ready(b)
        assert server.connections() == 1
        request = server.requests[0].decode("ascii").split("\r\n")
        assert request[0] == "GET /up?full=1 HTTP/1.1", request
        assert f"Host: 127.0.0.1:{server.port}" in request, request
        assert "Connection: close" in request, request
        ends_at_once(b)


def test_http_200():
    good(OK)


def test_http_204():
    good(status(204))


def test_http_301():
    good(status(301))


def test_http_1_0():
    good(b"HTTP/1.0 200 OK\r\n\r\nhello")


def test_http_without_a_path():
    with Server().listen() as server, box(f"http://127.0.0.1:{server.port}") as b:
        seconds_to_ready(b)
        assert server.requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_http_v6():
    with Server(socket.AF_INET6, ("::1", 0)).listen() as server, \
            box(f"http://[::1]:{server.port}/") as b:
        seconds_to_ready(b)
        assert f"Host: [::1]:{server.port}\r\n".encode() in server.requests[0]


def test_http_answers_that_are_not_ready():
    """Each is given at least twice; the first good one after them counts."""
    bad = [status(404), status(500), status(503), status(101), b"", b"\r\n", b"HTTP/1.1 2", b"200 OK\r\n\r\n",
           b"HTTP/1.1 2xx ok\r\n\r\n", b"HTTP/1.1 20x ok\r\n\r\n",
           b"HTTP/2 200 OK\r\n\r\n", b"\x00" * 64, b"x" * 100000]
    with Server(answer=bad[0]).listen() as server, box(f"http://127.0.0.1:{server.port}/") as b:
        for answer in bad:
            server.answer = answer
            asked = server.connections() + 1  # one may be under way with the answer before
            until(lambda: server.answered >= asked + 1, 5, f"asked with {answer[:20]}")
            assert not is_ready(b), answer[:20]
        server.answer = OK
        seconds_to_ready(b)
        ends_at_once(b)


def dribble(connection):
    for byte in OK:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def test_http_answer_in_single_bytes():
    with Server(answer=dribble).listen() as server, box(f"http://127.0.0.1:{server.port}/") as b:
        seconds_to_ready(b)
        assert server.connections() == 1


def test_http_slow_answer():
    """2 s are slow, but within the 5 s of an attempt."""
    def slow(connection):
        time.sleep(2)
        connection.sendall(OK)
    with Server(answer=slow).listen() as server, box(f"http://127.0.0.1:{server.port}/") as b:
        assert 2 <= seconds_to_ready(b) < 4
        assert server.connections() == 1


def test_http_silent_server():
    """It accepts and says nothing: given up after 5 s, and asked again."""
    over = threading.Event()
    try:
        with Server(answer=lambda connection: over.wait(30)).listen() as server, \
                box(f"http://127.0.0.1:{server.port}/") as b:
            until(server.connections)
            began = monotonic()
            b.wait_file("up")
            server.answer = OK
            b.signal("USR1")
            b.wait_caught("USR1", timeout=1)
            b.wait_line(READY)
            assert 4.5 <= monotonic() - began <= 6.5, monotonic() - began
            ends_at_once(b)
    finally:
        over.set()


def test_http_term_while_a_server_is_silent():
    over = threading.Event()
    try:
        with Server(answer=lambda connection: over.wait(30)).listen() as server, \
                box(f"http://127.0.0.1:{server.port}/") as b:
            until(server.connections)
            b.wait_file("up")
            ends_at_once(b)
            assert not is_ready(b)
    finally:
        over.set()


def test_a_stop_ends_the_probes():
    with Server(answer=status(503)).listen() as server, \
            box(f"http://127.0.0.1:{server.port}/", "trap:{dir}/caught", "file:{dir}/up", "pause") as b:
        b.wait_file("up")
        until(server.connections)
        b.signal("TERM")
        b.wait_caught("TERM")
        probed = server.connections() + 1  # one may be under way
        holds_for(lambda: server.connections() <= probed, 1.5, "it is probed no more")


def test_a_probe_under_way_is_not_open_in_a_command():
    over, where = threading.Event(), place()
    try:
        with Server(answer=lambda connection: over.wait(30)).listen() as server, \
                box(f"http://127.0.0.1:{server.port}/", options=("-d", "60s"),
                    env={"LASTCALL_QUIET": f"exec:{CHILD} report:{where}/report", "LASTCALL_INFLIGHT": "exec:echo 1"}) as b:
            until(server.connections)
            b.wait_file("up")
            b.signal("TERM")
            until(lambda: os.path.exists(f"{where}/report"))
            with open(f"{where}/report", encoding="utf-8") as f:
                fds = json.load(f)["fds"]
            assert sorted(fds) == ["0", "1", "2"], fds
    finally:
        over.set()


def test_the_program_ends_while_it_is_probed():
    over = threading.Event()
    try:
        with Server(answer=lambda connection: over.wait(30)).listen() as server, \
                box(f"http://127.0.0.1:{server.port}/", "wait-file:{dir}/go", "exit:5") as b:
            until(server.connections)
            os.close(os.open(b.path("go"), os.O_CREAT))
            assert b.wait(5) == 5
            assert not is_ready(b)
    finally:
        over.set()


# --- exec -----------------------------------------------------------------------


def shell(script):
    return "exec:sh -c " + shlex.quote(script)


def test_exec_fails_a_few_times():
    runs = os.path.join(place(), "runs")
    with box(shell(f"echo x >> {runs}; test $(wc -l < {runs}) -ge 3")) as b:
        took = seconds_to_ready(b)
        assert 1.8 <= took < 5, took  # asked once a second
        holds_for(lambda: len(lines_of(runs)) == 3, 1.5, "asked no more")
        ends_at_once(b)


def test_exec_is_told_the_pid_and_runs_in_the_service_s_environment():
    where = place()
    with box(shell(f"echo $LASTCALL_PID $MARK $NOTIFY_SOCKET > {where}/told"), "report:{dir}/report",
             "pause", env={"MARK": "of-the-service", "LASTCALL_PID": "77"}) as b:
        report = b.json("report")
        seconds_to_ready(b)
        assert lines_of(f"{where}/told") == [
            f"{report['pid']} of-the-service {report['env']['NOTIFY_SOCKET']}"]


def test_exec_that_hangs_is_killed_with_its_session():
    """After 5 s, and with what it started, in sessions of their own too."""
    where = place()
    script = (f"echo run >> {where}/runs; test -e {where}/go && exit 0; "
              "sleep 1000 & setsid sleep 1000 & (trap '' TERM; sleep 1000) & sleep 1000")
    with box(shell(script)) as b:
        until(lambda: sum(name == "sleep" for _, name in b.processes().values()) == 4)
        began = monotonic()
        b.wait_file("up")
        with open(f"{where}/go", "w", encoding="ascii"):
            pass
        b.signal("USR1")
        b.wait_caught("USR1", timeout=1)
        not_ready_for(b, 3)
        b.wait_line(READY)
        assert 4 <= monotonic() - began <= 6.5, monotonic() - began
        until(lambda: [name for _, name in b.processes().values()] == ["child"], 2)
        assert len(lines_of(f"{where}/runs")) == 2  # once at a time
        ends_at_once(b)


def test_exec_term_while_it_hangs():
    with box(shell("sleep 1000")) as b:
        until(lambda: "sleep" in [name for _, name in b.processes().values()])
        b.wait_file("up")
        ends_at_once(b)


def test_exec_that_is_not_there():
    with box("exec:/nonexistent/probe") as b:
        b.wait_line("'/nonexistent/probe' could not be run.*No such file")
        b.wait_file("up")
        assert not is_ready(b)
        ends_at_once(b)


def test_exec_that_is_not_there_is_told_once():
    where = place()
    probe = f"{where}/probe"
    with box(f"exec:{probe}") as b:
        b.wait_line("could not be run")
        with open(probe + ".new", "w", encoding="ascii") as f:
            f.write(f"#!/bin/sh\necho >> {where}/asked\nexit 1\n")
        os.chmod(probe + ".new", 0o755)
        os.rename(probe + ".new", probe)
        until(lambda: os.path.exists(f"{where}/asked"))
        again = b.err.text().count("could not be run")
        os.unlink(probe)
        until(lambda: b.err.text().count("could not be run") > again)
        assert again == 1, b.err.text()
        ends_at_once(b)


def test_exec_does_not_read_the_service_s_input():
    where = place()
    with box(shell(f"cat > {where}/stolen"), stdin="pipe",
             command=["/bin/sh", "-c", 'while ! test -e "$0"; do sleep 0.05; done; read x; echo "got $x"',
                      f"{where}/go"]) as b:
        os.write(b.input, b"a line\n")
        b.wait_line(READY)
        with open(f"{where}/go", "w", encoding="ascii"):
            pass
        assert b.wait() == 0
        assert b.out.list == ["got a line"], b.out.list
