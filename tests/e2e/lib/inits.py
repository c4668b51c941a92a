"""What runs as PID 1: lastcall, tini, or the service itself."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


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


def find(name, place):
    """The init of that name for a place, or FileNotFoundError with the reason.

    lastcall is copied into the work directory first: so the same file is seen from a
    tree, and a build that goes on meanwhile changes nothing.
    """
    if name == "none":
        return Init("", "")
    if name == "lastcall":
        binary = REPOSITORY / "build" / ("lastcall-static" if place.tree else "lastcall")
        binary = Path(os.environ.get("LASTCALL_BIN") or binary)
        if not binary.exists():
            raise FileNotFoundError(f"{binary} does not exist: build it first")
        copy = place.work / "bin" / "lastcall"
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(binary, copy)
        return Init("lastcall", place.inside(copy))
    program = place.program(name)
    if not program:
        raise FileNotFoundError(f"{name} is not installed")
    return Init(name, program)
