"""`lastcall check`, and what a config file with mistakes gets from `run`: all of them, and 78."""

import os
import random
import re
import subprocess
import tempfile

from lib import BIN


def lastcall(*words, **env):
    run = subprocess.run([BIN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
                         stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], **env},
                         check=False, timeout=20)
    return run.returncode, run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")


def written(text):
    fd, path = tempfile.mkstemp(prefix="check.", suffix=".ini")
    with os.fdopen(fd, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    return path


def problems(text, **env):
    """(line, message) of the mistakes that check tells; run tells the same."""
    path = written(text)
    code, out, _ = lastcall("check", "-c", path, **env)
    run_code, run_out, run_err = lastcall("-c", path, **env) if code else (0, "", "")
    os.unlink(path)
    if code == 0:
        return []
    assert (code, run_code, run_out, run_err) == (78, 78, "", out), (code, run_code, out, run_err)
    found = [re.fullmatch(f"{path}:(?:([0-9]+):)? (.*)", line).groups() for line in out.splitlines()]
    return [(int(line or 0), message) for line, message in found]


def assert_problem(text, line, part, **env):
    found = problems(text, **env)
    assert len(found) == 1 and found[0][0] == line and part in found[0][1], (text, found)


SERVICE = "[service:web]\ncommand = puma\n"


def test_a_file_without_mistakes():
    assert problems("[lastcall]\ndeadline = 3h\nlinger = 10s\n\n" + SERVICE +
                    "[service:worker]\ncommand = bundle exec sidekiq\nafter = web\n") == []


def test_each_mistake_has_its_line():
    for text, line, part in (
            ("", 1, "no [service:NAME]"),
            ("[lastcall]\n", 1, "no [service:NAME]"),
            ("x = y\n" + SERVICE, 1, "before the first [SECTION]"),
            (SERVICE + "comand = x\n", 3, "did you mean command?"),
            (SERVICE + "afer = web\n", 3, "did you mean after?"),
            (SERVICE + "command = x\n", 3, "a second time"),
            (SERVICE + "rlimit_nofile = 9\nrlimit_core = 0\nrlimit_nofile = 10\n", 5, "rlimit_nofile: a second time"),
            (SERVICE + SERVICE, 3, "stands in line 1 already"),
            (SERVICE + "[task:web]\ncommand = x\n", 3, "stands in line 1 already"),
            (SERVICE + "[lastcal]\n", 3, "did you mean [lastcall]?"),
            (SERVICE + "profile = pmua\n", 3, "did you mean puma?"),
            (SERVICE + "after = wbe\n", 3, "did you mean web?"),
            (SERVICE + "after = web\n", 3, "wait for each other: web"),
            (SERVICE + "[service:b]\ncommand = x\nafter = c\n[service:c]\ncommand = x\nafter=b\n", 5,
             "wait for each other: b, c"),
            ("[service:web]\n", 1, "has no command"),
            ("[service:web]\ncommand =\n", 2, "expected a command"),
            ("[service:web]\ncommand = a 'b\n", 2, "quote"),
            ("[service:We]\ncommand = x\n", 1, "a-z, 0-9, _ and -"),
            (f"[service:{'a' * 64}]\ncommand = x\n", 1, "a name has 1 to 63"),
            ("[service:]\ncommand = x\n", 1, "a name has 1 to 63"),
            (SERVICE + "stop = TERM\n", 3, "a step needs a wait"),
            (SERVICE + "stop = " + "TERM 1s, " * 8 + "TERM 1s\n", 3, "at most 8 steps"),
            (SERVICE + "linger = soon\n", 3, "expected a duration"),
            (SERVICE + "linger = -1s\n", 3, "expected a duration"),
            (SERVICE + "essential = maybe\n", 3, "expected yes or no"),
            (SERVICE + "sidecar = yes\nessential = yes\n", 1, "never essential"),
            (SERVICE + "[service:s]\ncommand = x\nsidecar = yes\nafter = web\n", 6, "before all others"),
            (SERVICE + "[task:t]\ncommand = x\nsidecar = yes\n", 3, "a task cannot be a sidecar"),
            (SERVICE + "[task:t]\ncommand = x\nrestart = always\n", 5, "a task runs once"),
            (SERVICE + "restart = often\n", 3, "never, on-failure or always"),
            (SERVICE + "backoff = 5s 1s\n", 3, "longer than the longest"),
            (SERVICE + "restart_limit = 70000 1s\n", 3, "up to 65535"),
            (SERVICE + "success = 256\n", 3, "0 to 255"),
            (SERVICE + "ready = tcp:here\n", 3, "tcp:HOST:PORT"),
            (SERVICE + "quiet = KILL\n", 3, "cannot be caught"),
            (SERVICE + "inflight = some\n", 3, "expected sidekiq"),
            (SERVICE + "umask = 8\n", 3, "octal"),
            (SERVICE + "umask = 01000\n", 3, "octal"),
            (SERVICE + "directory =\n", 3, "expected a path"),
            (SERVICE + "environment = A\n", 3, "NAME=value"),
            (SERVICE + "environment_file = /nonexistent/env\n", 3, "No such file"),
            (SERVICE + "logs = loud\n", 3, "file:PATH"),
            (SERVICE + "directory = ${NOWHERE}\n", 3, "${NOWHERE} is not set"),
            (SERVICE + "  stop = TERM 5s\n", 3, "is indented"),
            (SERVICE + "\n  more\n", 4, "none above"),
            (SERVICE + "[lastcall]\ndeadline = 0\n", 4, "longer than 0"),
            (SERVICE + "[lastcall]\ndeadline = 2s\nmargin = 2s\n", 5, "longer than the margin"),
            (SERVICE + "[lastcall]\nlog_level = loud\n", 4, "expected error"),
            (SERVICE + "[lastcall]\ncontrol = here\n", 4, "begins with /"),
            (SERVICE + "[signals]\nUSR9 = web\n", 4, "no signal 'USR9'"),
            (SERVICE + "[signals]\nKILL = web\n", 4, "cannot be given a meaning"),
            (SERVICE + "[signals]\nUSR1 = wbe\n", 4, "did you mean web?"),
            (SERVICE + "[signals]\nUSR1 = web:FOO\n", 4, "no signal 'FOO'"),
            (SERVICE + "[signals]\nUSR1 = web,\n", 4, "a step is empty"),
            (SERVICE + "[signals]\nUSR1 = wait:x\n", 4, "expected a duration"),
            (SERVICE + "[signals]\nUSR1 = deadline:10ms\n", 4, "at least 1s"),
            (SERVICE + "[signals]\nUSR1 = web\nSIGUSR1 = web\n", 5, "a second time"),
            (SERVICE + "[hooks]\non_reddy = x\n", 4, "did you mean on_ready?"),
            (SERVICE + "stop = a\0b\n", 3, "NUL"),
            ("".join(f"[service:s{n}]\ncommand = x\n" for n in range(65)), 129, "more than 64"),
            (SERVICE + f"directory = {'x' * 131072}\n", 3, "longer than 131071 bytes"),
    ):
        assert_problem(text, line, part)


test_each_mistake_has_its_line.timeout = 180  # a hundred starts


def test_all_at_once():
    assert [line for line, _ in problems("[lastcall]\nlinger = x\nfoo = 1\n" + SERVICE +
                                         "stop = 1\n[x]\n")] == [2, 3, 6, 7]
    assert [line for line, _ in problems(SERVICE + "foo = 1\nafter = web\n")] == [3, 4]
    sidecar = "[service:s]\ncommand = x\nsidecar = yes\nafter = web\n"
    assert [line for line, _ in problems(SERVICE + sidecar)] == [6], "a mistake is told once"


def test_a_margin_as_long_as_the_deadline_has_the_line_that_says_it():
    path = written(SERVICE + "[lastcall]\nmargin = 2s\ndeadline = 2s\n")
    for line, variables in (":4", {}), (":5", {"LASTCALL_MARGIN": "3s"}):
        _, out, err = lastcall("check", "-c", path, **variables)
        assert f"{path}{line}: the deadline must be longer than the margin" in out + err, (line, out, err)
    os.unlink(path)


def test_no_value_of_a_variable_is_shown():
    for line in ("command = '${TOKEN}", "linger = ${TOKEN}", "profile = ${TOKEN}", "stop = ${TOKEN} 5s",
                 "after = ${TOKEN}", "environment_file = /nonexistent/${TOKEN}", "[signals]\nUSR1 = ${TOKEN}",
                 "[signals]\nUSR1 = web:${TOKEN}", "[signals]\nUSR1 = wait:${TOKEN}"):
        text = "[service:web]\ncommand = puma\n" + line if "command" not in line else f"[service:web]\n{line}"
        path = written(text)
        _, out, err = lastcall("check", "-c", path, TOKEN="sesame")
        os.unlink(path)
        assert "sesame" not in out + err and "${TOKEN}" in out, (line, out, err)


def test_a_file_that_cannot_be_read():
    code, out, err = lastcall("-c", "/nonexistent/x.ini")
    assert code == 78 and "/nonexistent/x.ini: No such file" in err and out == "", (code, err)
    code, _, err = lastcall("check", "-c", "/")
    assert code == 78 and "Is a directory" in err
    code, _, err = lastcall()
    assert code == 78 and "/etc/lastcall.ini" in err and "-c" in err, err
    code, _, err = lastcall("run", "puma")
    assert code == 64 and "'puma'" in err


def test_bytes_that_mean_nothing():
    chance = random.Random(3)
    for text in (b"\0" * 1000, bytes(chance.randrange(256) for _ in range(200000)), b"a=\n" * 3000000,
                 b"[service:web]\ncommand = " + b"x " * 5000000, b"[" * 1000000, b"=\n" * 1000000,
                 b"x" * (17 << 20)):
        path = written(text)
        code, out, _ = lastcall("check", "-c", path)
        os.unlink(path)
        assert code == 78 and len(out) < 200000, (code, text[:20])


def test_what_a_file_will_bring_about():
    for text, words, part in (
            (SERVICE, (), "no deadline is set"),
            ("[lastcall]\ndeadline=3h\n" + SERVICE, (), "600s: cluster-autoscaler"),
            ("[lastcall]\ndeadline=3h\n" + SERVICE, (), "120s: ECS on Fargate"),
            ("[lastcall]\ndeadline=30s\n" + SERVICE, ("--grace", "60s"), "shorter than the grace"),
            (SERVICE, ("--grace=60s",), "no deadline is set: nothing waits"),
            (SERVICE + "[service:n]\ncommand = nginx\n", (), "no 'daemon off'"),
            (SERVICE + "[service:k]\ncommand = sh -c 'cd x && karafka server'\n", (), "k: a shell stands in front without exec: it gets"),
            ("[service:k]\ncommand = sh -c 'cd x && bundle exec puma'\n", (), "ini:1: warning: k: a shell stands in front"),
            ("[service:k]\ncommand = sh -c 'bundle exec sidekiq; true'\n", (), "without exec: no -t can be added"),
            ("[service:k]\ncommand = sh -c 'bin/a; bin/b'\n", (), "k: a shell stands in front"),
            ("[lastcall]\ndeadline=60s\n[service:k]\ncommand = karafka server\n", (), "nobody can see its jobs"),
            ("[lastcall]\nlinger=5s\n" + SERVICE, (), "lingers without a deadline"),
            ("[lastcall]\ndeadline=10s\n" + SERVICE, (), "its ladder takes 35s"),
            ("[lastcall]\ndeadline=10s\n[service:w]\ncommand = sidekiq -t 25\n", (), "does not fit"),
            ("[lastcall]\ndeadline=15s\nlinger=9s\n" + SERVICE, (),
             "its linger of 9s is cut to 5s: requests that come later may fail"),
            ("[service:w]\ncommand = sidekiq\nquiet = USR1\n", (), "ini:1: warning: quiet: USR1 to w: Sidekiq dies of it"),
            ("[service:w]\ncommand = sidekiq\nstop = QUIT 9s\n", (), "stop: QUIT to w: Sidekiq dies of it"),
            (SERVICE + "[signals]\nUSR1 = wait:1s, web:HUP\n", (), "ini:4: warning: USR1: HUP to web: a Puma without"),
            ("[service:n]\ncommand = nginx\nstop = TERM 9s\n", (), "TERM to n: nginx cuts off"),
            ("[service:f]\ncommand = fluent-bit\nsidecar = no\n", (), "f: it is no sidecar"),
            (SERVICE + "ready = tcp:redis:6379\n", (), "ini:1: warning: web: names are not looked up"),
            (SERVICE + "ready = http://web:80/up\n", (), "names are not looked up"),
            ("[lastcall]\ndeadline=30s\n[service:w]\ncommand = sidekiq -t 25\n", (),
             "ini:3: warning: w: Sidekiq's timeout of 25s does not fit: it needs 30s between TERM and KILL and gets 28s"),
            (SERVICE + "user = app\n", (), "not carried out by this release: user (line 3)"),
            (SERVICE + "logs = prefix\nnice = 3\n", (), "this release: logs (line 3), nice (line 4)"),
    ):
        path = written(text)
        code, out, err = lastcall("check", "-c", path, *words)
        os.unlink(path)
        assert code == 0 and part in out and err == "", (code, out, err)


def test_every_key_that_is_not_carried_out():
    for line in ("user = app", "group = app", "groups = a b", "rlimit_nofile = 1024:65536", "nice = 5",
                 "oom_score_adj = -500", "no_new_privs = yes", "logs = json"):
        path = written(SERVICE + line + "\n")
        code, out, _ = lastcall("check", "-c", path)
        os.unlink(path)
        assert code == 0 and f"not carried out by this release: {line.split()[0]} (line " in out, (line, out)


def test_the_door():
    """What [lastcall] says of listening and of who may use it: right and wrong values."""
    right = ("listen = [::1]:9394", "listen = unix:/run/probe.sock", "listen = localhost:80", "listen = none",
             "control_users = 1000, 1001", "control_users = none", "http_prestop = a-Word_1", "http_prestop = none",
             "termination_log = none", "termination_log = auto", "termination_log = /dev/null")
    wrong = ("listen = web:80", "listen = 9394", "listen = unix:here", "listen = 0.0.0.0:0", "listen = 0.0.0.0:65536",
             "control_users = app", "control_users = 1 -2", "control_users = " + "1 " * 17, "http_prestop = a/b",
             "http_prestop = " + "a" * 64, "termination_log = here")
    for lines, expected in (right, 0), (wrong, 78):
        for line in lines:
            path = written(f"[lastcall]\n{line}\n" + SERVICE)
            code, out, _ = lastcall("check", "-c", path)
            os.unlink(path)
            assert code == expected and "not carried out" not in out, (line, code, out)
            assert code == 0 or f":2: {line.split()[0]}: " in out, (line, out)


def test_what_is_right_is_not_warned_of():
    path = written("[lastcall]\ndeadline=90s\n[service:n]\ncommand = nginx -g 'daemon off;'\n"
                   "[service:s]\ncommand = sh -c 'cd x && exec puma'\n[task:t]\ncommand = sh -c 'a; b'\n[service:f]\ncommand = fluent-bit\n"
                   "[service:w]\ncommand = sidekiq -t 20\nstop = INT 30s, TERM 20s, KILL\n"
                   "[signals]\nTTIN = w, w:TTIN\nUSR1 = s\nUSR2 = n:USR2, w:TSTP, deadline:9s\n")
    code, out, _ = lastcall("check", "-c", path, "--grace", "90s")
    os.unlink(path)
    assert code == 0 and "warning" not in out, out
    assert "stop at latest" in out


def test_a_deadline_beyond_the_grace_is_an_error():
    path = written("[lastcall]\ndeadline=90s\n" + SERVICE)
    code, out, _ = lastcall("check", "-c", path, "--grace", "60s")
    os.unlink(path)
    assert code == 78 and "the platform kills before it" in out, out
    assert lastcall("check", "--grace", "x")[0] == 64
