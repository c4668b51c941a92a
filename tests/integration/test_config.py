"""The services of a config file: order, readiness, restarts, environment, signals."""

import os
import re
import socket
import tempfile

from lib import Box, holds_for, monotonic, until
from test_readiness import dead_file_system


def started(box):
    """The names of services in the order in which they were started."""
    return [line.split()[1] for line in box.err.list if re.search(r"\): started( again, life \d+)?$", line)]


def stopped(box):
    return [line.split()[1].rstrip(":") for line in box.err.list if ": stopped after" in line]


def test_order_of_start_and_stop():
    """Each waits for what it is after; a sidecar is there first and goes last."""
    with Box(config="""
[lastcall]
deadline = 30s
[service:web]
command = {child} pause
after = db migrate
[service:db]
command = {child} pause
[task:migrate]
command = {child} sleep:200 file:{dir}/migrated
after = db
[service:shipper]
command = {child} pause
sidecar = yes
""") as box:
        box.err.wait("web .*: started")
        assert box.file("migrated") is not None
        assert started(box) == ["shipper", "db", "migrate", "web"]
        box.signal("TERM")
        assert box.wait() == 0
        assert stopped(box) == ["web", "db", "shipper"]


def test_what_is_ready_is_waited_for():
    ready = "file:{dir}/there", "unix:{dir}/socket", "exec:test -e {dir}/there", "notify"
    for how in ready:
        with Box(config=f"""
[service:first]
command = {{child}} wait-file:{{dir}}/go file:{{dir}}/there ready pause
ready = {how}
[service:second]
command = {{child}} file:{{dir}}/second pause
after = first
""") as box:
            box.err.wait("first .*: started")
            holds_for(lambda: box.file("second") is None, 0.3)
            if how.startswith("unix"):
                listener = socket.socket(socket.AF_UNIX)
                listener.bind(box.path("socket"))
                os.chmod(box.path("socket"), 0o777)
                listener.listen()
            with open(box.path("go"), "w", encoding="ascii"):
                pass
            box.wait_file("second", 5)


def test_a_start_that_is_not_ready_in_time_has_failed():
    with Box(config="""
[service:web]
command = {child} pause
ready = file:{dir}/never
ready_timeout = 300ms
restart = never
""") as box:
        assert box.wait() == 1
        box.err.wait("web: not ready")


def test_environment_directory_umask():
    with Box(env={"KEPT": "1", "OVER": "outer"}, config="""
[service:web]
command = sh -c 'echo "$KEPT|$OVER|$FILE|$BOTH|${GIVEN:-given}|$$(umask)|$$(pwd)"; exec {child} pause'
environment = OVER=inner "BOTH=of two words" SECRET=$$x
environment_file = -{dir}/missing
directory = /usr
umask = 027
""") as box:
        box.out.wait("^1[|]inner[|][|]of two words[|]given[|]0027[|]/usr$")


def test_a_directory_that_is_not_there():
    with Box(config="""
[service:web]
command = {child} pause
directory = {dir}/none
restart = never
""") as box:
        assert box.wait() == 126
        box.err.wait("web: '.*' could not be started in its directory: no such file")


def test_term_while_a_task_runs():
    """It comes to its end; what is after it is not started, and takes no time from it."""
    with Box(config="""
[lastcall]
deadline = 20s
[task:migrate]
command = {child} file:{dir}/begun wait-file:{dir}/go file:{dir}/migrated
[service:web]
command = {child} file:{dir}/web pause
after = migrate
""") as box:
        box.wait_file("begun")
        box.signal("TERM")
        box.err.wait("shutdown: TERM")
        holds_for(box.alive, 0.5)
        with open(box.path("go"), "w", encoding="ascii"):
            pass
        assert box.wait() == 0
        assert box.file("migrated") is not None and box.file("web") is None
        assert "too little time" not in box.err.text(), box.err.text()


def test_environment_file():
    path = f"{tempfile.mkdtemp(prefix='environment.')}/file"
    with open(path, "w", encoding="ascii") as f:
        f.write("# comment\nA=1 ' x\r\n\nB=${A}\nC=file\n")
    with Box(config=f"""
[service:web]
command = sh -c 'echo "$A|$B|$C"; exec {{child}} pause'
environment_file = {path}
environment = C=here
""") as box:
        assert box.out.wait("[|]") == "1 ' x|${A}|here"


def test_logs():
    """null, a file that is added to, and one that cannot be opened."""
    with Box(config="""
[lastcall]
logs = null
[service:quiet]
command = {child} out:gone err:gone pause
[service:file]
command = {child} out:one err:two file:{dir}/done pause
logs = file:{dir}/log
[service:open]
command = {child} out:seen pause
logs = inherit
after = file
""") as box:
        assert box.out.wait("seen") == "seen"
        box.wait_file("done")
        with open(box.path("log"), encoding="ascii") as f:
            assert f.read() == "one\ntwo\n"
        assert "gone" not in box.out.text() + box.err.text()
    with Box(config="""
[service:web]
command = {child} pause
restart = never
logs = file:{dir}/none/log
""") as box:
        assert box.wait() == 126
        box.err.wait("web: '.*' could not be started with its log file: no such file")


