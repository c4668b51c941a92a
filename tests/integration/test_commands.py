"""The commands that talk to a running lastcall: what they print, and their exit codes."""

import json
import os
import re
import socket
import subprocess
import threading

from lib import BIN, Box, monotonic, until
from lib.door import ask, client, config

NOBODY = "/nonexistent/control.sock"
# One of each that asks a running lastcall.
EVERY = (("status",), ("health",), ("prestop",), ("drain",), ("shutdown",), ("deadline", "9s"), ("events",),
         ("quiet", "web"), ("stop", "web"), ("start", "web"), ("restart", "web"), ("signal", "web", "USR1"))


def up(b):
    b.wait_file("up")
    until(lambda: ask(b, "/readyz")[0] == 200)


def test_no_lastcall():
    """69, and every place that was tried is named."""
    for words in EVERY:
        with Box(argv=words, env={"LASTCALL_CONTROL": NOBODY}) as b:
            assert b.wait() == 69, words
            line = b.err.text()
            for path in NOBODY, "/run/lastcall/", "/tmp/lastcall-0/", "/dev/shm/lastcall-0/":
                assert path in line, (words, path, line)


def test_wrong_command_lines():
    for words in (("status", "now"), ("health", "well"), ("prestop", "--timeout"), ("prestop", "--timeout", "soon"),
                  ("prestop", "--now"), ("deadline",), ("deadline", "0"), ("deadline", "500ms"), ("deadline", "1s", "2s"),
                  ("quiet",), ("signal", "web"), ("signal", "web", "NONE"), ("events", "--json"), ("replay",),
                  ("status", "--jsno")):
        done = subprocess.run([BIN, *words], capture_output=True, text=True, check=False,
                              env={"LASTCALL_CONTROL": NOBODY})
        assert done.returncode == 64 and done.stderr.startswith("lastcall: "), (words, done)


def inside_as(b, uid, *words):
    """A command in the box without a variable that says where the socket is."""
    return subprocess.run(["nsenter", "-t", str(b.pid), "-p", "-m", "-r", "setpriv", f"--reuid={uid}", "--clear-groups",
                           BIN, *words], capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})


def test_where_the_socket_is_found():
    """Without a variable: at the places of PID 1's user, from within and as another user."""
    with Box("file:{dir}/up", "pause") as b:
        b.wait_file("up")
        assert inside_as(b, 0, "health", "live").stdout == "alive\n"
        done = inside_as(b, 4321, "health", "live")
        assert done.returncode == 69 and "/run/lastcall/control.sock (Permission denied)" in done.stderr, done
    with Box("file:{dir}/up", "pause", uid=4321, hide=["/run"]) as b:
        b.wait_file("up")
        for uid in 0, 4321:
            assert inside_as(b, uid, "health", "live").stdout == "alive\n"


def test_lastcall_is_stopped():
    """It is given 10 s for an answer."""
    with Box(config=config()) as b:
        up(b)
        b.signal("STOP")
        began = monotonic()
        code, _, err = client(b, "status")
        assert code == 69 and "it took too long" in err and 9 < monotonic() - began < 12, (code, err)
        b.signal("CONT")
        assert client(b, "status")[0] == 0


