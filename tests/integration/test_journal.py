"""lastcall's own lines: text and JSON, levels, and a stderr that is full, a socket or none."""

import fcntl
import json
import os
import re
import select
import socket
import tempfile
import time

from lib import BIN, CHILD, Box, TimedOut, holds_for, lines_of, monotonic, until

TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
SERVICE = ("trap:{dir}/caught", "exit-on:15:0", "file:{dir}/up", "pause")
LEVELS = ["error", "warn", "info", "debug"]


def wide_run(options=(), **env):
    """Lines of all four levels: a forwarded signal, the story, a step that was waited for, KILL."""
    with Box("trap:{dir}/caught", "file:{dir}/up", "pause", options=("-d", "3s", *options),
             env={"LASTCALL_STOP": "TERM 1s, QUIT 10s, KILL", **env}) as b:
        b.wait_file("up")
        b.signal("USR1")
        b.wait_caught("USR1")
        b.signal("TERM")
        assert b.wait() == 137
        return b.err.list


def objects(lines):
    """Each line is one object with just these fields, and none comes twice."""
    def no_doubles(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)
    found = [json.loads(line, object_pairs_hook=no_doubles) for line in lines]
    for o in found:
        assert {"time", "level", "line"} <= set(o) <= {"time", "level", "service", "line"}, o
        assert re.match(TIME, o["time"]), o
        assert o["level"] in LEVELS, o
    return found


# --- text and levels -------------------------------------------------------------------


def is_forward(line):
    return "USR1 forwarded" in line


def is_info(line):
    return "started" in line or "done in" in line


def is_warning(line):
    return "still there after" in line


def is_error(line):
    return "the time is up" in line


def levels_of(lines):
    return [any(is_one(line) for line in lines) for is_one in (is_error, is_warning, is_info, is_forward)]


def levels_are(wanted, options=(), **env):
    lines = wide_run(options, **env)
    assert levels_of(lines) == wanted, lines


def test_the_default_is_info():
    lines = wide_run()
    assert levels_of(lines) == [True, True, True, False], lines
    assert all(line.startswith("lastcall: ") for line in lines), lines


def test_v():
    levels_are([True, True, True, True], ("-v",))


def test_q():
    levels_are([True, False, False, False], ("-q",))


def test_q_of_a_good_run_is_silent():
    with Box(*SERVICE, options=("-q", "-d", "9s")) as b:
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 0
        assert b.err.list == [], b.err.list


def test_log_level():
    levels_are([True, False, False, False], LASTCALL_LOG_LEVEL="error")
    levels_are([True, True, False, False], LASTCALL_LOG_LEVEL="warn")
    levels_are([True, True, True, False], LASTCALL_LOG_LEVEL="info")
    levels_are([True, True, True, True], LASTCALL_LOG_LEVEL="debug")


def test_an_option_is_stronger_than_the_variable():
    levels_are([True, True, True, True], ("-v",), LASTCALL_LOG_LEVEL="error")
    levels_are([True, False, False, False], ("-q",), LASTCALL_LOG_LEVEL="debug")


def test_bad_variables():
    for name, value, meant in (("LOG_LEVEL", "inof", "info"), ("LOG_FORMAT", "jsno", "json"),
                               ("LOG_FORMAT", "xml", None)):
        with Box("file:{dir}/up", env={f"LASTCALL_{name}": value}) as b:
            assert b.wait() == 78
            assert f"LASTCALL_{name}" in b.err.text(), b.err.text()
            assert meant is None or f"did you mean {meant}?" in b.err.text(), b.err.text()
            assert b.file("up") is None


def test_an_empty_variable_is_not_set():
    levels_are([True, True, True, False], LASTCALL_LOG_LEVEL="", LASTCALL_DEADLINE="",
               LASTCALL_PROFILE="", LASTCALL_STOP="")


# --- json ---------------------------------------------------------------------------------


