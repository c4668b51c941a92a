"""The manifests and the chart: their fields, and what must agree with what."""

import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from kube import OTHER, chart, environment, objects, of_kind, pods, suits, under_lastcall, wrong_object
from lib import EXAMPLES, files, lastcall, read_json, read_yaml, report, seconds, shown, wrong_settings, wrong_words

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
SCALING = EXAMPLES / "kubernetes" / "scaling"


def test_fields():
    report(problem for where, thing in objects() for problem in wrong_object(thing, where))


def test_names_are_unique_in_a_file():
    def problems():
        seen = set()
        for where, thing in objects():
            key = (where, thing["kind"], thing["metadata"]["name"])
            if key in seen:
                yield f"{key}: twice"
            seen.add(key)
    report(problems())


def grace_problems(things):
    found = under_lastcall(things)
    if not found:
        yield "no container is under lastcall"
    for where, pod, container in found:
        grace = pod["spec"]["terminationGracePeriodSeconds"]
        deadline = environment(container)["LASTCALL_DEADLINE"]
        if seconds(deadline) != grace:
            yield f"{where}: LASTCALL_DEADLINE is {deadline}, and the grace {grace} s"


def test_grace_is_deadline():
    report(grace_problems(objects()))


def test_grace_is_deadline_for_any_value_of_the_chart():
    things = chart(graceSeconds=77)
    report([*grace_problems(things), *(
        f"{where}: the grace is not the value" for where, pod, _ in under_lastcall(things)
        if pod["spec"]["terminationGracePeriodSeconds"] != 77)])


def test_lastcall_stays_the_init():
    def problems():
        for where, pod, container in under_lastcall(objects()):
            if "command" in container:
                yield f"{where}: command replaces the ENTRYPOINT"
            if not container.get("args"):
                yield f"{where}: args are missing"
        for where, pod in pods(objects()):
            runs = [name for name, _, _ in under_lastcall(objects())]
            if (where in runs) != (pod["metadata"]["labels"].get("lastcall") == "yes"):
                yield f"{where}: the label `lastcall` is for pods under lastcall, and for all of them"
    report(problems())


def test_settings_and_hooks_are_lastcalls():
    def problems():
        for where, _, container in under_lastcall(objects()):
            for problem in wrong_settings(environment(container), container["args"]):
                yield f"{where}: {problem}"
            hook = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command")
            if hook and wrong_words(hook):
                yield f"{where}: {wrong_words(hook)}"
            if "sidekiq" in container["args"] and hook != ["lastcall", "prestop"]:
                yield f"{where}: a worker without the hook"
    report(problems())


def configured_listen(container, things, where):
    """`listen` of a container: of its environment, or of its config file."""
    if "LASTCALL_LISTEN" in environment(container):
        return environment(container)["LASTCALL_LISTEN"]
    ini = config_of(container, things, where)
    found = re.search(r"^listen = (\S+)$", ini or "", re.M)
    return found[1] if found else None


def config_of(container, things, where):
    """The text of $LASTCALL_CONFIG, out of the ConfigMap that is mounted there."""
    path = environment(container).get("LASTCALL_CONFIG")
    if not path:
        return None
    file = where.split()[0]
    pod = dict(pods(things))[where]
    mount = [m for m in container["volumeMounts"] if m["mountPath"] == str(Path(path).parent)]
    volume = [v for v in pod["spec"]["volumes"] if mount and v["name"] == mount[0]["name"]]
    data = [thing["data"] for at, thing in of_kind(things, "ConfigMap")
            if at == file and volume and thing["metadata"]["name"] == volume[0]["configMap"]["name"]]
    return data[0].get(Path(path).name) if data else None


def test_probes_ask_what_answers():
    def problems():
        things = objects()
        for where, pod, container in under_lastcall(things):
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            listen = configured_listen(container, things, where)
            if listen != f"0.0.0.0:{ports.get('lastcall')}":
                yield f"{where}: listens on {listen}, and its port is {ports.get('lastcall')}"
            for name in PROBES:
                if name not in container:
                    if name != "livenessProbe":
                        yield f"{where}: no {name}"
                    continue
                get = container[name]["httpGet"]
                if get["port"] not in ports:
                    yield f"{where}: {name}: no port {get['port']}"
                if get["port"] == "lastcall" and get["path"] != ("/livez" if name == "livenessProbe" else "/readyz"):
                    yield f"{where}: {name} asks for {get['path']}"
                if get["port"] != "lastcall" and name != "livenessProbe":
                    yield f"{where}: {name} does not ask lastcall"
            note = pod["metadata"].get("annotations", {}).get("prometheus.io/port")
            if note and int(note) != ports["lastcall"]:
                yield f"{where}: prometheus.io/port is {note}"
    report(problems())


