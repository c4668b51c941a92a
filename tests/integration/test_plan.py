"""`lastcall plan`: what a shutdown of one command would do, and when."""

import os
import re
import subprocess
import tempfile

from lib import BIN


def plan(*words, before=None, stdout=subprocess.PIPE, cwd="/", **env):
    words = ("plan", *words) if before is None else (*before, "plan", "--", "sleep", "9")
    run = subprocess.run([BIN, *words], stdout=stdout, stderr=subprocess.PIPE, cwd=cwd,
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
    assert "too little time" in plan("-d", "60s", "--", "nginx", LINGER="2m")[1]
    assert "too little time" not in plan("-d", "60s", "--", "nginx", LINGER="12s")[1]


def test_no_value_of_the_environment_is_shown():
    code, out, err = plan("-d", "60s", "--", "sleep", "9", STOP="exec:/bin/stop --token=secret 5s",
                          QUIET="exec:/bin/quiet secret", INFLIGHT="exec:/bin/busy secret")
    assert code == 0 and "/bin/stop, its stop begins" in out and "/bin/quiet:" in out, out
    assert "secret" not in out + err, (out, err)
    code, out, err = plan("-d", "60s", "--", "sleep", "9", STOP="exec:/bin/stop --token=secret")
    assert code == 78 and "LASTCALL_STOP: a step needs a wait" in err, (code, err)
    assert "secret" not in out + err, (out, err)


def test_a_command_of_a_file_is_shown_as_it_stands_there():
    fd, path = tempfile.mkstemp(suffix=".ini")
    with os.fdopen(fd, "w") as f:
        f.write("[service:web]\ncommand = sleep 9\nstop = TERM 5s, exec:bin/x --path ${PATH} 3s\n")
    code, out, err = plan("-d", "60s", "-c", path)
    os.unlink(path)
    assert code == 0 and re.search(r"^ +5s +bin/x --path \$\{PATH\}$", out, re.M), (code, out, err)


def test_a_full_disk_is_told():
    with open("/dev/full", "w", encoding="ascii") as full:
        for words in ("-d", "60s", "--", "sleep", "9"), ("--version",), ("--help",):
            code, _, err = plan(*words, stdout=full)
            assert code == 70 and "No space left" in err, (code, err)


def test_a_config_file():
    """What must be down before a service is named; the waits are those of the budget."""
    folder = tempfile.mkdtemp(prefix="plan.")
    with open(f"{folder}/pod.ini", "w", encoding="ascii") as f:
        f.write("[lastcall]\ndeadline = 3h\nlinger = 10s\n"
                "[service:web]\ncommand = puma\n[service:worker]\ncommand = sidekiq\n"
                "[service:nginx]\ncommand = nginx\nafter = web\n")
    code, out, err = plan("-c", f"{folder}/pod.ini")
    assert (code, err) == (0, ""), (code, err)
    assert "start order: web, worker, nginx\n" in out, out
    nginx, worker, web = (part.splitlines() for part in out.split("\n\n")[2:5])
    assert (nginx[0], worker[0], web[0]) == ("nginx", "worker", "web"), out
    assert nginx[3].split() == ["10s", "QUIT,", "its", "stop", "begins"], out
    assert web[2].split(None, 1) == ["2h59m23s", "at the latest, else when these are down: nginx"], out
    assert worker[4].split()[:2] == ["2h59m28s", "TERM,"], out
    code, out, _ = plan("-d", "60s", CONFIG=f"{folder}/pod.ini")
    assert code == 0 and "deadline 60s" in out, out
    chart = out.split("\n\n")[1].splitlines()
    assert [line.split()[0] for line in chart[:4]] == ["service", "nginx", "worker", "web"], chart
    assert re.match(r"nginx +\.{10}\|#+$", chart[1]) and max(map(len, chart)) < 80, chart


def test_a_config_file_with_a_mistake():
    code, out, err = plan("-c", "/etc/passwd")
    assert (code, out) == (78, "") and "/etc/passwd:1: expected [SECTION]" in err, (code, err)


def test_neither_command_nor_config_file():
    code, _, err = plan("-d", "60s")
    assert code == 78 and "or a command to run" in err, (code, err)


def test_deadlines_and_margins_that_are_refused():
    for words, env, refused in (
            (("-d", "0"), {}, 64), (("-d", "2s"), {"MARGIN": "2s"}, 78),
            ((), {"DEADLINE": "0"}, 78), ((), {"DEADLINE": "2s", "MARGIN": "2s"}, 78),
            (("-d", "9s"), {"MARGIN": "none"}, 78)):
        code, _, err = plan(*words, "--", "sleep", "9", **env)
        assert code == refused and len(err.splitlines()) == 1, (words, env, code, err)


def test_options_before_the_subcommand_count():
    code, out, _ = plan(before=("-d", "60s", "-p", "nginx"))
    assert code == 0 and "profile nginx, deadline 60s" in out, out


def test_a_profile_of_the_environment():
    assert "profile puma" in plan("--", "sleep", "9", PROFILE="puma")[1]
    assert "profile nginx" in plan("-p", "nginx", "--", "sleep", "9", PROFILE="puma")[1]
    for code, words, env in (64, ("-p", "pumaa"), {}), (78, (), {"PROFILE": "pumaa"}):
        refused, _, err = plan(*words, "--", "sleep", "9", **env)
        assert refused == code and "did you mean puma?" in err, (refused, err)


def test_what_a_service_is_called():
    for command, name in ("/opt/My.App_2", "my-app_2"), ("/", "main"):
        assert plan("--", command)[1].startswith(f"{name}: profile generic"), command


def test_where_a_sidekiq_s_timeout_stands():
    """-C is the one file that is read where it is given; a FIFO there holds up nothing."""
    def begins(folder, *words):
        return next(row for row in rows("-d", "2m", "--", "sidekiq", *words, cwd=folder) if "stop begins" in row[1])[0]

    folder = tempfile.mkdtemp(prefix="plan.")
    os.mkdir(f"{folder}/config")
    for name, timeout in ("other.yml", 48), ("config/sidekiq.yml.erb", 58):
        with open(f"{folder}/{name}", "w", encoding="ascii") as f:
            f.write(f":timeout: {timeout}\n")
    assert begins(folder) == "55s"
    assert begins(folder, "-C", "other.yml") == "65s"
    os.mkfifo(f"{folder}/fifo")
    assert begins(folder, "-C", "fifo") == "88s"
    with open(f"{folder}/other.yml", "w", encoding="ascii") as f:
        f.write(":timeout: <%= 5 %>\n")
    assert "is no plain number and is not read" in plan("-d", "2m", "--", "sidekiq", "-C", "other.yml", cwd=folder)[1]
    assert "-t is no plain number" in plan("-d", "2m", "--", "sidekiq", "-t", "x")[1]
    assert "none can be added to it" in plan("-d", "2m", "--", "sh", "-c", "sidekiq")[1]


def test_a_stop_of_the_user_s_is_kept():
    assert ("111s", "TERM, its stop begins") in rows("-d", "2m", "--", "sidekiq", "-t", "40", STOP="TERM 7s, KILL")


def test_too_little_time():
    assert "their waits are shortened" in plan("-d", "4s", "--", "sleep", "9")[1]
    assert ("0s", "TSTP from Sidekiq 7 on; an older one gets its stop at once") in rows("-d", "9s", "--", "sidekiq", "-t", "6")


def test_all_bad_values_are_told():
    code, _, err = plan("--", "sleep", "9", READY="x", QUIET="x", INFLIGHT="x", LOGS="x", STOP="x")
    assert code == 78, code
    assert [line.split(":")[1] for line in err.splitlines()] == [
        f" LASTCALL_{name}" for name in ("READY", "QUIET", "INFLIGHT", "LOGS", "STOP")], err


def test_what_this_release_does_not_carry_out():
    out = plan("--", "sleep", "9", LOGS="json", LISTEN="")[1]
    assert "$LASTCALL_LOGS is not carried out" in out and "LISTEN" not in out, out
    assert "LOGS" not in plan("--", "sleep", "9", LOGS="inherit")[1]