def test_json():
    before = time.time()
    found = objects(wide_run(("-v",), LASTCALL_LOG_FORMAT="json"))
    of = {}
    for o in found:
        of.setdefault(o["level"], []).append(o)
    assert any(is_forward(o["line"]) for o in of["debug"]), of["debug"]
    assert any(is_info(o["line"]) for o in of["info"]), of["info"]
    assert any(is_warning(o["line"]) for o in of["warn"]), of["warn"]
    assert any(is_error(o["line"]) for o in of["error"]), of["error"]
    started = next(o for o in found if "started" in o["line"])
    done = found[-1]
    assert started["service"] == "child", started
    assert "service" not in done and "done in" in done["line"], done
    assert [o["time"] for o in found] == sorted(o["time"] for o in found)
    at = time.mktime(time.strptime(started["time"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    assert before - 2 <= at <= time.time(), started["time"]
    assert not any(o["line"].startswith("lastcall: ") for o in found)


def test_text_format():
    assert wide_run(LASTCALL_LOG_FORMAT="text")[0].startswith("lastcall: ")


def test_json_of_bytes_that_need_care():
    """Quotes, ends of lines, control bytes, and what is no UTF-8."""
    path = '/nonexistent/"quoted"\\/\n\r\t\x01\x7f/'
    path += os.fsdecode(b"\xff\xc3\xa9\xed\xa0\x80") + "/control.sock"
    with Box("exit:0", env={"LASTCALL_CONTROL": path, "LASTCALL_LOG_FORMAT": "json"}) as b:
        assert b.wait() == 0
        line = next(o["line"] for o in objects(b.err.list) if "/nonexistent/" in o["line"])
        assert '/nonexistent/"quoted"\\/\n\r\t\x01\x7f/' in line, line
        assert "é" in line, line


def test_json_of_a_long_line():
    path = "/nonexistent/" + "\x01" * 3000 + "/control.sock"
    with Box("exit:0", env={"LASTCALL_CONTROL": path, "LASTCALL_LOG_FORMAT": "json"}) as b:
        assert b.wait() == 0
        assert any("/nonexistent/" in o["line"] for o in objects(b.err.list))


def test_text_of_a_name_with_line_ends_is_one_line():
    """Nobody can write a line of lastcall's into its log."""
    with Box("exit:0", env={"LASTCALL_CONTROL": "/nonexistent/x\nlastcall: done/c\x1b[2J"}) as b:
        assert b.wait() == 0
        assert "x?lastcall: done/c?[2J: No such file" in b.err.list[0], b.err.list
        assert all(line.startswith("lastcall: ") for line in b.err.list), b.err.list
        assert not any(line.startswith("lastcall: done/") for line in b.err.list), b.err.list
        assert "\x1b" not in b.err.text()


# --- a reader that comes late, or never ---------------------------------------------------


def flood_of_forwards(b, count):
    """RTMIN+5 is queued by the kernel, so that each one is two lines of -v: got, forwarded."""
    for _ in range(count):
        b.signal("RTMIN+5")
    try:
        until(lambda: b.caught().count("RTMIN+5") == count, 30)
    except TimedOut:
        raise AssertionError(f"{b.caught().count('RTMIN+5')} of {count} were forwarded") from None


def read_all(fd, enough, timeout=10):
    """What comes out of fd until enough(text) holds."""
    data, end = b"", monotonic() + timeout
    while not enough(data.decode("utf-8", "replace")):
        left = end - monotonic()
        assert left > 0, data[-2000:]
        if select.select([fd], [], [], left)[0]:
            data += os.read(fd, 65536)
    return data.decode("utf-8", "replace")


def test_dropped_lines_are_counted_and_told():
    """At once when somebody reads again: nothing else needs to happen first."""
    count = 3000
    with Box(*SERVICE, stderr="full", options=("-v",),
             env={"LASTCALL_LOG_FORMAT": "json"}) as b:
        b.wait_file("up")
        flood_of_forwards(b, count)
        text = read_all(b.unread, lambda text: re.search(r"\d+ lines were dropped[^\n]*\n", text))
        assert text.startswith("x" * 4096)
        found = objects(text[4096:].splitlines())
        kept = sum("RTMIN+5" in o["line"] for o in found)
        dropped = int(re.search(r"(\d+) lines were dropped", text)[1])
        assert kept > 100 and dropped > 100, (kept, dropped)
        assert kept + dropped == 2 * count, (kept, dropped)
        assert found[-1]["level"] == "warn", found[-1]
        b.signal("USR1")  # and the log goes on
        text = read_all(b.unread, lambda text: "USR1 forwarded" in text and text.endswith("\n"))
        assert "dropped" not in text, text
        b.signal("TERM")
        text = read_all(b.unread, lambda text: "done in" in text and text.endswith("\n"))
        objects(text.splitlines())
        assert b.wait() == 0


def test_lines_wait_for_a_reader_that_is_late():
    """Fewer than are dropped: none is lost, and all in order."""
    with Box(*SERVICE, stderr="full", options=("-v",)) as b:
        b.wait_file("up")
        flood_of_forwards(b, 300)
        b.signal("USR1")
        text = read_all(b.unread, lambda text: "USR1 forwarded" in text)
        lines = text[4096:].splitlines()
        assert sum("started" in line for line in lines) == 1, lines[:3]
        assert sum("RTMIN+5 forwarded" in line for line in lines) == 300
        assert "USR1 forwarded" in lines[-1]
        assert "dropped" not in text
        idle_for(b, 1)


def idle_for(b, seconds):
    """lastcall uses next to nothing of the processor: it waits for what can happen."""
    used, end = ticks(b), monotonic() + seconds
    until(lambda: monotonic() > end)
    assert ticks(b) - used < 30 * seconds, ticks(b) - used


def ticks(b):
    with open(f"/proc/{b.pid}/stat", encoding="ascii", errors="replace") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))  # 1/100 s


def test_last_lines_wait_for_a_reader():
    """0.2 s at the end, in which a machine that is busy may not get to read: in one of ten runs at least."""
    for _ in range(10):
        with Box(*SERVICE, stderr="full") as b:
            b.wait_file("up")
            b.signal("TERM")
            until(lambda: not b.children())  # what is there to be told has been told, but for the end
            time.sleep(0.05)  # so late is the reader
            text, end = b"", monotonic() + 1
            while b"done in" not in text and monotonic() < end:
                if select.select([b.unread], [], [], 0.1)[0]:
                    text += os.read(b.unread, 4096)
            assert b.wait() == 0
            if b"done in" in text:
                return
    raise AssertionError("the last line was never written")


def test_drops_are_told_at_the_end():
    """The reader comes when lastcall ends: what is left goes out, with the count."""
    with Box(*SERVICE, stderr="full", options=("-v",)) as b:
        b.wait_file("up")
        flood_of_forwards(b, 4000)
        flags = fcntl.fcntl(b.unread, fcntl.F_GETFL)
        fcntl.fcntl(b.unread, fcntl.F_SETPIPE_SZ, 1 << 20)  # room for all of it
        fcntl.fcntl(b.unread, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        b.signal("TERM")
        assert b.wait() == 0
        text = os.read(b.unread, 1 << 20).decode()
        assert re.search(r"\d+ lines were dropped", text), text[-500:]
        assert "done in" in text, text[-500:]


def test_a_reader_that_never_comes():
    with Box(*SERVICE, stderr="full", options=("-v",)) as b:
        b.wait_file("up")
        with open(f"/proc/{b.pid}/status", encoding="ascii", errors="replace") as f:
            before = f.read()
        flood_of_forwards(b, 4000)
        with open(f"/proc/{b.pid}/status", encoding="ascii", errors="replace") as f:
            after = f.read()
        assert resident(after) - resident(before) < 512, "KiB more"
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


test_a_reader_that_never_comes.unsanitized = "it measures memory"


def resident(status):
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1])