def test_selectors_find_their_pods():
    def problems():
        things = objects()
        for where, thing in of_kind(things, "Deployment", "DaemonSet"):
            if not suits(thing["spec"]["selector"]["matchLabels"], thing["spec"]["template"]["metadata"]["labels"]):
                yield f"{where} {thing['metadata']['name']}: the selector does not fit the labels"
        for where, thing in of_kind(things, "Service", "PodDisruptionBudget", "PodMonitor"):
            selector = thing["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            near = [pod for at, pod in pods(things) if at.rsplit("/", 1)[0] == where.rsplit("/", 1)[0]
                    and suits(selector, pod["metadata"]["labels"])]
            if not near:
                yield f"{where} {thing['kind']}: selects no pod"
            wanted = ([port["targetPort"] for port in thing["spec"]["ports"]] if thing["kind"] == "Service"
                      else [end["port"] for end in thing["spec"].get("podMetricsEndpoints", [])])
            for pod in near:
                named = {port["name"] for c in pod["spec"]["containers"] for port in c["ports"]}
                for port in set(wanted) - named:
                    yield f"{where} {thing['kind']}: no port {port} in {pod['metadata']['labels']}"
    report(problems())


def test_volumes_are_there():
    def problems():
        things = objects()
        maps = {(at, thing["metadata"]["name"]) for at, thing in of_kind(things, "ConfigMap")}
        for where, pod in pods(things):
            volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
            for container in pod["spec"]["containers"]:
                mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
                if mounted != set(volumes):
                    yield f"{where}: mounts {mounted}, has {set(volumes)}"
            for volume in volumes.values():
                if "configMap" in volume and (where.split()[0], volume["configMap"]["name"]) not in maps:
                    yield f"{where}: no ConfigMap {volume['configMap']['name']}"
    report(problems())


def test_config_files_fit_their_pods():
    def problems():
        things, count = objects(), 0
        for where, pod, container in under_lastcall(things):
            if container["args"] != ["run"]:
                continue
            count += 1
            text = config_of(container, things, where)
            if text is None:
                yield f"{where}: its config file is in no ConfigMap"
                continue
            with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
                file.write(text)
                file.flush()
                told = lastcall("check", "-c", file.name, "--grace",
                                f"{pod['spec']['terminationGracePeriodSeconds']}s",
                                environment={"LASTCALL_DEADLINE": environment(container)["LASTCALL_DEADLINE"]})
            if told.returncode != 0 or "warning: " in told.stdout:
                yield f"{where}: {told.stdout.strip()}"
        if not count:
            yield "no pod has a config file"
    report(problems())


def test_colours_differ_in_colour_only():
    folder = EXAMPLES / "kubernetes" / "blue-green"
    swap = {"blue": "green", "green": "blue", "6379/0": "6379/1", "6379/1": "6379/0",
            "database 0": "database 1", "database 1": "database 0"}
    blue, green = ((folder / f"{name}.yaml").read_text() for name in ("blue", "green"))
    swapped = re.sub("|".join(swap), lambda match: swap[match[0]], blue)
    # "another database" is in both.
    report(["blue.yaml and green.yaml differ in more than the colour"] if swapped != green else [])


def test_scheduler_is_alone():
    def problems():
        for where, thing in of_kind(objects(), "Deployment"):
            spec = thing["spec"]
            if thing["metadata"]["name"] == "scheduler" and (
                    spec["replicas"] != 1 or spec["strategy"] != {"type": "Recreate"}):
                yield f"{where}: not one replica, or not Recreate"
    report(problems())


