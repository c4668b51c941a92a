"""Dockerfile.example as far as it can be checked without an engine; tests/docker builds and runs it."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lib import ROOT, report, wrong_words


def instructions():
    """[(word, rest)], the variables in them replaced by their defaults."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile.example").read_text(), flags=re.M).replace("\\\n", " ")
    values = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "ARG":
            name, _, default = rest.partition("=")
            values[name] = default
        yield word, re.sub(r"\$\{(\w+)\}", lambda match: values[match[1]], rest)


def sent(path):
    """Whether .dockerignore lets it into the context; the last line that fits counts."""
    result = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.lstrip("!")
        if line and not line.startswith("#") and any(
                fnmatch.fnmatchcase(str(part), pattern) for part in [path, *list(path.parents)[:-1]]):
            result = line.startswith("!")
    return result


def test_instructions():
    def problems():
        last = dict(instructions())
        words = [word for word, _ in instructions()]
        if words.count("FROM") != 2 or not last["FROM"]:
            yield "not two stages"
        for word in ("ENTRYPOINT", "CMD"):
            try:
                json.loads(last[word])
            except ValueError:
                yield f"{word} is not in the exec form"
        if last["ENTRYPOINT"] != '["lastcall"]':
            yield f"ENTRYPOINT {last['ENTRYPOINT']}"
        health = re.fullmatch(r"(?:--\S+ )*CMD (\[.*\])", last["HEALTHCHECK"])
        if not health or wrong_words(json.loads(health[1])):
            yield f"HEALTHCHECK {last['HEALTHCHECK']}"
        if not re.fullmatch(r"[1-9]\d*(:\d+)?", last["USER"]):
            yield f"USER {last['USER']}: root, or no number"
        if words.index("USER") > words.index("ENTRYPOINT") or words[0] != "ARG":
            yield "USER stands behind ENTRYPOINT, or no ARG before FROM"
    report(problems())


def test_context_is_enough_to_build():
    """With what .dockerignore lets through, make knows how to make everything."""
    with tempfile.TemporaryDirectory() as name:
        for path in ROOT.rglob("*"):
            inside = path.relative_to(ROOT)
            if inside.parts[0] in (".git", "build") or not path.is_file() or not sent(inside):
                continue
            (Path(name) / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, Path(name) / inside)
        count = sum(1 for path in Path(name).rglob("*") if path.is_file())
        missing = [rest.split()[0] for word, rest in instructions() if word == "COPY" and "--from" not in rest
                   and not (Path(name) / rest.split()[0]).exists()]
        made = subprocess.run(["make", "-n", "-C", name, "static"], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False, env={"PATH": os.environ["PATH"]})
        report([f"{path}: is not in the context" for path in missing]
               + [made.stderr.strip() for _ in range(made.returncode != 0 or bool(made.stderr))]
               + [f"{count} files are in the context" for _ in range(not 50 < count < 500)])
