"""What runs as PID 1: lastcall, tini, or the service itself."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
# The name of a script in tests/under that runs lastcall under something, or "".
UNDER = os.environ.get("LASTCALL_UNDER", "")


@dataclass(frozen=True)
class Init:
    name: str        # of its process; "" if there is none
    program: str

    def argv(self, deadline, options):
        """The words in front of the command. Only lastcall knows deadlines and options."""
        if not self.name:
            return []
        if self.name != "lastcall":
            return [self.program, "--"]
        given = [] if deadline is None else ["-d", f"{deadline}s"]
        return [self.program, *given, *options, "--"]


def _under(binary):
    """The script, in a directory where whoever lastcall is can write its report."""
    home = binary.parent / "under"
    if not home.exists():
        home.mkdir()
        home.chmod(0o1777)
        shutil.copy(REPOSITORY / "tests/under" / UNDER, home / "lastcall")
    return home / "lastcall"


def reports(place):
    """What was found by that which lastcall ran under."""
    return "".join(path.read_text(errors="replace")
                   for path in sorted((place.work / "bin/under").glob("report.*")))


def lastcall(place):
    """lastcall, or what it runs under, as we see it; FileNotFoundError where it is not built.

    It is copied into the work directory first: so the same file is seen from a tree, and a build
    that goes on meanwhile changes nothing.
    """
    binary = REPOSITORY / "build" / ("lastcall-static" if place.tree else "lastcall")
    binary = Path(os.environ.get("LASTCALL_BIN") or binary)
    if not binary.exists():
        raise FileNotFoundError(f"{binary} does not exist: build it first")
    copy = place.work / "bin" / "lastcall"
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(binary, copy)
    return _under(copy) if UNDER else copy


def find(name, place):
    """The init of that name for a place, or FileNotFoundError with the reason."""
    if name == "none":
        return Init("", "")
    if name == "lastcall":
        return Init("lastcall", place.inside(lastcall(place)))
    program = place.program(name)
    if not program:
        raise FileNotFoundError(f"{name} is not installed")
    return Init(name, program)
