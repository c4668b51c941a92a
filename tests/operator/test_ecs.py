"""The task definition: its fields, and what must agree."""

from kube import wrong_fields
from lib import EXAMPLES, read_json, report, seconds, wrong_settings, wrong_words

# As far as the example uses them.
CONTAINER = {
    "name!": str, "image!": str, "command!": [str], "essential!": bool, "user": str, "stopTimeout!": int,
    "environment!": [{"name!": str, "value!": str}],
    "portMappings": [{"name": str, "containerPort!": int, "protocol": str}],
    "healthCheck!": {"command!": [str], "interval": int, "timeout": int, "retries": int, "startPeriod": int},
    "linuxParameters": {"initProcessEnabled": bool},
    "logConfiguration": {"logDriver!": str, "options": {"*": str}},
}
TASK = {"family!": str, "requiresCompatibilities!": [str], "networkMode!": str, "cpu!": str, "memory!": str,
        "executionRoleArn": str, "containerDefinitions!": [CONTAINER]}
LIMITS = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}


def test_task_definition():
    def problems():
        task = read_json((EXAMPLES / "ecs" / "task-definition.json").read_text())
        yield from wrong_fields(task, TASK, "task")
        container, = task["containerDefinitions"]
        settings = {entry["name"]: entry["value"] for entry in container["environment"]}
        if seconds(settings["LASTCALL_DEADLINE"]) != container["stopTimeout"]:
            yield "the deadline is not stopTimeout"
        if "FARGATE" in task["requiresCompatibilities"] and container["stopTimeout"] > 120:
            yield "stopTimeout is more than Fargate takes"
        if "FARGATE" in task["requiresCompatibilities"] and task["networkMode"] != "awsvpc":
            yield "Fargate's network is awsvpc"
        yield from wrong_settings(settings, container["command"])
        kind, *words = container["healthCheck"]["command"]
        if kind != "CMD" or wrong_words(words):
            yield f"health check: {kind} {wrong_words(words)}"
        for name, (least, most) in LIMITS.items():
            if not least <= container["healthCheck"][name] <= most:
                yield f"health check: {name} is not from {least} to {most}"
        port = settings["LASTCALL_LISTEN"].rpartition(":")[2]
        if int(port) not in [mapping["containerPort"] for mapping in container["portMappings"]]:
            yield f"port {port} is not mapped"
    report(problems())
