"""The compose file, as docker-compose understands it."""

import os
import shutil
import subprocess

from lib import EXAMPLES, Problems, Skip, read_yaml, report, seconds, wrong_settings

FILE = EXAMPLES / "compose" / "compose.yaml"
# Debian's, before what else a machine may have.
PATH = "/usr/bin:/bin:/usr/local/bin"


def compose(**environment):
    program = shutil.which("docker-compose", path=PATH)
    if not program:
        raise Skip("there is no docker-compose (Debian's package of that name)")
    done = subprocess.run([program, "-f", str(FILE), "config"], capture_output=True, text=True, timeout=60,
                          check=False, env={"PATH": PATH, "HOME": os.environ.get("HOME", "/"), **environment})
    if done.returncode != 0:
        raise Problems([done.stderr.strip()])
    return read_yaml(done.stdout)[0]["services"]


def problems(services, grace):
    under = {name: service for name, service in services.items()
             if "LASTCALL_DEADLINE" in service.get("environment", {})}
    if set(under) != {"web", "worker"}:
        yield f"under lastcall: {', '.join(under)}"
    for name, service in under.items():
        told = service["environment"]["LASTCALL_DEADLINE"]
        if not seconds(service["stop_grace_period"]) == seconds(told) == grace:
            yield f"{name}: grace {service['stop_grace_period']}, deadline {told}, and not {grace} s"
        if service.get("init") is not False:
            yield f"{name}: init is not false"
        if "entrypoint" in service or not service.get("command"):
            yield f"{name}: an entrypoint of its own, or no command"
        if service["depends_on"].get("redis", {}).get("condition") != "service_healthy":
            yield f"{name}: does not wait for Redis"
        for problem in wrong_settings(service["environment"], service["command"].split()):
            yield f"{name}: {problem}"
    if not services["redis"].get("healthcheck"):
        yield "redis: no health check"


def test_config():
    report(problems(compose(), 120))


def test_one_variable_changes_both():
    report(problems(compose(GRACE="45s"), 45))


def test_image_is_a_variable():
    report(f"{name}: {service['image']}" for name, service in compose(IMAGE="mine").items()
           if name != "redis" and service["image"] != "mine")
