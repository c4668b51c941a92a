"""The images: a Debian of each generation, and on it what Dockerfile.example makes.

The Debians are the trees of tests/e2e/suites.sh, imported as they are; the engine keeps its images
between runs, so that a tree is imported once, and lastcall is built once for all generations and
again only where its source has changed.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .engine import EngineError

REPOSITORY = Path(__file__).resolve().parents[3]
SUITES_SH = REPOSITORY / "tests" / "e2e" / "suites.sh"
DOCKERFILE = REPOSITORY / "Dockerfile.example"
BUILDER_SUITE = "bookworm"
BUILD_STAGE = "lastcall"    # the name that the Dockerfile gives to the first stage
BUILD_LIMIT = 1200.0
LABEL = "lastcall.tree"


class NoImage(Exception):
    """An image could not be made; the message says why."""


@dataclass(frozen=True)
class Image:
    suite: str
    name: str
    tree: Path        # what its base was imported from
    sidekiq: tuple    # its version, (7, 3, 2)
    puma: str

    def __str__(self):
        return f"Sidekiq {'.'.join(map(str, self.sidekiq))}, Puma {self.puma}"


class Images:
    """engine: an Engine that runs; cache: the folder with the trees; work: for logs."""

    def __init__(self, engine, cache, work):
        self._engine = engine
        self._cache = Path(cache)
        self._work = Path(work)

    def make(self, suite, again=True):
        """The Image with lastcall on Debian's suite; again: also if there is one already."""
        builder = self._base(BUILDER_SUITE)
        base = self._base(suite)
        name = f"lastcall-e2e:{suite}"
        known = self._engine.call("image", "inspect", name, check=False).returncode == 0
        if again or not known:
            self._build(name, builder, base)
        versions = self._versions(name)
        return Image(suite, name, self._cache / suite, tuple(map(int, versions["ruby-sidekiq"].split("."))),
                     versions["puma"])

    def _base(self, suite):
        """The name of the image that is a suite's tree, imported if it is new."""
        tree = self._cache / suite
        if not tree.is_dir():
            made = subprocess.run([SUITES_SH, suite], stdin=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, check=False)
            if made.returncode != 0:
                raise NoImage(made.stderr.strip())
        name = f"lastcall-e2e-base:{suite}"
        stamp = str((tree / "var/lib/dpkg/status").stat().st_mtime_ns)
        known = self._engine.call("image", "inspect", name, "--format",
                                  f'{{{{index .Config.Labels "{LABEL}"}}}}', check=False)
        if known.stdout.strip() != stamp:
            self._import(tree, name, stamp)
        return name

    def _import(self, tree, name, stamp):
        with subprocess.Popen(["tar", "-C", str(tree), "--one-file-system", "--exclude=./run/*",
                               "--exclude=./tmp/*", "-c", "."],
                              stdout=subprocess.PIPE) as tar:
            self._engine.call("import", "--change", f"LABEL {LABEL}={stamp}", "-", name,
                              limit=BUILD_LIMIT, stdin=tar.stdout)
            tar.stdout.close()
        if tar.returncode != 0:
            raise NoImage(f"{tree} could not be read")

    def _build(self, name, builder, base):
        words = ["--build-arg", f"BUILDER={builder}", "--build-arg", f"BASE={base}"]
        # The first stage by a name of its own: so it is kept, and what is older can go.
        self._docker_build("--target", BUILD_STAGE, "-t", "lastcall-e2e-builder", *words)
        self._docker_build("-t", name, *words)
        self._engine.call("image", "prune", "-f")

    def _docker_build(self, *words):
        log = self._work / "build.log"
        with open(log, "wb") as output:
            built = self._engine.start("build", "--network=host", "-f", str(DOCKERFILE), *words,
                                       str(REPOSITORY), stdout=output, stderr=output)
            try:
                code = built.wait(BUILD_LIMIT)
            except subprocess.TimeoutExpired:
                built.kill()
                code = f"no end in {BUILD_LIMIT:.0f} s"
        if code != 0:
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
            raise EngineError(f"docker build of {DOCKERFILE.name} ended with {code}:\n"
                              + "\n".join(tail))

    def _versions(self, name):
        """{package: upstream version} of what the scenarios run."""
        told = self._engine.call(
            "run", "--rm", "--network=none", "--entrypoint", "dpkg-query", name, "-W",
            "-f", "${Package} ${Version}\n", "ruby-sidekiq", "puma").stdout
        pairs = (line.split() for line in told.splitlines())
        return {package: version.split("-")[0].split("+")[0] for package, version in pairs}
