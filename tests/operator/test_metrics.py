"""The metrics that the pages and examples speak of, and the rules, by Prometheus' own tool."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

from kube import objects, of_kind
from lib import EXAMPLES, HERE, PAGES, ROOT, Skip, blocks, files, report, shown


def promtool(*words, folder):
    program = shutil.which("promtool")
    if not program:
        raise Skip("there is no promtool (Debian's package prometheus)")
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return [f"promtool {' '.join(words)}:\n{done.stdout}{done.stderr}" for _ in range(done.returncode != 0)]


def groups():
    (_, rules), = of_kind(objects(), "PrometheusRule")
    return rules["spec"]


def test_names_are_lastcalls():
    def problems():
        known = set(re.findall(r'"(lastcall_[a-z_]+)', "".join(
            path.read_text() for path in (ROOT / "src" / "text").glob("*.c"))))
        known |= {"lastcall_work_rate"}    # the adapter's
        if "lastcall_jobs_busy" not in known:
            yield "no metrics are found in src/text"
        for path in [*PAGES, *files("*.yaml", "*.json")]:
            text = re.sub(r"\]\([^)]*\)", "", path.read_text())
            for name in sorted(set(re.findall(r"\blastcall_[a-z_]+", text)) - known):
                yield f"{shown(path)}: there is no metric {name}"
    report(problems())


def test_rules():
    """rules.yaml with series of pods that work, drain, boot and are not seen: rules_test.yaml."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rules.yaml").write_text(yaml.safe_dump(groups()))
        shutil.copy(HERE / "rules_test.yaml", folder)
        report(promtool("check", "rules", "rules.yaml", folder=folder)
               + promtool("test", "rules", "rules_test.yaml", folder=folder))


def test_queries_can_be_asked():
    queries = [(f"{shown(page)}:{block.line}", block.text) for page in PAGES for block in blocks(page)
               if block.language == "promql"]
    queries += [(where, thing["spec"]["triggers"][0]["metadata"]["query"])
                for where, thing in of_kind(objects(), "ScaledObject")]
    if len(queries) < 4:
        report([f"only {len(queries)} queries found below {shown(EXAMPLES)} and in the pages"])
    with tempfile.TemporaryDirectory() as folder:
        for number, (where, query) in enumerate(queries):
            rules = {"groups": [{"name": "a", "rules": [{"record": "a", "expr": query}]}]}
            (Path(folder) / "rules.yaml").write_text(yaml.safe_dump(rules))
            report(f"{where}: {told}" for told in promtool("check", "rules", "rules.yaml", folder=folder))
