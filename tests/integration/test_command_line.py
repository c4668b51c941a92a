"""Options of SPEC 1: 64 for wrong ones, --version and --help to stdout."""

from lib import Box

SUBCOMMANDS = ("run check plan prestop drain shutdown status health deadline quiet stop start "
               "restart signal reload events").split()


def told(*argv, **how):
    with Box(argv=list(argv), **how) as box:
        return box.wait(), box.out.list, box.err.list


def wrong(*argv, says):
    code, out, err = told(*argv)
    assert code == 64, (argv, code, err)
    assert not out, out
    assert any(says in line for line in err), err


def test_unknown_long_option():
    wrong("--bogus", "--", "/bin/true", says="--bogus")


def test_unknown_short_option():
    wrong("-Z", "--", "/bin/true", says="Z")


def test_unknown_letter_behind_others():
    wrong("-qx", "--", "/bin/true", says=": -x")


def test_option_without_its_value():
    wrong("-d", says="-d")
    wrong("--deadline", says="deadline")


def test_bad_duration():
    for bad in "abc", "", "-5s", "5x", "1.5.2s", "99999999999999999999s":
        wrong("-d", bad, "--", "/bin/true", says="deadline" if bad == "" else bad)


def test_good_durations():
    for good in "90s", "5m", "3h5m", "2500ms", "30", "none":
        code, _, err = told("-d", good, "--", "/bin/sh", "-c", "exit 3")
        assert code == 3, (good, code, err)


def test_long_option_with_equals():
    code, _, err = told("--deadline=90s", "--", "/bin/sh", "-c", "exit 3")
    assert code == 3, err


def test_unknown_profile():
    wrong("-p", "sidekik", "--", "/bin/true", says="sidekiq")


def test_profile():
    code, _, err = told("-p", "generic", "--", "/bin/sh", "-c", "exit 3")
    assert code == 3, err


def test_dashes_and_no_command():
    code, _, err = told("--")
    assert code == 64, (code, err)


def test_version():
    code, out, err = told("--version")
    assert (code, err) == (0, []), (code, err)
    assert len(out) == 1 and out[0].startswith("lastcall ") and out[0][9].isdigit(), out


def test_help():
    code, out, err = told("--help")
    assert (code, err) == (0, []), (code, err)
    text = "\n".join(out)
    for word in "--config", "--deadline", "--profile", "--version", "-q", "-v":
        assert word in text, text


def test_help_of_each_subcommand():
    for subcommand in SUBCOMMANDS:
        code, out, err = told(subcommand, "--help")
        assert code == 0 and out and not err, (subcommand, code, out, err)


def test_version_of_each_subcommand():
    for subcommand in SUBCOMMANDS:
        code, out, err = told(subcommand, "--version")
        assert code == 0 and out and not err, (subcommand, code, out, err)


def test_options_after_the_command_are_its_own():
    code, out, _ = told("/bin/echo", "--version", "-d")
    assert code == 0 and out == ["--version -d"], (code, out)


def test_quiet_says_nothing():
    code, _, err = told("-q", "--", "/bin/true")
    assert code == 0 and err == [], err


def test_quiet_still_says_errors():
    code, _, err = told("-q", "--", "/no/such/program")
    assert code == 127 and err, (code, err)


def test_deadline_from_the_environment():
    code, _, err = told("--", "/bin/true", env={"LASTCALL_DEADLINE": "soon"})
    assert code in (64, 78), (code, err)
    assert any("soon" in line for line in err), err


def test_what_is_not_there_yet_says_so():
    code, _, err = told("reload")
    assert code == 70 and any("yet" in line for line in err), (code, err)