def test_a_timeout_while_lastcall_is_stopped():
    """From the beginning on, and in the middle."""
    with Box(config=config(service="linger = 20s")) as b:
        up(b)
        b.signal("STOP")
        began = monotonic()
        assert client(b, "prestop", "--timeout", "1s", "--json")[0] == 75 and monotonic() - began < 3
        b.signal("CONT")
        began = monotonic()
        with subprocess.Popen([BIN, "prestop", "--timeout", "3s"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={"LASTCALL_CONTROL": b.path("control.sock")}) as hook:
            until(lambda: monotonic() - began > 2)
            b.signal("STOP")
            assert hook.wait(15) == 75 and monotonic() - began < 4


def test_a_socket_of_a_stranger():
    """In /tmp anybody may listen: it is not asked."""
    with Box(config=config()) as b:
        with socket.socket(socket.AF_UNIX) as s:
            path = b.path("stranger.sock")
            pid = os.fork()
            if pid == 0:
                os.setresuid(4321, 4321, 4321)
                s.bind(path)
                s.listen()
                while True:
                    s.accept()
            try:
                until(lambda: os.path.exists(path))
                code, _, err = client(b, "status", control=path)
                assert code == 69 and f"{path} (belongs to another user)" in err, err
            finally:
                os.kill(pid, 9)
                os.waitpid(pid, 0)


def test_who_may_connect_and_not_ask():
    """Every command says why."""
    with Box(config=config(more="control_users = 4322")) as b:
        up(b)
        for words in EVERY:
            done = subprocess.run(["setpriv", "--reuid=4321", "--clear-groups", BIN, *words], check=False,
                                  capture_output=True, text=True, timeout=20,
                                  env={"PATH": os.environ["PATH"], "LASTCALL_CONTROL": b.path("control.sock")})
            refused = "user id 4321 may not use the control socket (control_users)\n"
            assert done.returncode == 1 and refused in done.stdout + done.stderr, (words, done)


def test_answers_that_are_none():
    """69, as where nobody answers; a hook that was let wait has not seen the end of its jobs."""
    with Box(config=config()) as b:
        for said in b"", b"HTTP/1.1 200 OK\r\nContent-", b"\0 is no answer\r\n\r\n":
            path = b.path(f"fake{len(said)}.sock")
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(path)
                s.listen(64)
                over = threading.Event()
                speaker = threading.Thread(target=speak, args=(s, said, over), daemon=True)
                speaker.start()
                for words in EVERY:
                    code, out, err = client(b, *words, control=path)
                    wanted = {"prestop": 75, "drain": 75, "shutdown": 75, "health": 1}.get(words[0], 69)
                    assert code == wanted and out == "" and err, (said, words, code, out, err)
                over.set()
                speaker.join()


def speak(listener, said, over):
    """Says that to everybody and hangs up."""
    listener.settimeout(0.1)
    while not over.is_set():
        try:
            s, _ = listener.accept()
        except TimeoutError:
            continue
        with s:
            s.settimeout(0.2)
            try:
                s.recv(4096)  # nothing comes of who only looks whether somebody is there
                s.sendall(said)
            except OSError:
                pass


def test_status_and_health():
    with Box(config=config()) as b:
        up(b)
        code, out, _ = client(b, "status")
        assert code == 0
        lines = out.splitlines()
        assert re.fullmatch(r"running, up \S+, deadline 30s", lines[0]), out
        assert lines[1].split() == ["NAME", "STATE", "PID", "UP", "JOBS"]
        assert lines[2].split()[:3] == ["web", "ready", "2"] and len(lines) == 3
        code, out, _ = client(b, "status", "--json")
        assert code == 0 and json.loads(out)["services"][0]["name"] == "web"
        assert client(b, "health") == (0, "ready\n", "")
        assert client(b, "health", "ready") == (0, "ready\n", "")
        assert client(b, "health", "live") == (0, "alive\n", "")
        assert client(b, "drain", "--no-wait") == (0, "", "")
        code, out, _ = client(b, "health")
        assert code == 1 and out == "not ready: a shutdown is under way (command)\n"
        assert client(b, "health", "live")[0] == 0


def test_verbs():
    with Box(config=config()) as b:
        up(b)
        assert client(b, "signal", "web", "SIGUSR2") == (0, "web: USR2 sent\n", "")
        b.wait_caught("USR2")
        assert client(b, "stop", "web", "nobody") == \
            (1, "web: stop asked for\n", "lastcall: there is no service nobody\n")
        b.wait_line("web: stopped")
        assert client(b, "start", "nobody", "web")[0] == 1  # the worst of them, not the last
        assert client(b, "stop", "web")[0] == 0
        until(lambda: b.err.text().count("web: stopped") == 2)
        assert client(b, "stop", "web")[0] == 1
        assert client(b, "start", "web")[0] == 0
        until(lambda: client(b, "health")[0] == 0)
        assert client(b, "restart", "web")[0] == 0
        b.wait_line("life 4")
        code, out, err = client(b, "quiet", "web", "../web")
        assert (code, out) == (1, "") and "it has no quiet" in err and "no service ../web" in err
        code, out, _ = client(b, "deadline", "20s")
        assert code == 0 and re.fullmatch(r"drained, (20|19)s left\n", out), out
        code, out, _ = client(b, "deadline", "60s", "--json")
        assert code == 0 and json.loads(out)["deadline_s"] <= 21, out
        b.wait_line("deadline stays")
        code, _, err = client(b, "start", "web")
        assert code == 1 and "a shutdown is under way" in err
        began = monotonic()
        assert client(b, "shutdown", "--now")[0] == 0
        assert b.wait() == 0 and b.took(began) < 2
