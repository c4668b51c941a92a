"""The event log: from the first event to the last action, and it can be replayed."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from lib import BIN, Box, until
from lib.door import ask, client, config

TRACES = Path(__file__).resolve().parents[1] / "fixtures" / "traces"


def replay(text):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
        f.write(text)
        f.flush()
        done = subprocess.run([BIN, "replay", f.name], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def a_log():
    """Of a run with a restart, a signal and a shutdown, followed from its first moment on."""
    with Box(config=config()) as b:
        b.wait_file("up")
        follow = subprocess.Popen([BIN, "events", "--follow"], stdout=subprocess.PIPE, text=True,
                                  env={"PATH": os.environ["PATH"], "LASTCALL_CONTROL": b.path("control.sock")})
        os.unlink(b.path("up"))
        ask(b, "/services/web/restart", "POST")
        b.wait_file("up")  # only now it has its traps
        client(b, "signal", "web", "USR1")
        b.wait_caught("USR1")
        before = client(b, "events")[1]
        b.signal("TERM")
        assert b.wait() == 0
        text = follow.communicate(timeout=10)[0]
        assert follow.returncode == 0
    return before, text


def test_follow_and_replay():
    before, text = a_log()
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["spec"]["services"][0]["name"] == "web"
    assert [line["n"] for line in lines[1:]] == list(range(len(lines) - 1))
    assert lines[1]["event"] == "start" and lines[-1]["action"] == "exit"
    assert text.startswith(before)
    assert "/child" not in text, "a command may hold a secret"
    code, out, err = replay(text)
    assert code == 0 and "the same" in out, (code, out, err)


def test_traces_of_real_runs():
    """Drains of Sidekiq 6.4 and 8.1, as tests/e2e/test_replay.py made them."""
    traces = sorted(TRACES.glob("*.jsonl"))
    assert len(traces) >= 4
    for trace in traces:
        code, out, err = replay(trace.read_text(encoding="ascii"))
        assert code == 0 and "the same" in out, (trace.name, err)


def test_replay_finds_what_differs():
    text = a_log()[1]
    lines = text.splitlines(keepends=True)
    stop = next(k for k, line in enumerate(lines) if '"action":"signal"' in line and '"signal":15' in line)
    changed = "".join(lines[:stop]) + lines[stop].replace('"signal":15', '"signal":3') + "".join(lines[stop + 1:])
    code, _, err = replay(changed)
    assert code == 1 and f":{stop + 1}: the core does something else" in err, err
    code, _, err = replay("".join(lines[:stop] + lines[stop + 1:]))
    assert code == 1 and f":{stop + 1}: " in err, err
    code, out, _ = replay("".join(lines[:stop]))
    assert code == 0 and "middle of a step" in out


def test_what_is_no_log():
    before = a_log()[0].splitlines(keepends=True)
    for text, word in (("", "no event"), ("{}\n", "cannot be read"), ("x\n", "cannot be read"),
                       ("".join(before[1:]), "cannot be read"), (before[0] * 2, "second"),
                       (before[0] + '{"missed":7}\n', "missing"),
                       (before[0] + '{"n":0,"at":1,"event":"none"}\n', "cannot be read")):
        code, _, err = replay(text)
        assert code == 78 and word in err, (text[:80], code, err)


def test_overwritten_entries_are_told():
    with Box(config=config()) as b:
        b.wait_file("up")
        for _ in range(1200):  # each an event and what is done about it
            assert ask(b, "/services/web/signal?name=USR1", "POST")[0] == 202
        lines = [json.loads(line) for line in client(b, "events")[1].splitlines()]
        assert lines[1]["missed"] == lines[2]["n"] > 0
        assert len(lines) == 2 + 2048
