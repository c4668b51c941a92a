"""What holds for every file and page: it can be read, and what it refers to is there."""

import re
import subprocess

from lib import (DOCS, EXAMPLES, PAGES, ROOT, blocks, files, read_json, read_yaml, report, shown,
                 subcommands, templates)

WIDTH = 110
TEXTS = [ROOT / "Dockerfile.example", ROOT / ".dockerignore"]


def readable(paths, read):
    for path in paths:
        try:
            read(path.read_text())
        except ValueError as error:
            yield f"{shown(path)}: {error}"
        except Exception as error:    # YAML's own
            yield f"{shown(path)}: {' '.join(str(error).split())}"


def test_yaml_is_read():
    report(readable([path for path in files("*.yaml", "*.yml") if path not in templates()], read_yaml))


def test_json_is_read():
    report(readable(files("*.json"), read_json))


def test_blocks_of_all_pages_are_read():
    def problems():
        for page in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]:
            for block in blocks(page):
                try:
                    if block.language == "yaml":
                        read_yaml(block.text)
                except Exception as error:
                    yield f"{shown(page)}:{block.line}: {' '.join(str(error).split())}"
    report(problems())


def test_quotes_are_what_the_files_say():
    def problems():
        count = 0
        for page in PAGES:
            for block in blocks(page):
                if block.language not in ("yaml", "json", "ini", "dockerfile") and "From [" not in block.before:
                    continue
                link = re.fullmatch(r"From \[[^]]+\]\(([^)]+)\).*:", block.before, re.S)
                if not link:
                    yield f"{shown(page)}:{block.line}: does not say what file it is from"
                    continue
                count += 1
                wanted = [line.strip() for line in block.text.splitlines()]
                lines = (page.parent / link[1]).read_text().splitlines()
                found = [number for number in range(len(lines) - len(wanted) + 1)
                         if [line.strip() for line in lines[number:number + len(wanted)]] == wanted]
                if not found:
                    yield f"{shown(page)}:{block.line}: is not in {link[1]}"
        if count < 10:
            yield f"only {count} quotes found"
    report(problems())


def anchor(heading):
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def test_links_lead_somewhere():
    def problems():
        for page in [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]:
            text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
            for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text)):
                if re.match(r"\w+:", target):
                    continue
                name, _, wanted = target.partition("#")
                path = (page.parent / name).resolve() if name else page
                if not path.exists():
                    yield f"{shown(page)}: {target} is not there"
                elif wanted and wanted not in map(anchor, re.findall(r"^#+ (.*)$", path.read_text(), re.M)):
                    yield f"{shown(page)}: {target}: there is no such heading"
    report(problems())


def test_commands_of_the_pages_exist():
    def problems():
        known = subcommands()
        for page in PAGES:
            for block in (block for block in blocks(page) if block.language == "sh"):
                told = subprocess.run(["sh", "-n"], input=block.text, text=True, capture_output=True, check=False)
                if told.returncode != 0:
                    yield f"{shown(page)}:{block.line}: {told.stderr.strip()}"
                for word in re.findall(r"\blastcall ([a-z]+)", re.sub(r"#.*", "", block.text)):
                    if word not in known:
                        yield f"{shown(page)}:{block.line}: lastcall has no command {word}"
            for word in re.findall(r"`lastcall ([a-z]+)\b[^`]*`", page.read_text()):
                if word not in known:
                    yield f"{shown(page)}: lastcall has no command {word}"
    report(problems())


def test_lines_are_short_and_clean():
    def problems():
        for path in [*TEXTS, *files("*.yaml", "*.json"), *PAGES]:
            for number, line in enumerate(path.read_text().split("\n"), 1):
                if len(line) > WIDTH and not line.lstrip().startswith("|"):
                    yield f"{shown(path)}:{number}: {len(line)} columns"
                if line != line.rstrip() or "\t" in line:
                    yield f"{shown(path)}:{number}: blanks at the end, or a tab"
            if not path.read_text().endswith("\n"):
                yield f"{shown(path)}: no newline at the end"
    report(problems())


def test_every_example_is_spoken_of():
    def problems():
        told = "".join(page.read_text() for page in [ROOT / "README.md", *DOCS.glob("*.md")])
        for folder in ("compose", "ecs", "kubernetes", "kubernetes/scaling", "kubernetes/blue-green"):
            for path in sorted((EXAMPLES / folder).glob("*.*")):
                if path.name not in told:
                    yield f"{shown(path)}: no page speaks of it"
    report(problems())
