"""`lastcall check` on every config file that anybody could copy."""

import re
import tempfile

from kube import objects, of_kind
from lib import DOCS, ROOT, blocks, lastcall, report, shown

# A page may show a part of a file: then these are its services.
REST = "\n[service:web]\ncommand = puma\n\n[service:worker]\ncommand = sidekiq\n"


def configs():
    """[(where, text)]"""
    for path in sorted(ROOT.rglob("*.ini")):
        if path.relative_to(ROOT).parts[0] not in ("build", "tests"):
            yield shown(path), path.read_text()
    for page in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]:
        for block in blocks(page):
            if block.language == "ini":
                yield f"{shown(page)}:{block.line}", block.text
    for where, thing in of_kind(objects(), "ConfigMap"):
        for name, text in thing["data"].items():
            if name.endswith(".ini"):
                yield f"{where} {name}", text


def test_every_config_is_right():
    def problems():
        count = 0
        for where, text in configs():
            count += 1
            if not re.search(r"^\[(service|task):", text, re.M):
                text += REST
            with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
                file.write(text)
                file.flush()
                told = lastcall("check", "-c", file.name)
            if told.returncode != 0:
                yield f"{where}: {told.returncode}: {told.stdout.replace(file.name, '').strip()}"
            if "not carried out" in told.stdout:
                print(f"{where}: a key that this lastcall does not carry out")
        if count < 5:
            yield f"only {count} configs found"
    report(problems())