def test_a_log_file_on_a_file_system_that_does_not_answer():
    """Who would write into it hangs, and nobody else."""
    with dead_file_system() as path, Box(config=f"""
[lastcall]
deadline = 3s
[service:other]
command = {{child}} file:{{dir}}/up pause
[service:web]
command = {{child}} pause
logs = file:{path}/log
""") as box:
        box.wait_file("up")
        box.signal("USR1")
        box.wait_line("got USR1", timeout=1)
        assert "web (pid" not in box.err.text(), box.err.text()
        began = monotonic()
        box.signal("TERM")
        assert box.wait() == 137
        assert 2.5 <= box.took(began) < 3.2, box.took(began)


def test_a_service_that_is_not_essential_may_end():
    with Box(config="""
[service:web]
command = {child} pause
[service:extra]
command = {child} exit:3
essential = no
restart = never
""") as box:
        box.err.wait("extra.*exit code 3")
        holds_for(box.alive, 0.3)
        box.signal("TERM")
        assert box.wait() == 0


def test_a_log_shipper_that_is_no_sidecar_is_essential():
    with Box(config="""
[service:shipper]
command = {child} exit:7
profile = fluent-bit
sidecar = no
restart = never
[service:web]
command = {child} pause
""") as box:
        assert box.wait() == 7


def test_an_essential_service_that_crash_loops_ends_the_container_with_its_code():
    with Box(config="""
[lastcall]
deadline = 20s
[service:web]
command = {child} trap:{dir}/web exit-on:15:0 pause
[service:loop]
command = {child} exit:9
backoff = 10ms 20ms
restart_limit = 3 60s
""") as box:
        assert box.wait() == 9
        assert started(box).count("loop") == 4
        assert box.caught("web") == ["TERM"]


def test_success_is_what_the_file_says():
    for success, code in ("0 7", 0), ("0", 7):
        with Box(config=f"""
[service:web]
command = {{child}} exit:7
restart = on-failure
restart_limit = 0 60s
success = {success}
""") as box:
            assert box.wait() == code, success


def test_a_task_that_fails():
    """What is after it is not started."""
    with Box(config="""
[service:web]
command = {child} file:{dir}/web pause
after = migrate
[task:migrate]
command = {child} exit:4
backoff = 10ms 10ms
restart_limit = 1 60s
""") as box:
        assert box.wait() == 4
        assert box.file("web") is None


def test_pre_start_and_post_exit():
    with Box(config="""
[service:web]
command = {child} file:{dir}/main exit:0
restart = never
pre_start = {child} file:{dir}/pre
post_exit = sh -c 'echo $LASTCALL_EXIT_CODE > {dir}/post'
""") as box:
        assert box.wait() == 0
        assert box.file("pre") is not None
        assert box.file("post").strip() == "0"


def test_hooks():
    with Box(config="""
[lastcall]
deadline = 20s
[hooks]
on_ready = sh -c 'echo $LASTCALL_EVENT >> {dir}/hooks'
on_drain = sh -c 'echo $LASTCALL_EVENT $LASTCALL_CAUSE >> {dir}/hooks'
on_exit = sh -c 'echo $LASTCALL_EVENT >> {dir}/hooks'
[service:web]
command = {child} pause
""") as box:
        until(lambda: box.file("hooks") == "on_ready\n")
        box.signal("TERM")
        assert box.wait() == 0
        assert box.file("hooks").split("\n")[1].startswith("on_drain")
        assert box.file("hooks").endswith("on_exit\n")


def test_a_sequence_of_signals():
    with Box(config="""
[lastcall]
deadline = 30s
[service:web]
command = {child} trap:{dir}/web exit-on:15:0 pause
[service:worker]
command = {child} trap:{dir}/worker exit-on:15:0 pause
[signals]
USR2 = worker:TSTP, wait:1s, web
USR1 = ignore
PWR = deadline:5s
""") as box:
        box.wait_file("web")
        box.wait_file("worker")
        box.signal("USR1")
        began = monotonic()
        box.signal("USR2")
        box.wait_caught("TSTP", name="worker")
        box.wait_caught("USR2", name="web")
        assert monotonic() - began >= 1
        assert box.caught("worker") == ["TSTP"]
        box.signal("PWR")
        box.err.wait("PWR, deadline in 5s")


def test_what_nobody_gave_a_meaning():
    with Box(config="""
[service:web]
command = {child} trap:{dir}/web exit-on:15:0 pause
""") as box:
        box.wait_file("web")
        box.signal("USR1")
        box.err.wait("USR1.*ignored")
        box.signal("HUP")
        box.err.wait("reload is not carried out")
        assert box.caught("web") == []
        box.signal("TERM")
        assert box.wait() == 0