def test_scaling_agrees_with_itself():
    def problems():
        things = objects()
        names = {thing["metadata"]["name"] for _, thing in of_kind(things, "Deployment")}
        rules = dict(of_kind(things, "PrometheusRule"))
        records = {rule.get("record") for thing in rules.values()
                   for group in thing["spec"]["groups"] for rule in group["rules"]}
        adapter = read_yaml((SCALING / "prometheus-adapter-values.yaml").read_text())[0]["rules"]["external"][0]
        if adapter["seriesQuery"].split("{")[0] not in records:
            yield "the adapter's series is no record of rules.yaml"
        for where, thing in of_kind(things, "HorizontalPodAutoscaler", "ScaledObject", "WatermarkPodAutoscaler"):
            spec = thing["spec"]
            if spec["scaleTargetRef"]["name"] not in names:
                yield f"{where}: no Deployment {spec['scaleTargetRef']['name']}"
            if spec.get("minReplicas", spec.get("minReplicaCount", 0)) < 1:
                yield f"{where}: without a pod there is no rate"
            if thing["kind"] == "HorizontalPodAutoscaler":
                if spec["metrics"][0]["external"]["metric"]["name"] != adapter["name"]["as"]:
                    yield f"{where}: the adapter has no such metric"
            elif thing["kind"] == "ScaledObject":
                data = spec["triggers"][0]["metadata"]
                if data["query"].split("{")[0] not in records or data.get("ignoreNullValues") != "false":
                    yield f"{where}: asks for no record of rules.yaml, or takes no answer for 0"
            else:
                metric = spec["metrics"][0]["external"]["metricName"].rpartition(":")[2]
                if metric not in {t["metadata"]["name"] for _, t in of_kind(things, "DatadogMetric")}:
                    yield f"{where}: no DatadogMetric {metric}"
    report(problems())


def test_datadog_asks_for_what_its_agent_reads():
    def problems():
        things = objects()
        patch = read_yaml((SCALING / "datadog-patch.yaml").read_text())[0]
        (key, text), = patch["spec"]["template"]["metadata"]["annotations"].items()
        instance, = read_json(text)["openmetrics"]["instances"]
        if key.split("/")[1].split(".")[0] not in {c["name"] for _, _, c in under_lastcall(things)}:
            yield f"{key}: there is no such container"
        if instance["openmetrics_endpoint"] != "http://%%host%%:9394/metrics":
            yield "the agent asks at another port"
        if instance["cache_shared_labels"] is not False:
            yield "the tags of the first reading would stay"
        sent = {f"{instance['namespace']}.{name}" for entry in instance["metrics"] for name in entry.values()}
        shared = {label for entry in instance["share_labels"].values() for label in entry["labels"]}
        for where, thing in of_kind(things, "DatadogMetric"):
            query = thing["spec"]["query"]
            for name in set(re.findall(r"[a-z]+:([a-z.]+)\{", query)) - sent:
                yield f"{where}: {name} is not sent"
            for tag in set(re.findall(r"(\w+):\w+[,}]", query)) - shared - {"kube_deployment"}:
                yield f"{where}: no tag {tag}"
    report(problems())


def test_no_file_is_left_out():
    seen = {where for where, _ in objects()}
    report(f"{shown(path)}: no objects" for path in files("*.yaml", under=EXAMPLES / "kubernetes")
           if shown(path) not in seen and path.name not in OTHER)


CURL = """#!/bin/sh
echo "curl $*" >> "$LOG"
case $* in
*/api/token) echo TOKEN ;;
*instance-action) n=$(grep -c instance-action "$LOG"); [ "$n" -ge 3 ] ;;
esac
"""
KUBECTL = """#!/bin/sh
echo "kubectl $*" >> "$LOG"
[ "$1" != get ] || printf 'pod/one\\npod/two\\n'
"""


def test_spot_reclaim_tells_every_pod():
    """The script of the DaemonSet, with a curl and a kubectl of ours: the third time the notice is there."""
    script, = [thing["data"]["watch.sh"] for where, thing in of_kind(objects(), "ConfigMap")
               if where.endswith("spot-reclaim.yaml")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for program, text in (("curl", CURL), ("kubectl", KUBECTL)):
            (folder / program).write_text(text)
            (folder / program).chmod(0o755)
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20, check=False,
                              env={"PATH": f"{folder}:/usr/bin:/bin", "LOG": str(folder / "log"),
                                   "NODE_NAME": "node-7", "METADATA": "http://meta", "PAUSE": "0"})
        calls = (folder / "log").read_text().splitlines()
    told = sorted(call for call in calls if call.startswith("kubectl exec"))
    wanted = [f"kubectl exec pod/{name} -- lastcall deadline 90s" for name in ("one", "two")]
    report([f"told {told}" for _ in range(told != wanted)]
           + [done.stderr.strip() for _ in range(done.returncode != 0 or bool(done.stderr))]
           + ["not of this node" for _ in range(not any("spec.nodeName=node-7" in call for call in calls))]
           + ["did not wait for the notice" for _ in range(sum("instance-action" in c for c in calls) != 3)]
           + [problem for problem in [wrong_words(shlex.split(wanted[0])[4:])] if problem])
