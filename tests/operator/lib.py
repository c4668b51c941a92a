"""What the checks share: where the files are, strict readers, lastcall itself."""

import json
import os
import re
import subprocess
import textwrap
from collections import namedtuple
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs"
# The pages of operators: what they show is quoted from examples.
PAGES = [DOCS / f"{name}.md" for name in ("docker", "ecs", "kubernetes", "scaling")]
LASTCALL = os.environ.get("LASTCALL_BIN") or str(ROOT / "build" / "lastcall")
UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}

# A fenced block of a page: its language, its text without indentation, its line, what stands before.
Block = namedtuple("Block", "language text line before")


class Skip(Exception):
    """It cannot be checked here; the message says why."""


class Problems(Exception):
    """What is wrong, a list."""


def report(problems):
    problems = list(problems)
    if problems:
        raise Problems(problems)


def shown(path):
    return str(Path(path).relative_to(ROOT))


def files(*patterns, under=EXAMPLES):
    found = sorted({path for pattern in patterns for path in under.rglob(pattern) if path.is_file()})
    if not found:
        raise Problems([f"there is no {' or '.join(patterns)} below {shown(under)}"])
    return found


def templates():
    return files("*.yaml", under=EXAMPLES / "helm" / "templates")


def seconds(text):
    """A duration as lastcall and Compose write it."""
    parts = re.findall(r"(\d+)(ms|s|m|h)?", str(text))
    if not parts or "".join(number + unit for number, unit in parts) != str(text):
        raise ValueError(f"{text!r} is no duration")
    return sum(int(number) * UNITS[unit or "s"] for number, unit in parts)


# ---- readers that refuse a key twice, as lastcall does


class StrictLoader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value
                if key.tag != "tag:yaml.org,2002:merge"]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice: {', '.join(twice)}",
                                                    node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(text):
    return [document for document in yaml.load_all(text, StrictLoader) if document is not None]


def read_json(text):
    def pairs(found):
        keys = [key for key, _ in found]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key twice among {', '.join(keys)}")
        return dict(found)
    return json.loads(text, object_pairs_hook=pairs)


def blocks(path):
    """The fenced blocks of a page."""
    text = path.read_text()
    for match in re.finditer(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.M | re.S):
        before = text[:match.start()].rstrip().rsplit("\n\n", 1)[-1]
        yield Block(match[2], textwrap.dedent(match[3]), text.count("\n", 0, match.start()) + 2, before)


# ---- lastcall


def lastcall(*words, environment=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LASTCALL_")}
    return subprocess.run([LASTCALL, *words], env={**clean, **(environment or {})}, text=True, timeout=20,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)


def subcommands():
    told = lastcall("--help").stdout
    return set(re.findall(r"^  ([a-z]+) ", told[told.index("Subcommands:"):], re.M))


def wrong_words(words):
    """Why `lastcall WORDS` as a hook or a probe is none that there is; or None."""
    if words[0] != "lastcall" or len(words) < 2 or words[1] not in subcommands():
        return f"{' '.join(words)}: lastcall has no such command"
    if words[1] == "health" and words[2:] not in ([], ["live"], ["ready"]):
        return f"{' '.join(words)}: health has no such word"
    return None


def known_variables():
    """$LASTCALL_NAME that there are: the keys of [lastcall], and what usage.md says of the `--` form."""
    keys = (DOCS / "config.md").read_text().split("## [lastcall]")[1].split("\n## ")[0]
    usage = (DOCS / "usage.md").read_text()
    return ({f"LASTCALL_{key.upper()}" for key in re.findall(r"^\| `(\w+)`", keys, re.M)}
            | set(re.findall(r"`(LASTCALL_\w+)`", usage)))


def wrong_settings(environment, words):
    """What lastcall itself says against this environment and these arguments; nothing is started."""
    own = {name: value for name, value in environment.items() if name.startswith("LASTCALL_")}
    for name in sorted(set(own) - known_variables()):
        yield f"{name}: there is no such variable"
    if words and words[0] not in subcommands():
        planned = lastcall("plan", "--", *words, environment=own)
        if planned.returncode != 0:
            yield f"lastcall plan: {planned.stdout.strip()}"
        elif "profile generic" in planned.stdout:
            yield f"{' '.join(words)} has no profile"
        elif "do not fit" in planned.stdout:
            yield f"{' '.join(words)}: {planned.stdout.strip()}"
