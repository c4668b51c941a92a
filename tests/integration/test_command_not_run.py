"""126, 127, 64: what was not started, and why, in words."""

import os
import tempfile

from lib import BIN, Box, until


def told(argv):
    with Box(argv=argv) as box:
        return box.wait(), box.err.text(), box.out.text()


def test_missing_after_dashes():
    code, err, _ = told(["--", "/no/such/program"])
    assert code == 127
    assert "program" in err and "no such file" in err.lower(), err


def test_missing_below_a_file():
    code, err, _ = told(["--", script("plain-folder", 0o755, "#!/bin/sh\n") + "/program"])
    assert code == 127
    assert "not a directory" in err.lower(), err


def test_what_could_not_be_executed_is_no_orphan():
    """Though it may end a moment after it has told so."""
    for _ in range(20):
        _, err, _ = told(["--", "/no/such/program"])
        assert "orphan" not in err, err


def test_missing_on_path():
    code, err, _ = told(["--", "no-such-program"])
    assert code == 127
    assert "no-such-program" in err, err


def script(name, mode, text):
    path = os.path.join(tempfile.gettempdir(), name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def test_not_executable():
    code, err, _ = told(["--", script("plain", 0o644, "#!/bin/sh\nexit 0\n")])
    assert code == 126
    assert "plain" in err and "permission denied" in err.lower(), err


def test_directory():
    assert told(["/usr"])[0] == 126
    code, err, _ = told(["--", "/usr"])
    assert code == 126
    assert "usr" in err and "permission denied" in err.lower(), err


def test_interpreter_is_missing():
    code, err, _ = told(["--", script("script", 0o755, "#!/no/such/interpreter\n")])
    assert code == 127
    assert "script" in err and "no such file" in err.lower(), err


def test_neither_subcommand_nor_executable():
    code, err, _ = told(["statsu"])
    assert code == 127
    assert "statsu" in err and "status" in err.replace("statsu", ""), err


def test_nearest_subcommands():
    for typo, meant in (("chekc", "check"), ("prestpo", "prestop"), ("drian", "drain"), ("evnets", "events")):
        code, err, _ = told([typo])
        assert code == 127, (typo, code)
        assert meant in err, err


def test_a_script_that_nothing_can_run():
    """No interpreter line, and no /bin/sh either."""
    with Box(argv=["--", script("bare", 0o755, "exit 0\n")], hide=["/usr/bin"]) as box:
        assert box.wait() == 126
        assert "exec format error" in box.err.text().lower(), box.err.text()


def test_a_word_like_no_subcommand():
    code, err, _ = told(["bin/rails-xyzzy"])
    assert code == 127
    assert "bin/rails-xyzzy" in err, err


def test_no_process_can_be_had():
    """For now, perhaps: it is tried again. TERM meanwhile ends that."""
    with Box(program=["/usr/bin/prlimit", "--nproc=0", BIN, "--", "/bin/true"], uid=54321,
             stderr="{dir}/log") as box:
        until(lambda: "'/bin/true' could not be started: no process can be had at present\n"
                      "lastcall: true: restart in" in (box.file("log") or ""))
        box.signal("TERM")
        assert box.wait() == 126


test_no_process_can_be_had.unsanitized = "LeakSanitizer needs /proc, and a process of its own"
