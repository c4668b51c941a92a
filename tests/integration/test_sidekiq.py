"""The fixture's stand-in for Sidekiq: what looks at processes, threads and titles tell."""

import json
import os

from lib import CHILD, Box, Skip, TimedOut, monotonic, until
from lib.box import TOP
from lib.door import ask
from lib.waiting import PATIENCE

DEAD_FILES = os.path.join(TOP, "build/tests/dead_files")


def make(b, name):
    with open(b.path(name), "w", encoding="ascii"):
        pass


def box(*words, **env):
    return Box(*words, options=("-d", "60s", "-p", "sidekiq"),
               env={f"LASTCALL_{name}": value for name, value in env.items()})


def names(pid):
    """Of its threads, as far as they still are there."""
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/comm", encoding="ascii") as f:
                yield f.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        pass


def booted(b, *processors):
    """As many Sidekiqs, each with so many threads that are named."""
    until(lambda: sorted(n for n in (list(names(pid)).count("processor") for pid in b.children()) if n) ==
          sorted(processors))


def test_jobs_are_waited_for_by_their_threads():
    """At once when the threads are gone; by the titles, which are stale, it would be 15 s later."""
    with box("member", "trap:{dir}/one", "threads:3:other", "sleep:400", "threads:2:sidekiq.heartbe",
             "sidekiq:5:2:4000:1:7.2.0", "end", "member", "trap:{dir}/other", "sidekiq:3:1:4000:1:7.2.0", "end", "pause") as b:
        booted(b, 5, 3)
        b.signal("TERM")
        b.wait_line("3 of 8 busy")
        assert b.wait() == 0
        assert 4 <= b.took(b.began) < 10, b.took(b.began)
        for name in "one", "other":
            assert [word for word in b.caught(name) if word != "CONT"] == ["TSTP", "TERM"], b.caught(name)


def test_one_that_appears_after_the_quiet_is_told_too():
    with box("member", "sidekiq:5:2:6000:25:7.2.0", "end", "wait-file:{dir}/go",
             "member", "trap:{dir}/second", "sidekiq:3:1:3000:25:7.2.0", "end", "pause",
             CONTROL="none") as b:
        booted(b, 5)
        b.signal("TERM")
        b.wait_line("2 of 5 busy")
        make(b, "go")
        b.wait_caught("TSTP", name="second")
        b.wait_line("of 8 busy")
        assert "TERM" not in b.caught("second")
        assert b.wait() == 0
        assert "TERM" in b.caught("second"), b.caught("second")


def test_a_forwarded_signal_goes_to_one_that_nobody_has_looked_at():
    with box("member", "trap:{dir}/caught", "sidekiq:5:0:0:25:7.2.0", "end", "pause", CONTROL="none", READY="started") as b:
        booted(b, 5)
        b.signal("USR1")
        b.wait_caught("USR1")


def test_files_of_one_that_is_gone_are_closed():
    with box("member:2", "sidekiq:5:1:60000:25:7.2.0", "end", "pause") as b:
        booted(b, 5, 5)
        b.signal("TERM")
        b.wait_line("2 of 10 busy")
        held = len(os.listdir(f"/proc/{b.pid}/fd"))
        b.signal("KILL", b.children()[-1])
        until(lambda: len(os.listdir(f"/proc/{b.pid}/fd")) < held)


def test_members_that_go_leave_no_descriptor():
    """What is looked at again and again has files of its own open, each until it is gone."""
    with Box(options=("-d", "60s", "-p", "sidekiq"),
             command=["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1.5; done"]) as b:
        seen, held = set(), []

        def more(count):
            seen.update(pid for pid, (_, name) in b.processes().items() if name == "sleep")
            return len(seen) >= count
        until(lambda: more(1))
        b.signal("TERM")
        for count in 3, 7:
            until(lambda: more(count), timeout=20, every=0.1)
            held.append(len(os.listdir(f"/proc/{b.pid}/fd")))
        assert held[1] <= held[0] + 1, held


def stuck(pid):
    """The names of its threads that no signal ends; nothing that takes the lock on memory is read."""
    try:
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/stat", encoding="ascii") as f:
                name, state = f.read().split()[1:3]
            if state == "D":
                yield name
    except (FileNotFoundError, ProcessLookupError):
        pass


