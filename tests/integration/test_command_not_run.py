"""126, 127, 64: what was not started, and why, in words."""

import os

from lib import Box


def told(argv):
    with Box(argv=argv) as box:
        return box.wait(), box.err.text(), box.out.text()


def test_missing_after_dashes():
    code, err, _ = told(["--", "/no/such/program"])
    assert code == 127
    assert "/no/such/program" in err and ("not found" in err or "No such file" in err), err


def test_missing_on_path():
    code, err, _ = told(["--", "no-such-program"])
    assert code == 127
    assert "no-such-program" in err, err


def test_not_executable():
    with Box(argv=["--", "{dir}/plain"]) as probe:
        probe.wait()
    path = os.path.join(os.path.dirname(probe.dir), f"plain.{os.getpid()}")
    with open(path, "w", encoding="ascii") as f:
        f.write("#!/bin/sh\nexit 0\n")
    os.chmod(path, 0o644)
    try:
        code, err, _ = told(["--", path])
    finally:
        os.unlink(path)
    assert code == 126
    assert path in err and "ermission denied" in err, err


def test_directory():
    code, err, _ = told(["--", "/usr"])
    assert code == 126
    assert "/usr" in err, err


def test_interpreter_is_missing():
    path = f"/tmp/lastcall-test-script.{os.getpid()}"
    with open(path, "w", encoding="ascii") as f:
        f.write("#!/no/such/interpreter\n")
    os.chmod(path, 0o755)
    try:
        code, err, _ = told(["--", path])
    finally:
        os.unlink(path)
    assert code == 127
    assert path in err, err


def test_neither_subcommand_nor_executable():
    code, err, _ = told(["statsu"])
    assert code == 127
    assert "statsu" in err and "status" in err.replace("statsu", ""), err


def test_nearest_subcommands():
    for typo, meant in (("chekc", "check"), ("prestpo", "prestop"), ("drian", "drain"), ("evnets", "events")):
        code, err, _ = told([typo])
        assert code == 127, (typo, code)
        assert meant in err, err


def test_a_word_like_no_subcommand():
    code, err, _ = told(["bin/rails-xyzzy"])
    assert code == 127
    assert "bin/rails-xyzzy" in err, err