def test_sixty_four_services():
    with Box(config="".join(f"[service:s{n}]\ncommand = {{child}} pause\n" for n in range(64))) as box:
        until(lambda: len(started(box)) == 64)
        box.signal("TERM")
        assert box.wait() == 0
        assert len(stopped(box)) == 64


def test_an_option_is_stronger_than_a_variable_than_the_file():
    config = "[lastcall]\ndeadline = 30s\nlog_level = error\n[service:web]\ncommand = {child} pause\n"
    for options, env, expected in (((), {}, None), (("-v",), {}, "30s"),
                                   (("-v",), {"LASTCALL_DEADLINE": "40s"}, "40s"),
                                   (("-v", "-d", "50s"), {"LASTCALL_DEADLINE": "40s"}, "50s")):
        with Box(config=config, options=options, env=env) as box:
            until(box.children)
            box.signal("TERM")
            assert box.wait() == 0
            if expected is None:
                assert box.err.list == []
            else:
                box.err.wait(f"deadline {expected}")


def test_where_a_service_writes_by_variable():
    """For all that say nothing themselves, also for a command, with or without a file beside it."""
    config = """
[service:one]
command = {child} out:one wait-file:{dir}/said
logs = file:{dir}/one
[service:two]
command = {child} out:two file:{dir}/said sleep:300
"""
    with Box(config="[lastcall]\nlogs = null\n" + config, env={"LASTCALL_LOGS": "inherit"}) as box:
        assert box.wait() == 0
        assert box.out.list == ["two"] and box.file("one") == "one\n"
    with Box(config=config, env={"LASTCALL_LOGS": "loud"}) as box:
        assert box.wait() == 78
        box.err.wait("LASTCALL_LOGS: 'loud': expected")
    with Box("out:hello", env={"LASTCALL_LOGS": "null"}) as box:
        assert box.wait() == 0 and box.out.list == []
    path = f"{tempfile.mkdtemp(prefix='logs.')}/lastcall.ini"
    with open(path, "w", encoding="ascii") as f:
        f.write("[lastcall]\nlogs = null\n")
    for env, lines in ({}, []), ({"LASTCALL_LOGS": "inherit"}, ["hello"]):
        with Box("out:hello", options=["-c", path], env=env) as box:
            assert box.wait() == 0 and box.out.list == lines, env


def test_a_file_beside_a_command():
    """Its [lastcall], [hooks] and [signals] count; the rest is forwarded as ever."""
    path = f"{tempfile.mkdtemp(prefix='beside.')}/lastcall.ini"
    with open(path, "w", encoding="ascii") as f:
        f.write("[lastcall]\ndeadline = 25s\nlogs = json\n[hooks]\non_exit = sh -c 'echo hook >&2'\n"
                "[signals]\nUSR1 = child:USR2\nUSR2 = ignore\n")
    with Box("trap:{dir}/caught", "exit-on:15:0", "pause", options=["-c", path]) as box:
        box.err.wait("deadline 25s")
        box.err.wait("not carried out by this release: logs [(]line 3[)]")
        box.wait_file("caught")
        box.signal("USR2")
        box.signal("USR1")
        box.signal("WINCH")
        box.wait_caught("USR2", "WINCH")
        assert box.caught() == ["USR2", "WINCH"]
        box.signal("TERM")
        assert box.wait() == 0
        box.err.wait("^hook$")
    for text, part in (("[service:x]\ncommand = y\n", "beside a command only"),
                       ("[signals]\nUSR1 = x\n", "there is no service 'x'"),
                       ("[lastcall]\nlinger = x\n", "expected a duration")):
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        with Box("pause", options=["-c", path]) as box:
            assert box.wait() == 78
            box.err.wait(part)


def leader(box, name):
    """The pid, as seen from outside, of a service's present main process."""
    inner = [line.split("(pid ")[1].split(")")[0] for line in box.err.list
             if line.startswith(f"lastcall: {name} (pid ")][-1]
    for pid in box.children():
        try:
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                if f"\nNSpid:\t{pid}\t{inner}\n" in f.read():
                    return pid
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            pass
    return None


def test_what_is_needed_is_kept_alive_in_a_drain():
    """A Redis that dies would take every job with it; a worker that dies would fetch again."""
    with Box(config="""
[lastcall]
deadline = 60s
[service:redis]
command = {child} pause
restart = always
backoff = 100ms 1s
[service:worker]
command = {child} sidekiq:5:2:4000
profile = sidekiq
after = redis
[service:other]
command = {child} sidekiq:5:2:4000
profile = sidekiq
after = redis
restart = always
backoff = 100ms 1s
""") as box:
        for name in "worker", "other":
            box.err.wait(f"{name}: ready")
        box.signal("TERM")
        box.err.wait("worker: quiet")
        box.signal("KILL", leader(box, "redis"))
        box.signal("KILL", leader(box, "other"))
        until(lambda: started(box).count("redis") == 2)
        assert box.wait() == 137  # of `other`, which is essential
        assert started(box).count("other") == 1
        assert stopped(box)[-1] == "redis"
        box.err.wait("worker: stop .*: idle")