# --- other kinds of stderr ------------------------------------------------------------------


def test_a_socket():
    ours, theirs = socket.socketpair()
    with ours, Box(*SERVICE, stderr=os.dup(theirs.fileno()), options=("-v",)) as b:
        theirs.close()
        b.wait_file("up")
        b.signal("TERM")
        text = read_all(ours.fileno(), lambda text: "done in" in text and text.endswith("\n"))
        assert b.wait() == 0
        assert all(line.startswith("lastcall: ") for line in text.splitlines()), text


def test_a_socket_that_nobody_reads_and_that_is_read_later():
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with ours, Box(*SERVICE,
                   stderr=os.dup(theirs.fileno()), options=("-v",), env={"LASTCALL_LOG_FORMAT": "json"}) as b:
        b.wait_file("up")
        assert os.get_blocking(theirs.fileno()), "it is shared with others"
        theirs.close()
        flood_of_forwards(b, 3000)
        text = read_all(ours.fileno(), lambda text: re.search(r"lines were dropped[^\n]*\n", text))
        kept = sum("RTMIN+5" in o["line"] for o in objects(text.splitlines()))
        assert kept + int(re.search(r"(\d+) lines were dropped", text)[1]) == 2 * 3000
        b.signal("TERM")
        assert b.wait() == 0


def test_a_socket_whose_other_side_is_gone():
    ours, theirs = socket.socketpair()
    ours.close()
    with Box(*SERVICE, stderr=os.dup(theirs.fileno()), options=("-v",)) as b:
        theirs.close()
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 0


def test_a_socket_of_datagrams():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, Box("exit:4", stderr=os.dup(theirs.fileno())) as b:
        theirs.close()
        assert b.wait() == 4
        text = ""
        ours.settimeout(2)
        while "done in" not in text:
            text += ours.recv(65536).decode()


def test_a_file_that_others_write_too():
    """Not opened for appending: all share one offset, and nobody overwrites another's lines."""
    with tempfile.TemporaryFile("w+", encoding="ascii") as file:
        with Box("err:of the child", "exit:0", stderr=os.dup(file.fileno())) as b:
            assert b.wait() == 0
        file.seek(0)
        lines = file.read().splitlines()
    assert lines.count("of the child") == 1, lines
    assert all(line.startswith("lastcall: ") for line in lines if line != "of the child"), lines
    assert "done in" in lines[-1], lines