def hanging(b):
    """Threads that wait for a dead file server."""
    return sum(name == "(hangs)" for pid in b.children() for name in stuck(pid))


def totals(b):
    return sum(s["total"] or 0 for s in json.loads(ask(b, "/status")[1])["services"])


def booted_on_dead_files(b, *processors):
    try:
        booted(b, *processors)
    except TimedOut:
        if "dead_files: " in b.err.text():
            raise Skip("nothing hangs in a dead file server: " + b.err.text()) from None
        raise
    until(lambda: totals(b) == sum(processors))  # all have been looked at


def test_a_title_that_is_never_read_holds_up_nothing():
    """A job hangs in mmap() on a dead file server, and so does who reads the title of its Sidekiq."""
    def answers(target):
        began = monotonic()
        assert ask(b, target)[0] == 200 and monotonic() - began < 0.5 * PATIENCE, monotonic() - began

    with Box(options=("-d", "8s", "-p", "sidekiq"), command=[
             "/bin/sh", "-c", f"{DEAD_FILES} {{dir}}/dead && exec {CHILD} "
             "member trap:{dir}/other sidekiq:5:1:1000:1:7.2.0 end "
             "member trap:{dir}/caught hang:{dir}/go:{dir}/dead sidekiq:3:1:1000:1:7.2.0 end pause"],
             env={"LASTCALL_CONTROL": "{dir}/control.sock", "LASTCALL_STOP": "TERM 2s"}) as b:
        booted_on_dead_files(b, 3, 5)
        make(b, "go")
        until(lambda: hanging(b))
        answers("/status")
        told = monotonic()
        b.signal("TERM")
        for name in "caught", "other":
            b.wait_caught("TSTP", timeout=1, name=name)
        answers("/livez")
        b.wait_line("stop .TERM.*latest moment")
        assert monotonic() - told > 4, "what cannot be read was taken for idle"
        answers("/status")
        assert b.wait() == 137
        assert b.took(told) < 8, b.took(told)


def boot_between_look_and_stop():
    """False: they had booted by their look, or the looks took so long that there was another, or TERM was faster than
    their traps. The look at the other comes after theirs, and takes 100 ms, as nothing answers for its title: then
    they boot."""
    with Box(config=f"""
[lastcall]
deadline = 9s
control = {{dir}}/control.sock
[service:direct]
command = {CHILD} file:{{dir}}/up wait-file:{{dir}}/go trap:{{dir}}/direct sidekiq:3:1:3000:1:7.2.0
profile = sidekiq
stop = TERM 1s
[service:behind-a-shell]
command = /bin/sh -c "{CHILD} file:{{dir}}/up-too wait-file:{{dir}}/go trap:{{dir}}/behind-a-shell sidekiq:3:1:3000:1:7.2.0; true"
profile = sidekiq
stop = TERM 1s
[service:other]
command = /bin/sh -c "{DEAD_FILES} {{dir}}/dead && exec {CHILD} hang:{{dir}}/hang:{{dir}}/dead sidekiq:3:1:1:1:7.2.0"
profile = sidekiq
stop = TERM 1s
""") as b:
        b.wait_file("up")
        b.wait_file("up-too")
        booted_on_dead_files(b, 3)
        make(b, "hang")
        until(lambda: hanging(b))
        b.signal("TERM")
        until(lambda: any(stuck(b.pid)), every=0.001)
        make(b, "go")
        for name in "direct", "behind-a-shell":
            if "quiet" in b.wait_line(f"{name}: (stop .TERM.*still booting|quiet)"):
                return False
            b.wait_line(f"{name}: .*stopped after")
            if not b.caught(name):
                return False
            b.wait_line(f"{name}: has booted on, TERM did not reach it: waiting for its jobs")
            assert [word for word in b.caught(name) if word != "CONT"] == ["TSTP", "TERM"], b.caught(name)
    return True


def test_who_sets_its_traps_between_its_look_and_its_stop_is_not_stopped_as_one_that_boots():
    assert any(boot_between_look_and_stop() for _ in range(5)), "they did not boot in between"
