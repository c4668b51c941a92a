"""SPEC 5, for the one service of the `--` form."""

import os
from concurrent.futures import ThreadPoolExecutor

from lib import ALL_SIGNALS, Box, until, word

IGNORED_BY_DEFAULT = {"CHLD", "CONT", "URG", "WINCH", "STOP", "TSTP", "TTIN", "TTOU"}


def code_of(*words, **how):
    with Box(*words, **how) as box:
        return box.wait()


def each(function, values):
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(values, pool.map(function, values)))


def pass_through(numbers):
    codes = each(lambda n: code_of(f"exit:{n}"), numbers)
    assert codes == {n: n for n in numbers}, {n: c for n, c in codes.items() if n != c}


def test_every_code_below_128_passes_through():
    pass_through(range(128))


def test_every_code_from_128_on_passes_through():
    pass_through(range(128, 256))


def test_every_fatal_signal_is_128_more():
    fatal = [n for n in ALL_SIGNALS if word(n) not in IGNORED_BY_DEFAULT]
    codes = each(lambda n: code_of("unblock", f"kill:{n}", "pause"), fatal)
    assert codes == {n: 128 + n for n in fatal}, {word(n): c for n, c in codes.items() if c != 128 + n}


def test_own_death_by_term_is_143():
    assert code_of("kill:15") == 143


def test_end_by_our_term_is_0():
    with Box("file:{dir}/up", "pause") as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 0


def test_code_after_being_told_to_stop():
    with Box("exit-on:15:9", "file:{dir}/up", "pause") as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 9


def test_other_signal_after_being_told_to_stop():
    """A child that TERM makes die of another signal, which lastcall never sent."""
    script = 'trap "kill -ABRT $$" TERM; echo up >"$1"; read -r never'
    with Box(command=["/bin/sh", "-c", script, "sh", "{dir}/up"], stdin="pipe") as box:
        box.wait_file("up")
        box.signal("TERM")
        assert box.wait() == 134


def test_killed_from_elsewhere():
    with Box("file:{dir}/up", "pause") as box:
        box.wait_file("up")
        box.signal("KILL", until(box.children)[0])
        assert box.wait() == 137


def test_ends_at_once():
    with Box("exit:3") as box:
        assert box.wait() == 3
        assert box.took(box.began) < 2, box.took(box.began)


def test_no_output_of_its_own_on_stdout():
    with Box("out:hello", "exit:0") as box:
        assert box.wait() == 0
        assert box.out.list == ["hello"]


def test_arguments_arrive_as_they_are():
    words = ["a b", "", "-x", "--", "$HOME", "*", "'", '"', "\\"]
    with Box(command=["/bin/sh", "-c", 'printf "%s|" "$@"', "sh", *words]) as box:
        assert box.wait() == 0
        assert box.out.list == ["".join(w + "|" for w in words)]


def test_found_on_path_as_a_shell_finds_it():
    with Box(command=["sh", "-c", "exit 4"], env={"PATH": "/nonexistent:/bin:/usr/bin"}) as box:
        assert box.wait() == 4


def test_without_dashes():
    with Box(argv=["/bin/sh", "-c", "exit 6"]) as box:
        assert box.wait() == 6


def test_directory_stays():
    os.chdir("/usr/lib")
    with Box(command=["/bin/pwd"]) as box:
        assert box.wait() == 0
        assert box.out.list == ["/usr/lib"]