FULL_DISK = """
mount -t tmpfs -o size=16k none /mnt && : > /mnt/log && dd if=/dev/zero of=/mnt/filler bs=4k 2>/dev/null
exec "$@" 2>> /mnt/log
"""


def test_a_full_disk_that_has_room_again():
    with Box(program=["/bin/sh", "-c", FULL_DISK, "sh", BIN, "-v", "--", CHILD, "trap:{dir}/caught",
                      "file:{dir}/up", "pause"]) as b:
        b.wait_file("up")
        idle_for(b, 1)  # it is not tried again and again
        assert lines_of(f"/proc/{b.pid}/root/mnt/log") == []
        os.unlink(f"/proc/{b.pid}/root/mnt/filler")
        b.signal("USR1")
        until(lambda: "USR1 forwarded" in "".join(lines_of(f"/proc/{b.pid}/root/mnt/log")))


def test_a_closed_stderr():
    """Nothing that lastcall opens takes its number, so that the child writes into nothing of ours."""
    with Box("report:{dir}/report", "err:lost", *SERVICE, stderr="closed",
             options=("-v",), env={"LASTCALL_LOG_FORMAT": "json"}) as b:
        b.wait_file("up")
        assert b.json("report")["fds"].get("2", "/dev/null") == "/dev/null"
        b.signal("TERM")
        assert b.wait() == 0
        assert b.out.list == [], b.out.list


def test_a_pipe_of_somebody_else():
    """It can be written to, and not be opened: a process writes in lastcall's stead, to the last line."""
    with Box(*SERVICE, uid=54321, options=("-v",)) as b:
        b.wait_file("up")
        b.signal("TERM")
        assert b.wait() == 0
        assert any("started" in line for line in b.err.list), b.err.list
        assert "done in" in b.err.list[-1], b.err.list


def test_a_full_pipe_of_somebody_else():
    with Box(*SERVICE, uid=54321, stderr="full",
             options=("-v",), env={"LASTCALL_LOG_FORMAT": "json"}) as b:
        b.wait_file("up")
        flood_of_forwards(b, 4000)
        text = read_all(b.unread, lambda text: re.search(r"lines were dropped[^\n]*\n", text))
        kept = sum("RTMIN+5" in o["line"] for o in objects(text[4096:].splitlines()))
        assert kept + int(re.search(r"(\d+) lines were dropped", text)[1]) == 2 * 4000
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


def test_a_full_pipe_of_somebody_else_that_nobody_reads():
    with Box(*SERVICE, uid=54321, stderr="full",
             options=("-v",)) as b:
        b.wait_file("up")
        flood_of_forwards(b, 4000)
        began = monotonic()
        b.signal("TERM")
        assert b.wait() == 0
        assert b.took(began) < 2, b.took(began)


def test_the_writer_is_no_orphan_and_gets_no_signal_of_the_service():
    """It lives as long as lastcall does, whatever signals come."""
    with Box(*SERVICE, uid=54321, options=("-v",)) as b:
        b.wait_file("up")
        for name in ("USR1", "HUP", "WINCH"):
            b.signal(name)
        b.wait_caught("USR1", "HUP", "WINCH")
        b.wait_line("WINCH forwarded")
        holds_for(lambda: b.children() != [], 0.3)
        b.signal("TERM")
        assert b.wait() == 0
        assert "done in" in b.err.list[-1], b.err.list
        assert "orphan" not in b.err.text(), b.err.text()


def writer_of(b):
    """The process that writes the log: a child of lastcall's that is lastcall itself."""
    with open(f"/proc/{b.pid}/task/{b.pid}/children", encoding="ascii") as f:
        return next((pid for pid in map(int, f.read().split()) if pid not in b.processes()), None)


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


def test_a_writer_that_is_killed_has_a_successor():
    """KILL to all, which is sent where nobody can be listed, hits it too. What it had not read is not lost."""
    with Box(*SERVICE, uid=54321, options=("-v",)) as b:
        b.wait_file("up")
        first = writer_of(b)
        b.signal("STOP", first)
        until(lambda: state_of(first) == "T")  # else it may have read what it will not write
        b.signal("USR1")
        b.wait_caught("USR1")
        b.signal("KILL", first)
        b.wait_line("USR1 forwarded")
        second = writer_of(b)
        assert second != first
        held = [os.readlink(f"/proc/{second}/fd/{fd}") for fd in os.listdir(f"/proc/{second}/fd")]
        assert not any(to.startswith("socket:") for to in held), held
        b.signal("TERM")
        assert b.wait() == 0
        assert "done in" in b.err.list[-1], b.err.list
