"""`lastcall plan`: what a shutdown of one command would do, and when."""

import os
import subprocess
import tempfile

from lib import BIN


def plan(*words, stdout=subprocess.PIPE, cwd="/", **env):
    run = subprocess.run([BIN, "plan", *words], stdout=stdout, stderr=subprocess.PIPE, cwd=cwd,
                         env={"PATH": os.environ["PATH"],
                              **{f"LASTCALL_{name}": value for name, value in env.items()}},
                         text=True, check=False, timeout=10)
    return run.returncode, run.stdout, run.stderr


def rows(*words, **env):
    """The timeline: (when, what) of each row."""
    code, out, err = plan(*words, **env)
    assert (code, err) == (0, ""), (code, err)
    return [tuple(line.split(None, 1)) for line in out.splitlines() if line.startswith("  ")]


def test_a_sidekiq():
    assert rows("-d", "3h", "--", "bundle", "exec", "sidekiq") == [
        ("0s", "a signal starts the clock"),
        ("0s", "TSTP: it takes no new work"),
        ("2h59m28s", "it has waited for its jobs so long at the most"),
        ("2h59m28s", "TERM, its stop begins"),
        ("2h59m58s", "KILL"),
        ("2h59m58s", "whatever still lives is killed"),
        ("2h59m59s", "lastcall is gone"),
        ("3h", "the deadline")]


def test_its_timeout_is_its_ladder():
    assert ("55s", "TERM, its stop begins") in rows("-d", "2m", "--", "sidekiq", "-t", "58")
    folder = tempfile.mkdtemp(prefix="plan.")
    os.mkdir(f"{folder}/config")
    with open(f"{folder}/config/sidekiq.yml", "w", encoding="ascii") as f:
        f.write(":timeout: 58\n")
    assert ("55s", "TERM, its stop begins") in rows("-d", "2m", "--", "sidekiq", cwd=folder)
    assert ("55s", "TERM, its stop begins") in rows("-d", "2m", "--", "sidekiq", "-r", folder)
    assert ("88s", "TERM, its stop begins") in rows("-d", "2m", "--", "sidekiq", "-r", folder + "/x.rb")


def test_a_timeout_is_added_that_fits():
    for deadline, timeout in ("10s", 4), ("30s", 23), ("2m", 25):
        _, out, _ = plan("-d", deadline, "--", "sidekiq")
        assert f"-t {timeout} is added" in out, out
    assert "is added" not in plan("--", "sidekiq")[1]
    assert "is added" not in plan("-d", "30s", "--", "sh", "-c", "sidekiq")[1]


def test_a_timeout_that_does_not_fit():
    for deadline, advice in ("30s", "-t 23 would fit"), ("1s", "no -t would fit"):
        _, out, _ = plan("-d", deadline, "--", "sidekiq", "-t", "60")
        assert f"jobs that still run then are lost; {advice}" in out, out


def test_without_a_deadline_KILL_is_left_to_the_platform():
    assert rows("--", "sleep", "9")[-1] == ("10s", "KILL is left to the platform")
    assert rows("--", "sleep", "9", STOP="TERM 7s, KILL")[-1] == ("7s", "KILL")


def test_unseen_work_has_patience():
    assert ("58s", "KILL") in rows("-d", "60s", "--", "sleep", "9")
    assert ("7s", "KILL") in rows("-d", "60s", "--", "sleep", "9", STOP="TERM 7s")


def test_a_web_server_lingers():
    assert ("12s", "QUIT, its stop begins") in rows("-d", "60s", "--", "nginx", LINGER="12s")
    assert ("20s", "QUIT, its stop begins") in rows("-d", "60s", "--", "nginx", LINGER="2m")


def test_no_value_of_the_environment_is_shown():
    code, out, err = plan("-d", "60s", "--", "sleep", "9", STOP="exec:/bin/stop --token=secret 5s",
                          QUIET="exec:/bin/quiet secret", INFLIGHT="exec:/bin/busy secret")
    assert code == 0 and "/bin/stop, its stop begins" in out and "/bin/quiet:" in out, out
    assert "secret" not in out + err, (out, err)
    code, out, err = plan("-d", "60s", "--", "sleep", "9", STOP="exec:/bin/stop --token=secret")
    assert code == 78 and "LASTCALL_STOP: a step needs a wait" in err, (code, err)
    assert "secret" not in out + err, (out, err)


def test_a_full_disk_is_told():
    with open("/dev/full", "w", encoding="ascii") as full:
        for words in ("-d", "60s", "--", "sleep", "9"), ("--version",), ("--help",):
            code, _, err = plan(*words, stdout=full)
            assert code == 70 and "No space left" in err, (code, err)


def test_no_command():
    code, _, err = plan("-d", "60s")
    assert code == 64 and "name a command" in err, (code, err)
